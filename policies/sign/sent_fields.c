/*
 * sent_fields.c - makes of each header field what the mail server will make of it. Called by sign.c
 * once a message; signature_make.c signs the outcome, own_signatures.c checks signatures over it.
 */
#include "sign/sent_fields.h"

#include <string.h>

#include "base/text.h"
#include "sign/sendmail_addresses.h"

/*
 * The value that Sendmail writes, NULL where that cannot be known. From
 * is likely to stay as it is, and no signature is possible without it (RFC 6376 5.4).
 */
static const char *by_sendmail(struct arena *arena, const struct header *header)
{
	const char *name = text_lower(arena, header->name, strcspn(header->name, " \t"));
	const char *form = header->value;

	if (!sendmail_addresses_has(name))
		return header->value;
	if (sendmail_addresses_form(arena, name, header->value, &form) == SENDMAIL_CERTAIN)
		return form;
	return strcmp(name, "from") == 0 ? form : NULL;
}

const struct sent_field *sent_fields_make(struct arena *arena, const struct message *message,
                                          const struct line_rule *rule)
{
	struct sent_field *sent = arena_allocate(arena, message->header_count * sizeof *sent);

	for (size_t i = 0; i < message->header_count; i++) {
		const struct header *header = &message->headers[i];
		const char *value =
		    message->by_sendmail ? by_sendmail(arena, header) : header->value;

		if (value != NULL)
			value =
			    line_breaks_field(arena, rule, header->name, value, &sent[i].long_line);
		sent[i].value = value;
	}
	return sent;
}

/*
 * failure_header.c - the table of header fields that a failure report has, and the simple ones of
 * them. failure_fields.c writes the others anew; failure.c calls this at the end of a message.
 */
#include "rows/failure_header.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "mailbox_list.h"
#include "rows/failure_fields.h"

enum {
	FIELDS_MAX = 100, /* of a message that are looked at for one report */
	VALUE_MAX = 8192, /* octets of a value that are read */
	ADDRESSES_MAX = 5 /* of one field */
};

/* Which mailbox has which domain is known where there is one domain alone. */
static const char *redact_mailboxes(const struct failure_field *field, const char *value)
{
	struct mailbox_list list = {.mailboxes = 0};
	struct text text;

	mailbox_list_read(&list, value, field->arena);
	text_begin(&text, field->arena, VALUE_MAX);
	for (size_t i = 0; list.domain_count == 1 && i < list.local_count && i < ADDRESSES_MAX; i++)
		text_add_format(&text, "%s%s@%s", i > 0 ? ",\n " : "",
		                failure_redact_local(field->key, list.locals[i].bytes,
		                                     list.locals[i].length, list.domains[0],
		                                     field->arena),
		                list.domains[0]);
	for (size_t i = 0; list.domain_count > 1 && i < list.domain_count && i < ADDRESSES_MAX; i++)
		text_add_format(&text, "%sredacted@%s", i > 0 ? ",\n " : "", list.domains[i]);
	return text.length > 0 ? text.bytes : NULL;
}

/* The identifier alone (RFC 2919 3), where it is a name. */
static const char *redact_list(const struct failure_field *field, const char *value)
{
	const char *begin = strrchr(value, '<');
	size_t length = begin == NULL ? 0 : strcspn(begin + 1, ">");
	const char *name = begin == NULL ? NULL : domain_normalize(field->arena, begin + 1, length);

	return name == NULL ? NULL : arena_format(field->arena, "<%s>", name);
}

static const char *redact_version(const struct failure_field *field, const char *value)
{
	(void)field;
	return strcmp(value, "1.0") == 0 ? "1.0" : NULL;
}

/* Type and subtype of the usual ones; names and boundaries are gone. */
static const char *redact_type(const struct failure_field *field, const char *value)
{
	static const char *const types[] = {"text/plain",
	                                    "text/html",
	                                    "text/calendar",
	                                    "multipart/alternative",
	                                    "multipart/mixed",
	                                    "multipart/related",
	                                    "multipart/signed",
	                                    "multipart/encrypted",
	                                    "application/pdf",
	                                    "message/rfc822",
	                                    NULL};
	int type = text_word(types, text_lower(field->arena, value, strcspn(value, "; \t(")));

	return type < 0 ? NULL : types[type];
}

/* What was said, only how long it was. */
static const char *redact_all(const struct failure_field *field, const char *value)
{
	(void)value;
	return arena_format(field->arena, "[redacted %zu octets]", field->octets);
}

static const struct {
	const char *name;
	failure_field_function *redact;
	bool shown; /* where nothing of it may be said, that it was there is */
} fields[] = {{"Return-Path", redact_mailboxes, false},
              {"Received", failure_fields_received, true},
              {"DKIM-Signature", failure_fields_signature, true},
              {"From", redact_mailboxes, true},
              {"Sender", redact_mailboxes, true},
              {"Reply-To", redact_mailboxes, true},
              {"Date", failure_fields_date, true},
              {"Message-ID", failure_fields_message_id, true},
              {"List-Id", redact_list, true},
              {"Subject", redact_all, true},
              {"MIME-Version", redact_version, false},
              {"Content-Type", redact_type, false}};

static void add_field(struct text *header, const struct header *given,
                      const struct failure_field *context)
{
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct failure_field field = *context;
		const char *value;

		if (!message_header_is(given, fields[i].name))
			continue;
		value = message_unfold(context->arena, given->value);
		field.octets = strlen(value);
		value = field.octets > VALUE_MAX ? NULL : fields[i].redact(&field, value);
		if (value == NULL && fields[i].shown)
			value = redact_all(&field, "");
		if (value != NULL && header->length + strlen(value) + 20 < FAILURE_HEADER_MAX)
			text_add_format(header, "%s: %s\n", fields[i].name, value);
		return;
	}
}

const char *failure_header_write(const struct message *message, const struct networks *ours,
                                 const struct failure_key *key, struct arena *arena)
{
	const struct failure_field context = {.key = key, .ours = ours, .arena = arena};
	struct text header;

	text_begin(&header, arena, FAILURE_HEADER_MAX);
	for (size_t i = 0; i < message->header_count && i < FIELDS_MAX; i++)
		add_field(&header, &message->headers[i], &context);
	invariant(!header.cut);
	return header.bytes == NULL ? "" : header.bytes;
}

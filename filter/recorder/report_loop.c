/*
 * report_loop.c - which mail leaves no row since it carries reports. finish.c asks before it
 * records.
 */
#include "recorder/report_loop.h"

#include <string.h>

#include "base/text.h"

/* To this address and to nobody else, however often it is named: of mail that others get as well,
 * or may get since recipients were cut off, its owner has to hear. */
static bool is_only_to(const struct message *message, const char *address)
{
	for (size_t i = 0; i < message->recipient_count; i++)
		if (!text_same(message->recipients[i], address))
			return false;
	return message->recipient_count > 0 && !message->recipients_cut;
}

/* The word that has to come next, behind white space; NULL where another does. */
static const char *word(const char *at, const char *expected)
{
	size_t length = strlen(expected);

	while (text_is_space(*at))
		at++;
	return strncmp(at, expected, length) == 0 ? at + length : NULL;
}

/* What stands there, up to white space; NULL where nothing does. */
static const char *any(const char *at)
{
	size_t length;

	while (at != NULL && text_is_space(*at))
		at++;
	length = at == NULL ? 0 : strcspn(at, " \t\r\n");
	return length == 0 ? NULL : at + length;
}

/* "Report Domain: example.org Submitter: example.net Report-ID: <...>"; the last is optional. */
static bool has_report_subject(const char *subject)
{
	const char *at = word(subject, "Report");

	at = at == NULL ? NULL : word(at, "Domain:");
	at = any(at);
	at = at == NULL ? NULL : word(at, "Submitter:");
	return any(at) != NULL;
}

/* The last addr-spec of From, by its end: what our own mail has there. */
static bool is_from(const struct message *message, const char *address, struct arena *arena)
{
	const struct header *from = message_header(message, "From");
	const char *value = from == NULL ? "" : message_unfold(arena, from->value);
	size_t length = strlen(value), wanted = strlen(address);

	if (length > 0 && value[length - 1] == '>')
		length--;
	if (length < wanted || !text_same_bytes(value + length - wanted, address, wanted))
		return false;
	return length == wanted || value[length - wanted - 1] == '<';
}

bool report_loop_found(const struct message *message, const struct findings *findings,
                       const struct report_settings *settings, struct arena *arena)
{
	const struct header *subject = message_header(message, "Subject");
	bool passed = findings->dmarc.result == RESULT_PASS;

	if (settings->email[0] != '\0' && (is_only_to(message, settings->email) ||
	                                   (passed && is_from(message, settings->email, arena))))
		return true;
	return passed && subject != NULL &&
	       has_report_subject(message_unfold(arena, subject->value));
}

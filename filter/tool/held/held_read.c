/*
 * held_read.c - a message of the hold queue from what `postcat -qeh` prints: the envelope in lines
 * of "name: value", a line of stars, and the header. Called by held_queue.c.
 */
#include <string.h>

#include "base/text.h"
#include "fields/results_reader.h"
#include "tool/held/held.h"

enum {
	RECIPIENTS_SHOWN = 100
};

static const char *behind(const char *line, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(line, name, length) != 0 || line[length] != ':')
		return NULL;
	line += length + 1;
	return line + strspn(line, " ");
}

static const char *line_copy(const char *line, struct arena *arena)
{
	return arena_copy(arena, line, strcspn(line, "\n"));
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line == '\n' ? line + 1 : line;
}

/* Up to the line of stars that begins the message. */
static const char *read_envelope(const char *line, struct held_message *message,
                                 struct arena *arena)
{
	const char **recipients = arena_allocate(arena, RECIPIENTS_SHOWN * sizeof *recipients);

	message->recipients = recipients;
	for (; *line != '\0'; line = next_line(line)) {
		const char *value = behind(line, "recipient");

		if (strncmp(line, "*** MESSAGE CONTENTS ", 21) == 0)
			return next_line(line);
		if (value != NULL && message->recipient_count < RECIPIENTS_SHOWN)
			recipients[message->recipient_count++] = line_copy(value, arena);
	}
	return line;
}

/* The end of a field, with its folds. */
static const char *field_end(const char *line)
{
	line = next_line(line);
	while (*line == ' ' || *line == '\t')
		line = next_line(line);
	return line;
}

/* Folds become a blank. */
static const char *unfold(const char *value, const char *end, struct arena *arena)
{
	char *copy = arena_copy(arena, value, (size_t)(end - value)), *to = copy;

	for (const char *from = copy; *from != '\0'; from++)
		if (*from == '\n' || *from == '\t')
			*to++ = ' ';
		else if (*from != '\r')
			*to++ = *from;
	while (to > copy && to[-1] == ' ')
		to--;
	*to = '\0';
	return copy + strspn(copy, " ");
}

static bool held_read_is_ours(const char *value, const struct held_postfix *postfix)
{
	const struct results_owner owner = results_reader_owner(postfix->arena, value);

	if (!owner.readable)
		return false;
	for (size_t i = 0; i < sizeof postfix->names / sizeof postfix->names[0]; i++)
		if (postfix->names[i] != NULL &&
		    results_reader_names(postfix->arena, owner.id, postfix->names[i]))
			return true;
	return false;
}

/* The result for which messages are quarantined, or NULL: then somebody else holds it. */
static const char *reason_of(const char *results, struct arena *arena)
{
	static const char *const reasons[] = {"dmarc=fail", "dmarc=permerror", "dmarc=temperror",
	                                      "spf=fail"};

	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		const char *found = strstr(results, reasons[i]);

		if (found != NULL)
			return arena_copy(arena, found, strcspn(found, ";"));
	}
	return NULL;
}

static void take_field(const char *line, const char *end, const struct held_postfix *postfix,
                       struct held_message *message)
{
	const char *colon = memchr(line, ':', (size_t)(end - line));
	size_t length = colon == NULL ? 0 : (size_t)(colon - line);
	const char *name = arena_copy(postfix->arena, line, length), *value;

	if (colon == NULL)
		return;
	value = unfold(colon + 1, end, postfix->arena);
	if (text_same(name, "From") && message->from == NULL)
		message->from = value;
	else if (text_same(name, "Subject") && message->subject == NULL)
		message->subject = value;
	else if (text_same(name, "Authentication-Results") && message->results == NULL &&
	         held_read_is_ours(value, postfix)) {
		const char *semicolon = strchr(value, ';');

		message->results =
		    semicolon == NULL ? value : semicolon + 1 + strspn(semicolon + 1, " ");
		message->reason = reason_of(message->results, postfix->arena);
	}
}

void held_read_message(const char *printed, const struct held_postfix *postfix,
                       struct held_message *message, const char **header)
{
	const char *line = read_envelope(printed, message, postfix->arena), *end = line;

	for (; *end != '\0' && *end != '\n' && strncmp(end, "*** ", 4) != 0; end = field_end(end))
		take_field(end, field_end(end), postfix, message);
	*header = arena_copy(postfix->arena, line, (size_t)(end - line));
}

/*
 * check_message.c - a message from a file, split into header fields and body as a mail server
 * does it. Called by check.c, which passes the parts to the stages.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/text.h"
#include "tool/check/check.h"

enum {
	MESSAGE_MAX = 256 << 20,
	PIECE = 65536
};

/* Standard input has no size, so the buffer doubles. */
static char *read_everything(int file, size_t *length)
{
	size_t room = 1 << 16;
	char *bytes = malloc(room);

	*length = 0;
	while (bytes != NULL) {
		ssize_t got = read(file, bytes + *length, room - *length);
		char *more;

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			return bytes;
		if (got < 0)
			break;
		*length += (size_t)got;
		if (*length < room)
			continue;
		errno = EFBIG;
		more = room < MESSAGE_MAX ? realloc(bytes, room * 2) : NULL;
		if (more == NULL)
			break;
		bytes = more;
		room *= 2;
	}
	free(bytes);
	return NULL;
}

static bool load(const char *name, struct check_rest *rest, struct arena *arena,
                 struct problem *problem)
{
	int file = name == NULL ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	char *bytes;
	size_t length;

	if (file < 0)
		return problem_say(problem, "message %s cannot be read: %s", name, strerror(errno));
	bytes = read_everything(file, &length);
	if (bytes == NULL)
		problem_say(problem, "message %s cannot be read: %s",
		            name == NULL ? "on standard input" : name, strerror(errno));
	else
		arena_on_release(arena, free, bytes);
	if (name != NULL)
		close(file);
	*rest = (struct check_rest){bytes, bytes == NULL ? NULL : bytes + length};
	return bytes != NULL;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* RFC 5322 2.2: printable ASCII up to the colon; 4.5 allows blanks before it. 0 where the line
 * is not a field.
 */
static size_t name_length(const char *line, size_t length)
{
	size_t name = 0, colon;

	while (name < length && line[name] > ' ' && line[name] < 0x7F && line[name] != ':')
		name++;
	colon = name;
	while (colon < length && is_blank(line[colon]))
		colon++;
	return colon < length && line[colon] == ':' ? name : 0;
}

/* Where the field that begins here ends: with the last line that does not begin with a blank. */
static const char *field_end(const struct check_rest *rest)
{
	struct check_rest tail = *rest;
	const char *next;

	check_wrapping_line(&tail, &next);
	for (tail.at = next; tail.at < tail.end && is_blank(*tail.at); tail.at = next)
		check_wrapping_line(&tail, &next);
	return tail.at;
}

/* Folds become CRLF, the last line end goes, and a NUL ends the value, as it does in a milter. */
static const char *field_value(const char *from, const char *end, struct arena *arena)
{
	char *value, *to;

	if (end > from && end[-1] == '\n')
		end--;
	if (end > from && end[-1] == '\r')
		end--;
	to = value = arena_allocate(arena, 2 * (size_t)(end - from) + 1);
	for (const char *at = from; at < end; at++) {
		if (*at == '\n' && (at == from || at[-1] != '\r'))
			*to++ = '\r';
		*to++ = *at;
	}
	return value;
}

struct check_message_fields {
	struct check_field *items;
	size_t count, room;
};

static void check_message_add_field(struct check_message_fields *fields, struct check_field field,
                                    struct arena *arena)
{
	ARENA_ADD(arena, fields->items, fields->count, fields->room) = field;
}

static bool begins_with_field(const struct check_rest *rest)
{
	const char *next;

	return name_length(rest->at, check_wrapping_line(rest, &next)) > 0;
}

/* Where the next message of a mailbox begins, behind an empty line; the end where there is none.
 * Not every program that writes mailboxes quotes such lines in a body, so a field has to follow. */
static const char *next_message(const struct check_rest *body)
{
	struct check_rest line = *body;
	bool empty = true;
	const char *next;

	for (; line.at < line.end; line.at = next) {
		size_t length = check_wrapping_line(&line, &next);

		if (empty && check_wrapping_is_mailbox(&line) &&
		    begins_with_field(&(const struct check_rest){next, line.end}))
			return line.at;
		empty = length == 0;
	}
	return line.end;
}

/* Moves the rest to where the body begins. */
static void read_header(struct check_rest *rest, struct check_message_fields *fields,
                        struct arena *arena)
{
	const char *next;

	while (rest->at < rest->end) {
		size_t length = check_wrapping_line(rest, &next);
		size_t name = name_length(rest->at, length);
		const char *end, *colon;

		if (length == 0)
			rest->at = next;
		if (name == 0)
			return;
		end = field_end(rest);
		colon = memchr(rest->at, ':', length);
		check_message_add_field(fields,
		                        (struct check_field){arena_copy(arena, rest->at, name),
		                                             field_value(colon + 1, end, arena)},
		                        arena);
		rest->at = end;
	}
}

bool check_message_read(const char *file, struct check_message *message, struct arena *arena,
                        struct problem *problem)
{
	struct check_message_fields fields = {.count = 0};
	struct check_rest rest = {NULL, NULL};
	const char *name = file == NULL ? "what came on standard input" : file;
	const char *end;
	bool mailbox;

	if (!load(file, &rest, arena, problem))
		return false;
	if (!check_wrapping_skip(&rest, name, &mailbox, problem))
		return false;
	read_header(&rest, &fields, arena);
	end = mailbox ? next_message(&rest) : rest.end;
	*message = (struct check_message){.field_count = fields.count,
	                                  .fields = fields.items,
	                                  .body = (const unsigned char *)rest.at,
	                                  .body_length = (size_t)(end - rest.at),
	                                  .more = end < rest.end};
	return true;
}

static bool has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7F)
			return true;
	return false;
}

const char *check_message_return_path(const struct check_message *message, struct arena *arena)
{
	for (size_t i = 0; i < message->field_count; i++) {
		const char *value = message->fields[i].value, *open, *close, *address;

		if (!text_same(message->fields[i].name, "Return-Path"))
			continue;
		open = strchr(value, '<');
		close = open == NULL ? NULL : strrchr(open, '>');
		if (close == NULL)
			return NULL;
		address = arena_copy(arena, open + 1, (size_t)(close - open - 1));
		return has_control(address) ? NULL : address;
	}
	return NULL;
}

void check_message_body(const struct check_message *message, struct session *session)
{
	static unsigned char piece[PIECE];
	size_t filled = 0;
	unsigned char before = '\n';

	invariant(message->body != NULL || message->body_length == 0);
	for (size_t i = 0; i < message->body_length; i++) {
		unsigned char byte = message->body[i];

		if (byte == '\n' && before != '\r')
			piece[filled++] = '\r';
		piece[filled++] = byte;
		before = byte;
		if (filled < PIECE - 4)
			continue;
		if (!body_chunk(session, piece, filled))
			return;
		filled = 0;
	}
	/* a mail server gets the last line with its end too */
	if (before != '\n') {
		memcpy(piece + filled, "\r\n", 2);
		filled += 2;
	}
	if (filled > 0)
		body_chunk(session, piece, filled);
}

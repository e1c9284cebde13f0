/*
 * canon.c - canonicalisation of header fields and bodies. Called for what is signed (sign.c,
 * signature_make.c), and for what is verified: body_hashes.c, header_hash.c.
 */
#include "dkim/canon.h"

#include <string.h>

#include "base/text.h"

const char *const canon_names[] = {[CANON_SIMPLE] = "simple", [CANON_RELAXED] = "relaxed", NULL};

static bool is_white(char byte)
{
	return byte == ' ' || byte == '\t';
}

static void give_lower_name(const char *name, canon_sink *sink, void *with)
{
	size_t length = strlen(name);

	while (length > 0 && text_is_space(name[length - 1]))
		length--;
	for (size_t at = 0, piece; at < length; at += piece) {
		char lower[64];

		piece = length - at < sizeof lower ? length - at : sizeof lower;
		for (size_t i = 0; i < piece; i++)
			lower[i] = text_lower_byte(name[at + i]);
		sink(with, lower, piece);
	}
	sink(with, ":", 1);
}

/* Unfolds, makes each run of white space one space, and drops it at both ends. A CR without LF is
 * none of these. */
static void give_relaxed_value(const char *value, canon_sink *sink, void *with)
{
	bool begun = false, white = false;

	while (*value != '\0') {
		size_t length = strcspn(value, " \t\r");

		if (length == 0 && value[0] == '\r' && value[1] == '\n') {
			value += 2;
			continue;
		}
		if (is_white(*value)) {
			white = true;
			value++;
			continue;
		}
		length += length == 0; /* a bare CR */
		if (white && begun)
			sink(with, " ", 1);
		sink(with, value, length);
		begun = true;
		white = false;
		value += length;
	}
}

void canon_field(enum canonicalization form, const char *name, const char *value, canon_sink *sink,
                 void *with)
{
	if (form == CANON_RELAXED) {
		give_lower_name(name, sink, with);
		give_relaxed_value(value, sink, with);
		return;
	}
	sink(with, name, strlen(name));
	sink(with, ":", 1);
	sink(with, value, strlen(value));
}

bool canon_is_disputed(const char *value)
{
	while (*(value += strcspn(value, "\v\f\r")) != '\0') {
		if (value[0] != '\r' || value[1] != '\n')
			return true;
		value += 2;
	}
	return false;
}

void canon_body_begin(struct canon_body *body, enum canonicalization form, canon_sink *sink,
                      void *with)
{
	body->form = form;
	body->sink = sink;
	body->with = with;
	body->empty_lines = 0;
	body->white = body->on_line = body->any = false;
	body->filled = 0;
}

static void flush(struct canon_body *body)
{
	if (body->filled > 0)
		body->sink(body->with, body->piece, body->filled);
	body->filled = 0;
}

static void canon_give(struct canon_body *body, const char *bytes, size_t length)
{
	if (length > sizeof body->piece - body->filled)
		flush(body);
	if (length > sizeof body->piece) {
		body->sink(body->with, bytes, length);
		return;
	}
	memcpy(body->piece + body->filled, bytes, length);
	body->filled += length;
}

/* Something of a line: now the empty lines before it count, and so does white space before it. */
static void give_text(struct canon_body *body, const char *bytes, size_t length)
{
	for (; body->empty_lines > 0; body->empty_lines--)
		canon_give(body, "\r\n", 2);
	if (body->white)
		canon_give(body, " ", 1);
	body->white = false;
	canon_give(body, bytes, length);
	body->on_line = body->any = true;
}

static void end_line(struct canon_body *body)
{
	body->white = false;
	if (body->on_line)
		canon_give(body, "\r\n", 2);
	else
		body->empty_lines++;
	body->on_line = false;
}

/* A CR without LF ends no line (RFC 6376 3.4), nor does one at the end, since no piece parts the
 * two. */
static bool is_line_end(const char *at, const char *end)
{
	return end - at > 1 && at[0] == '\r' && at[1] == '\n';
}

/* One space between words stays what it is. */
static bool is_lone_space(const char *at, const char *begin, const char *end)
{
	return *at == ' ' && at > begin && end - at > 1 && !is_white(at[1]) &&
	       !is_line_end(at + 1, end);
}

static size_t simple_text_length(const char *begin, const char *end)
{
	const char *at = begin;

	while ((at = memchr(at, '\r', (size_t)(end - at))) != NULL) {
		if (is_line_end(at, end))
			return (size_t)(at - begin);
		at++;
	}
	return (size_t)(end - begin);
}

/* How far text goes that is passed on as it is. */
static size_t text_length(const struct canon_body *body, const char *begin, const char *end)
{
	const char *at = begin;

	if (body->form == CANON_SIMPLE)
		return simple_text_length(begin, end);
	while (at < end && ((unsigned char)*at > ' ' || is_lone_space(at, begin, end) ||
	                    (!is_white(*at) && !is_line_end(at, end))))
		at++;
	return (size_t)(at - begin);
}

void canon_body_add(struct canon_body *body, const unsigned char *bytes, size_t length)
{
	const char *at = (const char *)bytes;
	const char *end = at + length;

	while (at < end) {
		size_t text = text_length(body, at, end);

		if (text > 0) {
			give_text(body, at, text);
			at += text;
		} else if (*at == '\r') {
			end_line(body);
			at += 2;
		} else {
			body->white = true;
			at++;
		}
	}
}

/* A simple body without any line is one empty line; a relaxed one is nothing (RFC
 * 6376 3.4.3, 3.4.4). */
void canon_body_end(struct canon_body *body)
{
	if (body->on_line)
		end_line(body);
	if (!body->any && body->form == CANON_SIMPLE)
		canon_give(body, "\r\n", 2);
	flush(body);
}

/*
 * canon.c - canonical forms of header fields and bodies. Called when signing (signature_make.c),
 * when verifying (header_hash.c), and for both by body_hashes.c.
 */
#include "dkim/canon.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

const char *const canon_names[] = {[CANON_SIMPLE] = "simple", [CANON_RELAXED] = "relaxed", NULL};

static bool is_white(char byte)
{
	return byte == ' ' || byte == '\t';
}

static void canon_name(const char *name, canon_sink *sink, void *context)
{
	size_t length = strlen(name);

	while (length > 0 && text_is_space(name[length - 1]))
		length--;
	for (size_t at = 0, piece; at < length; at += piece) {
		char lower[64];

		piece = length - at < sizeof lower ? length - at : sizeof lower;
		for (size_t i = 0; i < piece; i++)
			lower[i] = text_lower_byte(name[at + i]);
		sink(context, lower, piece);
	}
	sink(context, ":", 1);
}

/* Unfolds, replaces each run of white space by one space, and removes it at both ends. A CR without
 * LF is text. */
static void canon_relaxed_value(const char *value, canon_sink *sink, void *context)
{
	bool started = false, white = false;

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
		if (white && started)
			sink(context, " ", 1);
		sink(context, value, length);
		started = true;
		white = false;
		value += length;
	}
}

void canon_field(enum canonicalization form, const char *name, const char *value, canon_sink *sink,
                 void *context)
{
	if (form == CANON_RELAXED) {
		canon_name(name, sink, context);
		canon_relaxed_value(value, sink, context);
		return;
	}
	sink(context, name, strlen(name));
	sink(context, ":", 1);
	sink(context, value, strlen(value));
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
                      void *context)
{
	invariant(sink != NULL);
	body->form = form;
	body->sink = sink;
	body->context = context;
	body->empty_lines = 0;
	body->white = body->on_line = body->any = false;
	body->filled = 0;
}

static void flush(struct canon_body *body)
{
	if (body->filled > 0)
		body->sink(body->context, body->piece, body->filled);
	body->filled = 0;
}

static void canon_append(struct canon_body *body, const char *bytes, size_t length)
{
	if (length > sizeof body->piece - body->filled)
		flush(body);
	if (length > sizeof body->piece) {
		body->sink(body->context, bytes, length);
		return;
	}
	memcpy(body->piece + body->filled, bytes, length);
	body->filled += length;
}

/* Text of a line: now the empty lines and the white space before it count. */
static void append_text(struct canon_body *body, const char *bytes, size_t length)
{
	for (; body->empty_lines > 0; body->empty_lines--)
		canon_append(body, "\r\n", 2);
	if (body->white)
		canon_append(body, " ", 1);
	body->white = false;
	canon_append(body, bytes, length);
	body->on_line = body->any = true;
}

static void end_line(struct canon_body *body)
{
	body->white = false;
	if (body->on_line)
		canon_append(body, "\r\n", 2);
	else
		body->empty_lines++;
	body->on_line = false;
}

/* A CR without LF is not a line end (RFC 6376 3.4). Pieces never end between CR and LF. */
static bool is_line_end(const char *at, const char *end)
{
	return end - at > 1 && at[0] == '\r' && at[1] == '\n';
}

/* A single space between words does not change. */
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

/* The length of the text that is passed on unchanged. */
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
			append_text(body, at, text);
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

/* An empty body is one empty line in simple form, and nothing in relaxed form (RFC
 * 6376 3.4.3, 3.4.4). */
void canon_body_end(struct canon_body *body)
{
	invariant(body->any || !body->on_line);
	if (body->on_line)
		end_line(body);
	if (!body->any && body->form == CANON_SIMPLE)
		canon_append(body, "\r\n", 2);
	flush(body);
}

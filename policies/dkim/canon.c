/*
 * canon.c - canonical forms of header fields and bodies. Called when signing (signature_make.c),
 * when verifying (header_hash.c), and for both by body_hashes.c.
 */
#include "dkim/canon.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "dkim/scan.h"

enum {
	LARGE = 512 /* octets that are worth a call of the sink */
};

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
	body->line_ends = 0;
	body->white = body->any = false;
	body->filled = 0;
}

static void flush(struct canon_body *body)
{
	if (body->filled > 0)
		body->sink(body->context, body->piece, body->filled);
	body->filled = 0;
}

/* Small pieces are gathered, large ones go on where they are. */
static void canon_append(struct canon_body *body, const char *bytes, size_t length)
{
	if (length > sizeof body->piece - body->filled || length >= LARGE)
		flush(body);
	if (length >= LARGE) {
		body->sink(body->context, bytes, length);
		return;
	}
	memcpy(body->piece + body->filled, bytes, length);
	body->filled += length;
}

static void append_octet(struct canon_body *body, char octet)
{
	if (body->filled == sizeof body->piece)
		flush(body);
	body->piece[body->filled++] = octet;
}

/* Text of a line: now the line ends and the white space before it count. */
static void append_text(struct canon_body *body, const char *bytes, size_t length)
{
	for (; body->line_ends > 0; body->line_ends--) {
		append_octet(body, '\r');
		append_octet(body, '\n');
	}
	if (body->white)
		append_octet(body, ' ');
	body->white = false;
	if (length == 1)
		append_octet(body, *bytes);
	else
		canon_append(body, bytes, length);
	body->any = true;
}

static bool is_line_end(const char *at, const char *end)
{
	return end - at > 1 && at[0] == '\r' && at[1] == '\n';
}

/* All but the line ends at its end is text. A CR without LF is not a line end (RFC 6376 3.4). */
static void add_simple(struct canon_body *body, const char *at, const char *end)
{
	const char *text_end = end;

	while (text_end - at >= 2 && is_line_end(text_end - 2, end))
		text_end -= 2;
	if (text_end > at)
		append_text(body, at, (size_t)(text_end - at));
	body->line_ends += (size_t)(end - text_end) / 2;
}

/* What is not text: a line end or white space; returns where it ends. */
static const char *pass_white(struct canon_body *body, const char *at, const char *end)
{
	if (is_line_end(at, end)) {
		body->white = false;
		body->line_ends++;
		return at + 2;
	}
	body->white = true;
	while (at < end && is_white(*at))
		at++;
	return at;
}

static void add_relaxed(struct canon_body *body, const char *at, const char *end)
{
	while (at < end) {
		size_t text;

		if (is_white(*at) || is_line_end(at, end)) {
			at = pass_white(body, at, end);
			continue;
		}
		text = scan_relaxed((const unsigned char *)at, (size_t)(end - at));
		append_text(body, at, text);
		at += text;
	}
}

void canon_body_add(struct canon_body *body, const unsigned char *bytes, size_t length)
{
	const char *at = (const char *)bytes;

	if (body->form == CANON_SIMPLE)
		add_simple(body, at, at + length);
	else
		add_relaxed(body, at, at + length);
}

/* An empty body is one empty line in simple form, and nothing in relaxed form (RFC
 * 6376 3.4.3, 3.4.4). All line ends at the end are one. */
void canon_body_end(struct canon_body *body)
{
	if (body->any || body->form == CANON_SIMPLE)
		canon_append(body, "\r\n", 2);
	flush(body);
}

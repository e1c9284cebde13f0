/*
 * body_length.c - counts the octets of the canonical body. Called by dkim.c, only where a signature has l=.
 */
#include "body_length.h"

/* A finished line, its CRLF included, joins the total with the empty lines before it; empty lines wait. */
static void end_line(uint64_t *total, uint64_t *blank_lines, uint64_t *on_line)
{
	if (*on_line == 0) {
		++*blank_lines;
		return;
	}
	*total += *blank_lines * 2 + *on_line + 2;
	*blank_lines = 0;
	*on_line = 0;
}

void body_length_add(struct body_length *length, const unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		switch (bytes[i]) {
		case '\r':
			break;
		case '\n':
			end_line(&length->simple, &length->simple_blank_lines, &length->on_simple_line);
			end_line(&length->relaxed, &length->relaxed_blank_lines, &length->on_relaxed_line);
			length->white = false;
			break;
		case ' ':
		case '\t':
			length->on_simple_line++;
			length->white = true;
			break;
		default:
			length->on_simple_line++;
			length->on_relaxed_line += length->white ? 2 : 1;
			length->white = false;
		}
	}
}

uint64_t body_length_simple(const struct body_length *length)
{
	return length->simple == 0 ? 2 : length->simple;
}

uint64_t body_length_relaxed(const struct body_length *length)
{
	return length->relaxed;
}

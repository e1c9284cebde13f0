/*
 * body_length.h - how many octets a body has after canonicalization (RFC 6376 3.4.3, 3.4.4): what an l= tag
 * is to be compared with.
 */
#ifndef ASSAY_BODY_LENGTH_H
#define ASSAY_BODY_LENGTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed at the start. */
struct body_length {
	uint64_t simple, relaxed;                         /* without the empty lines that follow */
	uint64_t simple_blank_lines, relaxed_blank_lines; /* empty lines seen last */
	uint64_t on_simple_line, on_relaxed_line;         /* octets of the line under way */
	bool white;                                       /* white space seen last on that line */
};

/* Bytes with CRLF line ends, as line_ends.h gives them. */
void body_length_add(struct body_length *length, const unsigned char *bytes, size_t count);

/* After the last line end. */
uint64_t body_length_simple(const struct body_length *length);
uint64_t body_length_relaxed(const struct body_length *length);

#endif

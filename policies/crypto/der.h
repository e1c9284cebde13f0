/*
 * der.h - the part of DER (X.690 10) that RSA public keys need: nested elements.
 */
#ifndef ASSAY_DER_H
#define ASSAY_DER_H

#include <stdbool.h>
#include <stddef.h>

enum {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OBJECT_IDENTIFIER = 0x06,
	DER_SEQUENCE = 0x30
};

struct der {
	const unsigned char *bytes;
	size_t length;
};

/* Reads the next element of `from` if it has this tag, and moves `from` behind it; `content` may be
 * `from` itself. */
bool der_read(struct der *from, unsigned char tag, struct der *content);

/* The same for an INTEGER that is not negative; `content` is its octets without leading zeros. */
bool der_read_number(struct der *from, struct der *content);

/*
 * Writing starts at the end: `*at` is where the written octets begin, and moves back. The caller
 * has made room: DER_HEAD_MAX octets for each element, besides its content. der_head() makes the
 * octets from `*at` to `end`, fewer than 65,536, the content of an element.
 */
void der_octets(unsigned char **at, const unsigned char *bytes, size_t length);
void der_head(unsigned char **at, const unsigned char *end, unsigned char tag);

enum {
	DER_HEAD_MAX = 4
};

#endif

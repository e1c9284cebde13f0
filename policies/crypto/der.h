/*
 * der.h - just enough of DER (X.690 10) for RSA public keys: one element inside of another.
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

/* Takes the next element off `from` where it has this tag; `content` may be `from` itself. */
bool der_take(struct der *from, unsigned char tag, struct der *content);

/* The same, of an INTEGER that is not negative; `content` is its octets without leading zeros. */
bool der_take_number(struct der *from, struct der *content);

/*
 * Writing goes from the end on: `*at` is where what has been written begins, and moves back. The
 * caller has made the room, DER_HEAD_MAX octets an element beside its content. der_head() makes the
 * octets from `*at` to `end`, fewer than 65,536, the content of an element.
 */
void der_octets(unsigned char **at, const unsigned char *bytes, size_t length);
void der_head(unsigned char **at, const unsigned char *end, unsigned char tag);

enum {
	DER_HEAD_MAX = 4
};

#endif

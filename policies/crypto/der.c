/*
 * der.c - reads and writes the DER elements of an RSA public key. Called by crypto.c, since OpenSSL
 * 3 takes several times as long to decode a key as to verify with it.
 */
#include "crypto/der.h"

#include <string.h>

#include "base/invariant.h"

enum {
	LONG_LENGTH = 0x80,
	LENGTH_OCTETS_MAX = 2 /* no key that is accepted has more */
};

static bool read_length(struct der *from, size_t *length)
{
	size_t octets;

	if (from->length == 0)
		return false;
	*length = *from->bytes++;
	from->length--;
	if (*length < LONG_LENGTH)
		return true;
	octets = *length - LONG_LENGTH;
	if (octets == 0 || octets > LENGTH_OCTETS_MAX || octets > from->length)
		return false;
	for (*length = 0; octets > 0; octets--) {
		*length = *length << 8 | *from->bytes++;
		from->length--;
	}
	return true;
}

bool der_read(struct der *from, unsigned char tag, struct der *content)
{
	struct der rest = *from;
	size_t length;

	if (rest.length == 0 || *rest.bytes != tag)
		return false;
	rest.bytes++;
	rest.length--;
	if (!read_length(&rest, &length) || length > rest.length)
		return false;
	*from = (struct der){rest.bytes + length, rest.length - length};
	*content = (struct der){rest.bytes, length};
	return true;
}

bool der_read_number(struct der *from, struct der *content)
{
	if (!der_read(from, DER_INTEGER, content) || content->length == 0 ||
	    (*content->bytes & 0x80) != 0)
		return false;
	while (content->length > 0 && *content->bytes == 0) {
		content->bytes++;
		content->length--;
	}
	return true;
}

void der_octets(unsigned char **at, const unsigned char *bytes, size_t length)
{
	*at -= length;
	memcpy(*at, bytes, length);
}

void der_head(unsigned char **at, const unsigned char *end, unsigned char tag)
{
	size_t length = (size_t)(end - *at);

	invariant(*at <= end && length <= 0xFFFF);
	*--*at = (unsigned char)length;
	if (length > 0xFF)
		*--*at = (unsigned char)(length >> 8);
	if (length >= LONG_LENGTH)
		*--*at = (unsigned char)(LONG_LENGTH + (length > 0xFF ? 2 : 1));
	*--*at = tag;
}

/*
 * zone_text.h - records as they stand in a zone file (RFC 1035 5.1), for people to copy.
 */
#ifndef ASSAY_ZONE_TEXT_H
#define ASSAY_ZONE_TEXT_H

#include "base/arena.h"

enum {
	ZONE_TEXT_MAX = 4000 /* octets of a value */
};

/* NAME. IN TXT "VALUE", in strings of at most 255 octets, quotes and backslashes escaped. Other
 * octets stay as they are. NULL where the value is longer than ZONE_TEXT_MAX. */
const char *zone_text_txt(struct arena *arena, const char *name, const char *value);

#endif

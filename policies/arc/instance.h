/*
 * instance.h - the number of the set that an ARC field belongs to (RFC 8617 4.2.1).
 */
#ifndef ASSAY_INSTANCE_H
#define ASSAY_INSTANCE_H

#include "base/arena.h"

enum {
	INSTANCE_MAX = 50
};

/* The number that a text of one or two digits has, 1 to 50; 0 for anything else, NULL too. */
unsigned instance_number(const char *text);

/*
 * A field that begins with "i=N;", white space and comments anywhere between these. Returns what
 * stands behind the semicolon, and N; NULL where the field does not begin so.
 */
const char *instance_read(const char *value, unsigned *number);

/* The field with spaces in the place of each octet of the comments in its "i=N;": a tag list (RFC
 * 6376 3.2) has no comments, and every other octet stays where it was. */
const char *instance_without_comments(struct arena *arena, const char *value);

#endif

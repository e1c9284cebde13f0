/*
 * domain.h - domain names: their one internal form, and the questions about labels, parents and
 * equality.
 *
 * The internal form of a name is lower-case A-labels without a trailing dot (RFC 5890, RFC 8616).
 * domain_normalize() makes it; everything compared, looked up or stored is in that form.
 */
#ifndef ASSAY_DOMAIN_H
#define ASSAY_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum {
	DOMAIN_MAX = 253,
	LABEL_MAX = 63 /* octets of text, RFC 1035 2.3.4 */
};

/*
 * The internal form of `length` bytes of text: U-labels converted (IDNA2008, non-transitional UTS
 * 46 mapping), upper case lowered, one trailing dot dropped. NULL where it is not a domain name: an
 * empty or overlong label, an overlong name, octets other than letters, digits, hyphen and
 * underscore, an address literal, or a U-label that IDNA refuses. A name of one label is a name.
 */
const char *domain_normalize(struct arena *arena, const char *bytes, size_t length);

/* The following take names in internal form. */

/* The name with its A-labels as U-labels, for people; NULL where it has none, or libidn2 refuses.
 */
const char *domain_unicode(struct arena *arena, const char *name);

size_t domain_labels(const char *name);

/* The rightmost `labels` labels of a name, as a pointer into it; the whole name where it has no
 * more than these. */
const char *domain_rightmost(const char *name, size_t labels);

/* The name without its leftmost label, or NULL for a single label. */
const char *domain_parent(const char *name);

bool domain_equal(const char *one, const char *other);

/* Is `name` equal to `ancestor` or below it? */
bool domain_within(const char *name, const char *ancestor);

/* Do the two have their last two labels in common? With fewer, only a record at a top-level domain
 * could put them into one organization. */
bool domain_is_near(const char *one, const char *other);

/* Is `name` the pattern's name, or below that of a pattern that begins with "*."? */
bool domain_matches(const char *pattern, const char *name);

/* The version of libidn2 that runs. */
void domain_version(char *text, size_t room);

#endif

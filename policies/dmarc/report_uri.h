/*
 * report_uri.h - the URI lists of rua and ruf (RFC 9989 4.7, RFC 3986, RFC 6068).
 */
#ifndef ASSAY_REPORT_URI_H
#define ASSAY_REPORT_URI_H

#include <stddef.h>

#include "base/arena.h"
#include "base/setting.h"

enum {
	REPORT_URI_MAX = 32 /* entries of one list that are read */
};

struct report_uris {
	struct strings mailto; /* in order, percent-encoding untouched */
	struct strings limits; /* for each its size suffix of RFC 7489 6.2 ("10m"), or "" */
	size_t foreign;        /* valid URIs of other schemes, left out: reports go by mail */
	size_t malformed;      /* entries that are not URIs */
	size_t beyond;         /* entries that were not read because there are too many */
};

/* dmarc-urilist: URIs with commas between, and blanks or tabs around each. */
struct report_uris report_uri_list(struct arena *arena, const char *value);

#endif

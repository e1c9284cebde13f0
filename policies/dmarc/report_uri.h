/*
 * report_uri.h - the URI lists of rua and ruf (RFC 9989 4.7, RFC 3986, RFC 6068).
 */
#ifndef ASSAY_REPORT_URI_H
#define ASSAY_REPORT_URI_H

#include <stddef.h>

#include "base/arena.h"
#include "base/setting.h"

enum {
	REPORT_URI_MAX = 32 /* entries of one list that are looked at */
};

struct report_uris {
	struct strings mailto; /* in order, percent-encoding untouched */
	struct strings
	    limits;       /* for each what its size suffix of RFC 7489 6.2 says ("10m"), or "" */
	size_t foreign;   /* sound URIs of other schemes, which are left out: reports go by mail */
	size_t malformed; /* entries that are no URI */
	size_t beyond;    /* entries after the last that is looked at */
};

/* dmarc-urilist: URIs with commas between, and blanks or tabs around each. */
struct report_uris report_uri_list(struct arena *arena, const char *value);

#endif

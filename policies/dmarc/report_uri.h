/*
 * report_uri.h - the URI lists of rua and ruf (RFC 9989 4.7, RFC 3986, RFC 6068).
 */
#ifndef ASSAY_REPORT_URI_H
#define ASSAY_REPORT_URI_H

#include <stddef.h>

#include "arena.h"
#include "setting.h"

enum {
	REPORT_URI_MOST = 32 /* entries of one list that are looked at */
};

/*
 * The mailto URIs of a comma list, in order, percent-encoding untouched. The size suffix of RFC 7489 6.2
 * ("!10m") is cut off; `limits` has what it says ("10m") for each URI, or "". URIs of other schemes are left
 * out: reports go by mail. `malformed` says how many entries were no URI, `beyond` how many came after the
 * last that is looked at.
 */
struct strings report_uri_list(struct arena *arena, const char *value, struct strings *limits,
                               size_t *malformed, size_t *beyond);

#endif

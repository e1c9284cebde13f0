/*
 * policy_record.h - the DMARC Policy Record (RFC 9989 4.7, 4.8), read once for all its users.
 */
#ifndef ASSAY_POLICY_RECORD_H
#define ASSAY_POLICY_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/setting.h"
#include "finding.h"

enum psd {
	PSD_UNKNOWN,
	PSD_YES,
	PSD_NO
};
extern const char *const psd_names[]; /* "u", "y", "n" */

struct policy_record {
	const char *text;           /* as published */
	bool has_p, has_sp, has_np; /* given with a valid value */
	enum request p, sp, np;     /* with the defaults of 4.7 filled in: sp from p, np from sp */
	bool strict_dkim, strict_spf; /* adkim=s, aspf=s */
	enum psd psd;
	bool test_mode; /* t=y */
	const char *fo; /* "0" where not given */
	/* URIs in order, percent-encoding unchanged, an obsolete "!10m" suffix removed */
	struct strings rua, ruf;
	struct strings rua_limits; /* for each of rua that suffix ("10m"), or "" */
	/* p missing or invalid, or sp or np invalid (4.10.1): p, sp and np count as none ... */
	bool broken;
	bool unusable; /* ... and no valid rua: no DMARC processing at all */
	bool empty;    /* unusable, but without an error: it has neither p nor rua (4.10.1) */
	/* for the error element of the report: what is wrong and how it was interpreted; or NULL */
	const char *error;
	/* where in the TXT the first tag at fault begins; its length if a tag is missing */
	size_t error_at;
};

/*
 * Reads one TXT. NULL if it is not a DMARC record at all: "v=DMARC1" (in this case) is not its
 * first tag. `error` names everything else that is wrong.
 */
const struct policy_record *policy_record_read(struct arena *arena, const char *text,
                                               size_t length);

/*
 * Is the TXT a DMARC record, and what is its psd tag? Agrees with policy_record_read(), but does
 * not allocate: for continuations on the resolver's thread.
 */
bool policy_record_peek(const char *text, size_t length, enum psd *psd);

#endif

/*
 * policy_record.h - the DMARC Policy Record (RFC 9989 4.7, 4.8): one strict reader, one struct for
 * all later users.
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
	struct strings rua,
	    ruf; /* URIs in order, percent-encoding untouched, an obsolete "!10m" suffix stripped */
	struct strings rua_limits; /* for each of rua what its suffix says ("10m"), or "" */
	bool broken;               /* p missing or invalid, or sp or np invalid (4.10.1) ... */
	bool unusable; /* ... and no valid rua: no DMARC processing. Otherwise p, sp and np act as
	                  none */
	bool empty;    /* unusable, but not for a fault: it has neither p nor rua (4.10.1) */
	const char *error; /* short, for the report's error element: what was wrong and how it was
	                      taken; NULL */
	size_t error_at; /* where in the TXT the first tag at fault begins; its length where one is
	                    missing */
};

/*
 * Reads one TXT. NULL where it is no DMARC record at all: "v=DMARC1" (that case) is not its first
 * tag. Everything else that is wrong is in `error`.
 */
const struct policy_record *policy_record_read(struct arena *arena, const char *text,
                                               size_t length);

/*
 * Is the TXT a DMARC record, and what does its psd tag say? As policy_record_read() finds it, but
 * without memory: for continuations on the resolver's thread.
 */
bool policy_record_peek(const char *text, size_t length, enum psd *psd);

#endif

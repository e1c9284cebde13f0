/*
 * run_dmarc.h - policy_dmarc from findings of SPF and DKIM, a From field and a zone, for unit
 * tests.
 *
 * A row's SPF and DKIM are words: "pass esp.example", several signatures with commas between. What
 * comes out is
 * "<result>", with a record "<tag>=<published> at <policy domain>", ">effective" where it differs,
 * "absent" for an author domain that does not exist, "spf" and "dkim" for aligned passes.
 */
#ifndef ASSAY_RUN_DMARC_H
#define ASSAY_RUN_DMARC_H

#include "dmarc/dmarc.h"
#include "fake_dns.h"
#include "finding.h"

/* Lines of a zone after the name. */
#define ZONE_REJECT "TXT v=DMARC1; p=reject\n"
#define ZONE_NONE   "TXT v=DMARC1; p=none\n"
#define ZONE_PSD_Y  "TXT v=DMARC1; p=none; psd=y\n"
#define ZONE_FAIL   "TXT !fail timed out\n"

struct run_dmarc_row {
	const char *zone, *from, *spf, *dkim;
	const char *expected;
	const char *reason; /* words that the reason contains; NULL: none is asked for */
};

struct run_dmarc_site {
	struct dmarc_settings settings;
	const char *mail_from;
	bool header_cut;
	enum spf_scope scope;
};

extern const struct run_dmarc_site run_dmarc_standard;

/* The finding; fails the test where it is not sound in itself. `backwards` turns signatures and
 * fields round.
 */
struct dmarc_finding run_dmarc(const struct run_dmarc_row *row, const struct run_dmarc_site *site,
                               bool backwards, struct arena *arena, struct fake_dns **played);

/* Every row in both orders, which must not matter; fails the test where something else than
 * expected comes out. */
void run_dmarc_rows(const struct run_dmarc_row *rows, size_t count,
                    const struct run_dmarc_site *site);

#define RUN_DMARC_ROWS(rows, site) run_dmarc_rows(rows, sizeof(rows) / sizeof *(rows), site)

#endif

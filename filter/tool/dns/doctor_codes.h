/*
 * doctor_codes.h - everything that `assay dns` can find, under stable names for scripts.
 *
 * One table (doctor_codes.def) has for each code its word, area, level, source and sentence; the
 * files of the areas name a code and fill in what the sentence leaves open.
 */
#ifndef ASSAY_DOCTOR_CODES_H
#define ASSAY_DOCTOR_CODES_H

enum doctor_area {
	AREA_DOMAIN,
	AREA_SPF,
	AREA_DKIM,
	AREA_DMARC,
	AREA_MX,
	AREA_HOSTS,
	AREAS
};
extern const char *const doctor_area_names[]; /* "domain", "spf", ... */

/* Ordered by weight. */
enum doctor_level {
	LEVEL_GOOD,
	LEVEL_NOTE,
	LEVEL_WARNING,
	LEVEL_ERROR
};
extern const char *const doctor_level_names[]; /* "good", "note", "warning", "error" */

enum doctor_code {
#define CODE(code, area, level, word, source, text) code,
#include "tool/dns/doctor_codes.def"
#undef CODE
	DOCTOR_CODES
};

struct doctor_code_row {
	const char *word; /* "spf-none" */
	enum doctor_area area;
	enum doctor_level level;
	const char *source; /* "RFC 7208 3" */
	const char *text;   /* each {} stands for one of the texts that come with the finding */
};
extern const struct doctor_code_row doctor_codes_rows[DOCTOR_CODES];

#endif

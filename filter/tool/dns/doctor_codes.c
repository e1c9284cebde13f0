/*
 * doctor_codes.c - the table of doctor_codes.def. Read by doctor.c, and by `assay dns
 * --codes` for the documentation.
 */
#include "tool/dns/doctor_codes.h"

#include <stddef.h>

const char *const doctor_area_names[] = {[AREA_DOMAIN] = "domain",
                                         [AREA_SPF] = "spf",
                                         [AREA_DKIM] = "dkim",
                                         [AREA_DMARC] = "dmarc",
                                         [AREA_MX] = "mx",
                                         [AREA_HOSTS] = "hosts",
                                         NULL};

const char *const doctor_level_names[] = {[LEVEL_GOOD] = "good",
                                          [LEVEL_NOTE] = "note",
                                          [LEVEL_WARNING] = "warning",
                                          [LEVEL_ERROR] = "error",
                                          NULL};

const struct doctor_code_row doctor_codes_rows[DOCTOR_CODES] = {
#define CODE(code, area, level, word, source, text)                                                \
	[code] = {word, AREA_##area, LEVEL_##level, source, text},
#include "tool/dns/doctor_codes.def"
#undef CODE
};

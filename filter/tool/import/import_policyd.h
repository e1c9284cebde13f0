/*
 * import_policyd.h - what becomes of options of policyd-spf.conf; for its table.
 */
#ifndef ASSAY_IMPORT_POLICYD_H
#define ASSAY_IMPORT_POLICYD_H

#include "tool/import/import.h"

/* Before the options: what is refused follows from several of them together. */
void import_policyd_refusals(struct import_work *work);

void import_policyd_test(struct import_work *work, const struct import_option *option);
void import_policyd_temperror(struct import_work *work, const struct import_option *option);
void import_policyd_whitelist(struct import_work *work, const struct import_option *option);
void import_policyd_skip(struct import_work *work, const struct import_option *option);
void import_policyd_header(struct import_work *work, const struct import_option *option);

#endif

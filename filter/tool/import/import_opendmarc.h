/*
 * import_opendmarc.h - what becomes of options of opendmarc.conf; for its table.
 */
#ifndef ASSAY_IMPORT_OPENDMARC_H
#define ASSAY_IMPORT_OPENDMARC_H

#include "tool/import/import.h"

/* Before the options: what is enforced follows from two of them together. */
void import_opendmarc_enforce(struct import_work *work);

void import_opendmarc_hosts(struct import_work *work, const struct import_option *option);
void import_opendmarc_domains(struct import_work *work, const struct import_option *option);
void import_opendmarc_no_reports(struct import_work *work, const struct import_option *option);
void import_opendmarc_from(struct import_work *work, const struct import_option *option);

#endif

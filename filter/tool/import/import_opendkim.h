/*
 * import_opendkim.h - what becomes of options of opendkim.conf; for its table. The signing options
 * together are import_sign()'s.
 */
#ifndef ASSAY_IMPORT_OPENDKIM_H
#define ASSAY_IMPORT_OPENDKIM_H

#include "tool/import/import.h"

void import_opendkim_headers(struct import_work *work, const struct import_option *option);
void import_opendkim_mode(struct import_work *work, const struct import_option *option);
void import_opendkim_nameservers(struct import_work *work, const struct import_option *option);
void import_opendkim_safe_keys(struct import_work *work, const struct import_option *option);
void import_opendkim_anchor(struct import_work *work, const struct import_option *option);

#endif

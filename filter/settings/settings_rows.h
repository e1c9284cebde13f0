/*
 * settings_rows.h - the rows of the whole settings file: what stands at its top, and the groups of
 * the modules.
 */
#ifndef ASSAY_SETTINGS_ROWS_H
#define ASSAY_SETTINGS_ROWS_H

#include "base/setting.h"

extern const struct setting_group settings_rows; /* fills struct settings */

#endif

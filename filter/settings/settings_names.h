/*
 * settings_names.h - the full names of all settings ("dmarc.enforce"), and which of them somebody
 * may have meant.
 */
#ifndef ASSAY_SETTINGS_NAMES_H
#define ASSAY_SETTINGS_NAMES_H

#include <stdbool.h>

#include "base/setting.h"

enum {
	SETTINGS_NAME_MAX = 128
};

/* What a walk over all settings hands out, groups before their members. */
struct settings_visit {
	const char *name; /* full */
	const struct setting *row;
	unsigned depth;
};

/* Ends early where visit() returns false, and then returns false. */
bool settings_names_walk(const struct setting_group *root,
                         bool (*visit)(void *context, const struct settings_visit *setting),
                         void *context);

/* Copies the nearest known name to `nearest`; false where none is near. */
bool settings_names_nearest(const struct setting_group *root, const char *name,
                            char nearest[SETTINGS_NAME_MAX]);

#endif

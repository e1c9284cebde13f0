/*
 * settings_check.h - what a value has to look like beyond its type: addresses, listeners, patterns
 * of domains.
 */
#ifndef ASSAY_SETTINGS_CHECK_H
#define ASSAY_SETTINGS_CHECK_H

#include "base/arena.h"
#include "settings/settings.h"

/*
 * Looks at the text of the setting of that full name ("resolver.servers": at one of its items).
 * True where it will do; `*taken` is then what the setting becomes, domains in the form of
 * domain.h. False: `*wrong` follows the words `setting "NAME" is "TEXT": `.
 */
bool settings_check_text(const char *name, const char *text, struct arena *arena,
                         const char **taken, const char **wrong);

/* Values that contradict each other so that nothing sensible can be done. */
bool settings_check_together(const struct settings *settings, struct problem *problem);

#endif

/*
 * settings_fill.h - fills the struct of a group of settings from the tree of a file, by the group's
 * rows.
 */
#ifndef ASSAY_SETTINGS_FILL_H
#define ASSAY_SETTINGS_FILL_H

#include "base/setting.h"
#include "settings/settings_places.h"
#include "settings/settings_tree.h"

/*
 * `given` NULL: all defaults. `places`, where it is not NULL, gets the place of each setting given.
 * Everything that `into` points to afterwards is in `arena`; `scratch` may go. False and a problem
 * that names file, line, setting and what it takes.
 */
bool settings_fill(const struct setting_group *root, const struct settings_value *given, void *into,
                   struct settings_places *places, struct arena *arena, struct arena *scratch,
                   struct problem *problem);

/* What a setting takes, in words: "a number from 1 to 10", "one of \"a\", \"b\"". */
const char *settings_fill_takes(const struct setting *row, struct arena *arena);

#endif

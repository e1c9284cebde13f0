/*
 * settings_places.h - where in the files each setting stands that somebody wrote down.
 *
 * settings_fill.c notes it down, the checks of filter/review/ name it.
 */
#ifndef ASSAY_SETTINGS_PLACES_H
#define ASSAY_SETTINGS_PLACES_H

#include "base/arena.h"
#include "settings/settings_source.h"

enum {
	PLACES_NO_ENTRY = -1 /* of a setting that is in no list */
};

struct settings_places;

struct settings_places *settings_places_new(struct arena *arena);

/* `name` is full ("rules.when.client"); `entry` the number of the list's entry that it stands in,
 * from 0, and the list's own name is that of the entry as a whole. Both are copied. */
void settings_places_add(struct settings_places *places, const char *name, long entry,
                         const struct settings_place *place);

/* NULL where the setting was not written down and has its default; so are all where `places` is
 * NULL. */
const struct settings_place *settings_places_find(const struct settings_places *places,
                                                  const char *name, long entry);

#endif

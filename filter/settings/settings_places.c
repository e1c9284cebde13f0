/*
 * settings_places.c - where in the files each setting stands. Filled by settings_fill.c while a
 * file is read, const afterwards.
 */
#include "settings/settings_places.h"

#include <string.h>

#include "base/invariant.h"

struct noted {
	const char *name;
	long entry;
	struct settings_place place;
};

struct settings_places {
	struct arena *arena;
	struct noted *items;
	size_t count, room;
	const char *last_file, *last_copy; /* the last file's name, and the copy of it */
};

struct settings_places *settings_places_new(struct arena *arena)
{
	struct settings_places *places = arena_allocate(arena, sizeof *places);

	places->arena = arena;
	return places;
}

void settings_places_add(struct settings_places *places, const char *name, long entry,
                         const struct settings_place *place)
{
	invariant(place != NULL && place->file != NULL);
	if (places->last_file != place->file) {
		places->last_file = place->file;
		places->last_copy = arena_string(places->arena, place->file);
	}
	places->items = arena_grow(places->arena, places->items, places->count, &places->room, 32,
	                           sizeof *places->items);
	places->items[places->count++] = (struct noted){
	    .name = arena_string(places->arena, name),
	    .entry = entry,
	    .place = {.file = places->last_copy, .line = place->line},
	};
}

const struct settings_place *settings_places_find(const struct settings_places *places,
                                                  const char *name, long entry)
{
	for (size_t i = 0; places != NULL && i < places->count; i++)
		if (places->items[i].entry == entry && strcmp(places->items[i].name, name) == 0)
			return &places->items[i].place;
	return NULL;
}

/*
 * settings_tree.h - a settings file as a tree of values: what libconfig made of the text, in our
 * own words.
 */
#ifndef ASSAY_SETTINGS_TREE_H
#define ASSAY_SETTINGS_TREE_H

#include "base/arena.h"
#include "base/problem.h"
#include "settings/settings_source.h"

enum settings_kind {
	KIND_FLAG,
	KIND_NUMBER,
	KIND_FRACTION,
	KIND_TEXT,
	KIND_ARRAY, /* [ 1, 2 ] */
	KIND_LIST,  /* ( { }, { } ) */
	KIND_GROUP  /* { a = 1; } */
};

struct settings_value {
	const char *name; /* NULL for members of arrays and lists, and for the root */
	const struct settings_place *place;
	enum settings_kind kind;
	long long number; /* KIND_NUMBER, and 0 or 1 for KIND_FLAG */
	const char *text;
	size_t count; /* members of arrays, lists and groups, in the order of the file */
	const struct settings_value *members;
};

/* The root group, in the arena. NULL and a problem with file and line where the text is no such
 * settings. */
const struct settings_value *settings_tree_read(struct arena *arena,
                                                const struct settings_source *source,
                                                struct problem *problem);

/* The value of a default, "5000" or "[ \"::1\" ]". `where` names it in a problem. */
const struct settings_value *settings_tree_value(struct arena *arena, const char *text,
                                                 const char *where, struct problem *problem);

/* The version of libconfig that this was built with; it does not tell which one runs. */
void settings_tree_version(char *text, size_t room);

#endif

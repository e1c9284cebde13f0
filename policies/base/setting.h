/*
 * setting.h - one row a setting: name, type, default, bounds and a line of help.
 *
 * The rows feed the parser (filter/settings/settings_fill.c), `assay config --explain`, the
 * sample file and the manual page. A module keeps its rows beside the struct that they fill.
 */
#ifndef ASSAY_SETTING_H
#define ASSAY_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

enum setting_type {
	SETTING_FLAG,     /* bool			true or false */
	SETTING_NUMBER,   /* long			minimum..maximum */
	SETTING_STRING,   /* const char *		never NULL; "" where the default is empty */
	SETTING_WORD,     /* int			index into `words` */
	SETTING_STRINGS,  /* struct strings		[ "a", "b" ] */
	SETTING_NETWORKS, /* struct networks		[ "192.0.2.0/24", "::1" ] */
	SETTING_GROUP,    /* the struct of `group`	embedded at `offset` */
	/* struct setting_list ( { .. }, { .. } ), each entry one struct of `group` */
	SETTING_LIST
};

struct strings {
	size_t count;
	const char *const *items;
};

struct setting_list {
	size_t count;
	const void *items;        /* an array of structs of the group */
	const int *lines;         /* the line of the settings file where each begins */
	const char *const *files; /* and the file; NULL where the list was made by hand */
};

struct setting {
	const char *name; /* NULL ends the rows */
	enum setting_type type;
	size_t offset; /* in the group's struct */
	/* the default as libconfig text: "true", "5000", "\"accept\"", "[ ]"; NULL for groups and
	 * lists, and for what has to be given */
	const char *standard;
	long minimum, maximum;
	const char *const *names; /* NULL-terminated */
	const struct setting_group *group;
	const char *help; /* one line, ends without a full stop */
};

struct setting_group {
	const char *name; /* as it stands in the file: "spf", "rules" */
	const struct setting *rows;
	size_t size; /* of the struct that the rows fill */
};

#endif

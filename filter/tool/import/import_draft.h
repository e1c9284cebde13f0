/*
 * import_draft.h - what the draft of `assay import` is made of; for import_draft.c, which fills it,
 * and import_write.c, which writes it.
 */
#ifndef ASSAY_IMPORT_DRAFT_H
#define ASSAY_IMPORT_DRAFT_H

#include "tool/import/import.h"

enum {
	DRAFT_OMISSIONS_SHOWN = 300, /* omissions that the settings show too */
	DRAFT_UNUSABLE_SHOWN = 50,   /* unusable entries that the settings show */
	DRAFT_ITEMS_COMPARED = 2000  /* longer lists may hold equal items */
};

struct draft_item {
	const char *value;
	struct import_place place;
	const char *text;
};

/* A setting outside of lists: its value, or its items. */
struct draft_setting {
	const char *name;     /* "networks.ours" */
	const char *value;    /* libconfig text */
	const char *comments; /* lines that end in newlines */
	const struct import_option *from;
	bool is_list;
	size_t item_count, item_room;
	struct draft_item *items;
};

struct draft_list {
	const char *comments; /* of the list as a whole */
	size_t count, room;
	struct import_entry *items;
};

struct draft_omission {
	struct import_place place;
	const char *text;
	enum import_loss loss;
	const char *why;
};

struct import_draft {
	struct arena *arena;
	size_t setting_count, setting_room;
	struct draft_setting *settings;
	struct draft_list sign, rules;
	size_t omission_count, omission_room;
	struct draft_omission *omissions;
};

/* NULL if it is not in the draft. */
struct draft_setting *import_draft_find(const struct import_draft *draft, const char *name);

/* "FILE:LINE", or the file alone. */
const char *import_draft_place(struct arena *arena, struct import_place place);

#endif

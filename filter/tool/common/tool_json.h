/*
 * tool_json.h - objects and lists as JSON, for the subcommands that print some of their own;
 * strings are rows/json_text.h's.
 */
#ifndef ASSAY_TOOL_JSON_H
#define ASSAY_TOOL_JSON_H

#include <stdbool.h>

#include "base/text.h"

struct tool_json {
	struct text text;
	bool first; /* nothing stands in the innermost object or list */
};

/* An empty text, of `limit` octets at most. */
void tool_json_begin(struct tool_json *json, struct arena *arena, size_t limit);

/* All that follows goes into an object or a list. `name`, here and below, is NULL in a list. */
void tool_json_open(struct tool_json *json, const char *name, const char *bracket);
void tool_json_close(struct tool_json *json, const char *bracket);

/* NULL becomes null. */
void tool_json_text(struct tool_json *json, const char *name, const char *value);
void tool_json_number(struct tool_json *json, const char *name, unsigned long value);
void tool_json_decimal(struct tool_json *json, const char *name, double value);
void tool_json_flag(struct tool_json *json, const char *name, bool value);

#endif

/*
 * tool_json.c - objects and lists as JSON. Called by what `assay dns`, `assay key` and `assay
 * config` print for programs.
 */
#include "tool/common/tool_json.h"

#include <string.h>

#include "base/invariant.h"
#include "rows/json_text.h"

static void begin_member(struct tool_json *json, const char *name)
{
	text_add(&json->text, json->first ? "" : ", ");
	json->first = false;
	if (name == NULL)
		return;
	json_text_add(&json->text, name);
	text_add(&json->text, ": ");
}

void tool_json_begin(struct tool_json *json, struct arena *arena, size_t limit)
{
	json->first = true;
	text_begin(&json->text, arena, limit);
}

void tool_json_open(struct tool_json *json, const char *name, const char *bracket)
{
	invariant(strpbrk(bracket, "{[") != NULL);
	begin_member(json, name);
	text_add(&json->text, bracket);
	json->first = true;
}

void tool_json_close(struct tool_json *json, const char *bracket)
{
	invariant(strpbrk(bracket, "}]") != NULL);
	text_add(&json->text, bracket);
	json->first = false;
}

void tool_json_text(struct tool_json *json, const char *name, const char *value)
{
	begin_member(json, name);
	if (value == NULL)
		text_add(&json->text, "null");
	else
		json_text_add(&json->text, value);
}

void tool_json_number(struct tool_json *json, const char *name, unsigned long value)
{
	begin_member(json, name);
	text_add_format(&json->text, "%lu", value);
}

void tool_json_decimal(struct tool_json *json, const char *name, double value)
{
	begin_member(json, name);
	text_add_format(&json->text, "%.1f", value);
}

void tool_json_flag(struct tool_json *json, const char *name, bool value)
{
	begin_member(json, name);
	text_add(&json->text, value ? "true" : "false");
}

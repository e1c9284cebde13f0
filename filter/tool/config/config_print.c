/*
 * config_print.c - what `assay config` shows beside the settings. Called by config.c.
 */
#include "tool/config/config_print.h"

#include "tool/common/tool_json.h"
#include "tool/key/key.h"

enum {
	JSON_MAX = 64 << 20
};

void config_print_keys(const struct settings *settings, FILE *to)
{
	const struct signing_table *table = settings->sign.table;
	struct arena *arena = arena_new();

	if (signing_table_count(table) > 0)
		fputs("\n// keys that sign: domain, selector, kind, file\n", to);
	for (size_t i = 0; i < signing_table_count(table); i++) {
		const char *domain;
		const struct signing_key *key = signing_table_key(table, i, &domain);

		fprintf(to, "// %s  %s  %s  %s\n", domain, key->selector,
		        key_text_kind(key->private, arena), key->file);
	}
	arena_free(arena);
}

static void add_finding(struct tool_json *json, const struct review_finding *finding)
{
	tool_json_open(json, NULL, "{");
	tool_json_text(json, "level", review_level_names[finding->level]);
	tool_json_text(json, "check", finding->check);
	tool_json_text(json, "setting", finding->setting);
	tool_json_text(json, "file", finding->file);
	if (finding->line > 0)
		tool_json_number(json, "line", finding->line);
	else
		tool_json_text(json, "line", NULL);
	tool_json_text(json, "words", finding->text);
	tool_json_close(json, "}");
}

static void add_key(struct tool_json *json, const struct signing_table *table, size_t number)
{
	const char *domain;
	const struct signing_key *key = signing_table_key(table, number, &domain);

	tool_json_open(json, NULL, "{");
	tool_json_text(json, "domain", domain);
	tool_json_text(json, "selector", key->selector);
	tool_json_text(json, "kind", crypto_kind_names[crypto_private_kind(key->private)]);
	tool_json_number(json, "bits", crypto_private_bits(key->private));
	tool_json_text(json, "file", key->file);
	tool_json_close(json, "}");
}

static void print_json(const char *path, const struct review *review,
                       const struct signing_table *table, FILE *to)
{
	struct arena *arena = arena_new();
	struct tool_json json;

	tool_json_begin(&json, arena, JSON_MAX);
	tool_json_open(&json, NULL, "{");
	tool_json_text(&json, "settings", path);
	tool_json_number(&json, "errors", review->errors);
	tool_json_number(&json, "warnings", review->warnings);
	tool_json_open(&json, "findings", "[");
	for (size_t i = 0; i < review->count; i++)
		add_finding(&json, &review->items[i]);
	tool_json_close(&json, "]");
	tool_json_open(&json, "keys", "[");
	for (size_t i = 0; table != NULL && i < signing_table_count(table); i++)
		add_key(&json, table, i);
	tool_json_close(&json, "]");
	tool_json_close(&json, "}");
	fprintf(to, "%s\n", json.text.bytes);
	arena_free(arena);
}

void config_print_json(const struct settings *settings, const struct review *review, FILE *to)
{
	print_json(settings->path, review, settings->sign.table, to);
}

void config_print_json_problem(const char *path, const struct problem *problem, FILE *to)
{
	const struct review_finding finding = {.level = REVIEW_ERROR,
	                                       .check = "unreadable",
	                                       .setting = "",
	                                       .file = path,
	                                       .text = problem->message};
	const struct review review = {.count = 1, .items = &finding, .errors = 1};

	print_json(path, &review, NULL, to);
}

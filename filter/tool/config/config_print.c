/*
 * config_print.c - what `assay config` shows beside the settings. Called by config.c.
 */
#include "tool/config/config_print.h"

#include "report/json_text.h"
#include "tool/key/key.h"

enum {
	JSON_MOST = 64 << 20
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

		fprintf(to, "// %s  %s  %s  %s\n", domain, key->selector, key_text_kind(key->private, arena),
		        key->file);
	}
	arena_free(arena);
}

static void add_finding(struct text *json, const struct review_finding *finding)
{
	text_add(json, "{");
	json_text_add_member(json, "level", review_level_words[finding->level]);
	text_add(json, ",");
	json_text_add_member(json, "check", finding->check);
	text_add(json, ",");
	json_text_add_member(json, "setting", finding->setting);
	text_add(json, ",");
	json_text_add_member(json, "file", finding->file);
	if (finding->line > 0)
		text_add_format(json, ",\"line\":%u,", finding->line);
	else
		text_add(json, ",\"line\":null,");
	json_text_add_member(json, "words", finding->words);
	text_add(json, "}");
}

static void add_key(struct text *json, const struct signing_table *table, size_t number)
{
	const char *domain;
	const struct signing_key *key = signing_table_key(table, number, &domain);

	text_add(json, "{");
	json_text_add_member(json, "domain", domain);
	text_add(json, ",");
	json_text_add_member(json, "selector", key->selector);
	text_add(json, ",");
	json_text_add_member(json, "kind", crypto_kind_words[crypto_private_kind(key->private)]);
	text_add_format(json, ",\"bits\":%u,", crypto_private_bits(key->private));
	json_text_add_member(json, "file", key->file);
	text_add(json, "}");
}

static void print_json(const char *path, const struct review *review, const struct signing_table *table,
                       FILE *to)
{
	struct arena *arena = arena_new();
	struct text json;

	text_begin(&json, arena, JSON_MOST);
	text_add(&json, "{");
	json_text_add_member(&json, "settings", path);
	text_add_format(&json, ",\"errors\":%zu,\"warnings\":%zu,\"findings\":[", review->errors,
	                review->warnings);
	for (size_t i = 0; i < review->count; i++) {
		text_add(&json, i == 0 ? "" : ",");
		add_finding(&json, &review->items[i]);
	}
	text_add(&json, "],\"keys\":[");
	for (size_t i = 0; table != NULL && i < signing_table_count(table); i++) {
		text_add(&json, i == 0 ? "" : ",");
		add_key(&json, table, i);
	}
	fprintf(to, "%s]}\n", json.bytes);
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
	                                       .words = problem->words};
	const struct review review = {.count = 1, .items = &finding, .errors = 1};

	print_json(path, &review, NULL, to);
}

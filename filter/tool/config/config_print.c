/*
 * config_print.c - what `assay config` shows beside the settings. Called by config.c.
 */
#include "tool/config/config_print.h"

#include "tool/common/fields_json.h"
#include "tool/key/key.h"

void config_print_keys(const struct settings *settings, FILE *to)
{
	const struct signing_table *table = settings->sign.table;
	size_t count = table == NULL ? 0 : signing_table_count(table);
	struct arena *arena = arena_new();

	if (table == NULL)
		fputs("\n// keys that sign: not read\n", to);
	if (count > 0)
		fputs("\n// keys that sign: domain, selector, kind, file\n", to);
	for (size_t i = 0; i < count; i++) {
		const char *domain;
		const struct signing_key *key = signing_table_key(table, i, &domain);

		fprintf(to, "// %s  %s  %s  %s\n", domain, key->selector,
		        key_text_kind(key->private, arena), key->file);
	}
	arena_free(arena);
}

static const struct field finding_rows[] = {
    {FIELD(FIELD_NAME, struct review_finding, level), .names = review_level_names},
    {FIELD(FIELD_TEXT, struct review_finding, check)},
    {FIELD(FIELD_TEXT, struct review_finding, setting)},
    {FIELD(FIELD_TEXT, struct review_finding, file)},
    {FIELD(FIELD_NUMBER_OR_NULL, struct review_finding, line)},
    {FIELD_AS("words", FIELD_TEXT, struct review_finding, text)},
    FIELD_END};

struct key_view {
	const char *domain, *selector, *kind, *file;
	unsigned bits;
};

static const struct field key_rows[] = {
    {FIELD(FIELD_TEXT, struct key_view, domain)}, {FIELD(FIELD_TEXT, struct key_view, selector)},
    {FIELD(FIELD_TEXT, struct key_view, kind)},   {FIELD(FIELD_NUMBER, struct key_view, bits)},
    {FIELD(FIELD_TEXT, struct key_view, file)},   FIELD_END};

struct view {
	const char *settings;
	struct review review;
	size_t key_count;
	const struct key_view *keys;
};

static const struct field view_rows[] = {
    {FIELD(FIELD_TEXT, struct view, settings)},
    {FIELD_AS("errors", FIELD_NUMBER, struct view, review.errors)},
    {FIELD_AS("warnings", FIELD_NUMBER, struct view, review.warnings)},
    {FIELD_AS("findings", FIELD_LIST, struct view, review.items),
     FIELD_ITEMS(struct view, review.items, review.count, finding_rows)},
    {FIELD(FIELD_LIST, struct view, keys), FIELD_ITEMS(struct view, keys, key_count, key_rows)},
    FIELD_END};

static const struct key_view *view_keys(const struct signing_table *table, size_t count,
                                        struct arena *arena)
{
	struct key_view *views = arena_allocate(arena, (count + 1) * sizeof *views);

	for (size_t i = 0; i < count; i++) {
		const char *domain;
		const struct signing_key *key = signing_table_key(table, i, &domain);

		views[i] =
		    (struct key_view){.domain = domain,
		                      .selector = key->selector,
		                      .kind = crypto_kind_names[crypto_private_kind(key->private)],
		                      .bits = crypto_private_bits(key->private),
		                      .file = key->file};
	}
	return views;
}

static void print_json(const char *path, const struct review *review,
                       const struct signing_table *table, FILE *to)
{
	struct fields_json writer = {.arena = arena_new()};
	struct view view = {.settings = path, .review = *review};

	view.key_count = table == NULL ? 0 : signing_table_count(table);
	view.keys = view_keys(table, view.key_count, writer.arena);
	fprintf(to, "%s\n", fields_json_line(&writer, view_rows, &view));
	arena_free(writer.arena);
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

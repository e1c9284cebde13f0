/*
 * config.c - `assay config`: checks the settings, prints those in effect, explains them, prints the
 * sample.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>

#include "review/review.h"
#include "settings/settings.h"
#include "tool/common/fields_json.h"
#include "tool/common/tool.h"
#include "tool/key/key.h"

struct config_asked {
	const char *settings; /* NULL: the default path */
	bool explain;
	bool sample;
	bool strict; /* warnings count */
	bool json;
};

/* A comment line a key, so that what is printed is still an assay.conf. */
static void config_print_keys(const struct settings *settings, FILE *to)
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

/* One object: the settings file, its findings and its keys. */
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

static void config_print_json(const struct settings *settings, const struct review *review,
                              FILE *to)
{
	print_json(settings->path, review, settings->sign.table, to);
}

/* The same for settings that cannot be read: `problem` is the one finding. */
static void config_print_json_problem(const char *path, const struct problem *problem, FILE *to)
{
	const struct review_finding finding = {.level = REVIEW_ERROR,
	                                       .check = "unreadable",
	                                       .setting = "",
	                                       .file = path,
	                                       .text = problem->message};
	const struct review review = {.count = 1, .items = &finding, .errors = 1};

	print_json(path, &review, NULL, to);
}

static int status_of(const struct review *review, const struct config_asked *asked)
{
	if (review->errors > 0)
		return EX_CONFIG;
	return asked->strict && review->warnings > 0 ? 1 : EX_OK;
}

static int config_check(const char *path, const struct config_asked *asked)
{
	struct problem problem;
	struct settings *settings = settings_read(path, &problem);
	struct arena *arena;
	struct review review;

	if (settings == NULL && asked->json)
		config_print_json_problem(path, &problem, stdout);
	else if (settings == NULL)
		fprintf(stderr, "assay: %s\n", problem.message);
	if (settings == NULL)
		return EX_CONFIG;
	arena = arena_new();
	review = review_settings(settings, &review_machine, arena);
	if (asked->json) {
		config_print_json(settings, &review, stdout);
	} else {
		settings_print(settings, stdout);
		config_print_keys(settings, stdout);
		review_print(&review, stderr);
	}
	arena_free(arena);
	settings_release(settings);
	return status_of(&review, asked);
}

static int explain(const char *name)
{
	struct problem problem;

	if (settings_explain(name, stdout, &problem))
		return EX_OK;
	fprintf(stderr, "assay: %s\n", problem.message);
	return EX_USAGE;
}

static const struct tool_target targets[] = {
    TOOL_TARGET('c', struct config_asked, settings), TOOL_TARGET('e', struct config_asked, explain),
    TOOL_TARGET('s', struct config_asked, sample),   TOOL_TARGET('x', struct config_asked, strict),
    TOOL_TARGET('j', struct config_asked, json),     {.letter = '\0'}};

static int config_run(int argc, char **argv)
{
	struct config_asked asked = {.settings = NULL};

	if (tool_read_options(&tool_config, argc, argv, targets, &asked) != -1)
		return EX_USAGE;
	if (optind + (asked.explain ? 1 : 0) < argc)
		return tool_misuse("config", "unexpected argument \"%.60s\"", argv[argc - 1]);
	if (asked.explain && asked.sample)
		return tool_misuse("config", "--explain and --sample do not go together");
	if (asked.sample) {
		settings_sample(stdout);
		return EX_OK;
	}
	if (asked.explain)
		return explain(argv[optind]);
	return config_check(asked.settings == NULL ? settings_standard_path() : asked.settings,
	                    &asked);
}

static const char *const usage[] = {"config [-c FILE] [--strict] [--json]",
                                    "config --explain [NAME]", "config --sample", NULL};

static const struct tool_option options[] = {
    {"-c", 'c', "FILE", "settings (default " ASSAY_SETTINGS ")"},
    {"--strict", 'x', NULL, "exit status 1 where there is a warning"},
    {"--json", 'j', NULL,
     "one JSON object with what was found and the signing keys, instead of the settings"},
    {"--explain", 'e', NULL,
     "tells what a setting (dmarc.enforce), a group (dmarc) or every setting is for, what it takes "
     "and what it is by default"},
    {"--sample", 's', NULL,
     "prints a settings file in which every setting stands commented out at its default"},
    {NULL, 0, NULL, NULL},
};

const struct tool_command tool_config = {
    .name = "config",
    .run = config_run,
    .summary = "check the settings, print those in effect, explain them",
    .usage = usage,
    .about = "Checks the settings and prints those in effect, defaults included, as an assay.conf. "
             "Every signing key is read and makes a test signature. Values that contradict each "
             "other or do nothing, rules that never apply, and files that the daemon's user cannot "
             "use are warnings on standard error.",
    .options = options,
    .statuses = "0 sound, also with warnings; 1 warnings with --strict; 64 usage; 78 errors in the "
                "settings",
};

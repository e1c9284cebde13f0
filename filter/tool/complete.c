/*
 * complete.c - completes a word of a command line, from the tables of the subcommands (tool.h).
 * Called by `assay help --words`.
 *
 * The usage of a subcommand names its arguments: words in capitals that do not follow an option.
 */
#include "tool/complete.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/text.h"
#include "settings/settings_names.h"
#include "settings/settings_rows.h"
#include "tool/key/key.h"

enum {
	WORD_MAX = 80
};

/* What the words before the last one mean. */
struct complete_line {
	const struct tool_command *const *commands;
	const struct tool_command *command;
	const char *prefix;               /* the last word */
	const char *verb;                 /* NULL: none yet, or the subcommand has none */
	const struct tool_option *valued; /* its value comes next */
	unsigned arguments;               /* after the verb */
	const char *settings, *keys;      /* values of -c and --keys */
	char **text;
	int count;
};

static void offer(const char *word, const char *prefix)
{
	if (strncmp(word, prefix, strlen(prefix)) == 0)
		puts(word);
}

static void offer_subcommands(const struct tool_command *const *commands, const char *prefix)
{
	for (; *commands != NULL; commands++)
		offer((*commands)->name, prefix);
}

static bool offer_setting(void *prefix, const struct settings_visit *setting)
{
	offer(setting->name, prefix);
	return true;
}

/* "rfc9990|rfc7489" */
static void offer_choices(const char *choices, const char *prefix)
{
	while (*choices != '\0') {
		size_t length = strcspn(choices, "|");

		if (strncmp(choices, prefix, strlen(prefix)) == 0)
			printf("%.*s\n", (int)length, choices);
		choices += length + (choices[length] == '|');
	}
}

static bool print_domain(const struct key_place *place, void *context)
{
	const char *prefix = context;

	if (strncmp(place->domain, prefix, strlen(prefix)) == 0 && access(place->path, F_OK) == 0)
		puts(place->domain);
	return true;
}

/* Domains with signing keys; nothing if something cannot be read. */
static void complete_domains(const char *settings, const char *keys, const char *prefix)
{
	struct problem problem;
	struct key_arguments arguments = {
	    .keys = keys,
	    .settings = settings_read_keyless(tool_settings_path(settings), &problem)};
	char text[256];

	if (arguments.settings == NULL || strlen(prefix) >= sizeof text)
		return;
	arguments.arena = arena_new();
	strcpy(text, prefix);
	key_place_each(&arguments, print_domain, text, &problem);
	arena_free(arguments.arena);
	settings_release(arguments.settings);
}

/* `kind` is the name of an argument or of an option's value. */
static void offer_kind(const struct complete_line *line, const char *kind, bool is_option_value)
{
	char prefix[WORD_MAX];

	snprintf(prefix, sizeof prefix, "%s", line->prefix);
	if (strcmp(kind, "FILE") == 0 || strcmp(kind, "MESSAGE") == 0)
		puts(":files");
	else if (strcmp(kind, "FOLDER") == 0)
		puts(":folders");
	else if (strcmp(kind, "DOMAIN") == 0 &&
	         (line->command == &tool_key || line->command == &tool_dns))
		complete_domains(line->settings, line->keys, line->prefix);
	else if (strcmp(kind, "SUBCOMMAND") == 0)
		offer_subcommands(line->commands, line->prefix);
	else if (strcmp(kind, "NAME") == 0 && line->command == &tool_config && !is_option_value)
		settings_names_walk(&settings_rows, offer_setting, prefix);
	else if (strchr(kind, '|') != NULL)
		offer_choices(kind, line->prefix);
}

static const struct tool_option *option_named(const struct tool_command *command, const char *name)
{
	for (const struct tool_option *option = command->options;
	     option != NULL && option->name != NULL; option++)
		if (strcmp(option->name, name) == 0)
			return option;
	return NULL;
}

/* The next word of a usage without brackets, dots and bars; false at the end. */
static bool usage_word(const char **usage, char word[WORD_MAX])
{
	static const char between[] = " \n[].|";
	size_t length;

	*usage += strspn(*usage, between);
	length = strcspn(*usage, " \n[]");
	while (length > 0 && (*usage)[length - 1] == '.')
		length--;
	snprintf(word, WORD_MAX, "%.*s", (int)length, *usage);
	*usage += length;
	return length > 0;
}

static bool usage_has(const char *usage, const char *wanted)
{
	char word[WORD_MAX];

	while (usage_word(&usage, word))
		if (strcmp(word, wanted) == 0)
			return true;
	return false;
}

static bool line_has(const struct complete_line *line, const char *word)
{
	for (int i = 1; i + 1 < line->count; i++)
		if (strcmp(line->text[i], word) == 0)
			return true;
	return false;
}

/* The line of the usage that applies: that of the verb, or of an option that only it has. */
static const char *usage_of(const struct complete_line *line)
{
	const char *const *usages = line->command->usage;

	invariant(usages != NULL && usages[0] != NULL);
	for (const char *const *usage = usages; *usage != NULL; usage++) {
		const char *at = *usage;
		char word[WORD_MAX];

		if (line->verb != NULL && usage_has(at, line->verb))
			return at;
		while (line->verb == NULL && usage_word(&at, word))
			if (usage != usages && word[0] == '-' && line_has(line, word))
				return *usage;
	}
	return usages[0];
}

/* An option that the usage of a verb names belongs only to verbs whose usage names it. */
static bool option_fits(const struct complete_line *line, const struct tool_option *option)
{
	bool named = false;

	if (line->command->verbs == NULL || line->verb == NULL ||
	    usage_has(usage_of(line), option->name))
		return true;
	for (const char *const *usage = line->command->usage; *usage != NULL; usage++)
		named = named || usage_has(*usage, option->name);
	return !named;
}

static void offer_options(const struct complete_line *line)
{
	for (const struct tool_option *option = line->command->options;
	     option != NULL && option->name != NULL; option++)
		if (option_fits(line, option))
			offer(option->name, line->prefix);
	offer("--help", line->prefix);
}

static void offer_verbs(const struct complete_line *line)
{
	for (const struct tool_verb *verb = line->command->verbs; verb->name != NULL; verb++)
		offer(verb->name, line->prefix);
}

static bool in_capitals(const char *word)
{
	char lower[WORD_MAX];
	size_t i;

	for (i = 0; word[i] != '\0'; i++)
		lower[i] = text_lower_byte(word[i]);
	lower[i] = '\0';
	return strcmp(lower, word) != 0 && strcmp(word, "OPTION") != 0 &&
	       strcmp(word, "ARGUMENT") != 0;
}

/* Completes the next argument, or the last one if it may repeat. */
static void offer_argument(const struct complete_line *line)
{
	const char *usage = usage_of(line);
	bool valued = false, repeats = false;
	unsigned number = 0;
	char word[WORD_MAX], kind[WORD_MAX] = "";

	while (number <= line->arguments && usage_word(&usage, word)) {
		const struct tool_option *option = option_named(line->command, word);

		if (in_capitals(word) && !valued) {
			memcpy(kind, word, sizeof kind);
			number++;
			repeats = strncmp(usage + (*usage == ']'), "...", 3) == 0;
		}
		valued = option != NULL && option->value != NULL;
	}
	if (number > line->arguments || repeats)
		offer_kind(line, kind, false);
}

static void complete_add_word(struct complete_line *line, const char *word)
{
	if (strcmp(word, "=") == 0) /* the shell splits --bits=1024 */
		return;
	if (line->valued != NULL) {
		if (strcmp(line->valued->name, "-c") == 0)
			line->settings = word;
		else if (strcmp(line->valued->name, "--keys") == 0)
			line->keys = word;
		line->valued = NULL;
	} else if (word[0] == '-' && word[1] != '\0') {
		const struct tool_option *option = option_named(line->command, word);

		line->valued = option != NULL && option->value != NULL ? option : NULL;
	} else if (line->command->verbs != NULL && line->verb == NULL) {
		line->verb = word;
	} else {
		line->arguments++;
	}
}

int complete_text(const struct tool_command *const *commands, int count, char **text)
{
	struct complete_line line = {.commands = commands, .text = text, .count = count};

	if (count < 1)
		return EX_OK;
	line.prefix = strcmp(text[count - 1], "=") == 0 ? "" : text[count - 1];
	if (count == 1) {
		offer_subcommands(commands, line.prefix);
		offer("--help", line.prefix);
		offer("--version", line.prefix);
		return EX_OK;
	}
	line.command = tool_find_command(commands, text[0]);
	if (line.command == NULL)
		return EX_OK;
	for (int i = 1; i + 1 < count; i++)
		complete_add_word(&line, text[i]);
	if (line.valued != NULL)
		offer_kind(&line, line.valued->value, true);
	else if (line.prefix[0] == '-')
		offer_options(&line);
	else if (line.command->verbs != NULL && line.verb == NULL)
		offer_verbs(&line);
	else
		offer_argument(&line);
	return EX_OK;
}

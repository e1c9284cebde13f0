/*
 * import_options.c - parses opendkim.conf, opendmarc.conf and policyd-spf.conf, each as its own
 * program does. Called by import.c.
 *
 * OpenDKIM and OpenDMARC: "Name value", # begins a comment anywhere, names are not case-sensitive,
 * and the last of several options of one name counts, across included files. The SPF policy daemon:
 * "Name = value" with exactly one =, case-sensitive, the last one counts, unknown ones are ignored.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "tool/import/import.h"

enum {
	INCLUDES_DEEP = 5, /* as OpenDKIM has it */
	FILES_MAX = 100,
	OPTIONS_MAX = 10000
};

const char *const import_program_names[] = {"opendkim", "dkimpy-milter", "opendmarc", "policyd-spf",
                                            NULL};

/* The row of an option and its canonical name. */
static void find_row(struct arena *arena, enum import_program program, struct import_option *option)
{
	const char *name;

	option->known = import_known_find(program, option->name);
	if (option->known == NULL)
		return;
	name = import_work_name(option->known->names, option->name, false);
	invariant(name != NULL);
	option->canonical = arena_copy(arena, name, strlen(option->name));
}

/* A line as OpenDKIM and OpenDMARC see it; false if it is empty. */
static bool split_text(struct arena *arena, const char *line, const char **name, const char **value)
{
	size_t length = strcspn(line, "#\r");
	const char *end = line + length;

	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	length = strcspn(line, " \t#\r");
	if (length == 0)
		return false;
	*name = arena_copy(arena, line, length);
	*value = import_file_trim(arena, line + length, (size_t)(end - line) - length);
	return true;
}

/* A line as the SPF policy daemon sees it. */
static bool split_equation(struct arena *arena, const char *line, const char **name,
                           const char **value, const char **wrong)
{
	size_t length = strcspn(line, "#");
	const char *equals = memchr(line, '=', length);
	const char *whole = import_file_trim(arena, line, length);

	if (whole[0] == '\0')
		return false;
	*name = whole;
	*value = "";
	if (equals == NULL) {
		*wrong = "policyd-spf passes over a line without =, and so does this";
		return true;
	}
	*name = import_file_trim(arena, line, (size_t)(equals - line));
	*value = import_file_trim(arena, equals + 1, length - (size_t)(equals + 1 - line));
	if (strchr(*value, '=') != NULL)
		*wrong = "policyd-spf passes over a line with a second =, and so does this";
	return true;
}

static bool split_line(struct arena *arena, enum import_program program, const char *line,
                       struct import_option *option)
{
	if (program == IMPORT_POLICYD)
		return split_equation(arena, line, &option->name, &option->value, &option->wrong);
	return split_text(arena, line, &option->name, &option->value);
}

static void read_flag(enum import_program program, struct import_option *option)
{
	char first = text_lower_byte(option->value[0]);

	option->on = first != '\0' && strchr("ty1", first) != NULL;
	if (!option->on && (first == '\0' || strchr("fn0", first) == NULL))
		option->wrong =
		    program == IMPORT_POLICYD
		        ? "it is neither True nor False"
		        : "it is neither yes nor no, and its program does not start with it";
}

/* OpenDKIM and OpenDMARC take 010 for eight and 0x10 for sixteen, Python does not. */
static void read_number(enum import_program program, struct import_option *option)
{
	char *end;

	errno = 0;
	option->number = strtol(option->value, &end, program == IMPORT_POLICYD ? 10 : 0);
	if (errno == ERANGE || option->number > INT_MAX || option->number < INT_MIN)
		option->wrong = "the number is too large";
	else if (end == option->value || *end != '\0')
		option->wrong = "it is not a number, and its program does not start with it";
}

static void read_value(enum import_program program, struct import_option *option)
{
	if (option->wrong != NULL || option->known == NULL)
		return;
	if (option->value[0] == '\0' && program != IMPORT_POLICYD)
		option->wrong = "it has no value, and its program does not start with it";
	else if (option->known->type == IMPORT_FLAG)
		read_flag(program, option);
	else if (option->known->type == IMPORT_NUMBER)
		read_number(program, option);
}

static void overrule(struct import_options *options, const struct import_option *by)
{
	for (size_t i = 0; i < options->count; i++)
		if (options->items[i].known == by->known &&
		    strcmp(options->items[i].canonical, by->canonical) == 0)
			options->items[i].overruled = true;
}

static bool import_options_add(struct arena *arena, struct import_options *options,
                               struct import_option *option, struct problem *problem)
{
	if (options->count == OPTIONS_MAX)
		return problem_say(problem, "%s:%u: there are more than %d options",
		                   option->place.file, option->place.line, OPTIONS_MAX);
	read_value(options->program, option);
	if (option->known != NULL && option->wrong == NULL)
		overrule(options, option);
	ARENA_ADD(arena, options->items, options->count, options->room) = *option;
	return true;
}

static bool options_read_file(struct arena *arena, const char *path, const char *bytes,
                              size_t length, unsigned depth, struct import_options *options,
                              struct problem *problem);

static bool include(struct arena *arena, const struct import_option *option, unsigned depth,
                    struct import_options *options, struct problem *problem)
{
	const char *bytes;
	size_t length;
	struct problem why;

	if (depth == INCLUDES_DEEP || ++options->files > FILES_MAX)
		return problem_say(
		    problem,
		    "%s:%u: includes are nested too deep or too many; does a file include itself?",
		    option->place.file, option->place.line);
	if (!import_file_read(arena, option->value, IMPORT_FILE_MAX, true, &bytes, &length, &why))
		return problem_say(problem, "%s:%u: %s", option->place.file, option->place.line,
		                   why.message);
	return options_read_file(arena, option->value, bytes, length, depth + 1, options, problem);
}

static bool options_read_file(struct arena *arena, const char *path, const char *bytes,
                              size_t length, unsigned depth, struct import_options *options,
                              struct problem *problem)
{
	const char *at = bytes, *end = bytes + length, *line;
	const char *file = import_draft_clean(arena, path, PATH_MAX);

	for (unsigned number = 1; (line = import_file_line(arena, &at, end)) != NULL; number++) {
		struct import_option option = {.place = {file, number}};

		if (!split_line(arena, options->program, line, &option))
			continue;
		find_row(arena, options->program, &option);
		if (option.known != NULL && option.known->type == IMPORT_INCLUDE &&
		    option.value[0] != '\0') {
			if (!include(arena, &option, depth, options, problem))
				return false;
		} else if (!import_options_add(arena, options, &option, problem)) {
			return false;
		}
	}
	return true;
}

bool import_options_read(struct arena *arena, const char *path, const char *bytes, size_t length,
                         struct import_options *options, struct problem *problem)
{
	invariant(options->count == 0 && options->program < IMPORT_PROGRAMS);
	options->file = import_draft_clean(arena, path, PATH_MAX);
	options->files = 1;
	return options_read_file(arena, path, bytes, length, 0, options, problem);
}

/* The number of lines that are options of the program. */
static size_t score(enum import_program program, const char *bytes, size_t length,
                    struct arena *arena)
{
	const char *at = bytes, *line;
	size_t found = 0;

	while ((line = import_file_line(arena, &at, bytes + length)) != NULL) {
		struct import_option option = {.name = NULL};

		if (split_line(arena, program, line, &option) && option.wrong == NULL)
			found += import_known_find(program, option.name) != NULL;
	}
	return found;
}

static bool is_named(const char *path, enum import_program program)
{
	const char *slash = strrchr(path, '/');

	return strstr(slash == NULL ? path : slash + 1, import_program_names[program]) != NULL;
}

bool import_options_recognize(const char *path, const char *bytes, size_t length,
                              struct arena *arena, enum import_program *program,
                              struct problem *problem)
{
	size_t best = 0, scores[IMPORT_PROGRAMS];
	size_t equal = 0;

	for (unsigned i = 0; i < IMPORT_PROGRAMS; i++) {
		scores[i] = score((enum import_program)i, bytes, length, arena);
		best = scores[i] > best ? scores[i] : best;
	}
	for (unsigned i = 0; i < IMPORT_PROGRAMS; i++) {
		if (scores[i] != best)
			continue;
		if (is_named(path, (enum import_program)i)) {
			*program = (enum import_program)i;
			return true;
		}
		if (i == IMPORT_DKIMPY && scores[IMPORT_OPENDKIM] == best)
			continue; /* nothing in it is dkimpy-milter's alone */
		*program = (enum import_program)i;
		equal++;
	}
	if (best > 0 && equal == 1)
		return true;
	return problem_say(problem,
	                   "%s does not look like opendkim.conf, dkimpy-milter.conf, "
	                   "opendmarc.conf or policyd-spf.conf; say which it is with --opendkim, "
	                   "--dkimpy-milter, --opendmarc or --policyd-spf",
	                   path);
}

/*
 * tool.c - what the subcommands have in common: options are read by the table that documents them,
 * the settings file is found, and errors are printed.
 */
#include "tool/common/tool.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "settings/settings.h"

enum {
	OPTIONS_MAX = 40
};

const struct tool_command *tool_find_command(const struct tool_command *const *commands,
                                             const char *name)
{
	invariant(commands != NULL && name != NULL);
	for (; *commands != NULL; commands++)
		if (strcmp((*commands)->name, name) == 0)
			return *commands;
	return NULL;
}

const char *tool_settings_path(const char *named)
{
	const char *path = named == NULL ? settings_standard_path() : named;

	/* other errors do not mean that there is no such file */
	if (named == NULL && access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return NULL;
	return path;
}

struct settings *tool_settings_read(const char *path, struct problem *problem)
{
	struct settings *settings = settings_read(path, problem);
	struct problem without;

	if (settings != NULL || geteuid() == 0)
		return settings;
	settings = settings_read_keyless(path, &without);
	if (settings != NULL)
		tool_complain(EX_OK, "going on without the signing keys: %s", problem->message);
	return settings;
}

struct settings *tool_read_settings(const char *named)
{
	struct problem problem;
	struct settings *settings = settings_read_keyless(tool_settings_path(named), &problem);

	if (settings == NULL)
		tool_complain(EX_CONFIG, "%s", problem.message);
	return settings;
}

void tool_log_warnings(void)
{
	log_open(
	    &(const struct log_settings){.target = LOG_TARGET_STDERR, .level = LOG_LEVEL_WARNING});
}

void tool_show_progress(const char *text)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%-40s\r", text == NULL ? "" : text);
}

const char *tool_put_character(FILE *to, const char *text)
{
	size_t length = text_shown_length(text);

	if (length > 0)
		fwrite(text, 1, length, to);
	else
		fprintf(to, "\\x%02X", (unsigned char)*text);
	return text + (length > 0 ? length : 1);
}

void tool_put_visible(FILE *to, const char *text)
{
	while (*text != '\0')
		text = tool_put_character(to, text);
}

int tool_complain(int status, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	fputs("assay: ", stderr);
	tool_put_visible(stderr, text);
	fputc('\n', stderr);
	free(text);
	return status;
}

int tool_misuse(const char *subcommand, const char *format, ...)
{
	va_list arguments;

	fputs("assay: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "; try assay help%s%s\n", subcommand == NULL ? "" : " ",
	        subcommand == NULL ? "" : subcommand);
	return EX_USAGE;
}

static const struct tool_option *option_of(const struct tool_command *command, int letter)
{
	const struct tool_option *option = command->options;

	while (option->name != NULL && option->letter != letter)
		option++;
	return option;
}

const char *tool_option_name(const struct tool_command *command, int letter)
{
	return option_of(command, letter)->name;
}

int tool_bad_value(const struct tool_command *command, int letter)
{
	const struct tool_option *option = option_of(command, letter);

	return tool_misuse(command->name, "\"%.60s\" is not a value for %s: %s", optarg,
	                   option->name, option->help);
}

/* getopt's two tables: ":c:" and the long ones. */
static void make_tables(const struct tool_option *options, char *letters, struct option *longer)
{
	*letters++ = ':';
	for (size_t i = 0; options != NULL && i < OPTIONS_MAX && options[i].name != NULL; i++) {
		if (strncmp(options[i].name, "--", 2) == 0) {
			*longer++ = (struct option){options[i].name + 2,
			                            options[i].value == NULL ? no_argument
			                                                     : required_argument,
			                            NULL, options[i].letter};
			continue;
		}
		*letters++ = options[i].letter;
		if (options[i].value != NULL)
			*letters++ = ':';
	}
	*letters = '\0';
	*longer = (struct option){.name = NULL};
}

int tool_next_option(const struct tool_command *command, int argc, char **argv)
{
	struct option longer[OPTIONS_MAX + 1];
	char letters[2 * OPTIONS_MAX + 2];
	int letter;

	make_tables(command->options, letters, longer);
	opterr = 0;
	letter = getopt_long(argc, argv, letters, longer, NULL);
	if (letter == ':')
		tool_misuse(command->name, "\"%.60s\" needs a value", argv[optind - 1]);
	else if (letter == '?' && optopt > ' ' && optopt < 0x7F &&
	         strchr(argv[optind - 1], '=') == NULL)
		tool_misuse(command->name, "%s has no option \"-%c\"", command->name, optopt);
	else if (letter == '?')
		tool_misuse(command->name, "%s has no option \"%.60s\"", command->name,
		            argv[optind - 1]);
	return letter == ':' ? '?' : letter;
}

int tool_read_options(const struct tool_command *command, int argc, char **argv,
                      const struct tool_target *targets, void *arguments)
{
	int letter;

	while ((letter = tool_next_option(command, argc, argv)) != -1 && letter != '?') {
		const struct tool_target *target = targets;

		while (target->letter != '\0' && target->letter != letter)
			target++;
		if (target->letter == '\0')
			break;
		if (option_of(command, letter)->value == NULL)
			*(bool *)((char *)arguments + target->offset) = true;
		else
			*(const char **)((char *)arguments + target->offset) = optarg;
	}
	return letter;
}

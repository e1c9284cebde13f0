/*
 * manual_commands.c - the subcommands of assay(1), from their tables (tool.h). Called by help.c.
 */
#include "tool/manual/manual.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/invariant.h"

void manual_commands_synopsis(const struct tool_command *const *commands, FILE *to)
{
	for (; *commands != NULL; commands++) {
		for (const char *const *line = (*commands)->usage; *line != NULL; line++) {
			fputs(".Nm assay", to);
			manual_text_usage(to, *line);
			fputc('\n', to);
		}
	}
}

static void write_verbs(FILE *to, const struct tool_verb *verbs)
{
	fputs(".Bl -tag -width Ds\n", to);
	for (const struct tool_verb *verb = verbs; verb->name != NULL; verb++) {
		fprintf(to, ".It Cm %s\n", verb->name);
		manual_text(to, verb->help);
	}
	fputs(".El\n", to);
}

static void write_options(FILE *to, const struct tool_option *options)
{
	fputs(".Pp\nOptions:\n.Bl -tag -width Ds\n", to);
	for (const struct tool_option *option = options; option->name != NULL; option++) {
		fprintf(to, ".It Fl %s", option->name + 1);
		fprintf(to, option->value == NULL ? "\n" : " Ar %s\n",
		        option->value == NULL ? "" : option->value);
		manual_text(to, option->help);
	}
	fputs(".El\n", to);
}

/* Paragraphs end with a newline. */
static void write_about(FILE *to, const char *about, struct arena *arena)
{
	bool first = true;

	while (*about != '\0') {
		size_t length = strcspn(about, "\n");

		if (length > 0) {
			if (!first)
				fputs(".Pp\n", to);
			manual_text(to, arena_copy(arena, about, length));
			first = false;
		}
		about += length + (about[length] == '\n');
	}
}

static void write_command(FILE *to, const struct tool_command *command, struct arena *arena)
{
	invariant(command->name != NULL && command->summary != NULL);
	fprintf(to, ".Ss assay %s\n", command->name);
	write_about(to, command->about == NULL ? command->summary : command->about, arena);
	if (command->verbs != NULL)
		write_verbs(to, command->verbs);
	if (command->options != NULL)
		write_options(to, command->options);
	if (command->statuses == NULL)
		return;
	fputs(".Pp\n", to);
	manual_text(to, arena_format(arena, "Exit status: %s", command->statuses));
}

void manual_commands(const struct tool_command *const *commands, FILE *to)
{
	struct arena *arena = arena_new();

	for (; *commands != NULL; commands++)
		write_command(to, *commands, arena);
	arena_free(arena);
}

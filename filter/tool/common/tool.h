/*
 * tool.h - the subcommands of `assay`, the operator's command: a folder or a file each.
 *
 * Each describes itself once, in a struct tool_command: that table parses its options, and `assay
 * help`, the manual page and the shell's completion are made of it. A new subcommand is a file with
 * such a struct, a line in commands.c and one in Makefile.am.
 */
#ifndef ASSAY_TOOL_H
#define ASSAY_TOOL_H

#include <stddef.h>
#include <stdio.h>

/* An option. Tables end with a row without name. */
struct tool_option {
	const char *name;  /* "--json"; "-c" is the only kind with one letter */
	char letter;       /* what tool_next_option() answers */
	const char *value; /* what it takes, "FILE"; NULL: nothing */
	const char *help;  /* sentences without the last full stop, not wrapped */
};

/* What a subcommand can be asked to do: "new" in `assay key new`. Tables end with a row without
 * name. */
struct tool_verb {
	const char *name;
	const char *help;
};

struct tool_command {
	const char *name;
	/* Gets its own name as argv[0], returns the exit status. What a person should read goes to
	 * standard output, problems go to standard error in one sentence that begins with "assay:
	 * ". */
	int (*run)(int argc, char **argv);
	const char *summary; /* one line */
	const char *const
	    *usage;        /* a line each without "assay", "\n" where it breaks; ended by NULL */
	const char *about; /* paragraphs, "\n" between them, not wrapped */
	const struct tool_verb *verbs;     /* NULL: none */
	const struct tool_option *options; /* NULL: none */
	const char *statuses;              /* "0 done, 64 usage" */
};

/* The table of them is in tool/commands.h. */
extern const struct tool_command tool_check, tool_config, tool_dns, tool_import, tool_key,
    tool_report, tool_status;

/* The subcommand of this name in a table that ends with NULL; NULL if there is none. */
const struct tool_command *tool_find_command(const struct tool_command *const *commands,
                                             const char *name);

/*
 * The letter of the next option, its value in getopt(3)'s optarg; -1 after the last one, the
 * arguments then begin at optind; '?' after a message about an option that the command does not
 * have, or that lacks its value.
 */
int tool_next_option(const struct tool_command *command, int argc, char **argv);

/* "--json" of the option with this letter. */
const char *tool_option_name(const struct tool_command *command, int letter);

/* tool_misuse() about the value in optarg of the option with this letter. */
int tool_bad_value(const struct tool_command *command, int letter);

/*
 * The settings file to read: the one that -c names, which has to be there, else the standard one.
 * NULL, for settings_read(), where there is no standard file: a tool that is tried before anything
 * is set up works with the built-in settings.
 */
const char *tool_settings_path(const char *named);

/* What the parts of the daemon log, from warnings on, goes to standard error. */
void tool_log_warnings(void);

/* Somebody at a terminal sees that something goes on (in 40 columns at most), until NULL takes the
 * words away. */
void tool_show_progress(const char *text);

/* The character that a text begins with; what nobody would see of it (text_shown_length()) as \xNN:
 * it may move a terminal's cursor, or turn the direction of what follows. Returns where the next
 * one begins. */
const char *tool_put_character(FILE *to, const char *text);

/* All of a text so. */
void tool_put_visible(FILE *to, const char *text);

/* One sentence to standard error, put out as visible text. Returns `status`. */
int tool_complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One sentence and where to read on, to standard error. Returns EX_USAGE. */
int tool_misuse(const char *subcommand, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

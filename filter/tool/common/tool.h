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
struct problem;
struct settings;

struct tool_option {
	const char *name;  /* "--json"; "-c" is the only kind with one letter */
	char letter;       /* what tool_next_option() returns */
	const char *value; /* what it takes, "FILE"; NULL: nothing */
	const char *help;  /* sentences without the last full stop, not wrapped */
};

/* An action of a subcommand: "new" in `assay key new`. Tables end with a row without name. */
struct tool_verb {
	const char *name;
	const char *help;
};

struct tool_command {
	const char *name;
	/* Gets its own name as argv[0], returns the exit status. Results go to standard output,
	 * errors to standard error as one sentence that begins with "assay: ". */
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
extern const struct tool_command tool_check, tool_config, tool_dns, tool_held, tool_import,
    tool_key, tool_report, tool_status, tool_web;

/* The subcommand of this name in a table that ends with NULL; NULL if there is none. */
const struct tool_command *tool_find_command(const struct tool_command *const *commands,
                                             const char *name);

/*
 * The letter of the next option, its value in getopt(3)'s optarg; -1 after the last one, the
 * arguments then begin at optind; '?' after a message about an option that the command does not
 * have, or that lacks its value.
 */
int tool_next_option(const struct tool_command *command, int argc, char **argv);

/* Where tool_read_options() puts an option: a bool that becomes true, or the text of its value. */
struct tool_target {
	char letter; /* 0 ends the targets */
	size_t offset;
};
#define TOOL_TARGET(letter, structure, member)                                                     \
	{                                                                                          \
		letter, offsetof(structure, member)                                                \
	}

/* Reads options into `arguments`: -1 after the last one, '?' after a message, or the letter of one
 * without a target, which the caller handles before it goes on. */
int tool_read_options(const struct tool_command *command, int argc, char **argv,
                      const struct tool_target *targets, void *arguments);

/* "--json" of the option with this letter. */
const char *tool_option_name(const struct tool_command *command, int letter);

/* tool_misuse() about the value in optarg of the option with this letter. */
int tool_bad_value(const struct tool_command *command, int letter);

/*
 * The settings file to read: `named`, the value of -c, which has to exist, else the standard one.
 * NULL, which settings_read() takes for the built-in settings, if there is no standard file.
 */
const char *tool_settings_path(const char *named);

/*
 * Reads the settings and the keys. A user other than root who may not read the keys gets the
 * settings without them, after a warning: mail from outside is judged without keys. `path` may be
 * NULL. NULL and a problem as for settings_read().
 */
struct settings *tool_settings_read(const char *path, struct problem *problem);

/* Reads them without the signing keys. NULL after a message; the caller releases them. */
struct settings *tool_read_settings(const char *named);

/* Sends warnings and errors that parts of the daemon log to standard error. */
void tool_log_warnings(void);

/* Shows progress on a terminal, in at most 40 columns; NULL erases it. */
void tool_show_progress(const char *text);

/* Prints the first character of a text; an invisible octet (text_shown_length()), which could move
 * the cursor or change the direction of writing, as \xNN. Returns where the next one begins. */
const char *tool_put_character(FILE *to, const char *text);

/* The same for a whole text. */
void tool_put_visible(FILE *to, const char *text);

/* Prints one sentence to standard error, with tool_put_visible(). Returns `status`. */
int tool_complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints one sentence and "try assay help ..." to standard error. Returns EX_USAGE. */
int tool_misuse(const char *subcommand, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

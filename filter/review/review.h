/*
 * review.h - finds mistakes in settings that are valid: values that contradict each other or have
 * no effect, rules that never apply, keys and folders that the daemon's user cannot use.
 *
 * `assay config` and `assayd -t` print the findings, assayd logs the warnings at its start.
 * review.c has the table of all checks, a row each.
 */
#ifndef ASSAY_REVIEW_H
#define ASSAY_REVIEW_H

#include <stdio.h>
#include <sys/types.h>

#include "settings/settings.h"

enum review_level {
	REVIEW_ERROR,  /* assayd will not start with it */
	REVIEW_WARNING /* it starts, but does not do what the setting seems to say */
};
extern const char *const review_level_names[]; /* "error", "warning" */

struct review_finding {
	enum review_level level;
	const char *check;   /* name of the row that found it, "rule-never-applies" */
	const char *setting; /* full name */
	const char *file;    /* where it is set, or the main settings file */
	unsigned line;       /* 0: it is not set, and the finding is about the default */
	const char *text;    /* a sentence without full stop: what is wrong, what to do */
};

struct review {
	size_t count;
	const struct review_finding *items; /* in the order of the table */
	size_t errors, warnings;
};

/* A user of the system. */
enum {
	ACCOUNT_GROUPS = 64
};
struct review_account {
	const char *name;
	uid_t uid;
	gid_t groups[ACCOUNT_GROUPS];
	int group_count;
};

enum review_answer {
	REVIEW_YES,
	REVIEW_NO,
	REVIEW_MISSING, /* there is no such file */
	REVIEW_UNKNOWN  /* this process may not find out */
};

/* What the checks ask about the machine. The tests have their own answers. */
struct review_world {
	bool (*account)(const char *user, struct review_account *account);
	bool (*group)(const char *name, gid_t *gid);
	/* May the account access the file so (`access`: R_OK, W_OK, X_OK or several)? Judged by the
	 * modes of the file and of the folders above it. */
	enum review_answer (*may)(const struct review_account *account, const char *path,
	                          int access);
	/* May every user of the machine write to the folder? With `sticky_protects`, a folder with
	 * the sticky bit counts as closed: nobody can replace what is in it already. */
	enum review_answer (*open_to_all)(const char *folder, bool sticky_protects);
	bool (*has_name_servers)(void); /* in /etc/resolv.conf */
	bool (*is_root)(void);
	/* SMTP sessions that each service of this host's Postfix allows; 0: unknown. */
	long (*mail_sessions)(void);
};
/* This machine: review_machine answers for the user that the settings name, review_machine_self for
 * the user of this process. */
extern const struct review_world review_machine, review_machine_self;

/* Runs all checks. The findings are in `arena` and refer to strings of `settings`. */
struct review review_settings(const struct settings *settings, const struct review_world *world,
                              struct arena *arena);

/* Prints a line "FILE:LINE: warning: TEXT" for each finding. */
void review_print(const struct review *review, FILE *to);

/* Calls `each` for every check of the table, in its order; for the manual. */
void review_checks(void (*each)(void *context, const char *name, enum review_level level,
                                const char *about),
                   void *context);

#endif

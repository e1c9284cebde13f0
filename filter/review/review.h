/*
 * review.h - what is odd about settings that can be read: values that contradict each other or do
 * nothing, rules that never apply, keys and folders that the daemon's user cannot use.
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
	REVIEW_WARNING /* it works otherwise than it looks */
};
extern const char *const review_level_names[]; /* "error", "warning" */

struct review_finding {
	enum review_level level;
	const char *check;   /* name of the row that found it, "rule-never-applies" */
	const char *setting; /* full name */
	const char *file;    /* where it stands, or the settings file as a whole */
	unsigned line;       /* 0: it stands nowhere, and the default is meant */
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
	REVIEW_UNKNOWN  /* we may not look */
};

/* What the checks ask of the machine; the tests have a machine of their own. */
struct review_world {
	bool (*account)(const char *user, struct review_account *account);
	bool (*group)(const char *name, gid_t *gid);
	/* May the account do that (R_OK | W_OK | X_OK) with the file? By the modes of it and of the
	 * folders above. */
	enum review_answer (*may)(const struct review_account *account, const char *path, int what);
	/* May every user of the machine write to the folder? One with the sticky bit does not count
	 * where only what is in it already matters. */
	enum review_answer (*open_to_all)(const char *folder, bool sticky_protects);
	bool (*has_name_servers)(void); /* in /etc/resolv.conf */
	bool (*is_root)(void);
	long (*mail_sessions)(
	    void); /* that each SMTP service of this host's Postfix allows; 0: not known */
};
/* This one, as the settings' user sees it, and as this process does: the daemon knows who it runs
 * as. */
extern const struct review_world review_machine, review_machine_self;

/* All checks. The findings are in `arena`. */
struct review review_settings(const struct settings *settings, const struct review_world *world,
                              struct arena *arena);

/* "FILE:LINE: warning: WORDS", a line each. */
void review_print(const struct review *review, FILE *to);

/* What review_settings() can find, for the manual: calls `each` for every row. */
void review_checks(void (*each)(void *with, const char *name, enum review_level level,
                                const char *about),
                   void *with);

#endif

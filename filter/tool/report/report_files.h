/*
 * report_files.h - opens the files of `assay report read` with the rights of who called it, while
 * they are read with those of the store's user: a process of its own, which hands over one
 * descriptor after the other. It walks through Maildirs and folders; nothing else opens anything.
 */
#ifndef ASSAY_REPORT_FILES_H
#define ASSAY_REPORT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/problem.h"

enum {
	REPORT_FILES_NAME = 1024,   /* room for a name with its NUL; longer ones are cut */
	REPORT_FILES_MAX = 10000000 /* files in one folder */
};

struct report_files {
	pid_t process;
	int socket;
};

/* One thread, before rights are given up. `names` end with NULL: files, Maildirs, folders, "-" for
 * standard input. False: the problem says why, and there is nothing to end. */
bool report_files_start(struct report_files *files, char *const *names, struct problem *problem);

struct report_file_open {
	char name[REPORT_FILES_NAME];
	int error; /* an errno: it could not be opened, and `file` is -1 */
	int file;  /* the caller closes it */
};

/* The next one, in the order of the names. False: there is none left. */
bool report_files_next(struct report_files *files, struct report_file_open *next);

void report_files_end(struct report_files *files);

#endif

/*
 * report_writer.h - makes the files of `assay report build` with the rights of who called it, while
 * the reports are built with those of the store's owner. Two processes: who reads a store that
 * others have written cannot write where only the caller may.
 */
#ifndef ASSAY_REPORT_WRITER_H
#define ASSAY_REPORT_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/problem.h"

struct report_writer {
	pid_t process;
	int pipe; /* to the process */
};

/* Opens the folder and starts the process, which writes into that folder alone. One thread, before
 * rights are given up. False: the problem says why, and there is nothing to end. `folder` has to
 * stay. */
bool report_writer_start(struct report_writer *writer, const char *folder, struct problem *problem);

/* Makes a new file; `name` is of letters, digits and ".-_!". False: it could not be made, or one
 * before; the process has printed a message. */
bool report_writer_add(struct report_writer *writer, const char *name, const unsigned char *bytes,
                       size_t length);

/* Waits for the process; the exit status of the command: EX_OK, or EX_CANTCREAT where it could not
 * write. */
int report_writer_end(struct report_writer *writer);

#endif

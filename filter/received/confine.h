/*
 * confine.h - takes from a process what it does not need for reading one file and writing to one
 * pipe: for the reader (reader.c), which parses what strangers wrote.
 */
#ifndef ASSAY_CONFINE_H
#define ASSAY_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

struct confine_limits {
	size_t memory_octets; /* beside what the process has now */
	unsigned cpu_seconds;
};

/*
 * Closes every descriptor but the two, gives up getting rights, sets limits (memory, processor time,
 * no files, no processes, no core), and where libseccomp is there leaves only the system calls that
 * reading, writing and memory take: nothing is opened, connected, executed or traced from now on.
 * False where the kernel refuses one of these; the process has to end then.
 */
bool confine_process(int input, int output, const struct confine_limits *limits);

/* The last step, in confine_seccomp.c or confine_none.c. */
bool confine_calls(void);

/* "seccomp", or "" where the process is confined by limits alone. */
const char *confine_kind(void);

#endif

/*
 * syscalls.h - the system calls that a confined process (confine.h) may make: by libseccomp in
 * syscalls_seccomp.c, or as many as ever in syscalls_none.c.
 */
#ifndef ASSAY_SYSCALLS_H
#define ASSAY_SYSCALLS_H

#include <stdbool.h>

/* From now on only those that reading, writing and memory take; any other ends the process. False
 * where the kernel refuses. */
bool syscalls_confine(void);

/* "seccomp", or "" where the process is confined by limits alone. */
const char *syscalls_kind(void);

#endif

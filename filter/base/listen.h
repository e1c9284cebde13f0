/*
 * listen.h - the file of a UNIX socket that the daemon listens on: where it is, whether another
 * daemon has it, who may use it. For TCP sockets all of these do nothing and succeed.
 */
#ifndef ASSAY_LISTEN_H
#define ASSAY_LISTEN_H

#include "base/privileges.h"

/* The path in "unix:/path" or "local:/path"; NULL for "inet:" and "inet6:". */
const char *listen_path(const char *listen);

/*
 * Before the socket is made: makes its folder, refuses to take over one that answers. Where it
 * succeeds, the process has the umask of `mode` (octal text, "0660"), and in a folder that is not
 * root's the effective user and group of the folder's owner, until listen_permit(). For a process
 * of one thread.
 */
bool listen_prepare(const char *listen, const char *mode, const struct identity *identity,
                    struct problem *problem);

/* After it was made: gives it its group, and the process what it had before. Where it fails, the
 * process has to end. */
bool listen_permit(const char *listen, const struct identity *identity, struct problem *problem);

/* Takes away the socket that was made, whatever the settings say by then. */
void listen_remove(void);

#endif

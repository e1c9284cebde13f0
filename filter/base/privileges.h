/*
 * privileges.h - who the daemon runs as: found out while it is still root, then given up for good.
 */
#ifndef ASSAY_PRIVILEGES_H
#define ASSAY_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/problem.h"

enum {
	PRIVILEGES_NAME = 64 /* room for the name of a user */
};

struct identity {
	bool change; /* false: the daemon was not started as root and stays who it is */
	const char *user;
	uid_t uid;
	gid_t gid;
	gid_t socket_group; /* -1: as the kernel made the socket, of our group or of a set-group-id
	                       folder's */
};

/* `group` "" is the user's own group. */
bool privileges_find(const char *user, const char *group, struct identity *identity,
                     struct problem *problem);

/* The user of that number; root changes to it unless it is root. `name` is for one that has no name
 * here. */
void privileges_find_uid(uid_t uid, char name[PRIVILEGES_NAME], struct identity *identity);

/* Makes the folder that a file is to lie in, owned by the identity, where it is missing (one
 * level). */
bool privileges_make_folder(const char *file, const struct identity *identity,
                            struct problem *problem);

/* Gives up root for good, and checks that it is gone. */
bool privileges_drop(const struct identity *identity, struct problem *problem);

#endif

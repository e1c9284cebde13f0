/*
 * report_user.h - who `assay report` works as. Apart from report_tool.h, since a store and a user
 * both have an identity.
 */
#ifndef ASSAY_REPORT_USER_H
#define ASSAY_REPORT_USER_H

#include <stdbool.h>

#include "base/problem.h"

/* Root becomes the user that the daemon runs as: files that root left in the store's folder would
 * shut the daemon out. */
bool report_user_become(const char *user, struct problem *problem);

/*
 * Root becomes the user who can put anything in the place of the store (safe_path.h), for good:
 * whatever lies there is then read with the rights of who laid it. Nobody else changes, nor does
 * root for a store that root alone can change.
 */
bool report_user_become_owner(const char *store, struct problem *problem);

#endif

/*
 * report_user.h - who `assay report send` works as. Apart from report_tool.h, since a store and a user
 * both have an identity.
 */
#ifndef ASSAY_REPORT_USER_H
#define ASSAY_REPORT_USER_H

#include <stdbool.h>

#include "problem.h"

/* Root becomes the user that the daemon runs as: files that root left in the store's folder would shut the
 * daemon out. */
bool report_user_become(const char *user, struct problem *problem);

#endif

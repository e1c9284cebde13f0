/*
 * report_user.c - `assay report send` as root does its work as the daemon's user.
 */
#include "privileges.h"
#include "tool/report/report_user.h"

bool report_user_become(const char *user, struct problem *problem)
{
	struct identity identity;

	return privileges_find(user, "", &identity, problem) && privileges_drop(&identity, problem);
}

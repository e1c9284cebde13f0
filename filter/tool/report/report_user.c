/*
 * report_user.c - `assay report` as root does its work as the daemon's user, or as the user whose
 * store it is.
 */
#include "tool/report/report_user.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/privileges.h"
#include "base/safe_path.h"

bool report_user_become(const char *user, struct problem *problem)
{
	struct identity identity;

	return privileges_find(user, "", &identity, problem) && privileges_drop(&identity, problem);
}

bool report_user_become_owner(const char *store, struct problem *problem)
{
	char name[PRIVILEGES_NAME];
	struct identity identity;
	uid_t owner;

	if (geteuid() != 0)
		return true;
	if (!safe_path_owner(store, &owner))
		return problem_say(problem, "cannot read the report store %s: %s%s", store,
		                   safe_path_error(errno),
		                   errno == ENOENT ? "; assayd makes it when it first starts" : "");
	privileges_find_uid(owner, name, &identity);
	if (!privileges_drop(&identity, problem))
		return false;
	if (access(store, R_OK) == 0)
		return true;
	return problem_say(
	    problem,
	    "cannot read the report store %s as %s, who owns it or a folder on the way: %s; let "
	    "that user reach it, or give root a copy in a folder of root's",
	    store, name, strerror(errno));
}

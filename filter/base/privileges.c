/*
 * privileges.c - finds the user that the daemon runs as, makes the folders that this user needs,
 * and gives up root. Called by main.c between the settings and the first thread.
 */
#include "base/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/safe_path.h"

bool privileges_find(const char *user, const char *group, struct identity *identity,
                     struct problem *problem)
{
	const struct passwd *account;
	const struct group *entry;

	*identity = (struct identity){
	    .user = user, .uid = getuid(), .gid = getgid(), .socket_group = (gid_t)-1};
	if (geteuid() == 0) {
		account = getpwnam(user);
		if (account == NULL)
			return problem_say(problem,
			                   "the user \"%s\" (setting \"user\") does not exist; "
			                   "make it with: adduser --system --group "
			                   "--no-create-home %s",
			                   user, user);
		identity->change = account->pw_uid != 0;
		identity->uid = account->pw_uid;
		identity->gid = identity->socket_group = account->pw_gid;
	}
	if (group[0] == '\0')
		return true;
	entry = getgrnam(group);
	if (entry == NULL)
		return problem_say(
		    problem, "the group \"%s\" (setting \"socket.group\") does not exist", group);
	identity->socket_group = entry->gr_gid;
	return true;
}

void privileges_find_uid(uid_t uid, char name[PRIVILEGES_NAME], struct identity *identity)
{
	const struct passwd *account = getpwuid(uid);

	if (account != NULL)
		snprintf(name, PRIVILEGES_NAME, "%s", account->pw_name);
	else
		snprintf(name, PRIVILEGES_NAME, "%lu", (unsigned long)uid);
	*identity = (struct identity){.change = geteuid() == 0 && uid != 0,
	                              .user = name,
	                              .uid = uid,
	                              .gid = account != NULL ? account->pw_gid : (gid_t)uid,
	                              .socket_group = (gid_t)-1};
}

/* `above` is open: nobody can put a link in its way meanwhile. */
static bool make_in(int above, const char *name, const char *folder,
                    const struct identity *identity, struct problem *problem)
{
	int made;
	bool given;

	if (mkdirat(above, name, 0755) != 0)
		return errno == EEXIST || problem_say(problem, "cannot make the folder %s: %s",
		                                      folder, strerror(errno));
	log_debug("start: the folder %s was made", folder);
	if (!identity->change)
		return true;
	made = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	given = made >= 0 && fchown(made, identity->uid, identity->gid) == 0;
	if (!given)
		problem_say(problem, "cannot give the folder %s to %s: %s", folder, identity->user,
		            strerror(errno));
	if (made >= 0)
		close(made);
	return given;
}

bool privileges_make_folder(const char *file, const struct identity *identity,
                            struct problem *problem)
{
	const char *slash = strrchr(file, '/'), *name;
	char folder[1024];
	int above;
	bool good;

	while (slash != NULL && slash > file && slash[-1] == '/')
		slash--;
	if (slash == NULL || slash == file || (size_t)(slash - file) >= sizeof folder)
		return true;
	memcpy(folder, file, (size_t)(slash - file));
	folder[slash - file] = '\0';
	above = safe_path_reach_folder_of(folder, &name);
	if (above < 0)
		return problem_say(problem, "cannot make the folder %s: %s", folder,
		                   safe_path_error(errno));
	good = make_in(above, name, folder, identity, problem);
	close(above);
	return good;
}

bool privileges_drop(const struct identity *identity, struct problem *problem)
{
	if (!identity->change) {
		log_debug("start: the user stays, %ld with group %ld", (long)getuid(),
		          (long)getgid());
		return true;
	}
	if (initgroups(identity->user, identity->gid) != 0 || setgid(identity->gid) != 0 ||
	    setuid(identity->uid) != 0)
		return problem_say(problem, "cannot become the user \"%s\": %s", identity->user,
		                   strerror(errno));
	if (setuid(0) == 0 || geteuid() == 0 || getegid() == 0)
		return problem_say(problem, "root could not be given up for the user \"%s\"",
		                   identity->user);
	invariant(getuid() == identity->uid && getgid() == identity->gid);
	log_debug("start: root is given up for %s, user %ld and group %ld", identity->user,
	          (long)identity->uid, (long)identity->gid);
	return true;
}

/*
 * privileges.c - finds the user that the daemon runs as, makes the folders that this user needs, and gives up
 * root. Called by main.c between the settings and the first thread.
 */
#include "privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool privileges_find(const char *user, const char *group, struct identity *identity, struct problem *problem)
{
	const struct passwd *account;
	const struct group *entry;

	*identity =
	    (struct identity){.user = user, .uid = getuid(), .gid = getgid(), .socket_group = (gid_t)-1};
	if (geteuid() == 0) {
		account = getpwnam(user);
		if (account == NULL)
			return problem_say(
			    problem,
			    "the user \"%s\" (setting \"user\") does not exist; make it with: adduser "
			    "--system --group --no-create-home %s",
			    user, user);
		identity->change = account->pw_uid != 0;
		identity->uid = account->pw_uid;
		identity->gid = identity->socket_group = account->pw_gid;
	}
	if (group[0] == '\0')
		return true;
	entry = getgrnam(group);
	if (entry == NULL)
		return problem_say(problem, "the group \"%s\" (setting \"socket.group\") does not exist",
		                   group);
	identity->socket_group = entry->gr_gid;
	return true;
}

/* The folder itself: whoever owns the one above may have put a link there meanwhile. */
static bool give_folder(const char *folder, const struct identity *identity, struct problem *problem)
{
	int file = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool given = file >= 0 && fchown(file, identity->uid, identity->gid) == 0;

	if (!given)
		problem_say(problem, "cannot give the folder %s to %s: %s", folder, identity->user,
		            strerror(errno));
	if (file >= 0)
		close(file);
	return given;
}

bool privileges_make_folder(const char *file, const struct identity *identity, struct problem *problem)
{
	const char *slash = strrchr(file, '/');
	char folder[1024];

	if (slash == NULL || slash == file || (size_t)(slash - file) >= sizeof folder)
		return true;
	memcpy(folder, file, (size_t)(slash - file));
	folder[slash - file] = '\0';
	if (mkdir(folder, 0755) != 0)
		return errno == EEXIST ||
		       problem_say(problem, "cannot make the folder %s: %s", folder, strerror(errno));
	return !identity->change || give_folder(folder, identity, problem);
}

bool privileges_drop(const struct identity *identity, struct problem *problem)
{
	if (!identity->change)
		return true;
	if (initgroups(identity->user, identity->gid) != 0 || setgid(identity->gid) != 0 ||
	    setuid(identity->uid) != 0)
		return problem_say(problem, "cannot become the user \"%s\": %s", identity->user,
		                   strerror(errno));
	if (setuid(0) == 0 || geteuid() == 0 || getegid() == 0)
		return problem_say(problem, "root could not be given up for the user \"%s\"", identity->user);
	return true;
}

/*
 * listen.c - the file of a UNIX socket. Called by main.c around milter_open(), which removes a
 * left-over socket file without asking whether somebody still listens there.
 */
#include "base/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/safe_path.h"

struct groups {
	int count;
	gid_t *items;
};

/* The socket that was made, by its folder: others may exchange what a longer path leads to. */
static struct {
	char path[sizeof((struct sockaddr_un *)0)->sun_path];
	const char *name; /* the last part of it */
	int folder;
	bool exists; /* it was made, and is this file: */
	dev_t device;
	ino_t inode;
	mode_t umask; /* of the process, to be set again */
	uid_t maker;
	struct groups groups; /* of root, which come back with it */
} made;

const char *listen_path(const char *listen)
{
	if (strncmp(listen, "unix:", 5) == 0)
		return listen + 5;
	return strncmp(listen, "local:", 6) == 0 ? listen + 6 : NULL;
}

/* EAGAIN: a program listens, and its queue of connections is full. */
static bool answers(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool connected;

	if (descriptor < 0)
		return false;
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	connected = connect(descriptor, (const struct sockaddr *)&address, sizeof address) == 0 ||
	            errno == EAGAIN;
	close(descriptor);
	return connected;
}

/* Drops the supplementary groups, which the maker of the socket does not have. */
static bool drop_groups(struct groups *groups)
{
	groups->count = getgroups(0, NULL);
	groups->items =
	    groups->count < 0 ? NULL : calloc((size_t)groups->count + 1, sizeof *groups->items);
	return groups->items != NULL && getgroups(groups->count, groups->items) == groups->count &&
	       setgroups(0, NULL) == 0;
}

static bool restore_groups(struct groups *groups)
{
	bool good = setgroups((size_t)groups->count, groups->items) == 0;

	free(groups->items);
	groups->items = NULL;
	return good;
}

/* The group first where root is given up, root first where it comes back. */
static bool become(uid_t uid, gid_t gid)
{
	if (uid == 0)
		return seteuid(uid) == 0 && setegid(gid) == 0;
	return setegid(gid) == 0 && seteuid(uid) == 0;
}

/*
 * Who makes the socket. Whoever may change its folder could exchange the file under our hands, so
 * there it is made with no more rights than that user has; in a folder of root's, by root.
 */
static uid_t find_maker(const struct stat *folder, const struct identity *identity)
{
	bool others_write = (folder->st_mode & 022) != 0 && (folder->st_mode & S_ISVTX) == 0;

	if (!identity->change)
		return geteuid();
	return folder->st_uid != 0 ? folder->st_uid : others_write ? identity->uid : 0;
}

/* From here on until end_making(), the kernel gives the socket its mode, owner and group as it
 * makes it. */
static bool begin_making(const char *path, const char *mode, const struct identity *identity,
                         struct problem *problem)
{
	struct stat found;

	snprintf(made.path, sizeof made.path, "%s", path);
	made.folder = safe_path_reach_folder_of(made.path, &made.name);
	if (made.folder < 0 || fstat(made.folder, &found) != 0)
		return problem_say(
		    problem,
		    "the folder of the socket %s (setting \"listen\") cannot be opened: %s", path,
		    safe_path_error(errno));
	made.maker = find_maker(&found, identity);
	made.umask = umask(~(mode_t)strtoul(mode, NULL, 8) & 0777);
	if (identity->change &&
	    (!drop_groups(&made.groups) || !become(made.maker, identity->socket_group)))
		return problem_say(problem,
		                   "the socket %s cannot be made as the owner of its folder: %s",
		                   path, strerror(errno));
	return true;
}

static bool end_making(const struct identity *identity, struct problem *problem)
{
	invariant(made.folder >= 0 && made.path[0] != '\0');
	umask(made.umask);
	if (!identity->change || (become(0, getgid()) && restore_groups(&made.groups)))
		return true;
	return problem_say(problem, "cannot become root again to start the daemon: %s",
	                   strerror(errno));
}

bool listen_prepare(const char *listen, const char *mode, const struct identity *identity,
                    struct problem *problem)
{
	const char *path = listen_path(listen);
	struct stat found;

	if (path == NULL)
		return true;
	if (!privileges_make_folder(path, identity, problem))
		return false;
	if (lstat(path, &found) == 0 && !S_ISSOCK(found.st_mode))
		return problem_say(problem, "%s (setting \"listen\") exists and is not a socket",
		                   path);
	if (answers(path))
		return problem_say(
		    problem, "another program listens on %s (setting \"listen\"); stop it first",
		    path);
	return begin_making(path, mode, identity, problem);
}

static bool listen_stat(struct stat *found)
{
	return fstatat(made.folder, made.name, found, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISSOCK(found->st_mode);
}

static void remember(void)
{
	struct stat found;

	made.exists = listen_stat(&found);
	if (!made.exists)
		return;
	made.device = found.st_dev;
	made.inode = found.st_ino;
}

/* The group once more: a set-group-id folder gave the socket its own. */
bool listen_permit(const char *listen, const struct identity *identity, struct problem *problem)
{
	uid_t owner = made.maker == 0 && identity->change ? identity->uid : (uid_t)-1;

	if (listen_path(listen) == NULL)
		return true;
	remember();
	if (fchownat(made.folder, made.name, owner, identity->socket_group, AT_SYMLINK_NOFOLLOW) !=
	    0)
		return problem_say(
		    problem,
		    "cannot give the socket %s to its group (setting \"socket.group\"): %s; "
		    "let the user of assayd be a member of it (under systemd: "
		    "SupplementaryGroups=), or leave the setting empty",
		    made.path, strerror(errno));
	log_debug("start: the socket %s has the group %ld", made.path,
	          (long)identity->socket_group);
	return end_making(identity, problem);
}

void listen_remove(void)
{
	struct stat found;

	if (made.exists && listen_stat(&found) && found.st_dev == made.device &&
	    found.st_ino == made.inode)
		unlinkat(made.folder, made.name, 0);
	made.exists = false;
}

/*
 * safe_path.c - paths, one name after the other. keys.c reads by it, and `assay key` and `assay
 * import` write by it.
 */
#include "base/safe_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/invariant.h"

enum {
	LINKS_MAX = 40 /* as the kernel has it (path_resolution(7)) */
};

/* A path on the way: the folder that was reached, and the names that are left. */
struct safe_path_walk {
	int folder;
	char left[PATH_MAX];
	int links;
	uid_t owner; /* of the first thing on the way that is not root's; 0 as long as there is none
	              */
};

static int fail(int error)
{
	errno = error;
	return -1;
}

static bool safe_path_stat(struct safe_path_walk *walk, int file, struct stat *found)
{
	if (fstat(file, found) != 0)
		return false;
	if (walk->owner == 0)
		walk->owner = found->st_uid;
	return true;
}

/* Takes the folder in the place of the one before. */
static bool enter(struct safe_path_walk *walk, int folder)
{
	if (folder < 0)
		return false;
	if (walk->folder >= 0)
		close(walk->folder);
	walk->folder = folder;
	return true;
}

/* `path` begins where the walk is, or at the root. */
static bool safe_path_begin(struct safe_path_walk *walk, const char *path)
{
	int length = snprintf(walk->left, sizeof walk->left, "%s", path);
	struct stat found;

	if (length >= PATH_MAX)
		return fail(ENAMETOOLONG) == 0;
	if (path[0] == '/')
		return enter(walk, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
	if (walk->folder >= 0)
		return true;
	/* whoever owns the current folder can exchange what lies in it */
	return enter(walk, open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)) &&
	       safe_path_stat(walk, walk->folder, &found);
}

/* The first name that is left goes to `name`; "." where there is none. */
static void safe_path_next_name(struct safe_path_walk *walk, char name[PATH_MAX])
{
	const char *start = walk->left + strspn(walk->left, "/");
	size_t length = strcspn(start, "/");
	const char *rest = start + length + strspn(start + length, "/");

	snprintf(name, PATH_MAX, "%.*s", length == 0 ? 1 : (int)length, length == 0 ? "." : start);
	memmove(walk->left, rest, strlen(rest) + 1);
}

/* Puts what the link says in front of the names that are left. */
static bool follow(struct safe_path_walk *walk, int link)
{
	char target[PATH_MAX], path[2 * PATH_MAX];
	ssize_t length = readlinkat(link, "", target, sizeof target - 1);

	invariant(walk->links <= LINKS_MAX);

	if (length <= 0 || ++walk->links > LINKS_MAX)
		return fail(length < 0 ? errno : ELOOP) == 0;
	target[length] = '\0';
	snprintf(path, sizeof path, "%s%s%s", target, walk->left[0] == '\0' ? "" : "/", walk->left);
	return safe_path_begin(walk, path);
}

/* Into the next folder, or by a link towards it. */
static bool safe_path_step(struct safe_path_walk *walk, int next, bool may_follow)
{
	struct stat found;
	bool good;

	if (next < 0 || !safe_path_stat(walk, next, &found))
		return false;
	if (!S_ISLNK(found.st_mode))
		return enter(walk, next);
	good = found.st_uid == 0 && may_follow ? follow(walk, next) : fail(ELOOP) == 0;
	close(next);
	return good;
}

static int open_by_steps(struct safe_path_walk *walk, int flags)
{
	char name[PATH_MAX];
	struct stat found;

	for (;;) {
		int next;

		safe_path_next_name(walk, name);
		next = openat(walk->folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (next >= 0 && walk->left[0] == '\0' && safe_path_stat(walk, next, &found) &&
		    !S_ISLNK(found.st_mode)) {
			close(next);
			return openat(walk->folder, name, flags | O_NOFOLLOW);
		}
		if (!safe_path_step(walk, next, walk->left[0] != '\0' || (flags & O_NOFOLLOW) == 0))
			return -1;
	}
}

static int open_walking(struct safe_path_walk *walk, const char *path, int flags)
{
	int file, error;

	if (path[0] == '\0')
		return fail(ENOENT);
	file = safe_path_begin(walk, path) ? open_by_steps(walk, flags) : -1;
	error = errno;
	if (walk->folder >= 0)
		close(walk->folder);
	errno = error;
	return file;
}

int safe_path_open(const char *path, int flags)
{
	struct safe_path_walk walk = {.folder = -1};

	return geteuid() != 0 ? open(path, flags) : open_walking(&walk, path, flags);
}

bool safe_path_owner(const char *path, uid_t *owner)
{
	struct safe_path_walk walk = {.folder = -1};
	int file = open_walking(&walk, path, O_PATH | O_CLOEXEC);

	if (file < 0)
		return false;
	close(file);
	*owner = walk.owner;
	return true;
}

static int open_folder_of(const char *path, int flags, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash - path);
	char folder[PATH_MAX];

	*name = slash == NULL ? path : slash + 1;
	if (length >= sizeof folder)
		return fail(ENAMETOOLONG);
	snprintf(folder, sizeof folder, "%.*s", length == 0 ? 1 : (int)length,
	         slash == NULL ? "."
	         : length == 0 ? "/"
	                       : path);
	return safe_path_open(folder, flags | O_DIRECTORY | O_CLOEXEC);
}

int safe_path_open_folder_of(const char *path, const char **name)
{
	return open_folder_of(path, O_RDONLY | O_NOFOLLOW, name);
}

int safe_path_reach_folder_of(const char *path, const char **name)
{
	return open_folder_of(path, O_PATH, name);
}

const char *safe_path_error(int error)
{
	return error == ELOOP
	           ? "a symbolic link stands on the way, which is not followed; name the folder "
	             "or the file itself"
	           : strerror(error);
}

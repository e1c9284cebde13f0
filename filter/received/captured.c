/*
 * captured.c - opens and removes captured mail. Called by `assay report read --captured`.
 */
#include "received/captured.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "received/capture.h"

bool captured_lock(const char *store, bool *there, struct problem *problem)
{
	char path[CAPTURE_FOLDER_PATH];
	int file;

	*there = false;
	problem_say(problem, "%s", "");
	if (!capture_folder_path(path, store, "", "lock"))
		return problem_say(problem, "the name of the store is too long: %s", store);
	file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0 && errno == ENOENT)
		return true;
	if (file < 0)
		return problem_say(problem, "cannot open %s: %s", path, strerror(errno));
	*there = true;
	if (flock(file, LOCK_EX | LOCK_NB) == 0)
		return true; /* open, and so locked, until the process ends */
	close(file);
	return false;
}

/* The octets that were read; fewer than a block at the end of the file, -1 with errno. */
static ssize_t read_block(int file, char block[CAPTURE_BLOCK])
{
	size_t length = 0;
	ssize_t got = 1;

	while (length < CAPTURE_BLOCK && got > 0) {
		got = read(file, block + length, CAPTURE_BLOCK - length);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			length += (size_t)got;
	}
	return got < 0 ? -1 : (ssize_t)length;
}

static enum captured_state foreign(const char *path, const char *why, struct problem *problem)
{
	problem_say(problem, "%s %s", path, why);
	return CAPTURED_FOREIGN;
}

static enum captured_state failed(const char *path, struct problem *problem)
{
	problem_say(problem, "cannot read %s: %s", path, strerror(errno));
	return CAPTURED_FAILED;
}

static enum captured_state check(int file, const char *path, struct arena *arena,
                                 struct capture_facts *facts, struct problem *problem)
{
	char *block = arena_allocate(arena, CAPTURE_BLOCK);
	struct problem why;
	struct stat found;
	ssize_t length;

	if (fstat(file, &found) != 0)
		return failed(path, problem);
	if (!S_ISREG(found.st_mode))
		return foreign(path, "is not a file", problem);
	if (found.st_uid != geteuid() || (found.st_mode & 077) != 0)
		return foreign(path, "is of another user, or open to others", problem);
	length = read_block(file, block);
	if (length < 0)
		return failed(path, problem);
	if (length < CAPTURE_BLOCK || found.st_size > (off_t)CAPTURE_BLOCK + CAPTURE_MESSAGE_MAX)
		return foreign(path, "has not the size of a file that assayd made", problem);
	return capture_facts_read(block, arena, facts, &why)
	           ? CAPTURED_OPEN
	           : foreign(path, arena_format(arena, "is refused: %s", why.message), problem);
}

/* A link, or a file that only another user may read, is not of assayd's. */
static enum captured_state not_opened(const char *path, struct problem *problem)
{
	if (errno == ENOENT)
		return CAPTURED_GONE;
	if (errno == ELOOP || errno == EACCES || errno == ENXIO)
		return foreign(path, strerror(errno), problem);
	return failed(path, problem);
}

enum captured_state captured_open(const char *store, const char *name, struct arena *arena,
                                  int *file, struct capture_facts *facts, struct problem *problem)
{
	char path[CAPTURE_FOLDER_PATH];
	enum captured_state state;

	if (!capture_folder_path(path, store, "new", name))
		return foreign(name, "has too long a path", problem);
	*file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*file < 0)
		return not_opened(path, problem);
	state = check(*file, path, arena, facts, problem);
	if (state == CAPTURED_OPEN)
		return state;
	log_debug("captured: %s is not read: %s", name, problem->message);
	close(*file);
	*file = -1;
	return state;
}

bool captured_remove(const char *store, const char *name, struct problem *problem)
{
	char path[CAPTURE_FOLDER_PATH];

	if (capture_folder_path(path, store, "new", name) && (unlink(path) == 0 || errno == ENOENT))
		return true;
	return problem_say(problem, "cannot remove %s.received/new/%s: %s", store, name,
	                   strerror(errno));
}

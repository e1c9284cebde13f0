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

static bool read_block(int file, char block[CAPTURE_BLOCK])
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
	return length == CAPTURE_BLOCK;
}

static bool check(int file, const char *path, struct arena *arena, struct capture_facts *facts,
                  struct problem *problem)
{
	char *block = arena_allocate(arena, CAPTURE_BLOCK);
	struct problem why;
	struct stat found;

	if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode))
		return problem_say(problem, "%s is not a file", path);
	if (found.st_uid != geteuid() || (found.st_mode & 077) != 0)
		return problem_say(problem,
		                   "%s is not a file that assayd made: others can write it", path);
	if (found.st_size > (off_t)CAPTURE_BLOCK + CAPTURE_MESSAGE_MAX || !read_block(file, block))
		return problem_say(problem, "%s has not the size of a file that assayd made", path);
	if (capture_facts_read(block, arena, facts, &why))
		return true;
	return problem_say(problem, "%s: %s", path, why.message);
}

int captured_open(const char *store, const char *name, struct arena *arena,
                  struct capture_facts *facts, struct problem *problem)
{
	char path[CAPTURE_FOLDER_PATH];
	int file;

	problem_say(problem, "%s", "");
	if (!capture_folder_path(path, store, "new", name))
		return -1;
	file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (file < 0 && errno != ENOENT)
		problem_say(problem, "cannot open %s: %s", path, strerror(errno));
	if (file < 0)
		return -1;
	if (check(file, path, arena, facts, problem))
		return file;
	log_debug("captured: %s is refused: %s", name, problem->message);
	close(file);
	return -1;
}

bool captured_remove(const char *store, const char *name, struct problem *problem)
{
	char path[CAPTURE_FOLDER_PATH];

	if (capture_folder_path(path, store, "new", name) && (unlink(path) == 0 || errno == ENOENT))
		return true;
	return problem_say(problem, "cannot remove %s.received/new/%s: %s", store, name,
	                   strerror(errno));
}

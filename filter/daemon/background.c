/*
 * background.c - going into the background without losing a start-up error: the parent stays until
 * the child serves.
 */
#include "daemon/background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/safe_path.h"

static int ready_pipe = -1;
static int pid_file = -1; /* kept open until the end */
static char *pid_path;
static int pid_folder = -1;  /* where it lies */
static const char *pid_name; /* in that folder */

static _Noreturn void wait_for_child(int descriptor)
{
	char byte;

	_exit(read(descriptor, &byte, 1) == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

bool background_enter(struct problem *problem)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return problem_say(problem, "cannot go into the background: %s", strerror(errno));
	child = fork();
	if (child < 0)
		return problem_say(problem, "cannot go into the background: %s", strerror(errno));
	if (child > 0) {
		close(ends[1]);
		wait_for_child(ends[0]);
	}
	close(ends[0]);
	ready_pipe = ends[1];
	setsid();
	log_debug("start: in the background, as process %ld", (long)getpid());
	return chdir("/") == 0 || problem_say(problem, "cannot go to /: %s", strerror(errno));
}

void background_ready(void)
{
	int nothing;

	if (ready_pipe < 0)
		return;
	if (write(ready_pipe, "r", 1) != 1)
		fprintf(stderr, "assayd: the process that started the daemon is gone\n");
	close(ready_pipe);
	ready_pipe = -1;
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing < 0)
		return;
	for (int descriptor = 0; descriptor <= 2; descriptor++)
		dup2(nothing, descriptor);
	if (nothing > 2)
		close(nothing);
}

/* Through a hard link, another file would lose its content. */
static bool has_one_name(int file)
{
	struct stat found;

	return fstat(file, &found) == 0 && S_ISREG(found.st_mode) && found.st_nlink == 1;
}

static bool background_fill(int file, const char *path, struct problem *problem)
{
	if (!has_one_name(file))
		return problem_say(
		    problem,
		    "the pid file %s (setting \"pid_file\") is a link to another file, or not "
		    "a file",
		    path);
	if (ftruncate(file, 0) == 0 && dprintf(file, "%ld\n", (long)getpid()) >= 0)
		return true;
	return problem_say(problem, "cannot write the pid file %s (setting \"pid_file\"): %s", path,
	                   strerror(errno));
}

/*
 * Root writes into a folder that may be the daemon's own: a link that was put there is not
 * followed. Only a file that was written is remembered, since that one is removed at the end.
 */
bool background_write_pid(const char *path, struct problem *problem)
{
	const char *name;
	int folder, file;
	bool good;

	if (path[0] == '\0')
		return true;
	invariant(pid_path == NULL);
	folder = safe_path_reach_folder_of(path, &name);
	file = folder < 0 ? -1
	                  : openat(folder, name,
	                           O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
	if (file < 0)
		problem_say(problem, "cannot write the pid file %s (setting \"pid_file\"): %s",
		            path, safe_path_error(errno));
	good = file >= 0 && background_fill(file, path, problem);
	pid_path = good ? strdup(path) : NULL;
	if (pid_path != NULL) {
		pid_name = pid_path + (name - path);
		pid_folder = folder;
		pid_file = file;
		log_debug("start: the pid file %s has %ld", path, (long)getpid());
		return true;
	}
	if (good)
		problem_say(problem, "no memory for the path of the pid file");
	if (file >= 0)
		close(file);
	if (folder >= 0)
		close(folder);
	return false;
}

/*
 * Root wrote the file, and the daemon is no longer root: if the folder is not the daemon's own, the
 * file stays, but empty, so that nobody takes another process for this one. It does not belong to
 * the daemon's user, who could otherwise choose which process root stops.
 */
void background_remove_pid(void)
{
	if (pid_path != NULL && pid_file >= 0 && unlinkat(pid_folder, pid_name, 0) != 0 &&
	    ftruncate(pid_file, 0) != 0)
		log_warning("the pid file %s stays behind: %s", pid_path, strerror(errno));
}

/*
 * held_command.c - runs a command of Postfix and reads what it prints. Called by held_queue.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "tool/held/held.h"

enum {
	COMPLAINT_MAX = 400
};

static _Noreturn void become(const char *const *arguments, int output, int complaints)
{
	dup2(output, STDOUT_FILENO);
	dup2(complaints, STDERR_FILENO);
	execvp(arguments[0], (char *const *)(void *)arguments);
	dprintf(STDERR_FILENO, "%s cannot be run: %s", arguments[0], strerror(errno));
	_exit(127);
}

/* Reads to the end, and keeps the first `max` octets. */
static const char *read_all(int file, size_t max, struct arena *arena)
{
	struct text text;
	char piece[8192];
	ssize_t got;

	text_begin(&text, arena, max);
	while ((got = read(file, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			text_add_bytes(&text, piece, (size_t)got);
	return text.bytes;
}

static int held_command_wait(pid_t child)
{
	int status = -1;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

/* Complaints go to a file of their own, so that neither pipe can block the other. */
static const char *run(const char *const *arguments, size_t max, int complaints,
                       struct arena *arena, struct problem *problem)
{
	const char *printed, *complaint;
	int ends[2], status;
	pid_t child;

	if (pipe(ends) != 0 || (child = fork()) < 0) {
		problem_say(problem, "no process can be made: %s", strerror(errno));
		return NULL;
	}
	if (child == 0)
		become(arguments, ends[1], complaints);
	close(ends[1]);
	printed = read_all(ends[0], max, arena);
	close(ends[0]);
	status = held_command_wait(child);
	log_debug("%s ended with status %d", arguments[0], status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return printed;
	lseek(complaints, 0, SEEK_SET);
	complaint = read_all(complaints, COMPLAINT_MAX, arena);
	problem_say(problem, "%s", text_printable(arena, complaint, COMPLAINT_MAX));
	return NULL;
}

const char *held_command(const char *const *arguments, size_t max, struct arena *arena,
                         struct problem *problem)
{
	FILE *complaints = tmpfile();
	const char *printed;

	invariant(arguments[0] != NULL && max > 0);
	if (complaints == NULL) {
		problem_say(problem, "no temporary file can be made: %s", strerror(errno));
		return NULL;
	}
	printed = run(arguments, max, fileno(complaints), arena, problem);
	fclose(complaints);
	return printed;
}

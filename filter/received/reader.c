/*
 * reader.c - starts the process that reads a file, waits for what it says, and ends it where it
 * takes too long. What it says is read by collect.c.
 */
#include "received/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "received/collect.h"
#include "received/confine.h"
#include "received/take.h"

enum {
	MEGABYTE = 1024 * 1024,
	READ_STEP = 65536
};

const struct reader_limits reader_limits_default = {.mail_octets = 25 * MEGABYTE,
                                                    .compressed_octets = 10 * MEGABYTE,
                                                    .inflated_octets = 64 * MEGABYTE,
                                                    .json_octets = 8 * MEGABYTE,
                                                    .memory_octets = 200 * MEGABYTE,
                                                    .inflated_ratio = 1000,
                                                    .members = 10,
                                                    .records = RECEIVED_RECORDS_MAX,
                                                    .depth = 32,
                                                    .cpu_seconds = 60,
                                                    .seconds = 300};

/* In the child: where the file cannot be read any more, what was read is judged. */
static char *read_all(int file, size_t max, size_t *length)
{
	char *bytes = NULL;
	size_t room = 0;
	ssize_t got = 1;

	*length = 0;
	while (got > 0 && *length <= max) {
		if (*length + READ_STEP > room) {
			room = 2 * room + READ_STEP;
			bytes = realloc(bytes, room);
			if (bytes == NULL)
				abort();
		}
		got = read(file, bytes + *length, READ_STEP);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			*length += (size_t)got;
	}
	return bytes;
}

static void write_pipe(void *context, const char *bytes, size_t length)
{
	const int *pipe = context;

	while (length > 0) {
		ssize_t put = write(*pipe, bytes, length);

		if (put < 0 && errno != EINTR)
			_exit(EXIT_FAILURE);
		if (put > 0) {
			bytes += put;
			length -= (size_t)put;
		}
	}
}

/* The time of a file; now for what is none. */
static time_t file_time(int file, time_t now)
{
	struct stat status;

	if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_mtime > now ||
	    status.st_mtime < 0)
		return now;
	return status.st_mtime;
}

/* The child's whole life. It has no lock of its parent's to wait for: the parent has one thread. */
static void __attribute__((noreturn))
reader_child(int file, int pipe, const struct reader_limits *limits)
{
	struct confine_limits confine = {limits->memory_octets, limits->cpu_seconds};
	struct xml_encodings encodings;
	struct wire *wire = calloc(1, sizeof *wire);
	struct take take = {.limits = limits, .wire = wire, .encodings = &encodings};
	char *bytes;
	size_t length;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (wire == NULL)
		_exit(EX_TEMPFAIL);
	take.now = time(NULL);
	take.arrived = file_time(file, take.now);
	take.arena = arena_new();
	xml_octets_prepare(&encodings);
	if (!confine_process(file, pipe, &confine))
		_exit(EX_TEMPFAIL);
	wire->put = write_pipe;
	wire->context = &pipe;
	bytes = read_all(file, limits->inflated_octets, &length);
	take_file(&take, bytes, length);
	_exit(EXIT_SUCCESS);
}

struct reader_child {
	pid_t process;
	int pipe;
	bool hostile; /* what it wrote is not what our process writes */
	bool late;
};

/* Waits for octets; false where the time is over. */
static bool wait_for_octets(struct reader_child *child, const struct timespec *start,
                            unsigned seconds)
{
	struct pollfd waiting = {.fd = child->pipe, .events = POLLIN};
	double left = seconds - clock_monotonic_since(start);

	child->late = left <= 0 || poll(&waiting, 1, (int)(left * 1000) + 1) == 0;
	return !child->late;
}

static void listen_to_child(struct reader_child *child, const struct reader_limits *limits,
                            struct collect *collect)
{
	struct timespec start;
	char *bytes = malloc(READ_STEP);
	ssize_t got = 1;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (bytes != NULL && got > 0 && wait_for_octets(child, &start, limits->seconds)) {
		got = read(child->pipe, bytes, READ_STEP);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0 && !collect_add(collect, bytes, (size_t)got)) {
			child->hostile = true;
			break;
		}
	}
	free(bytes);
}

static int end_child(struct reader_child *child)
{
	int status = 0;

	if (child->late || child->hostile)
		kill(child->process, SIGKILL);
	close(child->pipe);
	while (waitpid(child->process, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

/* Why there is nothing, where the process did not say it itself. */
static const char *why_nothing(const struct reader_child *child, int status,
                               const struct reader_limits *limits, struct arena *arena)
{
	if (child->late)
		return arena_format(arena, "reading it took more than %u seconds", limits->seconds);
	if (child->hostile)
		return "the process that reads it wrote what it should not";
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return arena_format(arena, "reading it took more than %u seconds of the processor",
		                    limits->cpu_seconds);
	if (WIFSIGNALED(status))
		return arena_format(
		    arena, "reading it took more than %zu MB of memory, or went wrong (signal %d)",
		    limits->memory_octets / MEGABYTE, WTERMSIG(status));
	return "the process that reads it ended early";
}

static enum reader_outcome reader_refuse(struct arena *arena, struct reader_result *result,
                                         const char *reason)
{
	const char **reasons = arena_allocate(arena, sizeof *reasons);

	reasons[0] = reason;
	*result = (struct reader_result){.reason_count = 1, .reasons = reasons};
	return READER_UNREADABLE;
}

static enum reader_outcome reader_follow(struct reader_child *child,
                                         const struct reader_limits *limits, struct arena *arena,
                                         struct reader_result *result)
{
	struct collect *collect = collect_new(arena, limits);
	bool good;
	int status;

	listen_to_child(child, limits, collect);
	status = end_child(child);
	good = !child->hostile && !child->late && WIFEXITED(status) &&
	       WEXITSTATUS(status) == EXIT_SUCCESS && collect_end(collect, result);
	collect_free(collect);
	log_debug("received: a reader of %zu reports ended with status %d",
	          good ? result->count : 0, status);
	/* nothing is known of the file: it was not looked at */
	if (WIFEXITED(status) && WEXITSTATUS(status) == EX_TEMPFAIL) {
		errno = EPERM;
		return READER_FAILED;
	}
	if (!good)
		return reader_refuse(arena, result, why_nothing(child, status, limits, arena));
	return result->count > 0 ? READER_READ : READER_UNREADABLE;
}

enum reader_outcome reader_read(int file, const struct reader_limits *limits, struct arena *arena,
                                struct reader_result *result)
{
	struct reader_child child = {.process = -1};
	int ends[2];

	invariant(limits->records <= RECEIVED_RECORDS_MAX && limits->inflated_ratio > 0);
	take_mail_prepare();
	take_xml_prepare();
	if (pipe2(ends, O_CLOEXEC) != 0)
		return READER_FAILED;
	child.pipe = ends[0];
	child.process = fork();
	if (child.process == 0)
		reader_child(file, ends[1], limits);
	close(ends[1]);
	if (child.process > 0)
		return reader_follow(&child, limits, arena, result);
	close(ends[0]);
	return READER_FAILED;
}

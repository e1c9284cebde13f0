/*
 * report_writer.c - the process that makes the files of `assay report build`. For each it reads
 * from a pipe a head and the octets. It does not trust what it reads: a name can only lead
 * into its folder.
 */
#include "tool/report/report_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/full_io.h"
#include "base/safe_path.h"
#include "base/text.h"
#include "tool/common/tool.h"

enum {
	NAME_ROOM = 256, /* NAME_MAX and its NUL */
	CHUNK = 1 << 16
};

struct head {
	uint64_t length;
	char name[NAME_ROOM];
};

/* False where the other side ended before. */
static bool report_writer_read(int from, void *bytes, size_t length)
{
	size_t have;

	return full_io_read(from, bytes, length, &have) && have == length;
}

static bool is_name(const char *name)
{
	size_t length = strnlen(name, NAME_ROOM);

	for (size_t i = 0; i < length; i++)
		if (!text_is_letter(name[i]) && !text_is_digit(name[i]) &&
		    strchr(".-_!", name[i]) == NULL)
			return false;
	return length > 0 && length < NAME_ROOM && name[0] != '.';
}

/* EX_DATAERR: the other side ended within the file, and prints why. */
static int copy(int from, int to, uint64_t length)
{
	static char chunk[CHUNK];

	while (length > 0) {
		size_t some = length < CHUNK ? (size_t)length : CHUNK;

		if (!report_writer_read(from, chunk, some))
			return EX_DATAERR;
		if (!full_io_write(to, chunk, some))
			return EX_CANTCREAT;
		length -= some;
	}
	return EX_OK;
}

static int make_file(int folder, const char *path, int from, const struct head *head)
{
	int file = is_name(head->name)
	               ? openat(folder, head->name,
	                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666)
	               : (errno = EINVAL, -1);
	int status;

	if (file < 0)
		return tool_complain(EX_CANTCREAT, "cannot create %s/%.*s: %s", path, NAME_ROOM - 1,
		                     head->name, strerror(errno));
	status = copy(from, file, head->length);
	if (status == EX_CANTCREAT || (close(file) != 0 && status == EX_OK))
		return tool_complain(EX_CANTCREAT, "cannot write %s/%s: %s", path, head->name,
		                     strerror(errno));
	if (status != EX_OK)
		unlinkat(folder, head->name, 0);
	return status;
}

static int report_writer_serve(int folder, const char *path, int from)
{
	struct head head;
	int status = EX_OK;

	while (status == EX_OK && report_writer_read(from, &head, sizeof head))
		status = make_file(folder, path, from, &head);
	return status;
}

bool report_writer_start(struct report_writer *writer, const char *folder, struct problem *problem)
{
	int opened = safe_path_open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int ends[2];

	if (opened < 0)
		return problem_say(problem, "cannot write into %s: %s", folder,
		                   safe_path_error(errno));
	if (pipe(ends) != 0 || (writer->process = fork()) < 0) {
		close(opened);
		return problem_say(problem, "cannot start a process to write into %s: %s", folder,
		                   strerror(errno));
	}
	if (writer->process == 0) {
		close(ends[1]);
		_exit(report_writer_serve(opened, folder, ends[0]));
	}
	close(opened);
	close(ends[0]);
	writer->pipe = ends[1];
	/* if the writer has failed, write() is to fail and not to end this process */
	signal(SIGPIPE, SIG_IGN);
	return true;
}

bool report_writer_add(struct report_writer *writer, const char *name, const unsigned char *bytes,
                       size_t length)
{
	struct head head = {.length = length};

	snprintf(head.name, sizeof head.name, "%s", name);
	return full_io_write(writer->pipe, &head, sizeof head) &&
	       full_io_write(writer->pipe, bytes, length);
}

int report_writer_end(struct report_writer *writer)
{
	int status = 0;
	pid_t ended;

	close(writer->pipe);
	do
		ended = waitpid(writer->process, &status, 0);
	while (ended < 0 && errno == EINTR);
	return ended == writer->process && WIFEXITED(status) && WEXITSTATUS(status) == EX_OK
	           ? EX_OK
	           : EX_CANTCREAT;
}

/*
 * import_file.c - reads the files of the other programs: with a limit, and never a device or a
 * pipe. Called by import.c and the readers of options and tables.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/full_io.h"
#include "base/invariant.h"
#include "base/safe_path.h"
#include "base/text.h"
#include "tool/import/import.h"

/* Who may read the output, as far as files were read. */
static struct import_openness openness;

void import_file_begin(gid_t group)
{
	openness = (struct import_openness){.group = group, .group_may_read = true};
}

const struct import_openness *import_file_openness(void)
{
	return &openness;
}

void import_file_note(const char *path, const struct stat *about)
{
	bool open_to_all = (about->st_mode & S_IROTH) != 0;
	bool open_to_group = (about->st_mode & S_IRGRP) != 0 && about->st_gid == openness.group;

	invariant(path != NULL && about != NULL);
	if (open_to_all || open_to_group || !openness.group_may_read)
		return;
	openness.group_may_read = false;
	snprintf(openness.closed, sizeof openness.closed, "%s", path);
}

static bool is_text(const char *path, const struct stat *about, size_t max, struct problem *problem)
{
	if (S_ISDIR(about->st_mode))
		return problem_say(problem, "%s is a folder; name a file", path);
	if (!S_ISREG(about->st_mode))
		return problem_say(problem, "%s is a device or a pipe; name a file", path);
	if (about->st_size > (off_t)max)
		return problem_say(problem, "%s is larger than %zu bytes, which no such file is",
		                   path, max);
	return true;
}

/* `quoted`: the output may quote it. */
static bool read_open(struct arena *arena, int file, const char *path, size_t max, bool quoted,
                      const char **bytes, size_t *length, struct problem *problem)
{
	struct stat about;
	char *room;

	if (fstat(file, &about) != 0)
		return problem_say(problem, "%s cannot be read: %s", path, strerror(errno));
	if (!is_text(path, &about, max, problem))
		return false;
	if (quoted)
		import_file_note(path, &about);
	room = arena_allocate(arena, (size_t)about.st_size + 1);
	if (!full_io_read(file, room, (size_t)about.st_size, length))
		return problem_say(problem, "%s cannot be read: %s", path, strerror(errno));
	if (memchr(room, '\0', *length) != NULL)
		return problem_say(problem, "%s holds a NUL byte; is it text?", path);
	*bytes = room;
	if (*length >= 3 && memcmp(room, "\xEF\xBB\xBF", 3) == 0) {
		*bytes += 3;
		*length -= 3;
	}
	return true;
}

bool import_file_read(struct arena *arena, const char *path, size_t max, bool quoted,
                      const char **bytes, size_t *length, struct problem *problem)
{
	int file = safe_path_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool good;

	if (file < 0)
		return problem_say(problem, "%s cannot be read: %s", path, safe_path_error(errno));
	good = read_open(arena, file, path, max, quoted, bytes, length, problem);
	close(file);
	return good;
}

const char *import_file_line(struct arena *arena, const char **at, const char *end)
{
	const char *start = *at;
	const char *stop;

	invariant(*at <= end);
	if (start >= end)
		return NULL;
	stop = memchr(start, '\n', (size_t)(end - start));
	*at = stop == NULL ? end : stop + 1;
	return arena_copy(arena, start, (size_t)((stop == NULL ? end : stop) - start));
}

const char *import_file_trim(struct arena *arena, const char *bytes, size_t length)
{
	while (length > 0 && text_is_space(bytes[0])) {
		bytes++;
		length--;
	}
	while (length > 0 && text_is_space(bytes[length - 1]))
		length--;
	return arena_copy(arena, bytes, length);
}

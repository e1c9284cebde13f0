/*
 * aside.c - what cannot be read is copied beside the store, so that nothing is lost and nothing
 * stops.
 */
#include "received/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

enum {
	PATH_ROOM = 4096,
	NAME_ROOM = 80,
	STEP = 65536
};

static int open_folder(const char *store, const char *part, struct problem *problem)
{
	char path[PATH_ROOM];
	int length = snprintf(path, sizeof path, "%s.received", store), folder = -1;

	if (length > 0 && (size_t)length + strlen(part) + 2 < sizeof path &&
	    (mkdir(path, 0700) == 0 || errno == EEXIST)) {
		path[length] = '/';
		memcpy(path + length + 1, part, strlen(part) + 1);
		if (mkdir(path, 0700) == 0 || errno == EEXIST)
			folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (folder < 0)
		problem_say(problem, "cannot use the folder %s.received/%s: %s", store, part,
		            strerror(errno));
	return folder;
}

/* Removes the oldest file where there are too many: names begin with the time. */
static void make_room(int folder)
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	char oldest[NAME_ROOM] = "";
	unsigned long count = 0;

	for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof oldest)
			continue;
		count++;
		if (oldest[0] == '\0' || strcmp(entry->d_name, oldest) < 0)
			memcpy(oldest, entry->d_name, strlen(entry->d_name) + 1);
	}
	if (list != NULL)
		closedir(list);
	else if (copy >= 0)
		close(copy);
	if (count >= ASIDE_FILES_MAX && unlinkat(folder, oldest, 0) == 0)
		log_debug("received: %s made room for another file that is kept aside", oldest);
}

static bool write_whole(int file, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t put = write(file, bytes, length);

		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0) {
			bytes += put;
			length -= (size_t)put;
		}
	}
	return true;
}

static bool copy_octets(int from, int to)
{
	char *bytes = malloc(STEP);
	size_t left = ASIDE_OCTETS_MAX;
	ssize_t got = 1;
	bool good = bytes != NULL && (lseek(from, 0, SEEK_SET) == 0 || errno == ESPIPE);

	while (good && left > 0 && got > 0) {
		got = read(from, bytes, left < STEP ? left : STEP);
		good = got >= 0 && write_whole(to, bytes, (size_t)got);
		left -= got > 0 ? (size_t)got : 0;
	}
	free(bytes);
	return good;
}

static bool write_aside(int folder, const char *name, int file, const char *reason,
                        const char *place)
{
	int kept = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool good = kept >= 0 && dprintf(kept, "Why: %s\nFrom: %s\n\n", reason, place) > 0 &&
	            copy_octets(file, kept);

	if (kept >= 0 && close(kept) != 0)
		good = false;
	if (!good && kept >= 0)
		unlinkat(folder, name, 0);
	return good;
}

bool aside_keep(const char *store, const char *part, int file, const char *reason,
                const char *place, struct problem *problem)
{
	int folder = open_folder(store, part, problem);
	char name[NAME_ROOM];
	struct timespec now;
	bool good;

	if (folder < 0)
		return false;
	make_room(folder);
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(name, sizeof name, "%lld.%09ld.%ld.eml", (long long)now.tv_sec, now.tv_nsec,
	         (long)getpid());
	good = write_aside(folder, name, file, reason, place);
	if (!good)
		problem_say(problem, "cannot write to the folder %s.received/%s: %s", store, part,
		            strerror(errno));
	close(folder);
	return good;
}

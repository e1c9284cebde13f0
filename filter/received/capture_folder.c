/*
 * capture_folder.c - the folder of captured mail: what is where, how much may be there, and what is
 * wrong with it.
 *
 * Everything goes by path: the folder is the daemon's user's own, in one that only he and root can
 * write to. Counts are atomic and near: the ceiling may be passed by as many files as messages are
 * under way.
 */
#include "received/capture_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"

enum {
	MEASURE_S = 60,      /* at most so long is a count believed that nothing contradicts */
	NAMED_AGAIN_S = 3600 /* between two warnings about the same trouble */
};

static const size_t octets_max = (size_t)CAPTURE_FOLDER_MEGABYTES << 20;

struct capture_folder {
	char *store;
	atomic_size_t files, octets; /* in new/ */
	atomic_size_t writing;       /* octets reserved for what is in tmp/ */
	atomic_ulong unreadable;
	_Atomic(int64_t) oldest;
	atomic_int trouble; /* the errno that was logged; 0: none */
	atomic_llong named; /* when */
	/* of the thread that measures */
	struct timespec changed, changed_aside;
	time_t measured; /* clock_monotonic_seconds() */
};

bool capture_folder_path(char path[CAPTURE_FOLDER_PATH], const char *store, const char *part,
                         const char *name)
{
	int length = snprintf(path, CAPTURE_FOLDER_PATH, "%s.received%s%s%s%s", store,
	                      part[0] == '\0' ? "" : "/", part, name[0] == '\0' ? "" : "/", name);

	return length > 0 && length < CAPTURE_FOLDER_PATH;
}

/* 0 or an errno. A folder that was there has to be a folder of ours. */
static int make_folder(const char *store, const char *part)
{
	char path[CAPTURE_FOLDER_PATH];
	struct stat found;

	if (!capture_folder_path(path, store, part, ""))
		return ENAMETOOLONG;
	if (mkdir(path, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return errno;
	if (lstat(path, &found) != 0)
		return errno;
	return !S_ISDIR(found.st_mode) ? ENOTDIR : found.st_uid != geteuid() ? EPERM : 0;
}

static int make_folders(const char *store)
{
	static const char *const parts[] = {"", "tmp", "new", "unreadable", NULL};
	int error = 0;

	for (size_t i = 0; parts[i] != NULL && error == 0; i++)
		error = make_folder(store, parts[i]);
	return error;
}

/* Only of regular files whose name may be one of ours. */
static bool is_file_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strlen(entry->d_name) < CAPTURE_FOLDER_NAME;
}

static DIR *open_part(const char *store, const char *part)
{
	char path[CAPTURE_FOLDER_PATH];

	if (capture_folder_path(path, store, part, ""))
		return opendir(path);
	errno = ENAMETOOLONG;
	return NULL;
}

/* What a daemon holds that writes it is locked. */
static bool remove_leftover(int folder, const char *name)
{
	int file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool gone =
	    file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0 && unlinkat(folder, name, 0) == 0;

	if (file >= 0)
		close(file);
	return gone;
}

static void remove_leftovers(const char *store)
{
	DIR *folder = open_part(store, "tmp");
	unsigned removed = 0;
	struct dirent *entry;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL)
		if (is_file_name(entry))
			removed += remove_leftover(dirfd(folder), entry->d_name);
	closedir(folder);
	if (removed > 0)
		log_debug("capture: %u files of a daemon that was killed are removed", removed);
}

struct capture_folder *capture_folder_open(const char *store)
{
	struct capture_folder *folder = calloc(1, sizeof *folder);

	invariant(store[0] != '\0');
	if (folder == NULL || (folder->store = strdup(store)) == NULL) {
		free(folder);
		return NULL;
	}
	remove_leftovers(store);
	capture_folder_measure(folder);
	return folder;
}

void capture_folder_close(struct capture_folder *folder)
{
	if (folder != NULL)
		free(folder->store);
	free(folder);
}

/* Counting */

struct part_count {
	unsigned long files, octets;
	int64_t oldest;
};

static void count_part(const char *store, const char *part, struct part_count *count)
{
	DIR *folder = open_part(store, part);
	struct dirent *entry;
	struct stat found;

	*count = (struct part_count){.files = 0};
	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		int64_t when = strtoll(entry->d_name, NULL, 10);

		if (!is_file_name(entry) ||
		    fstatat(dirfd(folder), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		count->files++;
		count->octets += (unsigned long)found.st_size;
		if (when > 0 && (count->oldest == 0 || when < count->oldest))
			count->oldest = when;
	}
	closedir(folder);
}

/* Has the part changed since it was asked last? */
static bool has_changed(const char *store, const char *part, struct timespec *seen)
{
	char path[CAPTURE_FOLDER_PATH];
	struct stat found = {.st_mtim = {0, 0}};

	if (!capture_folder_path(path, store, part, "") || stat(path, &found) != 0)
		found.st_mtim = (struct timespec){0, 0};
	if (found.st_mtim.tv_sec == seen->tv_sec && found.st_mtim.tv_nsec == seen->tv_nsec)
		return false;
	*seen = found.st_mtim;
	return true;
}

void capture_folder_measure(struct capture_folder *folder)
{
	time_t now = clock_monotonic_seconds();
	bool due = folder->measured == 0 || now - folder->measured >= MEASURE_S;
	struct part_count count;

	if (has_changed(folder->store, "new", &folder->changed) || due) {
		count_part(folder->store, "new", &count);
		atomic_store(&folder->files, count.files);
		atomic_store(&folder->octets, count.octets);
		atomic_store(&folder->oldest, count.oldest);
		folder->measured = now;
	}
	if (has_changed(folder->store, "unreadable", &folder->changed_aside) || due) {
		count_part(folder->store, "unreadable", &count);
		atomic_store(&folder->unreadable, count.files);
	}
}

void capture_folder_count(struct capture_folder *folder, struct capture_folder_counts *counts)
{
	*counts = (struct capture_folder_counts){.waiting = atomic_load(&folder->files),
	                                         .octets = atomic_load(&folder->octets),
	                                         .unreadable = atomic_load(&folder->unreadable),
	                                         .oldest = atomic_load(&folder->oldest)};
}

/* Room */

bool capture_folder_reserve(struct capture_folder *folder, size_t octets)
{
	size_t before = atomic_fetch_add(&folder->writing, octets);

	if (before + octets + atomic_load(&folder->octets) <= octets_max)
		return true;
	atomic_fetch_sub(&folder->writing, octets);
	return false;
}

void capture_folder_release(struct capture_folder *folder, size_t octets)
{
	size_t before = atomic_fetch_sub(&folder->writing, octets);

	invariant(before >= octets);
}

bool capture_folder_has_room(struct capture_folder *folder, bool trusted)
{
	size_t max = trusted ? CAPTURE_FOLDER_FILES : CAPTURE_FOLDER_FILES / 2;

	return atomic_load(&folder->files) < max && atomic_load(&folder->octets) < octets_max;
}

/* Files */

static bool new_name(char name[CAPTURE_FOLDER_NAME])
{
	uint64_t random;

	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return false;
	snprintf(name, CAPTURE_FOLDER_NAME, "%010" PRIdMAX "-%016" PRIx64 ".mail",
	         (intmax_t)time(NULL), random);
	return true;
}

static int create(const char *store, char name[CAPTURE_FOLDER_NAME])
{
	char path[CAPTURE_FOLDER_PATH];
	int file;

	if (!new_name(name) || !capture_folder_path(path, store, "tmp", name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file >= 0)
		flock(file, LOCK_EX | LOCK_NB);
	return file;
}

int capture_folder_create(struct capture_folder *folder, char name[CAPTURE_FOLDER_NAME])
{
	int file = create(folder->store, name), error;

	if (file >= 0 || errno != ENOENT)
		return file;
	error = make_folders(folder->store);
	if (error == 0)
		return create(folder->store, name);
	errno = error;
	return -1;
}

void capture_folder_discard(struct capture_folder *folder, const char *name)
{
	char path[CAPTURE_FOLDER_PATH];

	if (capture_folder_path(path, folder->store, "tmp", name))
		unlink(path);
}

/* The name is on the disk only with its folder. */
static int sync_folder(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;

	if (folder < 0)
		return errno;
	if (fsync(folder) != 0)
		error = errno;
	close(folder);
	return error;
}

int capture_folder_keep(struct capture_folder *folder, const char *name, size_t octets,
                        size_t *reserved)
{
	char from[CAPTURE_FOLDER_PATH], to[CAPTURE_FOLDER_PATH], new[CAPTURE_FOLDER_PATH];

	if (!capture_folder_path(from, folder->store, "tmp", name) ||
	    !capture_folder_path(to, folder->store, "new", name) ||
	    !capture_folder_path(new, folder->store, "new", ""))
		return ENAMETOOLONG;
	if (rename(from, to) != 0)
		return errno;
	capture_folder_release(folder, *reserved);
	*reserved = 0;
	atomic_fetch_add(&folder->files, 1);
	atomic_fetch_add(&folder->octets, octets);
	return sync_folder(new);
}

/* Trouble */

static void log_trouble(const char *store, int error)
{
	const char *then = "mail goes on, and reports in it are not read";

	if (error == EDQUOT)
		log_warning("%s.received is full with %d files or %d MB of mail that waits to be "
		            "read as reports: %s; see why the reader does not empty it: assay "
		            "report read --captured",
		            store, CAPTURE_FOLDER_FILES, CAPTURE_FOLDER_MEGABYTES, then);
	else if (error == ENOSPC)
		log_warning("no room for copies of mail in %s.received: %s; make room on its file "
		            "system",
		            store, then);
	else
		log_warning("copies of mail cannot be kept in %s.received: %s: %s; give the folder "
		            "to the user that assayd runs as, or remove it",
		            store, strerror(error), then);
}

void capture_folder_trouble(struct capture_folder *folder, int error)
{
	long long now = (long long)clock_monotonic_seconds();
	int before;

	if (error == EFBIG)
		return;
	before = atomic_exchange(&folder->trouble, error);
	if (error == 0 && before != 0)
		log_info("copies of mail are kept in %s.received again", folder->store);
	if (error == 0 || (error == before && now - atomic_load(&folder->named) < NAMED_AGAIN_S))
		return;
	atomic_store(&folder->named, now);
	log_trouble(folder->store, error);
}

/* Listing */

static int by_name(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

bool capture_folder_list(const char *store, const char *part, size_t max, struct arena *arena,
                         const char *const **names, size_t *count)
{
	DIR *folder = open_part(store, part);
	size_t room = 0, all = 0;
	const char **list = NULL;
	struct dirent *entry;

	*names = NULL;
	*count = 0;
	if (folder == NULL)
		return errno == ENOENT;
	while ((entry = readdir(folder)) != NULL) {
		if (!is_file_name(entry))
			continue;
		list = arena_grow(arena, list, all, &room, 64, sizeof *list);
		list[all++] = arena_string(arena, entry->d_name);
	}
	closedir(folder);
	if (all > 0)
		qsort(list, all, sizeof *list, by_name);
	*names = list;
	*count = all < max ? all : max;
	return true;
}

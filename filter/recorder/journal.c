/*
 * journal.c - the folder of journal segments. recorder_add() appends from the message's path, the
 * import reads behind it.
 *
 * The lock guards the list and the counts, never a read or write: an append takes a counted
 * reference to the current segment, writes, and gives it back.
 */
#include "recorder/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"

static const char segment_suffix[] = ".rows"; /* another form of records gets another ending */

enum {
	SEGMENTS_MAX = 128 /* each keeps a file open */
};

struct segment {
	struct segment *next; /* younger */
	char name[JOURNAL_NAME];
	int file;
	unsigned writers; /* with a reference */
	int failed;       /* errno of the last append that failed, 0 */
	int64_t size;     /* octets appended, or found in it */
	int64_t position; /* of the import */
	unsigned long rows, imported;
};

struct journal {
	char *path;
	int folder;
	struct journal_limits limits;
	pthread_mutex_t lock;
	struct segment *oldest;
	struct segment *current; /* in the list too; NULL where none could be made */
	int64_t octets;          /* in all segments of the list */
};

static struct segment *segment_new(const char *name, int file, int64_t size)
{
	struct segment *segment = calloc(1, sizeof *segment);

	if (segment == NULL)
		return NULL;
	snprintf(segment->name, sizeof segment->name, "%s", name);
	segment->file = file;
	segment->size = size;
	segment->position = -1;
	return segment;
}

/* Time first, so that names sort by age; random digits last, so that two daemons or hosts never
 * choose the same. */
static bool new_name(char name[JOURNAL_NAME])
{
	uint64_t random[2];

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return false;
	snprintf(name, JOURNAL_NAME, "%010" PRIdMAX "-%016" PRIx64 "%08" PRIx32 "%s",
	         (intmax_t)time(NULL), random[0], (uint32_t)random[1], segment_suffix);
	return true;
}

static bool still_there(int file)
{
	struct stat status;

	return fstat(file, &status) == 0 && status.st_nlink > 0;
}

/* Between creating and locking, another daemon may take the empty file for an orphan and delete it:
 * then another name is tried. */
static int create_segment(struct journal *journal, struct segment **segment)
{
	for (int attempt = 0; attempt < 10; attempt++) {
		char name[JOURNAL_NAME];
		int file;

		if (!new_name(name))
			return EAGAIN;
		file = openat(journal->folder, name,
		              O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
		if (file < 0)
			return errno;
		if (flock(file, LOCK_EX | LOCK_NB) == 0 && still_there(file)) {
			*segment = segment_new(name, file, 0);
			if (*segment != NULL)
				return 0;
		}
		close(file);
	}
	return EAGAIN;
}

static void append_to_list(struct journal *journal, struct segment *segment)
{
	struct segment **end = &journal->oldest;

	while (*end != NULL)
		end = &(*end)->next;
	*end = segment;
}

static bool is_current_usable(struct journal *journal)
{
	struct segment *current;
	bool usable;

	pthread_mutex_lock(&journal->lock);
	current = journal->current;
	/* on a full disk another file would not help */
	usable = current != NULL && current->size < journal->limits.segment &&
	         (current->failed == 0 || current->failed == ENOSPC || current->failed == EDQUOT);
	pthread_mutex_unlock(&journal->lock);
	return usable && still_there(current->file);
}

static bool folder_still_there(struct journal *journal)
{
	struct stat now, opened;

	return stat(journal->path, &now) == 0 && fstat(journal->folder, &opened) == 0 &&
	       now.st_dev == opened.st_dev && now.st_ino == opened.st_ino;
}

static int open_folder(struct journal *journal)
{
	int folder;

	if (mkdir(journal->path, 0750) != 0 && errno != EEXIST)
		return errno;
	folder = open(journal->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return errno;
	if (journal->folder >= 0)
		close(journal->folder);
	journal->folder = folder;
	return 0;
}

static size_t count_segments(const struct journal *journal)
{
	size_t count = 0;

	for (const struct segment *segment = journal->oldest; segment != NULL;
	     segment = segment->next)
		count++;
	return count;
}

int journal_renew(struct journal *journal)
{
	struct segment *segment = NULL;
	int error;

	if (is_current_usable(journal) && folder_still_there(journal))
		return 0;
	if (count_segments(journal) >= SEGMENTS_MAX)
		return EDQUOT;
	error = folder_still_there(journal) ? 0 : open_folder(journal);
	if (error == 0)
		error = create_segment(journal, &segment);
	if (error != 0)
		return error;
	invariant(segment != NULL);
	log_debug("report journal: segment %s begins", segment->name);
	segment->position = 0;
	pthread_mutex_lock(&journal->lock);
	append_to_list(journal, segment);
	journal->current = segment;
	pthread_mutex_unlock(&journal->lock);
	return 0;
}

struct journal *journal_open(const char *folder, const struct journal_limits *limits,
                             struct problem *problem)
{
	struct journal *journal = calloc(1, sizeof *journal);
	int error;

	if (journal == NULL || (journal->path = strdup(folder)) == NULL) {
		free(journal);
		problem_say(problem, "no memory for the report journal");
		return NULL;
	}
	journal->folder = -1;
	journal->limits = *limits;
	pthread_mutex_init(&journal->lock, NULL);
	error = open_folder(journal);
	if (error == 0)
		error = journal_renew(journal);
	if (error == 0 || ((error == ENOSPC || error == EDQUOT) && journal->folder >= 0))
		return journal;
	problem_say(problem,
	            "cannot use the folder %s for report rows on their way to the store: %s; "
	            "create it and make it writable for the user that the daemon runs as",
	            folder, strerror(error));
	journal_close(journal);
	return NULL;
}

/* An empty segment is deleted: the next start has no use for it. */
static void segment_free(struct journal *journal, struct segment *segment)
{
	if (segment->size == 0 && segment->writers == 0)
		unlinkat(journal->folder, segment->name, 0);
	close(segment->file);
	free(segment);
}

void journal_close(struct journal *journal)
{
	while (journal->oldest != NULL) {
		struct segment *segment = journal->oldest;

		journal->oldest = segment->next;
		segment_free(journal, segment);
	}
	if (journal->folder >= 0)
		close(journal->folder);
	pthread_mutex_destroy(&journal->lock);
	free(journal->path);
	free(journal);
}

static struct segment *reference_segment(struct journal *journal, size_t length, int *error)
{
	struct segment *segment;

	pthread_mutex_lock(&journal->lock);
	segment = journal->current;
	*error = segment == NULL ? ENOSPC : 0;
	if (segment != NULL && journal->octets + (int64_t)length > journal->limits.all) {
		segment = NULL;
		*error = EDQUOT;
	}
	if (segment != NULL) {
		segment->writers++;
		journal->octets += (int64_t)length;
	}
	pthread_mutex_unlock(&journal->lock);
	return segment;
}

static void release_segment(struct journal *journal, struct segment *segment, size_t length,
                            size_t written, int error)
{
	pthread_mutex_lock(&journal->lock);
	invariant(segment->writers > 0 && written <= length);
	invariant(journal->octets >= (int64_t)(length - written));
	segment->writers--;
	segment->size += (int64_t)written;
	journal->octets -= (int64_t)(length - written);
	segment->failed = error;
	segment->rows += error == 0;
	pthread_mutex_unlock(&journal->lock);
}

int journal_append(struct journal *journal, const char *record, size_t length)
{
	int error;
	struct segment *segment = reference_segment(journal, length, &error);
	ssize_t written;

	if (segment == NULL)
		return error;
	do
		written = write(segment->file, record, length);
	while (written < 0 && errno == EINTR);
	error = written == (ssize_t)length ? 0 : written < 0 ? errno : ENOSPC;
	release_segment(journal, segment, length, written < 0 ? 0 : (size_t)written, error);
	return error;
}

/* No lock: only the import's thread changes the list, and it is the caller. */
struct segment *journal_next(struct journal *journal, const struct segment *segment)
{
	return segment == NULL ? journal->oldest : segment->next;
}

static bool is_in_list(const struct journal *journal, const char *name)
{
	for (const struct segment *segment = journal->oldest; segment != NULL;
	     segment = segment->next)
		if (strcmp(segment->name, name) == 0)
			return true;
	return false;
}

static bool is_segment_name(const char *name)
{
	size_t length = strlen(name);

	return length >= sizeof segment_suffix && length < JOURNAL_NAME &&
	       strcmp(name + length - (sizeof segment_suffix - 1), segment_suffix) == 0;
}

/* NULL where a living daemon holds it, or another one has just imported and deleted it. */
static struct segment *lock_orphan(struct journal *journal, const char *name)
{
	int file = openat(journal->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct segment *segment = NULL;
	struct stat status;

	if (file < 0)
		return NULL;
	if (flock(file, LOCK_EX | LOCK_NB) == 0 && fstat(file, &status) == 0 &&
	    S_ISREG(status.st_mode) && status.st_nlink > 0)
		segment = segment_new(name, file, status.st_size);
	if (segment == NULL)
		close(file);
	return segment;
}

struct segment *journal_adopt(struct journal *journal)
{
	struct segment *segment = NULL;
	DIR *folder = opendir(journal->path);
	struct dirent *entry;

	if (folder == NULL)
		return NULL;
	while (segment == NULL && (entry = readdir(folder)) != NULL)
		if (is_segment_name(entry->d_name) && !is_in_list(journal, entry->d_name))
			segment = lock_orphan(journal, entry->d_name);
	closedir(folder);
	if (segment == NULL)
		return NULL;
	log_debug("report journal: segment %s of a daemon that ended is taken over", segment->name);
	pthread_mutex_lock(&journal->lock);
	segment->next = journal->oldest;
	journal->oldest = segment;
	journal->octets += segment->size;
	pthread_mutex_unlock(&journal->lock);
	return segment;
}

const char *journal_segment_name(const struct segment *segment)
{
	return segment->name;
}

bool journal_is_final(struct journal *journal, const struct segment *segment)
{
	bool final;

	pthread_mutex_lock(&journal->lock);
	final = segment != journal->current && segment->writers == 0;
	pthread_mutex_unlock(&journal->lock);
	return final;
}

ssize_t journal_read(const struct segment *segment, int64_t position, char *bytes, size_t size)
{
	ssize_t got;

	do
		got = pread(segment->file, bytes, size, (off_t)position);
	while (got < 0 && errno == EINTR);
	return got;
}

int64_t journal_position(const struct segment *segment)
{
	return segment->position;
}

void journal_set_position(struct journal *journal, struct segment *segment, int64_t position,
                          unsigned long rows)
{
	pthread_mutex_lock(&journal->lock);
	segment->position = position;
	segment->imported = position == 0 ? 0 : segment->imported + rows;
	pthread_mutex_unlock(&journal->lock);
}

bool journal_drop(struct journal *journal, struct segment *segment)
{
	struct segment **link = &journal->oldest;

	if (unlinkat(journal->folder, segment->name, 0) != 0 && errno != ENOENT)
		return false;
	pthread_mutex_lock(&journal->lock);
	while (*link != segment) {
		invariant(*link != NULL);
		link = &(*link)->next;
	}
	invariant(journal->octets >= segment->size && segment->writers == 0);
	*link = segment->next;
	journal->octets -= segment->size;
	pthread_mutex_unlock(&journal->lock);
	close(segment->file);
	free(segment);
	return true;
}

void journal_retire(struct journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	journal->current = NULL;
	pthread_mutex_unlock(&journal->lock);
}

unsigned long journal_waiting(struct journal *journal)
{
	unsigned long waiting = 0;

	pthread_mutex_lock(&journal->lock);
	for (const struct segment *segment = journal->oldest; segment != NULL;
	     segment = segment->next)
		if (segment->rows > segment->imported)
			waiting += segment->rows - segment->imported;
	pthread_mutex_unlock(&journal->lock);
	return waiting;
}

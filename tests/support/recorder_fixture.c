/*
 * recorder_fixture.c - a folder with a store for each test, and a log that remembers. Linked into
 * the tests of the recorder instead of filter/base/log.c.
 */
#include "recorder_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "row_fixture.h"

/* The log */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char logged[65536];

static void __attribute__((format(printf, 1, 0))) note(const char *format, va_list arguments)
{
	pthread_mutex_lock(&log_lock);
	size_t length = strlen(logged);

	vsnprintf(logged + length, sizeof logged - length, format, arguments);
	pthread_mutex_unlock(&log_lock);
}

#define NOTE()                                                                                     \
	va_list arguments;                                                                         \
	va_start(arguments, format);                                                               \
	note(format, arguments);                                                                   \
	va_end(arguments)

void log_error(const char *format, ...)
{
	NOTE();
}

void log_warning(const char *format, ...)
{
	NOTE();
}

void log_info(const char *format, ...)
{
	NOTE();
}

bool log_is_debug(void)
{
	return false;
}

void log_debug_line(const char *format, ...)
{
	(void)format;
}

int recorder_fixture_said(const char *words)
{
	int times = 0;

	pthread_mutex_lock(&log_lock);
	for (const char *at = strstr(logged, words); at != NULL; at = strstr(at + 1, words))
		times++;
	pthread_mutex_unlock(&log_lock);
	return times;
}

int recorder_fixture_says(const char *words)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};

	for (int waited = 0; waited < LONG_MS && recorder_fixture_said(words) == 0; waited += 10)
		nanosleep(&pause, NULL);
	return recorder_fixture_said(words);
}

int recorder_fixture_set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.folder = "/tmp/assay-recorder-XXXXXX"};
	if (mkdtemp(fixture.folder) == NULL)
		return -1;
	snprintf(fixture.store, sizeof fixture.store, "%s/reports.db", fixture.folder);
	snprintf(fixture.journal, sizeof fixture.journal, "%s.rows", fixture.store);
	fixture.settings = (struct report_settings){
	    .store = fixture.store, .organization = "", .email = "", .waiting = 1000};
	logged[0] = '\0';
	*state = &fixture;
	return 0;
}

void recorder_fixture_empty(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	char name[512];

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		unlink(name);
	}
	if (folder != NULL)
		closedir(folder);
	rmdir(path);
}

int recorder_fixture_tear_down(void **state)
{
	struct fixture *fixture = *state;

	recorder_fixture_empty(fixture->journal);
	recorder_fixture_empty(fixture->folder); /* what was mounted stays, empty */
	umount2(fixture->folder, MNT_DETACH);
	recorder_fixture_empty(fixture->folder);
	return 0;
}

struct recorder *recorder_fixture_open(struct fixture *fixture)
{
	struct recorder *recorder = recorder_open(&fixture->settings, &fixture->problem);

	assert_non_null(recorder);
	return recorder;
}

int recorder_fixture_segments(const struct fixture *fixture, char path[512])
{
	DIR *folder = opendir(fixture->journal);
	struct dirent *entry;
	int count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (strstr(entry->d_name, ".rows") == NULL)
			continue;
		count++;
		if (path != NULL)
			snprintf(path, 512, "%s/%s", fixture->journal, entry->d_name);
	}
	closedir(folder);
	return count;
}

long recorder_fixture_ask(const struct fixture *fixture, const char *question)
{
	sqlite3 *database;
	sqlite3_stmt *statement;
	long number = -1;

	assert_int_equal(sqlite3_open_v2(fixture->store, &database, SQLITE_OPEN_READONLY, NULL),
	                 SQLITE_OK);
	sqlite3_busy_timeout(database, LONG_MS);
	if (sqlite3_prepare_v2(database, question, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", question, sqlite3_errmsg(database));
	if (sqlite3_step(statement) == SQLITE_ROW)
		number = (long)sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(database);
	return number;
}

void recorder_fixture_tell(const struct fixture *fixture, const char *statements)
{
	sqlite3 *database;
	char *error = NULL;

	assert_int_equal(sqlite3_open(fixture->store, &database), SQLITE_OK);
	if (sqlite3_exec(database, statements, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s", error);
	sqlite3_close(database);
}

long recorder_fixture_messages(const struct fixture *fixture)
{
	return recorder_fixture_ask(fixture, "SELECT coalesce(sum(count), 0) FROM rows");
}

static const struct row_dkim signature[] = {{"example.org", "s1", "pass", ""}};

struct report_row recorder_fixture_row(const char *header_from, const char *source)
{
	struct report_row row = row_fixture();

	row.header_from = header_from;
	row.source = source;
	row.dkim = signature;
	row.dkim_count = 1;
	return row;
}

void recorder_fixture_add(struct recorder *recorder, int count)
{
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");

	for (int i = 0; i < count; i++)
		assert_true(recorder_add(recorder, &row));
}

/*
 * recorder_trouble_test.c - disks that are full, folders that go away, stores that take no rows:
 * rows wait, mail goes on, the log says what to do, and in the end every row counts once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/journal.h"
#include "recorder_fixture.h"
#include "store/store_sqlite.h"

enum {
	SHORT_MS = 300, /* for what cannot succeed */
	NOBODY = 65534
};

static void limit_files(rlim_t octets)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = octets == RLIM_INFINITY ? limit.rlim_max : octets;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* By way of the namespace's root: in a chroot / may be no mount point. */
static bool make_mounts_private(void)
{
	int root = open("/", O_RDONLY | O_CLOEXEC);
	int namespace = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC);
	bool good = root >= 0 && namespace >= 0 && setns(namespace, CLONE_NEWNS) == 0 &&
	            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && fchdir(root) == 0 &&
	            chroot(".") == 0;

	close(root);
	close(namespace);
	return good;
}

/* A disk of 1 MB, in a mount namespace of this program's own: however it ends, nothing stays
 * mounted. */
static bool small_disk(const struct fixture *fixture)
{
	return unshare(CLONE_NEWNS) == 0 && make_mounts_private() &&
	       mount("tmpfs", fixture->folder, "tmpfs", 0, "size=1m") == 0;
}

/* Something that takes all the room that is left. */
static void fill_disk(const struct fixture *fixture)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/ballast", fixture->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	setbuf(file, NULL);
	while (fwrite("x", 1, 1, file) == 1)
		;
	fclose(file);
}

static void a_full_disk_loses_nothing_that_fits_in_memory(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder;
	struct recorder_counts counts;
	char path[128];

	if (!small_disk(fixture))
		skip();
	recorder = recorder_fixture_open(fixture);
	recorder_fixture_add(recorder, 100);
	assert_true(recorder_flush(recorder, LONG_MS));
	fill_disk(fixture);
	recorder_fixture_add(recorder, 500);
	assert_false(recorder_flush(recorder, SHORT_MS));
	recorder_count(recorder, &counts);
	assert_true(counts.waiting > 400);
	assert_true(recorder_fixture_says("make room there") >= 1);
	snprintf(path, sizeof path, "%s/ballast", fixture->folder);
	unlink(path);
	assert_true(recorder_flush(recorder, LONG_MS));
	recorder_count(recorder, &counts);
	assert_int_equal(counts.added, 600);
	assert_int_equal(counts.waiting, 0);
	assert_int_equal(counts.lost, 0);
	assert_int_equal(recorder_fixture_said("are written to"), 1);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 600);
}

/* A daemon that starts when the disk is full already. */
static void a_full_disk_keeps_no_daemon_from_starting(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder;
	char path[128];

	if (!small_disk(fixture))
		skip();
	assert_int_equal(mkdir(fixture->journal, 0750), 0);
	fill_disk(fixture);
	recorder = recorder_fixture_open(fixture);
	recorder_fixture_add(recorder, 500);
	assert_false(recorder_flush(recorder, SHORT_MS));
	snprintf(path, sizeof path, "%s/ballast", fixture->folder);
	unlink(path);
	assert_true(recorder_flush(recorder, LONG_MS));
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 500);
}

static void what_does_not_fit_in_memory_is_counted(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder;
	struct recorder_counts counts;
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");
	int added = 0;

	signal(SIGXFSZ, SIG_IGN);
	fixture->settings.waiting = 100;
	recorder = recorder_fixture_open(fixture);
	assert_true(recorder_flush(recorder, LONG_MS));
	limit_files(0);
	for (int i = 0; i < 150; i++)
		added += recorder_add(recorder, &row);
	recorder_count(recorder, &counts);
	assert_int_equal(added, 100);
	assert_int_equal(counts.added, 100);
	assert_int_equal(counts.lost, 50);
	assert_int_equal(counts.waiting, 100);
	limit_files(RLIM_INFINITY);
	assert_true(recorder_flush(recorder, LONG_MS));
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 100);
	assert_true(recorder_fixture_said("50 report rows were lost (50 in all)") == 1 ||
	            recorder_fixture_said("50 were lost so far") >= 1);
}

/* Each write spoils its segment and asks for another; nothing is ever imported. */
static void segments_that_nobody_imports_do_not_take_all_files(void **state)
{
	static const struct journal_limits limits = {.segment = 1 << 20, .all = 1 << 30};
	struct fixture *fixture = *state;
	struct journal *journal = journal_open(fixture->journal, &limits, &fixture->problem);
	int segments;

	assert_non_null(journal);
	signal(SIGXFSZ, SIG_IGN);
	limit_files(5);
	for (int i = 0; i < 1000; i++) {
		assert_int_not_equal(journal_append(journal, "\na record", 9), 0);
		journal_renew(journal);
	}
	limit_files(RLIM_INFINITY);
	segments = recorder_fixture_segments(fixture, NULL);
	assert_true(segments > 1 && segments < 200);
	assert_int_equal(journal_renew(journal), EDQUOT);
	journal_close(journal);
}

static void a_journal_folder_that_goes_away_comes_again(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);

	recorder_fixture_add(recorder, 3);
	assert_true(recorder_flush(recorder, LONG_MS));
	recorder_fixture_empty(fixture->journal);
	recorder_fixture_add(recorder, 3);
	assert_true(recorder_flush(recorder, LONG_MS));
	recorder_fixture_add(recorder, 3);
	assert_int_equal(recorder_fixture_segments(fixture, NULL), 1);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 9);
}

static void a_folder_that_cannot_be_made_is_a_problem(void **state)
{
	struct fixture *fixture = *state;
	char path[256];

	fclose(fopen(fixture->store, "w"));
	snprintf(path, sizeof path, "%s/below/reports.db", fixture->store);
	fixture->settings.store = path;
	assert_null(recorder_open(&fixture->settings, &fixture->problem));
	assert_non_null(strstr(fixture->problem.message, path));
}

static void tell(sqlite3 *database, const char *words)
{
	if (sqlite3_exec(database, words, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", words, sqlite3_errmsg(database));
}

static sqlite3 *must_connect(const struct fixture *fixture)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open(fixture->store, &database), SQLITE_OK);
	sqlite3_busy_timeout(database, LONG_MS);
	return database;
}

static void expect_late(struct fixture *fixture, struct recorder *recorder, const char *words)
{
	struct recorder_counts counts;

	recorder_fixture_add(recorder, 5);
	assert_false(recorder_flush(recorder, SHORT_MS));
	recorder_count(recorder, &counts);
	assert_int_equal(counts.waiting, 5);
	assert_int_equal(counts.lost, 0);
	assert_int_equal(recorder_fixture_says(words), 1);
	assert_int_equal(recorder_fixture_said(fixture->journal), 1);
}

static void expect_arrival(struct fixture *fixture, struct recorder *recorder)
{
	assert_true(recorder_flush(recorder, LONG_MS));
	assert_int_equal(recorder_fixture_said("reach the store again"), 1);
	assert_int_equal(recorder_fixture_messages(fixture), 6);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 6);
}

static void make_store(struct fixture *fixture)
{
	struct recorder *recorder = recorder_fixture_open(fixture);

	recorder_fixture_add(recorder, 1);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 1);
}

static void a_locked_store_is_waited_for(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder;
	sqlite3 *other;

	make_store(fixture);
	recorder = recorder_fixture_open(fixture);
	assert_true(recorder_flush(recorder, LONG_MS));
	other = must_connect(fixture);
	tell(other, "BEGIN EXCLUSIVE");
	recorder_fixture_add(recorder, 5);
	assert_false(recorder_flush(recorder, 5 * SHORT_MS + 1000));
	assert_int_equal(recorder_fixture_says("another program holds it"), 1);
	assert_int_equal(recorder_fixture_said("5 report rows wait"), 1);
	tell(other, "COMMIT");
	sqlite3_close(other);
	expect_arrival(fixture, recorder);
}

static void a_read_only_store_is_waited_for(void **state)
{
	struct fixture *fixture = *state;
	bool root = geteuid() == 0;
	struct recorder *recorder;

	/* permissions are nothing to root */
	if (root)
		assert_int_equal(chown(fixture->folder, NOBODY, NOBODY), 0);
	assert_int_equal(seteuid(root ? NOBODY : geteuid()), 0);
	make_store(fixture);
	assert_int_equal(chmod(fixture->store, 0440), 0);
	recorder = recorder_fixture_open(fixture);
	expect_late(fixture, recorder, "read-only");
	assert_int_equal(chmod(fixture->store, 0640), 0);
	expect_arrival(fixture, recorder);
	assert_int_equal(root ? seteuid(0) : 0, 0);
}

/* The file is as good as ever: nobody is asked to move it away. */
static void a_store_without_a_free_file_is_no_broken_store(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit before, none;
	struct store *store;

	make_store(fixture);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(store_open(fixture->store, &store, &fixture->problem), STORE_BROKEN);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_non_null(strstr(fixture->problem.message, strerror(EMFILE)));
	assert_null(strstr(fixture->problem.message, "move it away"));
}

/* As memory may be exhausted for ROLLBACK too: the batch is refused, the daemon lives on. */
static void a_batch_that_was_not_undone_admits_no_other(void **state)
{
	struct fixture *fixture = *state;
	struct tally tally = {0};
	const struct store_batch batch = {.journal = "some.rows", .to = 1, .tally = &tally};
	struct store_skipped skipped;
	struct store *store;

	assert_int_equal(store_open(fixture->store, &store, &fixture->problem), STORE_DONE);
	assert_true(store_sqlite_execute(store, "BEGIN"));
	assert_int_equal(store_record(store, &batch, &skipped, &fixture->problem), STORE_BROKEN);
	assert_non_null(strstr(fixture->problem.message, "could not be undone"));
	store_close(store);
}

/* As an entry may do for a reason that nobody has thought of. */
static void a_row_that_breaks_a_constraint_holds_up_no_other(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");
	struct report_row other = recorder_fixture_row("example.net", "192.0.2.1");
	sqlite3 *beside;

	recorder_fixture_add(recorder, 2);
	assert_true(recorder_flush(recorder, LONG_MS));
	beside = must_connect(fixture);
	tell(beside, "UPDATE reports SET state = 'failed'");
	sqlite3_close(beside);
	other.policy_domain = "example.net";
	for (int i = 0; i < 3; i++) {
		assert_true(recorder_add(recorder, &row));
		assert_true(recorder_add(recorder, &other));
	}
	assert_true(recorder_flush(recorder, LONG_MS));
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 5);
	assert_int_equal(recorder_fixture_segments(fixture, NULL), 0);
	assert_int_equal(recorder_fixture_said("3 report rows do not fit into the report store"),
	                 1);
	assert_int_equal(recorder_fixture_said("example.org: UNIQUE constraint failed"), 1);
	assert_int_equal(recorder_fixture_said("move it away"), 0);
}

static void a_newer_store_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder;
	sqlite3 *other;

	make_store(fixture);
	other = must_connect(fixture);
	tell(other, "PRAGMA user_version = 99");
	recorder = recorder_fixture_open(fixture);
	expect_late(fixture, recorder, "schema version 99");
	tell(other, "PRAGMA user_version = 8");
	sqlite3_close(other);
	expect_arrival(fixture, recorder);
}

/* As no program makes it; it must not be taken for one that is brought up to date. */
static void a_store_of_no_version_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	sqlite3 *other = must_connect(fixture);
	struct recorder *recorder;

	tell(other, "PRAGMA application_id = 0x41737361; PRAGMA user_version = -5");
	recorder = recorder_fixture_open(fixture);
	expect_late(fixture, recorder, "another program");
	tell(other, "PRAGMA user_version = 0");
	sqlite3_close(other);
	assert_true(recorder_flush(recorder, LONG_MS));
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 5);
}

static void a_foreign_database_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	sqlite3 *other = must_connect(fixture);
	struct recorder *recorder;

	tell(other, "CREATE TABLE theirs (one)");
	recorder = recorder_fixture_open(fixture);
	expect_late(fixture, recorder, "another program");
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT count(*) FROM sqlite_schema"), 1);
	sqlite3_close(other);
	unlink(fixture->store);
	assert_true(recorder_flush(recorder, LONG_MS));
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 5);
}

static void a_file_that_is_no_database_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder;
	struct stat status;
	FILE *file = fopen(fixture->store, "w");

	for (int i = 0; i < 1000; i++)
		fputs("all work and no play", file);
	fclose(file);
	recorder = recorder_fixture_open(fixture);
	expect_late(fixture, recorder, "name another file");
	assert_int_equal(stat(fixture->store, &status), 0);
	assert_int_equal(status.st_size, 20000);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_segments(fixture, NULL), 1);
}

/* The new store gets what is still in the journal, also what the deleted one had. */
static void a_deleted_store_is_made_again(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);

	recorder_fixture_add(recorder, 5);
	assert_true(recorder_flush(recorder, LONG_MS));
	assert_int_equal(recorder_fixture_messages(fixture), 5);
	unlink(fixture->store);
	recorder_fixture_add(recorder, 3);
	assert_true(recorder_flush(recorder, LONG_MS));
	assert_int_equal(recorder_fixture_said("was deleted or replaced"), 1);
	assert_int_equal(recorder_fixture_messages(fixture), 8);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 8);
	assert_int_equal(
	    recorder_fixture_ask(
	        fixture,
	        "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
	    0);
}

static void a_store_deleted_under_two_daemons_is_one_store_again(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *one = recorder_fixture_open(fixture),
	                *other = recorder_fixture_open(fixture);

	recorder_fixture_add(one, 5);
	recorder_fixture_add(other, 5);
	assert_true(recorder_flush(one, LONG_MS));
	assert_true(recorder_flush(other, LONG_MS));
	unlink(fixture->store);
	recorder_fixture_add(one, 3);
	assert_true(recorder_flush(one, LONG_MS));
	recorder_fixture_add(other, 3);
	assert_true(recorder_flush(other, LONG_MS));
	recorder_fixture_add(one, 1);
	recorder_close(other);
	assert_true(recorder_flush(one, LONG_MS));
	assert_int_equal(recorder_fixture_messages(fixture), 17);
	recorder_close(one);
	assert_int_equal(recorder_fixture_messages(fixture), 17);
	assert_int_equal(
	    recorder_fixture_ask(
	        fixture,
	        "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
	    0);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, recorder_fixture_set_up, recorder_fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_full_disk_loses_nothing_that_fits_in_memory),
	    TEST(a_full_disk_keeps_no_daemon_from_starting),
	    TEST(what_does_not_fit_in_memory_is_counted),
	    TEST(segments_that_nobody_imports_do_not_take_all_files),
	    TEST(a_journal_folder_that_goes_away_comes_again),
	    TEST(a_folder_that_cannot_be_made_is_a_problem),
	    TEST(a_locked_store_is_waited_for),
	    TEST(a_read_only_store_is_waited_for),
	    TEST(a_store_without_a_free_file_is_no_broken_store),
	    TEST(a_row_that_breaks_a_constraint_holds_up_no_other),
	    TEST(a_newer_store_is_left_alone),
	    TEST(a_store_of_no_version_is_left_alone),
	    TEST(a_batch_that_was_not_undone_admits_no_other),
	    TEST(a_foreign_database_is_left_alone),
	    TEST(a_file_that_is_no_database_is_left_alone),
	    TEST(a_deleted_store_is_made_again),
	    TEST(a_store_deleted_under_two_daemons_is_one_store_again),
	};

	return cmocka_run_group_tests_name("recorder trouble", tests, NULL, NULL);
}

/*
 * recorder_kill_test.c - rows from recorder_add() to the store while the daemon is killed: at
 * random moments, and at each single write. Whatever happens, an added row counts once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recorder_fixture.h"

enum {
	THREADS = 4
};

/* Killed at any moment */

struct tally_sheet {
	atomic_long begun[THREADS], added[THREADS];
};

struct adder {
	struct recorder *recorder;
	struct tally_sheet *sheet;
	int round, number;
};

static void *add_until_killed(void *with)
{
	const struct adder *adder = with;
	char header_from[64] = "";
	struct report_row row = recorder_fixture_row(header_from, "192.0.2.1");

	snprintf(header_from, sizeof header_from, "t%d.r%d.example.org", adder->number,
	         adder->round);
	for (;;) {
		atomic_fetch_add(&adder->sheet->begun[adder->number], 1);
		if (!recorder_add(adder->recorder, &row))
			_exit(1);
		atomic_fetch_add(&adder->sheet->added[adder->number], 1);
	}
}

static void live_and_die(struct fixture *fixture, struct tally_sheet *sheet, int round)
{
	struct adder adders[THREADS];
	struct recorder *recorder = recorder_open(&fixture->settings, &fixture->problem);
	pthread_t thread;

	if (recorder == NULL)
		_exit(2);
	for (int i = 0; i < THREADS; i++) {
		adders[i] = (struct adder){recorder, sheet, round, i};
		if (pthread_create(&thread, NULL, add_until_killed, &adders[i]) != 0)
			_exit(3);
	}
	for (;;)
		pause();
}

static void kill_one(struct fixture *fixture, struct tally_sheet *sheet, int round)
{
	struct timespec life = {.tv_nsec = rand() % 60 * 1000000L};
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		live_and_die(fixture, sheet, round);
	nanosleep(&life, NULL);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void check_sheet(struct fixture *fixture, struct tally_sheet *sheet, int round)
{
	for (int i = 0; i < THREADS; i++) {
		long begun = atomic_load(&sheet->begun[i]), added = atomic_load(&sheet->added[i]),
		     counted;
		char question[128];

		snprintf(question, sizeof question,
		         "SELECT coalesce(sum(count), 0) FROM rows WHERE header_from = "
		         "'t%d.r%d.example.org'",
		         i, round);
		counted = recorder_fixture_ask(fixture, question);
		assert_true(begun - added <= 1);
		if (counted < added || counted > begun)
			fail_msg("round %d thread %d: %ld begun, %ld added, %ld counted", round, i,
			         begun, added, counted);
	}
}

/* A row that was added when SIGKILL came counts once; one that was being added counts once or not.
 */
static void rows_outlive_kills_and_count_once(void **state)
{
	struct fixture *fixture = *state;
	const char *wish = getenv("ASSAY_KILLS");
	int rounds = wish != NULL ? atoi(wish) : 40;
	size_t size = (size_t)rounds * sizeof(struct tally_sheet);
	struct tally_sheet *sheets =
	    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct recorder *recorder;
	long added = 0;

	assert_true(sheets != MAP_FAILED);
	srand((unsigned)time(NULL));
	for (int round = 0; round < rounds; round++)
		kill_one(fixture, &sheets[round], round);
	recorder = recorder_fixture_open(fixture);
	assert_true(recorder_flush(recorder, LONG_MS));
	recorder_close(recorder);
	for (int round = 0; round < rounds; round++) {
		check_sheet(fixture, &sheets[round], round);
		for (int i = 0; i < THREADS; i++)
			added += atomic_load(&sheets[round].added[i]);
	}
	print_message("%d kills, %ld rows added, %ld counted\n", rounds, added,
	              recorder_fixture_messages(fixture));
	assert_true(added > 0);
	assert_int_equal(recorder_fixture_segments(fixture, NULL), 0);
	munmap(sheets, size);
}

/*
 * Killed at every write: random moments seldom meet the few instructions between two steps of the
 * import, so here the daemon dies at each single write of SQLite in turn, before it, in the middle
 * of it and after it.
 */

enum moment {
	MOMENT_BEFORE,
	MOMENT_WITHIN,
	MOMENT_AFTER,
	MOMENT_COUNT
};

static atomic_long writes_to_live;
static enum moment moment_to_die;
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);

static ssize_t deadly_pwrite(int file, const void *bytes, size_t length, off_t at)
{
	bool last = atomic_fetch_sub(&writes_to_live, 1) == 1;
	ssize_t written;

	if (last && moment_to_die == MOMENT_BEFORE)
		kill(getpid(), SIGKILL);
	written = real_pwrite(file, bytes,
	                      last && moment_to_die == MOMENT_WITHIN ? length / 2 : length, at);
	if (last)
		kill(getpid(), SIGKILL);
	return written;
}

static void die_at_write(long number, enum moment moment)
{
	sqlite3_vfs *system = sqlite3_vfs_find(NULL);
	sqlite3_syscall_ptr real = system->xGetSystemCall(system, "pwrite64");

	if (real == NULL)
		_exit(4);
	memcpy(&real_pwrite, &real, sizeof real_pwrite);
	atomic_store(&writes_to_live, number);
	moment_to_die = moment;
	system->xSetSystemCall(system, "pwrite64", (sqlite3_syscall_ptr)deadly_pwrite);
}

static void live_a_short_life(struct fixture *fixture, atomic_long *added)
{
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");
	struct recorder *recorder = recorder_open(&fixture->settings, &fixture->problem);

	if (recorder == NULL)
		_exit(2);
	for (int i = 0; i < 3; i++) {
		for (int rows = 0; rows < 5; rows++)
			if (recorder_add(recorder, &row))
				atomic_fetch_add(added, 1);
		if (!recorder_flush(recorder, LONG_MS))
			_exit(3);
	}
	recorder_close(recorder);
	_exit(0);
}

/* True: the child died of the write; false: it made fewer writes than `number`. */
static bool dies_at(struct fixture *fixture, long number, enum moment moment, atomic_long *added)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		die_at_write(number, moment);
		live_a_short_life(fixture, added);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
	return WIFSIGNALED(status);
}

static void a_kill_at_any_write_counts_each_row_once(void **state)
{
	struct fixture *fixture = *state;
	atomic_long *added =
	    mmap(NULL, sizeof *added, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long deaths = 0;

	assert_true(added != MAP_FAILED);
	for (int moment = 0; moment < MOMENT_COUNT; moment++) {
		bool died = true;

		for (long number = 1; died; number++) {
			struct recorder *recorder;

			atomic_store(added, 0);
			died = dies_at(fixture, number, (enum moment)moment, added);
			deaths += died;
			recorder = recorder_fixture_open(fixture);
			assert_true(recorder_flush(recorder, LONG_MS));
			recorder_close(recorder);
			/* the adding thread can be overtaken by death between the row and its tick
			 */
			long counted = recorder_fixture_messages(fixture),
			     ticked = atomic_load(added);
			if (counted != ticked && counted != ticked + 1)
				fail_msg("write %ld, moment %d: %ld added, %ld counted", number,
				         moment, ticked, counted);
			assert_int_equal(recorder_fixture_segments(fixture, NULL), 0);
			recorder_fixture_empty(fixture->journal);
			unlink(fixture->store);
		}
	}
	print_message("%ld deaths\n", deaths);
	assert_true(deaths > 3 * 20);
	munmap(added, sizeof *added);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, recorder_fixture_set_up, recorder_fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rows_outlive_kills_and_count_once),
	    TEST(a_kill_at_any_write_counts_each_row_once),
	};

	return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}

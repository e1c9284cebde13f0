/*
 * recorder_bench.c - what recording costs a message, and how fast rows reach the store.
 *
 *     recorder_bench [ROWS [DOMAINS [SOURCES]]]     1000000 5000 50000
 *
 * Each by the clock, which on a busy machine counts waiting for a processor too, and in processor
 * time. Mixes: `paced`, a twentieth of the rows at the pace of a busy mail server (about 2000 a
 * second); as fast as it goes, `usual`, in which each source sends for one domain, so that rows add
 * up; and `scattered`, in which any source sends for any domain, so that nearly every row is new.
 * Status 1 where the store does not have every row.
 */
#include <dirent.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "recorder/recorder.h"
#include "row_fixture.h"

enum {
	THREADS_MAX = 8
};

struct mix {
	const char *name;
	bool scattered;
	long rows, domains, sources;
	long pause_us; /* of a thread between two rows */
};

struct adder {
	const struct mix *mix;
	struct recorder *recorder;
	long rows;
	unsigned seed;
	double seconds,
	    processor; /* inside recorder_add(), all rows: by the clock, and of the processor */
	double slowest;
};

static double now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct names {
	char domain[64], source[32], selector[16], recipient[32];
};

static void choose(struct adder *adder, struct names *names)
{
	const struct mix *mix = adder->mix;
	long source =
	    (long)((double)rand_r(&adder->seed) / ((double)RAND_MAX + 1) * (double)mix->sources);
	long domain = mix->scattered ? rand_r(&adder->seed) % mix->domains : source % mix->domains;

	snprintf(names->domain, sizeof names->domain, "domain%ld.example", domain);
	snprintf(names->source, sizeof names->source, "10.%ld.%ld.%ld", source >> 16,
	         source >> 8 & 255, source & 255);
	snprintf(names->selector, sizeof names->selector, "s%ld", domain % 3);
	snprintf(names->recipient, sizeof names->recipient, "hosted%d.example",
	         rand_r(&adder->seed) % 3);
}

static void add_one(struct adder *adder)
{
	struct names names;

	choose(adder, &names);
	const struct row_dkim dkim[] = {{names.domain, names.selector, "pass", ""},
	                                {"esp.example.net", "k1", "pass", ""}};
	struct report_row row = row_fixture();
	double processor, began, took;

	row.policy_domain = row.header_from = names.domain;
	row.source = names.source;
	row.envelope_from = row.spf_domain = "bounces.esp.example.net";
	row.envelope_to = names.recipient;
	row.dkim = dkim;
	row.dkim_count = 2;
	processor = now(CLOCK_THREAD_CPUTIME_ID), began = now(CLOCK_MONOTONIC);
	if (!recorder_add(adder->recorder, &row))
		fprintf(stderr, "a row was lost\n");
	took = now(CLOCK_MONOTONIC) - began;
	adder->processor += now(CLOCK_THREAD_CPUTIME_ID) - processor;
	adder->seconds += took;
	adder->slowest = took > adder->slowest ? took : adder->slowest;
}

static void *add_all(void *with)
{
	struct adder *adder = with;

	for (long i = 0; i < adder->rows; i++) {
		add_one(adder);
		if (adder->mix->pause_us > 0)
			usleep((useconds_t)adder->mix->pause_us);
	}
	return NULL;
}

static void empty(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	char name[512];

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    unlink(name) != 0)
			empty(name);
	}
	if (folder != NULL)
		closedir(folder);
	rmdir(path);
}

/* Messages and rows in the store. */
static long ask(const char *store, const char *question)
{
	sqlite3 *database;
	sqlite3_stmt *statement = NULL;
	long answer = -1;

	if (sqlite3_open_v2(store, &database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(database, question, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		answer = (long)sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(database);
	return answer;
}

static void add_in_threads(struct adder *adders, int threads)
{
	pthread_t handles[THREADS_MAX];

	for (int i = 0; i < threads; i++)
		pthread_create(&handles[i], NULL, add_all, &adders[i]);
	for (int i = 0; i < threads; i++)
		pthread_join(handles[i], NULL);
}

static void print_adding(const struct mix *mix, const struct adder *adders, int threads,
                         double added, double all)
{
	double seconds = 0, processor = 0, slowest = 0;

	for (int i = 0; i < threads; i++) {
		seconds += adders[i].seconds;
		processor += adders[i].processor;
		slowest = adders[i].slowest > slowest ? adders[i].slowest : slowest;
	}
	printf("%-9s %d threads: %.2f us a recorder_add (processor %.2f us, slowest %.1f ms), %.0f "
	       "added/s, %.0f in the store/s, last one %.2f s after its add\n",
	       mix->name, threads, seconds * 1e6 / (double)mix->rows,
	       processor * 1e6 / (double)mix->rows, slowest * 1e3, (double)mix->rows / added,
	       (double)mix->rows / all, all - added);
}

static bool measure(const struct mix *mix, int threads)
{
	char folder[] = "/tmp/assay-bench-XXXXXX", store[64];
	struct report_settings settings = {
	    .store = store, .organization = "", .email = "", .waiting = 100000};
	struct adder adders[THREADS_MAX] = {{0}};
	struct problem problem;
	struct recorder *recorder;
	struct stat status;
	double began, added;
	long messages;

	if (mkdtemp(folder) == NULL)
		return false;
	snprintf(store, sizeof store, "%s/reports.db", folder);
	recorder = recorder_open(&settings, &problem);
	if (recorder == NULL) {
		fprintf(stderr, "%s\n", problem.message);
		return false;
	}
	for (int i = 0; i < threads; i++)
		adders[i] = (struct adder){mix,
		                           recorder,
		                           mix->rows / threads + (i < mix->rows % threads),
		                           (unsigned)i + 1,
		                           0,
		                           0,
		                           0};
	began = now(CLOCK_MONOTONIC);
	add_in_threads(adders, threads);
	added = now(CLOCK_MONOTONIC) - began;
	recorder_flush(recorder, 600000);
	print_adding(mix, adders, threads, added, now(CLOCK_MONOTONIC) - began);
	recorder_close(recorder);
	messages = ask(store, "SELECT sum(count) FROM counted");
	if (stat(store, &status) != 0)
		status.st_size = 0;
	printf("          %ld messages are %ld rows of %ld reports, %.1f MB\n", messages,
	       ask(store, "SELECT count(*) FROM counted"),
	       ask(store, "SELECT count(*) FROM reports"), (double)status.st_size / 1e6);
	empty(folder);
	return messages == mix->rows;
}

static long number(int argc, char **argv, int index, long standard)
{
	long given = argc > index ? atol(argv[index]) : standard;

	return given > 0 ? given : standard;
}

int main(int argc, char **argv)
{
	struct mix usual = {"usual",
	                    false,
	                    number(argc, argv, 1, 1000000),
	                    number(argc, argv, 2, 5000),
	                    number(argc, argv, 3, 50000),
	                    0};
	struct mix scattered = usual, paced = usual;
	bool good;

	scattered.name = "scattered";
	scattered.scattered = true;
	paced.name = "paced";
	paced.rows = usual.rows > 20 ? usual.rows / 20 : 1;
	paced.pause_us = 4000;
	good = measure(&paced, THREADS_MAX) && measure(&usual, 1) && measure(&usual, THREADS_MAX) &&
	       measure(&scattered, THREADS_MAX);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

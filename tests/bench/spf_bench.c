/*
 * spf_bench.c - SPF evaluations a second with both engines: a record with three includes, every
 * answer at hand.
 *
 *     tests/bench/spf_bench [SECONDS]     in all; default 4
 *
 * Prints a line an engine and the ratio. Not part of `make check`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "spf/spf_evaluate.h"
#include "spf/spf_libspf2.h"

static const struct zone_row {
	const char *name;
	const char *text;
} zone[] = {
    {"example.org", "v=spf1 ip4:198.51.100.0/24 include:_spf.a.example include:_spf.b.example "
                    "include:_spf.c.example ~all"},
    {"_spf.a.example", "v=spf1 ip4:203.0.113.0/26 ip4:203.0.113.128/27 ip6:2001:db8:a::/48 ~all"},
    {"_spf.b.example",
     "v=spf1 ip4:10.1.0.0/16 ip4:10.2.0.0/16 ip4:10.3.0.0/16 ip6:2001:db8:b::/48 -all"},
    {"_spf.c.example", "v=spf1 ip4:172.16.0.0/16 ip4:192.0.2.0/25 ip6:2001:db8:c::/48 ?all"},
};

enum {
	ROWS = sizeof zone / sizeof zone[0],
	BATCH = 1000
};

static struct record records[ROWS];
static struct answer answers[ROWS];
static const struct answer no_name = {.status = LOOKUP_NO_NAME};

static const struct answer *look_up(void *context, const char *name, enum record_type type)
{
	(void)context;
	for (size_t i = 0; i < ROWS; i++)
		if (type == RECORD_TXT && strcmp(zone[i].name, name) == 0)
			return &answers[i];
	return &no_name;
}

static void prefetch(void *context, const char *name, enum record_type type,
                     prefetched_function *then, void *with)
{
	(void)context;
	(void)name;
	(void)type;
	(void)then;
	(void)with;
}

static time_t now(void *context)
{
	(void)context;
	return 1767225600;
}

static bool evaluate(const struct spf_request *request, struct spf_finding *finding)
{
	spf_evaluate(request, finding);
	return true;
}

static double seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* One engine's share of the time. */
struct runner {
	const char *name;
	bool (*engine)(const struct spf_request *, struct spf_finding *);
	unsigned long count;
	double spent;
};

static void run_batch(struct runner *runner, const struct spf_request *request)
{
	double begun = seconds();

	for (int i = 0; i < BATCH; i++) {
		struct spf_finding finding = {0};

		if (!runner->engine(request, &finding) || finding.result != RESULT_PASS) {
			fprintf(stderr, "%s does not judge the record as pass\n", runner->name);
			exit(1);
		}
		arena_reset(request->arena);
	}
	runner->count += BATCH;
	runner->spent += seconds() - begun;
}

static double report(const struct runner *runner)
{
	printf("%-8s %10.0f evaluations a second, %6.2f us each\n", runner->name,
	       (double)runner->count / runner->spent, runner->spent / (double)runner->count * 1e6);
	return (double)runner->count / runner->spent;
}

int main(int count, char **words)
{
	double duration = count > 1 ? atof(words[1]) : 4;
	const struct services services = {
	    .context = NULL, .lookup = look_up, .prefetch = prefetch, .now = now};
	struct spf_request request = {
	    .services = &services,
	    .arena = arena_new(),
	    .scope = SPF_SCOPE_MAILFROM,
	    .domain = "example.org",
	    .sender = "user@example.org",
	    .local_part = "user",
	    .local_part_ascii = true,
	    .helo = "mx.example.org",
	    .receiver = "mx.example.net",
	    .void_lookups_max = 2,
	};
	struct runner ours = {"assay", evaluate, 0, 0};
	struct runner other = {"libspf2", spf_libspf2, 0, 0};

	address_parse("192.0.2.77", &request.client);
	for (size_t i = 0; i < ROWS; i++) {
		records[i] =
		    (struct record){.text = zone[i].text, .text_length = strlen(zone[i].text)};
		answers[i] =
		    (struct answer){.status = LOOKUP_FOUND, .count = 1, .records = &records[i]};
	}
	/* Batch by batch in turn, so that what else the machine does hits both. */
	while (ours.spent + other.spent < duration) {
		run_batch(&ours, &request);
		run_batch(&other, &request);
	}
	double ratio = report(&ours);

	ratio /= report(&other);
	printf("assay is %.1f times as fast as libspf2\n", ratio);
	arena_free(request.arena);
	return 0;
}

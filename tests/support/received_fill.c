/*
 * received_fill.c - puts reports of others into a store, as the reader does.
 *
 *     received_fill STORE < LINES
 *     received_fill --year STORE REPORTS SEED     so many reports of the year before 2026-11-28
 *
 * A line is a word and its values, "-" for none:
 *     report REPORTER DOMAIN ID BEGIN END [untrusted]
 *     tls REPORTER DOMAIN ID BEGIN END [untrusted]
 *     record COUNT SOURCE DISPOSITION DKIM SPF FROM SPF_DOMAIN SPF_RESULT OVERRIDE
 *         [DOMAIN/RESULT]...                          (on the same line)
 *     policy TYPE MX SUCCESSES FAILURES [REASON/COUNT]...
 * DKIM and SPF are "pass" where they are aligned. A report is stored when the next one begins.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_received.h"

enum {
	WORDS_MAX = 24,
	RECORDS_MAX = 1000,
	DAY = 24 * 60 * 60,
	YEAR_END = 1795824000 /* 2026-11-28 */
};

struct filling {
	struct store *store;
	struct arena *arena;
	struct received_report report;
	struct received_arrival arrival;
	struct received_record records[RECORDS_MAX];
	struct received_tls_policy policies[RECORDS_MAX];
};

static void stop(const char *text)
{
	fprintf(stderr, "received_fill: %s\n", text);
	exit(1);
}

static const char *value(struct filling *filling, char **words, int count, int index)
{
	if (index >= count || strcmp(words[index], "-") == 0)
		return NULL;
	return arena_string(filling->arena, words[index]);
}

static void finish_report(struct filling *filling)
{
	enum received_outcome outcome;
	struct problem problem;

	if (filling->report.domain == NULL)
		return;
	filling->report.records = filling->records;
	filling->report.policies = filling->policies;
	if (store_received_add(filling->store, &filling->report, &filling->arrival, &outcome,
	                       &problem) != STORE_DONE)
		stop(problem.message);
	filling->report = (struct received_report){.domain = NULL};
	arena_reset(filling->arena);
}

static void begin_report(struct filling *filling, char **words, int count, enum received_kind kind)
{
	bool untrusted = count > 6 && strcmp(words[6], "untrusted") == 0;

	finish_report(filling);
	if (count < 6)
		stop("a report wants five values");
	filling->report = (struct received_report){.kind = kind,
	                                           .organization = value(filling, words, count, 1),
	                                           .report_id = value(filling, words, count, 3),
	                                           .domain = value(filling, words, count, 2),
	                                           .begin = atoll(words[4]),
	                                           .end = atoll(words[5]),
	                                           .p = "none"};
	filling->arrival = (struct received_arrival){.received = atoll(words[5]) + DAY / 2,
	                                             .reporter = value(filling, words, count, 1),
	                                             .trusted = !untrusted,
	                                             .why = untrusted ? "forged" : NULL,
	                                             .place = "received_fill"};
}

static void add_record(struct filling *filling, char **words, int count)
{
	struct received_record *record = &filling->records[filling->report.record_count++];
	struct received_signature *signatures =
	    arena_allocate(filling->arena, WORDS_MAX * sizeof *signatures);

	if (count < 10 || filling->report.record_count > RECORDS_MAX)
		stop("a record wants nine values");
	*record = (struct received_record){.count = atoll(words[1]),
	                                   .source = value(filling, words, count, 2),
	                                   .disposition = value(filling, words, count, 3),
	                                   .dkim_aligned = strcmp(words[4], "pass") == 0,
	                                   .spf_aligned = strcmp(words[5], "pass") == 0,
	                                   .header_from = value(filling, words, count, 6),
	                                   .spf_domain = value(filling, words, count, 7),
	                                   .spf_result = value(filling, words, count, 8),
	                                   .override_type = value(filling, words, count, 9),
	                                   .signatures = signatures};
	for (int i = 10; i < count; i++) {
		char *slash = strchr(words[i], '/');

		if (slash == NULL)
			stop("a signature is DOMAIN/RESULT");
		*slash = '\0';
		signatures[record->signature_count++] =
		    (struct received_signature){.domain = arena_string(filling->arena, words[i]),
		                                .result = arena_string(filling->arena, slash + 1)};
	}
	filling->report.messages += record->count;
}

static void add_policy(struct filling *filling, char **words, int count)
{
	struct received_tls_policy *policy = &filling->policies[filling->report.policy_count++];
	struct received_tls_failure *failures =
	    arena_allocate(filling->arena, WORDS_MAX * sizeof *failures);

	if (count < 5 || filling->report.policy_count > RECORDS_MAX)
		stop("a policy wants four values");
	*policy = (struct received_tls_policy){.type = value(filling, words, count, 1),
	                                       .domain = filling->report.domain,
	                                       .mx_host = value(filling, words, count, 2),
	                                       .successes = atoll(words[3]),
	                                       .failures = atoll(words[4]),
	                                       .failure = failures};
	for (int i = 5; i < count; i++) {
		char *slash = strchr(words[i], '/');

		if (slash == NULL)
			stop("a reason is REASON/COUNT");
		*slash = '\0';
		failures[policy->failure_count++] = (struct received_tls_failure){
		    .result_type = arena_string(filling->arena, words[i]),
		    .count = atoll(slash + 1)};
	}
	filling->report.messages += policy->successes + policy->failures;
}

static void read_lines(struct filling *filling)
{
	char line[4096];

	while (fgets(line, sizeof line, stdin) != NULL) {
		char *words[WORDS_MAX], *state = NULL;
		int count = 0;

		for (char *word = strtok_r(line, " \n", &state); word != NULL && count < WORDS_MAX;
		     word = strtok_r(NULL, " \n", &state))
			words[count++] = word;
		if (count == 0 || words[0][0] == '#')
			continue;
		if (strcmp(words[0], "report") == 0)
			begin_report(filling, words, count, RECEIVED_DMARC);
		else if (strcmp(words[0], "tls") == 0)
			begin_report(filling, words, count, RECEIVED_TLS);
		else if (strcmp(words[0], "record") == 0)
			add_record(filling, words, count);
		else if (strcmp(words[0], "policy") == 0)
			add_policy(filling, words, count);
		else
			stop("a line begins with report, tls, record or policy");
	}
	finish_report(filling);
}

/* The same numbers on every machine. */
static unsigned next_number(uint64_t *seed, unsigned below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*seed >> 33) % below;
}

/* What domains have: two servers of their own, a service with many addresses, forwarders, lists,
 * and forgers from everywhere. */
static void add_random_record(struct filling *filling, uint64_t *seed)
{
	struct received_record *record = &filling->records[filling->report.record_count++];
	unsigned kind = next_number(seed, 10), host = next_number(seed, 50);
	struct received_signature *signature = arena_allocate(filling->arena, sizeof *signature);

	*record = (struct received_record){.count = 1 + next_number(seed, 999),
	                                   .disposition = "none",
	                                   .header_from = filling->report.domain,
	                                   .signatures = signature};
	if (kind < 3) {
		record->source = arena_format(filling->arena, "192.0.2.%u", host % 2 + 1);
		record->dkim_aligned = record->spf_aligned = true;
		record->spf_domain = filling->report.domain;
		record->spf_result = "pass";
	} else if (kind < 6) {
		record->source = arena_format(filling->arena, "198.51.100.%u", host);
		*signature = (struct received_signature){"service.example", "k", "pass"};
		record->signature_count = 1;
		record->spf_domain = "bounce.service.example";
		record->spf_result = "pass";
	} else if (kind < 8) {
		record->source = arena_format(filling->arena, "203.0.113.%u", host);
		record->dkim_aligned = true;
		record->spf_result = "fail";
	} else {
		record->count = 1 + next_number(seed, 5);
		record->source =
		    arena_format(filling->arena, "100.%u.%u.%u", next_number(seed, 128),
		                 next_number(seed, 256), next_number(seed, 256));
		record->disposition = "reject";
		record->spf_result = "none";
	}
	filling->report.messages += record->count;
}

static void fill_year(struct filling *filling, int reports, uint64_t seed)
{
	for (int i = 0; i < reports; i++) {
		int64_t day = YEAR_END - DAY * (int64_t)(1 + next_number(&seed, 365));

		filling->report = (struct received_report){
		    .kind = RECEIVED_DMARC,
		    .report_id = arena_format(filling->arena, "id-%d", i),
		    .domain =
		        next_number(&seed, 2) == 0
		            ? "example.org"
		            : arena_format(filling->arena, "d%u.example", next_number(&seed, 9)),
		    .begin = day,
		    .end = day + DAY - 1,
		    .p = "reject"};
		filling->arrival = (struct received_arrival){
		    .received = day + DAY + DAY / 2,
		    .reporter = arena_format(filling->arena, "r%u.example", next_number(&seed, 60)),
		    .trusted = true,
		    .place = "received_fill"};
		for (unsigned records = 1 + next_number(&seed, 20); records > 0; records--)
			add_random_record(filling, &seed);
		finish_report(filling);
	}
}

int main(int argc, char **argv)
{
	static struct filling filling;
	bool year = argc == 5 && strcmp(argv[1], "--year") == 0;
	struct problem problem;

	if (!year && argc != 2)
		stop("wants a store, or --year STORE REPORTS SEED");
	if (store_open(argv[year ? 2 : 1], &filling.store, &problem) != STORE_DONE)
		stop(problem.message);
	filling.arena = arena_new();
	if (year)
		fill_year(&filling, atoi(argv[3]), (uint64_t)atoll(argv[4]));
	else
		read_lines(&filling);
	arena_free(filling.arena);
	store_close(filling.store);
	return 0;
}

/*
 * report_rows.c - puts rows into a report store as the daemon does, for tests that are not written
 * in C.
 *
 *     report_rows STORE [PERIOD_HOURS]
 *
 * Each line of standard input is a row: NAME=VALUE with tabs between, the names those of struct
 * report_row; what is not named is as in row_fixture.c. dkim=DOMAIN/SELECTOR/RESULT/REASON may come
 * several times; times=N adds N equal rows. For every line that was taken, standard output gets a
 * line with the number of its rows, at once. A line that begins with the word "failure" is a
 * failure (struct failure) instead; kinds=N makes N different ones of its times.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/recorder.h"
#include "row_fixture.h"

enum {
	DKIM_MAX = 100
};

#define MEMBER(name)                                                                               \
	{                                                                                          \
#name, offsetof(struct report_row, name)                                           \
	}

static const struct {
	const char *name;
	size_t offset;
} members[] = {
    MEMBER(policy_domain),
    MEMBER(p),
    MEMBER(sp),
    MEMBER(np),
    MEMBER(adkim),
    MEMBER(aspf),
    MEMBER(fo),
    MEMBER(testing),
    MEMBER(psd),
    MEMBER(discovery),
    MEMBER(rua),
    MEMBER(record_error),
    MEMBER(source),
    MEMBER(disposition),
    MEMBER(dkim_aligned),
    MEMBER(spf_aligned),
    MEMBER(override_type),
    MEMBER(override_comment),
    MEMBER(action),
    MEMBER(dmarc),
    MEMBER(header_from),
    MEMBER(envelope_from),
    MEMBER(envelope_to),
    MEMBER(spf_domain),
    MEMBER(spf_scope),
    MEMBER(spf_result),
    MEMBER(spf_reason),
};

static const char *piece(char **rest)
{
	const char *found = strsep(rest, "/");

	return found == NULL ? "" : found;
}

static void set(struct report_row *row, struct row_dkim *dkim, long *times, char *word)
{
	char *value = strchr(word, '=');

	if (value == NULL)
		return;
	*value++ = '\0';
	if (strcmp(word, "received") == 0)
		row->received = (time_t)atoll(value);
	else if (strcmp(word, "times") == 0)
		*times = atol(value);
	else if (strcmp(word, "dkim") == 0 && row->dkim_count < DKIM_MAX) {
		struct row_dkim *one = &dkim[row->dkim_count++];

		one->domain = piece(&value);
		one->selector = piece(&value);
		one->result = piece(&value);
		one->reason = piece(&value);
	}
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (strcmp(members[i].name, word) == 0)
			*(const char **)((char *)row + members[i].offset) = value;
}

#define FAILURE(name)                                                                              \
	{                                                                                          \
#name, offsetof(struct failure, name)                                              \
	}

static const struct {
	const char *name;
	size_t offset;
} failure_members[] = {FAILURE(policy_domain), FAILURE(header_from), FAILURE(ruf),
                       FAILURE(group),         FAILURE(dkim_domain), FAILURE(spf_domain),
                       FAILURE(mail_from),     FAILURE(source),      FAILURE(delivery),
                       FAILURE(list),          FAILURE(header),      FAILURE(spf_record)};

/* The line of a failure begins with the word "failure". */
static bool add_failures(struct recorder *recorder, char *line)
{
	struct failure failure = {.received = 1600000000,
	                          .policy_domain = "example.org",
	                          .header_from = "example.org",
	                          .ruf = "mailto:failures@example.org",
	                          .group = "",
	                          .alignment = "dkim, spf",
	                          .dkim_domain = "",
	                          .dkim_identity = "",
	                          .dkim_selector = "",
	                          .spf_domain = "",
	                          .spf_record = "",
	                          .mail_from = "",
	                          .source = "192.0.2.1",
	                          .delivery = "reject",
	                          .list = "",
	                          .header = "Subject: [redacted 5 octets]\n"};
	const char *group;
	char numbered[300];
	char *word;
	long times = 1, kinds = 1;

	while ((word = strsep(&line, "\t")) != NULL) {
		char *value = strchr(word, '=');

		if (value == NULL)
			continue;
		*value++ = '\0';
		if (strcmp(word, "received") == 0)
			failure.received = (time_t)atoll(value);
		else if (strcmp(word, "times") == 0)
			times = atol(value);
		else if (strcmp(word, "kinds") == 0)
			kinds = atol(value);
		for (size_t i = 0; i < sizeof failure_members / sizeof failure_members[0]; i++)
			if (strcmp(failure_members[i].name, word) == 0)
				*(const char **)((char *)&failure + failure_members[i].offset) =
				    value;
	}
	group = failure.group;
	failure.group = numbered;
	for (long i = 0; i < times; i++) {
		snprintf(numbered, sizeof numbered, "%s %s %ld", failure.policy_domain, group,
		         i % kinds);
		if (!recorder_add_failure(recorder, &failure))
			return false;
	}
	printf("%ld\n", times);
	return fflush(stdout) == 0;
}

static bool add_line(struct recorder *recorder, char *line)
{
	struct row_dkim dkim[DKIM_MAX];
	struct report_row row = row_fixture();
	char *word;
	long times = 1;

	row.dkim = dkim;
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "failure\t", 8) == 0)
		return add_failures(recorder, line);
	while ((word = strsep(&line, "\t")) != NULL)
		set(&row, dkim, &times, word);
	for (long i = 0; i < times; i++)
		if (!recorder_add(recorder, &row))
			return false;
	printf("%ld\n", times);
	return fflush(stdout) == 0;
}

int main(int argc, char **argv)
{
	struct report_settings settings = {.store = argc > 1 ? argv[1] : "",
	                                   .waiting = 100,
	                                   .period_hours = argc > 2 ? atol(argv[2]) : 24};
	struct problem problem;
	struct recorder *recorder = argc < 2 ? NULL : recorder_open(&settings, &problem);
	char *line = NULL;
	size_t room = 0;
	bool good = recorder != NULL;

	while (good && getline(&line, &room, stdin) > 0)
		good = add_line(recorder, line);
	free(line);
	recorder_close(recorder);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

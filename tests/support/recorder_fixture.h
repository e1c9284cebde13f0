/*
 * recorder_fixture.h - a folder with a store for each test of the recorder, and what was logged.
 */
#ifndef ASSAY_RECORDER_FIXTURE_H
#define ASSAY_RECORDER_FIXTURE_H

#include "recorder/recorder.h"

enum {
	LONG_MS = 120000 /* only a hang takes so long */
};

struct fixture {
	char folder[64], store[128], journal[160];
	struct report_settings settings;
	struct problem problem;
};

/* What later steps of the schema made, taken away: for a store as an older version left it. */
#define RECORDER_FIXTURE_TO_VERSION_5                                                              \
	"DROP TABLE failure_key; DROP TABLE failures; DROP TABLE failure_mails;"                   \
	"DROP TABLE failure_counts;"                                                               \
	"DROP INDEX counted_by_sealer; ALTER TABLE counted DROP COLUMN sealer;"                    \
	"ALTER TABLE counted DROP COLUMN sealer_outcome;"                                          \
	"DROP TABLE received_records; DROP TABLE received_days; DROP TABLE received_sources;"      \
	"DROP TABLE received_tls; DROP TABLE received_tls_failures; DROP TABLE received_tls_days;" \
	"DROP TABLE received_tls_reasons; DROP TABLE received_counts; DROP TABLE received_names;"  \
	"DROP TABLE received;"

/* For cmocka; the state is a struct fixture. */
int recorder_fixture_set_up(void **state);
int recorder_fixture_tear_down(void **state);

/* How often it was logged. */
int recorder_fixture_said(const char *words);

/* The same, but not before it was logged once; 0 after LONG_MS. */
int recorder_fixture_says(const char *words);

struct recorder *recorder_fixture_open(struct fixture *fixture);

/* A row like many; change what matters. */
struct report_row recorder_fixture_row(const char *header_from, const char *source);

/* Adds equal rows, each of which has to be kept. */
void recorder_fixture_add(struct recorder *recorder, int count);

/* How many journal segments there are; `path` (may be NULL) gets one of them. */
int recorder_fixture_segments(const struct fixture *fixture, char path[512]);

/* The one number that a question to the store has for an answer; -1 for none. */
long recorder_fixture_ask(const struct fixture *fixture, const char *question);

/* Changes the store behind the recorder's back. */
void recorder_fixture_tell(const struct fixture *fixture, const char *statements);

/* How many messages the rows of the store stand for. */
long recorder_fixture_messages(const struct fixture *fixture);

/* Deletes a folder and the files in it. */
void recorder_fixture_empty(const char *path);

#endif

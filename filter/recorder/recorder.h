/*
 * recorder.h - takes report rows from the message's path and brings them into the store.
 *
 * recorder_add() appends the row to a journal file with one write(2) and returns: once it has
 * returned true the row survives a SIGKILL of the daemon (not a power cut: nothing is fsynced). One
 * writer thread moves journal rows into the SQLite store in groups, adding up equal ones, and
 * remembers in the same transaction how far it came, so that every row counts exactly once however
 * often the daemon is killed. The message's path never touches SQLite: a locked or full store
 * delays no mail. Where the journal cannot be written (full disk), rows wait in a bounded queue in
 * memory, which a SIGKILL does not spare; what does not fit any more is counted and logged.
 *
 * On the way: row.c -> row_text.c (one line) -> journal.c (STORE.rows/) -> journal_import.c,
 * tally.c (adding up) -> store.c. Two daemons can share a store.
 *
 * The program ignores SIGXFSZ (a file size limit is to be an error, not the end).
 */
#ifndef ASSAY_RECORDER_H
#define ASSAY_RECORDER_H

#include "base/problem.h"
#include "base/setting.h"
#include "rows/failure.h"
#include "rows/row.h"

struct report_settings {
	const char *store; /* path of the SQLite file; "" keeps no rows */
	long waiting;      /* most rows held in memory while nothing can be written */
	long period_hours; /* 0 is a day */

	/* sending */
	const char *organization, *email, *contact;
	int dialect;                 /* enum report_dialect */
	struct strings skip;         /* domains and addresses */
	struct strings only, except; /* domains, "*.DOMAIN" those below; nothing in `only`: all */
	const char *copy;            /* an address that gets each report too; "" none */
	const char *sendmail, *envelope_sender;
	long maximum_destinations; /* of one report */
	long retry_hours, keep_days, jitter_minutes;
	bool automatic; /* assayd sends by itself */
};
enum report_dialect {
	REPORT_RFC9990,
	REPORT_RFC7489
};
extern const struct setting_group report_settings_group; /* "reports"; report_settings.c */

struct recorder;

/*
 * Creates the store and its folder's files where they are missing, takes over journals that a
 * killed daemon left, starts the writer. A store that cannot be opened is not fatal: rows wait in
 * the journal, the log says what to do. NULL and a problem only where the journal's folder is
 * unusable. Not for a store of "", which keeps no rows. It starts a thread: call it after the
 * daemon has forked and dropped its privileges.
 */
struct recorder *recorder_open(const struct report_settings *settings, struct problem *problem);

/* From any thread. False: the row was lost and counted. */
bool recorder_add(struct recorder *recorder, const struct report_row *row);

/* The key for addresses in failure reports (failure_make()). False: the store has not given it
 * yet, which is asked for it by this call; then no failure can be recorded. From any thread. */
bool recorder_failure_key(struct recorder *recorder, struct failure_key *key);

/* From any thread. False: there was no room in the journal, and no report will be made of it. */
bool recorder_add_failure(struct recorder *recorder, const struct failure *failure);

struct recorder_counts {
	unsigned long added;   /* recorder_add() returned true */
	unsigned long stored;  /* came into the store, those of killed daemons too */
	unsigned long waiting; /* of those added: in the journal or in memory */
	unsigned long lost;
	/* what stops the writer at present, or 0 */
	int store_trouble;   /* enum store_outcome */
	int journal_trouble; /* an errno */
};
void recorder_count(struct recorder *recorder, struct recorder_counts *counts);

/* Waits until everything added so far is in the store or `milliseconds` have passed. */
bool recorder_flush(struct recorder *recorder, long milliseconds);

/* Flushes (a few seconds at most; what is left stays in the journal for the next start) and stops
 * the writer. No recorder_add() may be under way. NULL is allowed. */
void recorder_close(struct recorder *recorder);

#endif

/*
 * store_schema.c - the tables of the SQLite store, their versions, and the file itself. Called by
 * store.c and store_query.c when they open a store.
 *
 * A change of the schema is a new entry of `steps`; what is written there once is never changed,
 * since stores out there were made by it.
 */
#include "store/store_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"
#include "store/store_guard.h"

enum {
	APPLICATION = 0x41737361 /* "Assa": PRAGMA application_id */
};

/* steps[i] brings version i to version i + 1. */
static const char *const steps[] = {
    /* 1: `reports` is what one aggregate report is about (RFC 9990 3.1.2): a period, a policy
     * domain and one policy as published; `counted` is what its records are made from. `identity`
     * is a hash with the store's key over the members, so that finding an equal row costs 16 octets
     * of index instead of all columns. */
    "CREATE TABLE store (key BLOB NOT NULL);INSERT INTO store VALUES (randomblob(16));CREATE TABLE "
    "journals (name TEXT NOT NULL PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;CREATE "
    "TABLE reports ( id INTEGER PRIMARY KEY, identity BLOB NOT NULL UNIQUE, period_begin INTEGER "
    "NOT NULL, period_end INTEGER NOT NULL, policy_domain TEXT NOT NULL, p TEXT NOT NULL, sp TEXT "
    "NOT NULL, np TEXT NOT NULL, adkim TEXT NOT NULL, aspf TEXT NOT NULL, fo TEXT NOT NULL, "
    "testing TEXT NOT NULL, psd TEXT NOT NULL, discovery TEXT NOT NULL, rua TEXT NOT NULL, "
    "record_error TEXT NOT NULL);CREATE INDEX reports_by_domain ON reports (policy_domain, "
    "period_begin);CREATE INDEX reports_by_period ON reports (period_begin);CREATE TABLE counted ( "
    "id INTEGER PRIMARY KEY, report INTEGER NOT NULL REFERENCES reports (id), identity BLOB NOT "
    "NULL, count INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, source "
    "TEXT NOT NULL, disposition TEXT NOT NULL, dkim_aligned TEXT NOT NULL, spf_aligned TEXT NOT "
    "NULL, override_type TEXT NOT NULL, override_comment TEXT NOT NULL, action TEXT NOT NULL, "
    "dmarc TEXT NOT NULL, header_from TEXT NOT NULL, envelope_from TEXT NOT NULL, envelope_to TEXT "
    "NOT NULL, spf_domain TEXT NOT NULL, spf_scope TEXT NOT NULL, spf_result TEXT NOT NULL, "
    "spf_reason TEXT NOT NULL, dkim TEXT NOT NULL, UNIQUE (report, identity));CREATE VIEW rows AS "
    "SELECT date(period_begin, 'unixepoch') AS day, count, header_from, source, dmarc, action, "
    "disposition, dkim_aligned, spf_aligned, override_type, override_comment, policy_domain, p, "
    "sp, np, adkim, aspf, fo, testing, psd, discovery, rua, record_error, envelope_from, "
    "envelope_to, spf_domain, spf_scope, spf_result, spf_reason, dkim, datetime(first_seen, "
    "'unixepoch') AS first_seen, datetime(last_seen, 'unixepoch') AS last_seen FROM counted JOIN "
    "reports ON reports.id = counted.report;",
    /* 2: sending. A report is 'open' (rows are added), 'taken' (its rows are final: its identity is
     * none that rows could have, so that late rows begin another report), and in the end 'sent',
     * 'failed' or 'nobody' (there was nobody to send it to); 'too old' and 'ahead' (of the clock)
     * were never taken. `files` has what is sent as long as it may be sent again. A delivery is
     * 'waiting', 'handing' (was being handed to the mail server when last heard of), 'sent',
     * 'refused' or 'given up'. */
    "ALTER TABLE reports ADD COLUMN state TEXT NOT NULL DEFAULT 'open';ALTER TABLE reports ADD "
    "COLUMN taken INTEGER NOT NULL DEFAULT 0;ALTER TABLE reports ADD COLUMN report_id TEXT NOT "
    "NULL DEFAULT '';ALTER TABLE reports ADD COLUMN file_name TEXT NOT NULL DEFAULT '';ALTER TABLE "
    "reports ADD COLUMN words TEXT NOT NULL DEFAULT '';CREATE INDEX reports_unfinished ON reports "
    "(period_end) WHERE state IN ('open', 'taken');CREATE TABLE files (report INTEGER PRIMARY KEY "
    "REFERENCES reports (id), content BLOB NOT NULL);CREATE TABLE deliveries ( id INTEGER PRIMARY "
    "KEY, report INTEGER NOT NULL REFERENCES reports (id), uri TEXT NOT NULL, state TEXT NOT NULL, "
    "addresses TEXT NOT NULL, attempts INTEGER NOT NULL, changed INTEGER NOT NULL, next_attempt "
    "INTEGER NOT NULL, words TEXT NOT NULL);CREATE INDEX deliveries_by_report ON deliveries "
    "(report);",
    /* 3: the times of the sender's runs, see store_clock.c; and 'ahead' reports too have an
     * identity that no rows have, so that true rows of their periods begin reports of their own. */
    "CREATE TABLE clock (last INTEGER NOT NULL, doubted INTEGER NOT NULL, back INTEGER NOT "
    "NULL);INSERT INTO clock VALUES (0, 0, 0);UPDATE reports SET identity = randomblob(17) WHERE "
    "state = 'ahead';",
    /* 4: one report for a policy domain and a period, where before each record that the domain had
     * in it made one; `policy_seen` is when a message last had the policy that the report tells.
     * What was not taken yet is put together under the newest. `passed_rows` and `failed_rows` (of
     * DMARC's alignment), `folded` (messages) and the index are for the ceilings of store_count.c.
     * A report that was never taken can be 'too many', too (store_ceiling.c). */
    "ALTER TABLE reports ADD COLUMN policy_seen INTEGER NOT NULL DEFAULT 0;ALTER TABLE reports ADD "
    "COLUMN passed_rows INTEGER NOT NULL DEFAULT 0;ALTER TABLE reports ADD COLUMN failed_rows "
    "INTEGER NOT NULL DEFAULT 0;ALTER TABLE reports ADD COLUMN folded INTEGER NOT NULL DEFAULT "
    "0;UPDATE reports SET policy_seen = coalesce((SELECT max(last_seen) FROM counted WHERE report "
    "= reports.id), 0) WHERE state IN ('open', 'too old');CREATE TEMP TABLE merged AS SELECT id AS "
    "old, first_value(id) OVER (PARTITION BY policy_domain, period_begin, period_end ORDER BY "
    "policy_seen DESC, id DESC) AS kept FROM main.reports WHERE state IN ('open', 'too "
    "old');DELETE FROM merged WHERE old = kept;INSERT INTO counted (report, identity, count, "
    "first_seen, last_seen, source, disposition, dkim_aligned, spf_aligned, override_type, "
    "override_comment, action, dmarc, header_from, envelope_from, envelope_to, spf_domain, "
    "spf_scope, spf_result, spf_reason, dkim) SELECT kept, identity, count, first_seen, last_seen, "
    "source, disposition, dkim_aligned, spf_aligned, override_type, override_comment, action, "
    "dmarc, header_from, envelope_from, envelope_to, spf_domain, spf_scope, spf_result, "
    "spf_reason, dkim FROM counted JOIN merged ON report = old WHERE true ON CONFLICT (report, "
    "identity) DO UPDATE SET count = count + excluded.count, first_seen = min(first_seen, "
    "excluded.first_seen), last_seen = max(last_seen, excluded.last_seen);DELETE FROM counted "
    "WHERE report IN (SELECT old FROM merged);DELETE FROM reports WHERE id IN (SELECT old FROM "
    "merged);DROP TABLE merged;CREATE INDEX counted_by_source ON counted (report, source, "
    "dkim_aligned, spf_aligned);UPDATE reports SET passed_rows = (SELECT count(*) FROM counted "
    "WHERE report = reports.id AND 'pass' IN (dkim_aligned, spf_aligned)), failed_rows = (SELECT "
    "count(*) FROM counted WHERE report = reports.id AND 'pass' NOT IN (dkim_aligned, "
    "spf_aligned)) WHERE state IN ('open', 'too old');",
    /* 5: `network` is what the ceilings of store_count.c take for one source: the /64 of an IPv6
     * address, any other source itself. Only reports that rows are still added to need it, and for
     * the one period in which the store is brought up to date, the address does. And 'too many'
     * reports too have an identity that no rows have. */
    "ALTER TABLE counted ADD COLUMN network TEXT NOT NULL DEFAULT '';UPDATE counted SET network = "
    "source WHERE report IN (SELECT id FROM reports WHERE state IN ('open', 'too old'));DROP INDEX "
    "counted_by_source;CREATE INDEX counted_by_network ON counted (report, network, dkim_aligned, "
    "spf_aligned);UPDATE reports SET identity = randomblob(17) WHERE state = 'too many';",
    /* 6: reports of others. `received` has one line a report (store_received.h), with a hash over
     * what makes it one; records and TLS policies stay with it. The sums are made when a report
     * comes in, by the beginning of the day in UTC: received_days by reporter, received_sources by
     * source and by what its mail had: `signer`, the domain of a signature that passed and is not
     * the author's, and what SPF said of which domain. Messages are those with both mechanisms
     * aligned, with one of them, `forwarded` (neither, and the reporter says who changed it;
     * `listed` of them by a list) and `failing`; `broken` has a signature of the author's domain
     * that failed. `received_names` are PTR names that lead back to their address, '' for none. */
    "CREATE TABLE received ( id INTEGER PRIMARY KEY, identity BLOB NOT NULL UNIQUE, kind TEXT "
    "NOT NULL, reporter TEXT NOT NULL, trusted INTEGER NOT NULL, domain TEXT NOT NULL, report_id "
    "TEXT NOT NULL, range_begin INTEGER NOT NULL, range_end INTEGER NOT NULL, got INTEGER NOT "
    "NULL, repeated INTEGER NOT NULL, organization TEXT NOT NULL, email TEXT NOT NULL, why TEXT "
    "NOT NULL, place TEXT NOT NULL, messages INTEGER NOT NULL, records INTEGER NOT NULL, p TEXT "
    "NOT NULL, sp TEXT NOT NULL, np TEXT NOT NULL, adkim TEXT NOT NULL, aspf TEXT NOT NULL, pct "
    "TEXT NOT NULL, fo TEXT NOT NULL, testing TEXT NOT NULL, discovery TEXT NOT NULL, generator "
    "TEXT NOT NULL, repairs TEXT NOT NULL);CREATE INDEX received_by_domain ON received (domain, "
    "range_end);CREATE INDEX received_by_got ON received (got, trusted);CREATE INDEX "
    "received_untrusted ON received (got) WHERE trusted = 0;CREATE TABLE received_records ( "
    "report INTEGER NOT NULL REFERENCES received (id), place INTEGER NOT NULL, count INTEGER NOT "
    "NULL, source TEXT NOT NULL, disposition TEXT NOT NULL, dkim_aligned INTEGER NOT NULL, "
    "spf_aligned INTEGER NOT NULL, override_type TEXT NOT NULL, override_comment TEXT NOT NULL, "
    "header_from TEXT NOT NULL, envelope_from TEXT NOT NULL, envelope_to TEXT NOT NULL, "
    "spf_domain TEXT NOT NULL, spf_scope TEXT NOT NULL, spf_result TEXT NOT NULL, dkim TEXT NOT "
    "NULL, PRIMARY KEY (report, place)) WITHOUT ROWID;CREATE TABLE received_days ( domain TEXT "
    "NOT NULL, day INTEGER NOT NULL, reporter TEXT NOT NULL, messages INTEGER NOT NULL, "
    "both_aligned INTEGER NOT NULL, dkim_only INTEGER NOT NULL, spf_only INTEGER NOT NULL, "
    "forwarded INTEGER NOT NULL, listed INTEGER NOT NULL, failing INTEGER NOT NULL, quarantined "
    "INTEGER NOT NULL, rejected INTEGER NOT NULL, broken INTEGER NOT NULL, PRIMARY KEY (domain, "
    "day, reporter)) WITHOUT ROWID;CREATE INDEX received_days_by_day ON received_days "
    "(day);CREATE TABLE received_sources ( domain TEXT NOT NULL, day INTEGER NOT NULL, source "
    "TEXT NOT NULL, signer TEXT NOT NULL, spf_domain TEXT NOT NULL, spf_result TEXT NOT NULL, "
    "messages INTEGER NOT NULL, both_aligned INTEGER NOT NULL, dkim_only INTEGER NOT NULL, "
    "spf_only INTEGER NOT NULL, forwarded INTEGER NOT NULL, listed INTEGER NOT NULL, failing "
    "INTEGER NOT NULL, quarantined INTEGER NOT NULL, rejected INTEGER NOT NULL, broken INTEGER "
    "NOT NULL, PRIMARY KEY (domain, day, source, signer, spf_domain, spf_result)) WITHOUT "
    "ROWID;CREATE INDEX received_sources_by_day ON received_sources (day);CREATE TABLE "
    "received_tls ( report INTEGER NOT NULL REFERENCES received (id), place INTEGER NOT NULL, "
    "type TEXT NOT NULL, domain TEXT NOT NULL, mx TEXT NOT NULL, successes INTEGER NOT NULL, "
    "failures INTEGER NOT NULL, PRIMARY KEY (report, place)) WITHOUT ROWID;CREATE TABLE "
    "received_tls_failures ( report INTEGER NOT NULL REFERENCES received (id), policy INTEGER "
    "NOT NULL, place INTEGER NOT NULL, result_type TEXT NOT NULL, sending_address TEXT NOT NULL, "
    "receiving_host TEXT NOT NULL, receiving_address TEXT NOT NULL, count INTEGER NOT NULL, "
    "reason TEXT NOT NULL, PRIMARY KEY (report, policy, place)) WITHOUT ROWID;CREATE TABLE "
    "received_tls_days ( domain TEXT NOT NULL, day INTEGER NOT NULL, reporter TEXT NOT NULL, mx "
    "TEXT NOT NULL, type TEXT NOT NULL, successes INTEGER NOT NULL, failures INTEGER NOT NULL, "
    "PRIMARY KEY (domain, day, reporter, mx, type)) WITHOUT ROWID;CREATE TABLE "
    "received_tls_reasons ( domain TEXT NOT NULL, day INTEGER NOT NULL, mx TEXT NOT NULL, reason "
    "TEXT NOT NULL, failures INTEGER NOT NULL, PRIMARY KEY (domain, day, mx, reason)) WITHOUT "
    "ROWID;CREATE TABLE received_counts ( kind TEXT NOT NULL, outcome TEXT NOT NULL, count "
    "INTEGER NOT NULL, PRIMARY KEY (kind, outcome)) WITHOUT ROWID;CREATE TABLE received_names ( "
    "address TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checked INTEGER NOT NULL) WITHOUT "
    "ROWID;",
    /* 7: who sealed mail whose ARC chain passes and DMARC fails, and what its results do (row.h).
     * Nothing about it is in reports. */
    "ALTER TABLE counted ADD COLUMN sealer TEXT NOT NULL DEFAULT '';ALTER TABLE counted ADD COLUMN "
    "sealer_outcome TEXT NOT NULL DEFAULT '';CREATE INDEX counted_by_sealer ON counted (report) "
    "WHERE sealer <> '';",
    /* 8: failure reports, nothing of which is there unless they are turned on. A line of `failures`
     * is 'open' while equal ones (`kin`) are added to it, 'handing' (was being handed to the mail
     * server when last heard of), 'waiting', and in the end 'sent', 'refused', 'dropped' or
     * 'unknown' (may have been sent twice): then `record` and `mail` are gone. `failure_mails` has
     * a line for each address that a mail was handed over for, to hold the limits. */
    "CREATE TABLE failure_key (made INTEGER NOT NULL, key BLOB NOT NULL);CREATE TABLE failures ( "
    "id INTEGER PRIMARY KEY, state TEXT NOT NULL DEFAULT 'open', kin TEXT UNIQUE, incidents "
    "INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, policy_domain TEXT "
    "NOT NULL, header_from TEXT NOT NULL, record TEXT NOT NULL, report_id TEXT NOT NULL DEFAULT "
    "'', addresses TEXT NOT NULL DEFAULT '', mail TEXT NOT NULL DEFAULT '', attempts INTEGER NOT "
    "NULL DEFAULT 0, doubts INTEGER NOT NULL DEFAULT 0, next_attempt INTEGER NOT NULL DEFAULT 0, "
    "words TEXT NOT NULL DEFAULT '');CREATE INDEX failures_by_state ON failures (state, "
    "first_seen);CREATE INDEX failures_by_domain ON failures (policy_domain, state);CREATE TABLE "
    "failure_mails ( address TEXT NOT NULL, policy_domain TEXT NOT NULL, handed INTEGER NOT "
    "NULL);CREATE INDEX failure_mails_by_address ON failure_mails (address, handed);CREATE INDEX "
    "failure_mails_by_domain ON failure_mails (policy_domain, handed);CREATE INDEX "
    "failure_mails_by_time ON failure_mails (handed);CREATE TABLE failure_counts ( what TEXT NOT "
    "NULL PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;"};

_Static_assert(sizeof steps / sizeof steps[0] == STORE_SCHEMA_VERSION, "a step for each version");

static bool ask_number(struct store *store, const char *question, int *number)
{
	sqlite3_stmt *statement = NULL;
	bool done =
	    sqlite3_prepare_v2(store->database, question, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW;

	if (done)
		*number = sqlite3_column_int(statement, 0);
	return sqlite3_finalize(statement) == SQLITE_OK && done;
}

/* Against a database in memory that the same steps have made. */
static enum store_outcome store_schema_compare(struct store *store, int version,
                                               struct problem *problem)
{
	sqlite3 *model = NULL;
	bool good = sqlite3_open(":memory:", &model) == SQLITE_OK;
	enum store_outcome outcome = STORE_BROKEN;

	invariant(version >= 0 && version <= STORE_SCHEMA_VERSION);
	for (int i = 0; good && i < version; i++)
		good = sqlite3_exec(model, steps[i], NULL, NULL, NULL) == SQLITE_OK;
	if (good)
		outcome = store_guard_schema(store, model, problem);
	else
		problem_say(problem, "no memory to look at the report store %s", store->path);
	sqlite3_close(model);
	return outcome;
}

enum store_outcome store_schema_check(struct store *store, int *version, struct problem *problem)
{
	int application, tables;

	if (!ask_number(store, "PRAGMA user_version", version) ||
	    !ask_number(store, "PRAGMA application_id", &application) ||
	    !ask_number(store, "SELECT count(*) FROM sqlite_schema", &tables))
		return store_sqlite_error(store, problem);
	if (*version < 0 || (application != APPLICATION && (tables > 0 || *version != 0))) {
		problem_say(
		    problem,
		    "%s is a database of another program: name another file in reports.store",
		    store->path);
		return STORE_FOREIGN;
	}
	if (*version > STORE_SCHEMA_VERSION) {
		problem_say(
		    problem,
		    "the report store %s has schema version %d and this program knows %d: it was "
		    "used by a later version of Assay; install that, or name another file in "
		    "reports.store",
		    store->path, *version, STORE_SCHEMA_VERSION);
		return STORE_NEWER;
	}
	return store_schema_compare(store, *version, problem);
}

/* Two daemons may start on one store: the version is looked at again once the store is ours. */
static bool run_steps(struct store *store)
{
	char pragmas[100];
	int version;

	if (!ask_number(store, "PRAGMA user_version", &version) || version < 0)
		return false;
	for (; version < STORE_SCHEMA_VERSION; version++)
		if (!store_sqlite_execute(store, steps[version]))
			return false;
	snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d",
	         APPLICATION, STORE_SCHEMA_VERSION);
	return store_sqlite_execute(store, pragmas) && store_sqlite_execute(store, "COMMIT");
}

enum store_outcome store_schema_update(struct store *store, int version, struct problem *problem)
{
	enum store_outcome outcome;

	if (version == STORE_SCHEMA_VERSION)
		return STORE_DONE;
	if (!store_sqlite_execute(store, "BEGIN IMMEDIATE"))
		return store_sqlite_error(store, problem);
	if (run_steps(store)) {
		log_debug("report store %s: brought from schema version %d to %d", store->path,
		          version, STORE_SCHEMA_VERSION);
		return STORE_DONE;
	}
	outcome = store_sqlite_error(store, problem);
	store_sqlite_execute(store, "ROLLBACK");
	return outcome;
}

/* What a deleted store left behind belongs to no new one. */
static void remove_leftovers(const char *path)
{
	static const char *const endings[] = {"-wal", "-shm", "-journal"};
	char name[4096];

	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		if ((size_t)snprintf(name, sizeof name, "%s%s", path, endings[i]) < sizeof name)
			unlink(name);
}

static int create(const char *path)
{
	int file;

	if (access(path, F_OK) == 0)
		return 0;
	remove_leftovers(path);
	log_debug("report store %s: created", path);
	file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (file < 0)
		return errno == EEXIST ? 0 : errno;
	close(file);
	return 0;
}

/* The folder's lock keeps a second daemon from taking a store just made for a leftover. */
enum store_outcome store_schema_create_file(const char *path, struct problem *problem)
{
	char *copy, *folder;
	int lock, error;

	if (access(path, F_OK) == 0)
		return STORE_DONE;
	copy = strdup(path);
	folder = copy == NULL ? NULL : dirname(copy);
	lock = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = lock < 0 || flock(lock, LOCK_EX) != 0 ? errno : create(path);
	if (error != 0)
		problem_say(
		    problem,
		    "cannot create the report store %s: %s; create the folder %s and make it "
		    "writable for the user that the daemon runs as",
		    path, strerror(error), folder == NULL ? "" : folder);
	if (lock >= 0)
		close(lock);
	free(copy);
	if (error == 0)
		return STORE_DONE;
	return error == EACCES || error == EPERM || error == EROFS ? STORE_READ_ONLY
	       : error == ENOSPC || error == EDQUOT                ? STORE_FULL
	                                                           : STORE_BROKEN;
}

/*
 * store_count.c - counts the entries of a batch: finds the report that each belongs to, and the
 * row. Called by store.c in the transaction of the batch.
 *
 * What senders can add to the store has a ceiling: where a source, or a report, has as many rows as
 * its share, further ones are folded (row_fold.h) until they meet one that is there. Every message
 * counts whatever becomes of its row. What is folded depends on the rows before it alone, so that a
 * batch that is repeated after a kill is folded as it was.
 */
#include "store/store_count.h"

#include <sqlite3.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "rows/row_fold.h"

/*
 * The most rows with this much detail: from one source (an IPv6 client has a /64 to choose
 * addresses from, which is one source) with the same outcome, and in one report. In a report rows
 * that passed and rows that failed have shares of their own: who forges a domain cannot fill its
 * owner's. Full shares are some 100 MB.
 */
static const struct {
	sqlite3_int64 source, report;
} shares[ROW_DETAILS] = {[ROW_WHOLE] = {100, 10000},
                         [ROW_RELATED] = {200, 20000},
                         [ROW_SOURCE] = {INT64_MAX, 100000},
                         [ROW_REST] = {INT64_MAX, INT64_MAX}};

/* The report of an entry, as far as counting needs it. */
struct report_found {
	sqlite3_int64 id;
	bool same_policy; /* as the entry's */
	time_t policy_seen;
	sqlite3_int64 passed_rows, failed_rows;
};

struct counting {
	struct store *store;
	const struct tally_entry *entry;
	const struct report_row *row; /* NULL: not read yet */
	struct report_found report;
	struct arena *arena;
};

static void bind_members(sqlite3_stmt *statement, int index, const struct report_row *row,
                         const size_t *offsets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		store_sqlite_bind_text(statement, index + (int)i,
		                       *(const char *const *)((const char *)row + offsets[i]));
}

/* SQLITE_ROW: found; SQLITE_DONE: there is none. */
static int find_report(struct counting *counting)
{
	const struct tally_entry *entry = counting->entry;
	sqlite3_stmt *statement = counting->store->statements[STATEMENT_FIND_REPORT];
	int code;

	store_sqlite_bind_text(statement, 1, row_text_domain(&entry->record, counting->arena));
	sqlite3_bind_int64(statement, 2, entry->period);
	sqlite3_bind_int64(statement, 3, entry->end);
	store_sqlite_bind_identity(statement, 4, &entry->report);
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		counting->report =
		    (struct report_found){.id = sqlite3_column_int64(statement, 0),
		                          .same_policy = sqlite3_column_int(statement, 1) != 0,
		                          .policy_seen = (time_t)sqlite3_column_int64(statement, 2),
		                          .passed_rows = sqlite3_column_int64(statement, 3),
		                          .failed_rows = sqlite3_column_int64(statement, 4)};
	sqlite3_reset(statement);
	return code;
}

/* A report's policy is the one that its newest message had (RFC 9990 3.1.2: the final
 * configuration). */
static bool write_policy(struct counting *counting, enum store_statement which)
{
	const struct tally_entry *entry = counting->entry;
	sqlite3_stmt *statement = counting->store->statements[which];

	sqlite3_bind_int64(statement, 1, counting->report.id);
	store_sqlite_bind_identity(statement, 2, &entry->report);
	sqlite3_bind_int64(statement, 3, entry->period);
	sqlite3_bind_int64(statement, 4, entry->end);
	sqlite3_bind_int64(statement, 5, entry->last);
	bind_members(statement, 6, counting->row, row_text_policy, ROW_TEXT_POLICY);
	return store_sqlite_run(counting->store, which);
}

static bool read_row(struct counting *counting)
{
	if (counting->row == NULL)
		counting->row = row_text_parse(&counting->entry->record, counting->arena);
	return counting->row != NULL;
}

static bool renew_policy(struct counting *counting)
{
	const struct report_found *report = &counting->report;
	time_t last = counting->entry->last;

	if (last < report->policy_seen || (last == report->policy_seen && report->same_policy))
		return true;
	return !read_row(counting) || write_policy(counting, STATEMENT_SET_POLICY);
}

static bool add_report(struct counting *counting)
{
	if (!write_policy(counting, STATEMENT_ADD_REPORT))
		return false;
	counting->report.id = sqlite3_last_insert_rowid(counting->store->database);
	return true;
}

static void bind_counts(sqlite3_stmt *statement, const struct counting *counting,
                        const struct identity *identity)
{
	const struct tally_entry *entry = counting->entry;

	sqlite3_bind_int64(statement, 1, counting->report.id);
	store_sqlite_bind_identity(statement, 2, identity);
	sqlite3_bind_int64(statement, 3, (sqlite3_int64)entry->count);
	sqlite3_bind_int64(statement, 4, entry->first);
	sqlite3_bind_int64(statement, 5, entry->last);
}

/* `counted`: there was such a row. */
static bool count_known(struct counting *counting, const struct identity *identity, bool *counted)
{
	bind_counts(counting->store->statements[STATEMENT_COUNT_ROW], counting, identity);
	if (!store_sqlite_run(counting->store, STATEMENT_COUNT_ROW))
		return false;
	*counted = sqlite3_changes(counting->store->database) == 1;
	return true;
}

static bool has_passed(const struct report_row *row)
{
	return strcmp(row->dkim_aligned, "pass") == 0 || strcmp(row->spf_aligned, "pass") == 0;
}

static bool store_count_add_row(struct counting *counting, const struct identity *identity,
                                const struct report_row *row)
{
	struct store *store = counting->store;
	sqlite3_stmt *add = store->statements[STATEMENT_ADD_ROW];
	sqlite3_stmt *note = store->statements[STATEMENT_NOTE_ROW];

	bind_counts(add, counting, identity);
	bind_members(add, 6, row, row_text_row, ROW_TEXT_ROW);
	store_sqlite_bind_text(add, 6 + ROW_TEXT_ROW, row_text_dkim_json(row, counting->arena));
	store_sqlite_bind_text(add, 7 + ROW_TEXT_ROW,
	                       row_fold_source(row->source, counting->arena));
	store_sqlite_bind_text(add, 8 + ROW_TEXT_ROW, row->sealer);
	store_sqlite_bind_text(add, 9 + ROW_TEXT_ROW, row->sealer_outcome);
	sqlite3_bind_int64(note, 1, counting->report.id);
	sqlite3_bind_int(note, 2, has_passed(row));
	return store_sqlite_run(store, STATEMENT_ADD_ROW) &&
	       store_sqlite_run(store, STATEMENT_NOTE_ROW);
}

/* The rows from the network of the row's source with the same outcome; counted no further than the
 * share. -1: SQLite failed. */
static sqlite3_int64 rows_of_source(const struct counting *counting, const struct report_row *row,
                                    sqlite3_int64 share)
{
	sqlite3_stmt *statement = counting->store->statements[STATEMENT_ROWS_OF_SOURCE];
	sqlite3_int64 count = -1;

	sqlite3_bind_int64(statement, 1, counting->report.id);
	store_sqlite_bind_text(statement, 2, row_fold_source(row->source, counting->arena));
	store_sqlite_bind_text(statement, 3, row->dkim_aligned);
	store_sqlite_bind_text(statement, 4, row->spf_aligned);
	sqlite3_bind_int64(statement, 5, share);
	if (sqlite3_step(statement) == SQLITE_ROW)
		count = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return count;
}

/* False: SQLite failed. */
static bool store_count_has_room(const struct counting *counting, enum row_detail detail,
                                 const struct report_row *row, bool *room)
{
	const struct report_found *report = &counting->report;
	sqlite3_int64 rows = has_passed(row) ? report->passed_rows : report->failed_rows;
	sqlite3_int64 of_source = 0;

	*room = rows < shares[detail].report;
	if (!*room || shares[detail].source == INT64_MAX)
		return true;
	of_source = rows_of_source(counting, row, shares[detail].source);
	*room = of_source < shares[detail].source;
	return of_source >= 0;
}

static bool note_folded(struct counting *counting)
{
	sqlite3_stmt *statement = counting->store->statements[STATEMENT_NOTE_FOLDED];

	sqlite3_bind_int64(statement, 1, counting->report.id);
	sqlite3_bind_int64(statement, 2, (sqlite3_int64)counting->entry->count);
	return store_sqlite_run(counting->store, STATEMENT_NOTE_FOLDED);
}

/* `counted`: it met a row that was there, or there was room for it. False: SQLite failed. */
static bool count_with(struct counting *counting, enum row_detail detail, bool *counted)
{
	const struct report_row *row =
	    detail == ROW_WHOLE ? counting->row : row_fold(counting->row, detail, counting->arena);
	struct identity identity =
	    detail == ROW_WHOLE ? counting->entry->row
	                        : row_text_identity(row, &counting->store->key, counting->arena);

	if (detail > ROW_WHOLE && !count_known(counting, &identity, counted))
		return false;
	if (*counted)
		return true;
	if (!store_count_has_room(counting, detail, row, counted))
		return false;
	return !*counted || store_count_add_row(counting, &identity, row);
}

/* A row that the store has not got. */
static bool count_new(struct counting *counting)
{
	enum row_detail detail = ROW_WHOLE;
	bool counted = false;

	invariant(counting->row != NULL);
	while (detail < ROW_DETAILS && count_with(counting, detail, &counted) && !counted)
		detail++;
	return counted && (detail == ROW_WHOLE || note_folded(counting));
}

/* Most rows are known already: the row itself is only read where it is not. */
static bool count_entry(struct counting *counting, struct store_skipped *skipped)
{
	int code = find_report(counting);
	bool counted = false;

	invariant(counting->entry->count > 0);
	invariant(counting->entry->first <= counting->entry->last);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return false;
	if (code == SQLITE_ROW &&
	    (!renew_policy(counting) || !count_known(counting, &counting->entry->row, &counted)))
		return false;
	if (counted)
		return true;
	if (!read_row(counting)) {
		skipped->unreadable += counting->entry->count;
		return true;
	}
	return (code == SQLITE_ROW || add_report(counting)) && count_new(counting);
}

static void note_refused(const struct counting *counting, struct store_skipped *skipped)
{
	if (skipped->refused == 0)
		problem_say(
		    &skipped->first, "%s: %s",
		    text_printable(counting->arena,
		                   row_text_domain(&counting->entry->record, counting->arena),
		                   DOMAIN_MAX),
		    sqlite3_errmsg(counting->store->database));
	skipped->refused += counting->entry->count;
}

/* Counts the entry in a savepoint, which undoes all of it where it breaks a constraint. */
static bool count_isolated(struct counting *counting, struct store_skipped *skipped)
{
	struct store *store = counting->store;

	if (!store_sqlite_execute(store, "SAVEPOINT entry"))
		return false;
	if (!count_entry(counting, skipped)) {
		if (!store_sqlite_broke_constraint(store))
			return false;
		note_refused(counting, skipped);
		if (!store_sqlite_execute(store, "ROLLBACK TO entry"))
			return false;
	}
	return store_sqlite_execute(store, "RELEASE entry");
}

bool store_count_all(struct store *store, const struct tally *tally, bool isolated,
                     struct store_skipped *skipped)
{
	struct arena *arena = arena_new();
	bool good = true;

	for (size_t i = 0; good && i < tally->count; i++) {
		struct counting counting = {
		    .store = store, .entry = &tally->entries[i], .arena = arena};

		good =
		    isolated ? count_isolated(&counting, skipped) : count_entry(&counting, skipped);
		arena_reset(arena);
	}
	arena_free(arena);
	return good;
}

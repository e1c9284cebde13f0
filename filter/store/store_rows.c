/*
 * store_rows.c - reads the rows of one report from the SQLite store. The sender and `assay report
 * build` call it when a report is built.
 */
#include "store/store_rows.h"

#include <sqlite3.h>

#include "base/arena.h"
#include "base/domain.h"
#include "store/store_sqlite.h"

/* What is in a record (RFC 9990 3.1.1.6): nothing else keeps rows apart. */
#define COLUMNS                                                                                    \
	"source, disposition, dkim_aligned, spf_aligned, override_type, override_comment, "        \
	"header_from,"                                                                             \
	" envelope_from, envelope_to, spf_domain, spf_scope, spf_result, spf_reason, dkim"

/* Each detail as COLUMNS of the one before it; row_fold.h has the same for a row alone. */
#define IF_NEAR(domain) "iif(near(" domain ", header_from), " domain ", '') AS " domain
_Static_assert(ROW_RELATED_DKIM_MAX == 3, "as the question for dkim has it");
static const char *const folds[ROW_DETAILS] = {
    [ROW_WHOLE] = COLUMNS,
    [ROW_RELATED] =
        "source, disposition, dkim_aligned, spf_aligned, override_type, '' AS override_comment,"
        " header_from, " IF_NEAR("envelope_from") ", '' AS envelope_to, " IF_NEAR(
            "spf_domain") ","
                          " spf_scope, spf_result, '' AS spf_reason, (SELECT "
                          "json_group_array(json(one)) FROM (SELECT json_set(value, '$.reason', "
                          "'') AS one FROM json_each(dkim) WHERE near(json_extract(value, "
                          "'$.domain'), header_from) LIMIT 3)) AS dkim",
    [ROW_SOURCE] =
        "network(source) AS source, disposition, dkim_aligned, spf_aligned, override_type,"
        " override_comment, (SELECT policy_domain FROM reports WHERE id = ?1) AS header_from,"
        " '' AS envelope_from, envelope_to, '' AS spf_domain, spf_scope, spf_result, spf_reason,"
        " '[]' AS dkim",
    [ROW_REST] =
        "'" ROW_REST_SOURCE "' AS source, disposition, dkim_aligned, spf_aligned, override_type,"
        " override_comment, header_from, envelope_from, envelope_to, spf_domain, spf_scope,"
        " spf_result, spf_reason, dkim"};

static const size_t members[] = {
    offsetof(struct report_row, source),        offsetof(struct report_row, disposition),
    offsetof(struct report_row, dkim_aligned),  offsetof(struct report_row, spf_aligned),
    offsetof(struct report_row, override_type), offsetof(struct report_row, override_comment),
    offsetof(struct report_row, header_from),   offsetof(struct report_row, envelope_from),
    offsetof(struct report_row, envelope_to),   offsetof(struct report_row, spf_domain),
    offsetof(struct report_row, spf_scope),     offsetof(struct report_row, spf_result),
    offsetof(struct report_row, spf_reason)};

enum {
	MEMBERS = sizeof members / sizeof members[0]
};

/* The rows of a detail, without what was written with more of it, in the order of store_rows.h. The
 * fold is a query of its own: in the same one, GROUP BY would mean the columns before it. */
static const char *question_of(enum row_detail detail, const unsigned long *written,
                               struct arena *arena)
{
	static const char order[] =
	    "'pass' IN (dkim_aligned, spf_aligned) DESC, count DESC, " COLUMNS;
	const char *rows = "SELECT " COLUMNS ", count FROM counted"
	                   " WHERE report = ?1 AND action <> 'tempfail' AND source <> ''";

	for (enum row_detail i = ROW_WHOLE; i <= detail; i++)
		rows = arena_format(arena,
		                    "SELECT * FROM (SELECT " COLUMNS ", sum(count) AS count FROM"
		                    " (SELECT %s, count FROM (%s)) GROUP BY " COLUMNS
		                    ") ORDER BY %s LIMIT -1 OFFSET %lu",
		                    folds[i], rows, order, i < detail ? written[i] : 0);
	return rows;
}

static const char *argument(sqlite3_value *value)
{
	const unsigned char *text = sqlite3_value_text(value);

	return text == NULL ? "" : (const char *)text;
}

static void near(sqlite3_context *call, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_int(call, domain_is_near(argument(values[0]), argument(values[1])));
}

static void network(sqlite3_context *call, int count, sqlite3_value **values)
{
	struct arena *arena = arena_new();

	(void)count;
	sqlite3_result_text(call, row_fold_source(argument(values[0]), arena), -1,
	                    SQLITE_TRANSIENT);
	arena_free(arena);
}

static bool add_functions(sqlite3 *database)
{
	enum {
		PURE = SQLITE_UTF8 | SQLITE_DETERMINISTIC
	};

	return sqlite3_create_function(database, "near", 2, PURE, NULL, near, NULL, NULL) ==
	           SQLITE_OK &&
	       sqlite3_create_function(database, "network", 1, PURE, NULL, network, NULL, NULL) ==
	           SQLITE_OK;
}

/* The strings of row_text_dkim_json() one after the other: four a signature. */
static const char dkim_question[] = "SELECT atom FROM json_tree(?1) WHERE atom IS NOT NULL";

static bool read_dkim(sqlite3_stmt *statement, const char *json, struct report_row *row,
                      struct row_dkim *results, struct arena *arena)
{
	const char *values[4] = {"", "", "", ""};
	size_t count = 0;
	int code;

	row->dkim = results;
	row->dkim_count = 0;
	sqlite3_bind_text(statement, 1, json, -1, SQLITE_STATIC);
	while ((code = sqlite3_step(statement)) == SQLITE_ROW && row->dkim_count < ROW_DKIM_MAX) {
		values[count++ % 4] = arena_string(arena, store_sqlite_text(statement, 0));
		if (count % 4 == 0)
			results[row->dkim_count++] =
			    (struct row_dkim){values[0], values[1], values[2], values[3]};
	}
	sqlite3_reset(statement);
	return code == SQLITE_DONE || code == SQLITE_ROW;
}

/* The last code of SQLite; SQLITE_DONE where every row was taken. */
static int store_rows_read_all(sqlite3_stmt *rows, sqlite3_stmt *dkim, store_rows_function *each,
                               void *context, struct arena *arena, bool *stopped)
{
	int code = SQLITE_ROW;

	while (!*stopped && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		struct report_row row = {0};
		struct row_dkim results[ROW_DKIM_MAX];

		for (int i = 0; i < MEMBERS; i++)
			*(const char **)((char *)&row + members[i]) = store_sqlite_text(rows, i);
		if (!read_dkim(dkim, store_sqlite_text(rows, MEMBERS), &row, results, arena))
			return SQLITE_ERROR;
		*stopped =
		    !each(&row, (unsigned long)sqlite3_column_int64(rows, MEMBERS + 1), context);
		arena_reset(arena);
	}
	return code;
}

bool store_rows_each(struct store *store, int64_t report, enum row_detail detail,
                     const unsigned long *written, store_rows_function *each, void *context,
                     struct problem *problem)
{
	sqlite3_stmt *rows = NULL, *dkim = NULL;
	struct arena *arena = arena_new(), *text = arena_new();
	int code = SQLITE_ERROR;
	bool stopped = false;

	if (add_functions(store->database) &&
	    sqlite3_prepare_v2(store->database, question_of(detail, written, text), -1, &rows,
	                       NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(store->database, dkim_question, -1, &dkim, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(rows, 1, report);
		code = store_rows_read_all(rows, dkim, each, context, arena, &stopped);
	}
	if (code != SQLITE_DONE && !stopped)
		store_sqlite_error(store, problem);
	sqlite3_finalize(rows);
	sqlite3_finalize(dkim);
	arena_free(arena);
	arena_free(text);
	return code == SQLITE_DONE || stopped;
}

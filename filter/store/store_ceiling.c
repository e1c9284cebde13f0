/*
 * store_ceiling.c - see store_ceiling.h. The sender's run begins with it; store_outbox.c leaves out
 * what is beyond the ceiling when it looks for reports that are due.
 */
#include "store/store_ceiling.h"

#include <sqlite3.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "store/store_sqlite.h"

_Static_assert(STORE_CEILING_ADDRESS == 50 && STORE_CEILING_ORGANIZATION == 500 &&
                   STORE_CEILING_REGISTRY == 10000,
               "the question has them in digits");

#define PERIOD "period_begin, period_end"
#define BEST   "passed DESC, messages DESC, id"

/*
 * named    the reports that count, with the names they are grouped by: `owner` is the name below
 *          the organization, `part` the name below that
 * counts   where a ceiling can be exceeded at all: messages, and those of them that passed
 * parts    part_turn: place among the reports of its part
 * turns    turn: place among the reports of its owner, whose parts take turns
 * twins    twin: place among those of its organization in which nothing passed and that go to the
 *          same addresses; 0 where something passed
 * narrow   place: within the organization, whose owners take turns
 * wide     wide_place: below the registry, whose organizations take turns
 *
 * What one step drops takes no place of the next. What was taken before comes first in each.
 */
#define SURPLUS                                                                                    \
	" (WITH named AS (SELECT id, state, policy_domain, rua, " PERIOD ","                       \
	" name_above(policy_domain, 0) AS registry,"                                               \
	" name_above(policy_domain, 1) AS organization,"                                           \
	" name_above(policy_domain, 2) AS owner, name_above(policy_domain, 3) AS part"             \
	" FROM reports WHERE state IN ('open', 'taken', 'sent', 'failed')"                         \
	" AND policy_domain <> '' AND rua <> '' AND period_begin >= ?3 - 86400"                    \
	" AND period_end BETWEEN ?3 AND ?1),"                                                      \
	" members AS (SELECT *, count(*) OVER (PARTITION BY organization, " PERIOD ") AS members," \
	" count(*) OVER (PARTITION BY registry, " PERIOD ") AS neighbours FROM named),"            \
	" counts AS (SELECT *, (SELECT sum(count) FROM counted WHERE report = members.id)"         \
	" AS messages,"                                                                            \
	" (SELECT coalesce(sum(count), 0) FROM counted WHERE report = members.id"                  \
	" AND dmarc = 'pass') AS passed FROM members"                                              \
	" WHERE members > 50 OR (registry <> '' AND neighbours > 10000)),"                         \
	" parts AS (SELECT *, row_number() OVER (PARTITION BY part, " PERIOD                       \
	" ORDER BY state = 'open', " BEST ") AS part_turn FROM counts),"                           \
	" turns AS (SELECT *, row_number() OVER (PARTITION BY owner, " PERIOD                      \
	" ORDER BY state = 'open', part_turn, " BEST ") AS turn FROM parts),"                      \
	" twins AS (SELECT *, iif(passed > 0, 0, row_number() OVER (PARTITION BY organization,"    \
	" rua, passed > 0, " PERIOD " ORDER BY state = 'open', turn, " BEST                        \
	")) AS twin FROM turns),"                                                                  \
	" narrow AS (SELECT *, row_number() OVER (PARTITION BY organization, twin > 50, " PERIOD   \
	" ORDER BY state = 'open', turn, " BEST ") AS place FROM twins),"                          \
	" wide AS (SELECT *, row_number() OVER (PARTITION BY registry, twin > 50 OR place > 500,"  \
	" " PERIOD " ORDER BY state = 'open', place, " BEST ") AS wide_place FROM narrow)"         \
	" SELECT id, iif(twin > 50 OR place > 500, organization, registry) AS organization,"       \
	" policy_domain, messages FROM wide WHERE state = 'open'"                                  \
	" AND (twin > 50 OR place > 500 OR (registry <> '' AND wide_place > 10000)))"

const char store_ceiling_surplus[] = SURPLUS;

/* What countries call the parts of their domain that anybody can register in. */
static const char *const registry_names[] = {"ac", "co",  "com", "edu", "go",  "gob", "gov",
                                             "ne", "net", "nom", "or",  "org", NULL};

/* "co.uk", "com.br": unrelated owners stand below it. */
static bool is_registry(const char *name)
{
	const char *dot = strchr(name, '.');
	char label[4];

	if (dot == NULL || dot - name > 3 || strlen(dot + 1) != 2)
		return false;
	memcpy(label, name, (size_t)(dot - name));
	label[dot - name] = '\0';
	return text_word(registry_names, label) >= 0;
}

/* The registry that the domain is below and as many labels more; without a registry the top-level
 * domain and as many more, and "" for none. */
static const char *name_above(const char *domain, int labels)
{
	if (is_registry(domain_rightmost(domain, 2)))
		return domain_rightmost(domain, 2 + (size_t)labels);
	return labels == 0 ? "" : domain_rightmost(domain, 1 + (size_t)labels);
}

static void store_ceiling_name(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *domain = (const char *)sqlite3_value_text(values[0]);
	int labels = sqlite3_value_int(values[1]);

	invariant(count == 2);
	/* whoever changes the schema of the store can call it as well */
	if (labels < 0)
		sqlite3_result_error(context, "name_above() of fewer than no labels", -1);
	else
		sqlite3_result_text(context, domain == NULL ? "" : name_above(domain, labels), -1,
		                    SQLITE_TRANSIENT);
}

bool store_ceiling_prepare(struct store *store, struct problem *problem)
{
	return sqlite3_create_function(store->database, "name_above", 2,
	                               SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, store_ceiling_name,
	                               NULL, NULL) == SQLITE_OK ||
	       store_sqlite_fail(store, NULL, problem);
}

static sqlite3_stmt *store_ceiling_prepare_all(struct store *store, const char *question,
                                               const struct outbox_times *times)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(store->database, question, -1, &statement, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, times->ended);
		sqlite3_bind_int64(statement, 3, times->oldest);
	}
	return statement;
}

static bool report_surplus(struct store *store, const struct outbox_times *times,
                           store_ceiling_function *each, void *context, struct problem *problem)
{
	static const char question[] =
	    "SELECT organization, min(policy_domain), count(*), sum(messages)"
	    " FROM" SURPLUS " GROUP BY organization ORDER BY count(*) DESC,"
	    " organization";
	sqlite3_stmt *statement = store_ceiling_prepare_all(store, question, times);
	int code = SQLITE_ERROR;

	while (statement != NULL && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		const struct store_surplus surplus = {
		    .organization = store_sqlite_text(statement, 0),
		    .example = store_sqlite_text(statement, 1),
		    .reports = (unsigned long)sqlite3_column_int64(statement, 2),
		    .messages = (unsigned long)sqlite3_column_int64(statement, 3)};

		log_debug("%lu reports on names below %s are beyond the ceiling", surplus.reports,
		          surplus.organization);
		each(&surplus, context);
	}
	if (code != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

bool store_ceiling_apply(struct store *store, const struct outbox_times *times, bool dry_run,
                         store_ceiling_function *each, void *context, struct problem *problem)
{
	static const char mark[] =
	    "UPDATE reports SET state = 'too many', identity = randomblob(17), words = 'not sent: "
	    "the names of its organization have more reports for the period than are sent to one'"
	    " WHERE id IN (SELECT id FROM" SURPLUS ")";
	sqlite3_stmt *statement;
	int code;

	invariant(times->oldest <= times->ended && each != NULL);
	if (!store_ceiling_prepare(store, problem) ||
	    !report_surplus(store, times, each, context, problem))
		return false;
	if (dry_run)
		return true;
	statement = store_ceiling_prepare_all(store, mark, times);
	code = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);
	if (code != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

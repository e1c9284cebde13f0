/*
 * store_ceiling.c - see store_ceiling.h. The sender's run begins with it; store_outbox.c leaves out
 * what is beyond the ceiling when it looks for reports that are due.
 */
#include "store/store_ceiling.h"

#include <sqlite3.h>
#include <string.h>

#include "base/domain.h"
#include "store/store_private.h"

_Static_assert(STORE_CEILING_ORGANIZATION == 50 && STORE_CEILING_REGISTRY == 1000,
               "the question has them in digits");
#define SURPLUS                                                                                    \
	" (WITH tiers (wide, ceiling) AS (VALUES (0, 50), (1, 1000)),"                             \
	" named AS (SELECT id, state, policy_domain, period_begin, period_end, wide, ceiling,"     \
	" organization(policy_domain, wide) AS organization FROM reports CROSS JOIN tiers"         \
	" WHERE state IN ('open', 'taken', 'sent', 'failed') AND policy_domain <> '' AND rua <> "  \
	"''"                                                                                       \
	" AND period_begin >= ?3 - 86400 AND period_end BETWEEN ?3 AND ?1),"                       \
	" members AS (SELECT *, count(*) OVER (PARTITION BY organization, wide, period_begin, "    \
	"period_end)"                                                                              \
	" AS members FROM named WHERE organization <> ''),"                                        \
	" counts AS (SELECT *, (SELECT sum(count) FROM counted WHERE report = members.id) AS "     \
	"messages,"                                                                                \
	" (SELECT sum(count) FROM counted WHERE report = members.id AND dmarc = 'pass') AS passed" \
	" FROM members WHERE members > ceiling),"                                                  \
	" places AS (SELECT *, row_number() OVER (PARTITION BY organization, wide, period_begin, " \
	"period_end"                                                                               \
	" ORDER BY state = 'open', passed DESC, messages DESC, id) AS place FROM counts)"          \
	" SELECT id, organization, policy_domain, messages FROM places"                            \
	" WHERE place > ceiling AND state = 'open')"

const char store_ceiling_surplus[] = SURPLUS;

/* "co.uk", "com.br": nobody's organization, as far as the looks of it tell. */
static bool looks_like_registry(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot != NULL && dot - name <= 3 && strlen(dot + 1) == 2;
}

/* "" where there is none of this kind. */
static const char *organization_of(const char *domain, bool wide)
{
	const char *two = domain_rightmost(domain, 2);

	if (!looks_like_registry(two))
		return wide ? "" : two;
	return wide ? two : domain_rightmost(domain, 3);
}

static void store_ceiling_organization(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *domain = (const char *)sqlite3_value_text(values[0]);
	bool wide = sqlite3_value_int(values[1]) != 0;

	(void)count;
	sqlite3_result_text(context, domain == NULL ? "" : organization_of(domain, wide), -1,
	                    SQLITE_TRANSIENT);
}

bool store_ceiling_prepare(struct store *store, struct problem *problem)
{
	return sqlite3_create_function(store->database, "organization", 2,
	                               SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
	                               store_ceiling_organization, NULL, NULL) == SQLITE_OK ||
	       store_fail(store, NULL, problem);
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

static bool store_ceiling_tell(struct store *store, const struct outbox_times *times,
                               store_ceiling_function *each, void *with, struct problem *problem)
{
	static const char question[] =
	    "SELECT organization, min(policy_domain), count(*), sum(messages)"
	    " FROM" SURPLUS " GROUP BY organization ORDER BY count(*) DESC,"
	    " organization";
	sqlite3_stmt *statement = store_ceiling_prepare_all(store, question, times);
	int code = SQLITE_ERROR;

	while (statement != NULL && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		const struct store_surplus surplus = {
		    .organization = store_column(statement, 0),
		    .example = store_column(statement, 1),
		    .reports = (unsigned long)sqlite3_column_int64(statement, 2),
		    .messages = (unsigned long)sqlite3_column_int64(statement, 3)};

		each(&surplus, with);
	}
	if (code != SQLITE_DONE)
		return store_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

bool store_ceiling_apply(struct store *store, const struct outbox_times *times, bool only_look,
                         store_ceiling_function *each, void *with, struct problem *problem)
{
	static const char mark[] =
	    "UPDATE reports SET state = 'too many', identity = randomblob(17), words = 'not sent: "
	    "the names of its organization have more reports for the period than are sent to one'"
	    " WHERE id IN (SELECT id FROM" SURPLUS ")";
	sqlite3_stmt *statement;
	int code;

	if (!store_ceiling_prepare(store, problem) ||
	    !store_ceiling_tell(store, times, each, with, problem))
		return false;
	if (only_look)
		return true;
	statement = store_ceiling_prepare_all(store, mark, times);
	code = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);
	if (code != SQLITE_DONE)
		return store_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

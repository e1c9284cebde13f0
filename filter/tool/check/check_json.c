/*
 * check_json.c - what `assay check --json` prints: one object, every key always there, by the rows
 * of finding_fields.c. Called by check.c in the place of check_print.c.
 */
#include "rows/finding_fields.h"
#include "rows/row.h"
#include "tool/check/check.h"
#include "tool/common/fields_json.h"

/* All that is printed, in the shape in which it is. */
struct view {
	const char *authserv_id;
	struct message message;
	struct findings findings;
	struct verdict verdict;
	struct check_mta mta;
	size_t query_count;
	const struct query_session_query *queries;
	const struct report_row *row;
};

static bool is_client_known(const void *message)
{
	return ((const struct message *)message)->client.family != ADDRESS_UNKNOWN;
}

static const char *make_client(const void *message, struct arena *arena)
{
	char address[ADDRESS_TEXT];

	return arena_string(arena,
	                    address_print(&((const struct message *)message)->client, address));
}

static const struct field envelope_rows[] = {
    {.name = "ip", .type = FIELD_MADE, .make = make_client, .known = is_client_known},
    {FIELD(FIELD_TEXT, struct message, helo)},
    {FIELD_AS("from", FIELD_TEXT, struct message, mail_from)},
    {FIELD_AS("to", FIELD_TEXTS, struct message, recipients),
     .count = offsetof(struct message, recipient_count)},
    {FIELD_AS("auth", FIELD_TEXT, struct message, auth_user)},
    FIELD_END};

static const char *make_reply(const void *view, struct arena *arena)
{
	const struct verdict *verdict = &((const struct view *)view)->verdict;

	return verdict->reply == NULL ? NULL
	                              : arena_format(arena, "%s %s %s", verdict->code,
	                                             verdict->enhanced, verdict->reply);
}

static bool is_overridden(const void *view)
{
	return ((const struct view *)view)->verdict.override != OVERRIDE_NONE;
}

#define VERDICT(key, kind, member) FIELD_AS(key, kind, struct view, verdict.member)

static const struct field verdict_rows[] = {
    {VERDICT("action", FIELD_NAME, action), .names = action_names},
    {VERDICT("would", FIELD_NAME, would), .names = action_names},
    {.name = "reply", .type = FIELD_MADE, .make = make_reply},
    {VERDICT("reason", FIELD_TEXT, reason)},
    {VERDICT("rule", FIELD_TEXT, rule)},
    {VERDICT("kind", FIELD_NAME, kind), .names = verdict_kind_names},
    {FIELD_AS("hold", FIELD_TEXT, struct view, mta.held)},
    {FIELD_AS("redirect", FIELD_TEXT, struct view, mta.redirected)},
    {VERDICT("disposition", FIELD_TEXT_OR_NULL, disposition)},
    {VERDICT("override", FIELD_NAME, override), .names = override_names, .known = is_overridden},
    {VERDICT("override_comment", FIELD_TEXT_OR_NULL, override_comment)},
    FIELD_END};

static const struct field added_rows[] = {{FIELD(FIELD_TEXT, struct check_field, name)},
                                          {FIELD(FIELD_TEXT, struct check_field, value)},
                                          FIELD_END};
static const struct field removed_rows[] = {{FIELD(FIELD_TEXT, struct check_removed, name)},
                                            {FIELD(FIELD_NUMBER, struct check_removed, index)},
                                            FIELD_END};

static const struct field query_rows[] = {
    FINDING_FIELDS_QUERY, {FIELD(FIELD_FLAG, struct query_session_query, cached)}, FIELD_END};

#define FINDING(key, member, member_rows)                                                          \
	FIELD_AS(key, FIELD_OBJECT, struct view, member), .rows = member_rows

static const struct field view_rows[] = {
    {FIELD(FIELD_TEXT, struct view, authserv_id)},
    {FINDING("envelope", message, envelope_rows)},
    {FIELD_AS("judged", FIELD_FLAG, struct view, findings.judged)},
    {FINDING("author", findings, finding_fields_author)},
    {FINDING("iprev", findings.iprev, finding_fields_iprev)},
    {FINDING("spf", findings.spf, finding_fields_spf)},
    {FINDING("spf_helo", findings.spf_helo, finding_fields_spf)},
    {FIELD_AS("dkim", FIELD_LIST, struct view, findings.dkim.signatures),
     FIELD_ITEMS(struct view, findings.dkim.signatures, findings.dkim.count,
                 finding_fields_signature)},
    {FIELD_AS("dkim_beyond_limit", FIELD_NUMBER, struct view, findings.dkim.beyond_limit)},
    {FINDING("arc", findings.arc, finding_fields_arc)},
    {FINDING("dmarc", findings, finding_fields_dmarc)},
    {FINDING("sign", findings.sign, finding_fields_sign)},
    {FINDING("seal", findings.seal, finding_fields_seal)},
    {.name = "verdict", .type = FIELD_OBJECT, .offset = 0, .rows = verdict_rows},
    {FIELD_AS("headers_added", FIELD_TUPLES, struct view, mta.added),
     FIELD_ITEMS(struct view, mta.added, mta.added_count, added_rows)},
    {FIELD_AS("headers_removed", FIELD_TUPLES, struct view, mta.removed),
     FIELD_ITEMS(struct view, mta.removed, mta.removed_count, removed_rows)},
    {FIELD_AS("dns", FIELD_LIST, struct view, queries),
     FIELD_ITEMS(struct view, queries, query_count, query_rows)},
    {FIELD(FIELD_POINTER, struct view, row), .rows = finding_fields_row},
    FIELD_END};

void check_json(const struct check_outcome *outcome, FILE *to)
{
	const struct outcome *session = outcome->outcome;
	const struct fields_json writer = {.arena = outcome->arena};
	struct view view = {.authserv_id = outcome->settings->authserv_id,
	                    .message = *session->message,
	                    .findings = *session->findings,
	                    .verdict = *session->verdict,
	                    .mta = *outcome->mta,
	                    .row = session->row};

	if (session->query_session != NULL)
		view.query_count = query_session_queries(session->query_session, &view.queries);
	fields_json_print(&writer, view_rows, &view, to);
}

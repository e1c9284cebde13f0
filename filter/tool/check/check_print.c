/*
 * check_print.c - what `assay check` prints for people: the verdict, why (check_explain.c), the
 * header fields, the DNS queries. Called by check.c.
 */
#include "rows/row.h"
#include "tool/check/check.h"
#include "tool/check/check_explain.h"
#include "tool/check/check_page.h"

static const enum check_colour action_colours[] = {[ACTION_ACCEPT] = COLOUR_GOOD,
                                                   [ACTION_QUARANTINE] = COLOUR_DOUBT,
                                                   [ACTION_REJECT] = COLOUR_BAD,
                                                   [ACTION_TEMPFAIL] = COLOUR_DOUBT};

static void print_quarantine(struct check_page *page, const struct check_outcome *check)
{
	const struct verdict *verdict = check->outcome->verdict;

	if (verdict->action != ACTION_QUARANTINE)
		return;
	if (verdict->how == QUARANTINE_REDIRECT)
		check_page_say(page, 2, "quarantine: goes to {?} instead of its recipients",
		               verdict->redirect);
	else
		check_page_line(page, 2, "quarantine: %s",
		                verdict->how == QUARANTINE_HOLD
		                    ? "held in the mail server's queue"
		                    : "delivered with a header field that says so");
}

static void print_verdict(struct check_page *page, const struct check_outcome *check)
{
	const struct verdict *verdict = check->outcome->verdict;

	check_page_heading(page, "Verdict", action_names[verdict->action],
	                   action_colours[verdict->action], check_page_safe(page, verdict->reason));
	if (verdict->would != verdict->action)
		check_page_line(page, 2,
		                "monitor mode: it would be %s without dmarc.enforce = \"monitor\"",
		                action_names[verdict->would]);
	check_page_say(page, 2, "reply: {?} {?} {}", verdict->code, verdict->enhanced,
	               verdict->reply);
	print_quarantine(page, check);
	if (check->outcome->findings->judged &&
	    check->outcome->message->client.family == ADDRESS_UNKNOWN)
		check_page_line(
		    page, 2,
		    "note: SPF cannot pass here, since neither --ip nor a field Received of "
		    "this host names the client");
	check_page_say(page, 2, "rule: {}", verdict->rule);
	if (verdict->rule == NULL && check->outcome->findings->judged)
		check_page_line(page, 2, "rule: none applies");
}

static void print_message(struct check_page *page, const struct check_outcome *check)
{
	const struct message *message = check->outcome->message;
	char address[ADDRESS_TEXT];

	check_page_heading(page, "Message", "", COLOUR_NONE, "");
	check_page_line(page, 2, "client  %s%s", address_print(&message->client, address),
	                check->client_from_received ? " (by the field Received of this host)" : "");
	check_page_say(page, 2, "helo    {}", message->helo == NULL ? "none given" : message->helo);
	check_page_say(page, 2, "sender  <{?}>[ ({})]", message->mail_from,
	               check->from_source[0] == '\0' ? NULL : check->from_source);
	for (size_t i = 0; i < message->recipient_count; i++)
		check_page_say(page, 2, "to      <{?}>", message->recipients[i]);
	check_page_say(page, 2, "login   {}", message->auth_user);
	check_page_line(page, 2, "%zu header fields%s", message->header_count,
	                message->header_cut ? ", cut at limits.header_bytes" : "");
}

static void print_headers(struct check_page *page, const struct check_outcome *check)
{
	const struct check_mta *mta = check->mta;

	check_page_heading(page, "Header fields", "", COLOUR_NONE,
	                   mta->added_count + mta->removed_count == 0 ? "none added or removed"
	                                                              : "");
	for (size_t i = 0; i < mta->removed_count; i++)
		check_page_line(page, 2, "- %s (number %u of that name)",
		                check_page_safe(page, mta->removed[i].name), mta->removed[i].index);
	for (size_t i = 0; i < mta->added_count; i++)
		check_page_lines(
		    page, 2,
		    arena_format(page->arena, "+ %s: ", check_page_safe(page, mta->added[i].name)),
		    mta->added[i].value);
}

static void print_queries(struct check_page *page, struct query_session *query_session)
{
	const struct query_session_query *queries;
	size_t count = query_session == NULL ? 0 : query_session_queries(query_session, &queries);

	check_page_heading(page, "DNS", "", COLOUR_NONE, count == 0 ? "nothing was asked" : "");
	for (size_t i = 0; i < count; i++) {
		const struct query_session_query *query = &queries[i];
		const char *time = query->cached
		                       ? "known"
		                       : arena_format(page->arena, "%.1f ms", query->milliseconds);

		check_page_say(page, 2, "{4}  {40}  {12}  {}", record_type_names[query->type],
		               query->name, lookup_names[query->status], time);
	}
}

/* The signatures themselves stand among the header fields. */
static void print_signing(struct check_page *page, const struct sign_finding *sign)
{
	static const char *const long_lines[] = {
	    [LONG_LINES_NONE] = NULL,
	    [LONG_LINES_BROKEN] = "it has long lines, signed as Postfix breaks them when it sends "
	                          "(sign_line_limit)",
	    [LONG_LINES_UNBROKEN] =
	        "it has lines over 998 octets, signed as they are (sign_line_limit)",
	    [LONG_LINES_UNKNOWN] =
	        "it has long lines; where the mail server breaks them, the signature breaks"};

	check_page_line(page, 2, "outbound mail (networks.ours or a login): not judged");
	check_page_heading(page, "Signing", sign->count > 0 ? "signed" : "unsigned",
	                   sign->count > 0 ? COLOUR_GOOD : COLOUR_DOUBT,
	                   sign->count == 0 && sign->reason == NULL
	                       ? "no entry in \"sign\""
	                       : check_page_safe(page, sign->reason));
	for (size_t i = 0; i < sign->count; i++)
		check_page_say(page, 2, "{?}, selector {?}, {?}", sign->signatures[i].domain,
		               sign->signatures[i].selector, sign->signatures[i].algorithm);
	check_page_say(page, 2, "{}", long_lines[sign->long_lines]);
}

static void print_sealing(struct check_page *page, const struct seal_finding *seal)
{
	if (seal->ready == NULL && seal->reason == NULL)
		return;
	check_page_heading(page, "Sealing", seal->ready != NULL ? "sealed" : "unsealed",
	                   seal->ready != NULL ? COLOUR_GOOD : COLOUR_DOUBT,
	                   seal->ready != NULL ? "if it is accepted"
	                                       : check_page_safe(page, seal->reason));
	if (seal->ready != NULL)
		check_page_line(page, 2, "set %u of the chain, cv=%s, by %s, selector %s",
		                seal->instance, seal->cv, check_page_safe(page, seal->domain),
		                check_page_safe(page, seal->selector));
}

void check_print(const struct check_outcome *check, FILE *to)
{
	struct check_page page;

	check_page_begin(&page, to, check->arena);
	print_verdict(&page, check);
	print_message(&page, check);
	if (check->outcome->findings->judged)
		check_explain(&page, check);
	else
		print_signing(&page, &check->outcome->findings->sign);
	print_sealing(&page, &check->outcome->findings->seal);
	print_headers(&page, check);
	print_queries(&page, check->outcome->query_session);
}

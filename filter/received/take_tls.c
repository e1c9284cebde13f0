/*
 * take_tls.c - TLS reports (RFC 8460 4), read by jansson. Of all that a report has, only the counts
 * of its policies are required.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "received/clean.h"
#include "received/take_parts.h"
#include "received/take_period.h"

#define SESSIONS_MAX 1e12

struct take_tls {
	struct take *take;
	struct arena *arena;
	struct received_report report;
	unsigned repairs;
	unsigned long policies, types, counts;
	bool changed; /* a text */
};

/* Before jansson makes a tree of it. */
static bool is_deeper(const char *json, size_t length, unsigned max)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (quoted && json[i] == '\\')
			i++;
		else if (json[i] == '"')
			quoted = !quoted;
		else if (!quoted && (json[i] == '{' || json[i] == '['))
			depth++;
		else if (!quoted && (json[i] == '}' || json[i] == ']') && depth > 0)
			depth--;
		if (depth > max)
			return true;
	}
	return false;
}

/* jansson refuses all of a text that is not UTF-8. */
static char *make_utf8(struct arena *arena, const char *json, size_t length, bool *changed)
{
	char *copy = arena_copy(arena, json, length);

	for (size_t at = 0; at < length;) {
		size_t step = (unsigned char)copy[at] < 0x80 ? 1 : text_utf8_length(copy + at);

		if (step == 0) {
			copy[at] = '?';
			*changed = true;
			step = 1;
		}
		at += step;
	}
	return copy;
}

static const char *tls_text(struct take_tls *tls, const json_t *value)
{
	if (json_is_array(value))
		value = json_array_get(value, 0);
	if (!json_is_string(value))
		return NULL;
	return clean_text(tls->arena, json_string_value(value), json_string_length(value),
	                  &tls->changed);
}

static const char *tls_member(struct take_tls *tls, const json_t *object, const char *name)
{
	return tls_text(tls, json_object_get(object, name));
}

/* A number, or one in quotes. */
static int64_t tls_sessions(struct take_tls *tls, const json_t *value)
{
	double number = json_is_string(value) ? strtod(json_string_value(value), NULL)
	                                      : json_number_value(value);

	if (number >= 0 && number <= SESSIONS_MAX)
		return (int64_t)number;
	tls->counts++;
	return number > SESSIONS_MAX ? (int64_t)SESSIONS_MAX : 0;
}

static void take_failure_detail(struct take_tls *tls, const json_t *detail)
{
	struct received_tls_failure failure = {
	    .result_type = tls_member(tls, detail, "result-type"),
	    .sending_address = clean_address(tls->arena, tls_member(tls, detail, "sending-mta-ip")),
	    .receiving_host = tls_member(tls, detail, "receiving-mx-hostname"),
	    .receiving_address = clean_address(tls->arena, tls_member(tls, detail, "receiving-ip")),
	    .count = tls_sessions(tls, json_object_get(detail, "failed-session-count")),
	    .reason = tls_member(tls, detail, "failure-reason-code")};

	if (failure.receiving_host == NULL)
		failure.receiving_host = tls_member(tls, detail, "receiving-mx-helo");
	if (failure.reason == NULL)
		failure.reason = tls_member(tls, detail, "additional-information");
	wire_write(tls->take->wire, WIRE_FAILURE, &failure);
}

static const char *tls_type(struct take_tls *tls, const char *text)
{
	static const char *const known[] = {"sts", "tlsa", "no-policy-found", NULL};
	int index =
	    text == NULL ? -1 : text_word(known, text_lower(tls->arena, text, strlen(text)));

	tls->types += index < 0;
	return index < 0 ? "no-policy-found" : known[index];
}

static void take_policy(struct take_tls *tls, const json_t *entry)
{
	const json_t *about = json_object_get(entry, "policy"),
	             *summary = json_object_get(entry, "summary"),
	             *details = json_object_get(entry, "failure-details");
	const char *domain = tls_member(tls, about, "policy-domain");
	struct received_tls_policy policy = {
	    .type = tls_type(tls, tls_member(tls, about, "policy-type")),
	    .domain = clean_domain(tls->arena, domain),
	    .mx_host = tls_member(tls, about, "mx-host"),
	    .successes =
	        tls_sessions(tls, json_object_get(summary, "total-successful-session-count")),
	    .failures = tls_sessions(tls, json_object_get(summary, "total-failure-session-count"))};
	size_t count = json_array_size(details);

	if (!json_is_object(summary))
		return;
	tls->policies++;
	if (tls->report.domain == NULL)
		tls->report.domain = policy.domain;
	wire_write(tls->take->wire, WIRE_POLICY, &policy);
	for (size_t i = 0; i < count && i < WIRE_FAILURES_MAX; i++)
		take_failure_detail(tls, json_array_get(details, i));
	if (count > WIRE_FAILURES_MAX)
		take_say_repair(tls->take, &tls->repairs,
		                "failure details beyond 10,000 of a policy were left out");
}

/* Some put the domain into the report id, "ID+DOMAIN" or "TIME_DOMAIN"; all into the Subject. */
static const char *domain_elsewhere(struct take_tls *tls)
{
	static const char mark[] = "Report Domain:";
	const char *id = tls->report.report_id, *subject = tls->take->subject, *domain = NULL;
	const char *at = id == NULL ? NULL : id + strlen(id);

	while (at > id && strchr("+_@", at[-1]) == NULL)
		at--;
	if (at != NULL && at > id && strchr(at, '.') != NULL)
		domain = clean_domain(tls->arena, at);
	at = subject == NULL || domain != NULL ? NULL : strcasestr(subject, mark);
	if (at != NULL) {
		at += sizeof mark - 1;
		at += strspn(at, " ");
		domain = domain_normalize(tls->arena, at, strcspn(at, " "));
	}
	take_say_repair(tls->take, &tls->repairs,
	                domain == NULL ? "it does not say which domain it is about"
	                               : "no policy names a domain: that of the report id or the "
	                                 "Subject was taken");
	return domain == NULL ? "unknown" : domain;
}

static const char *tls_complete(struct take_tls *tls, const json_t *root)
{
	const json_t *range = json_object_get(root, "date-range");
	struct received_report *report = &tls->report;
	const char *why;

	if (tls->policies == 0)
		return "it is a TLS report in which no policy has a summary";
	if (report->organization == NULL && report->email == NULL && report->report_id == NULL)
		return "it does not say who sends it";
	why = take_period_read(tls->take, tls_member(tls, range, "start-datetime"),
	                       tls_member(tls, range, "end-datetime"), report, &tls->repairs);
	if (why != NULL)
		return why;
	if (report->domain == NULL)
		report->domain = domain_elsewhere(tls);
	if (report->report_id == NULL) {
		report->report_id = "(none)";
		take_say_repair(tls->take, &tls->repairs, "it has no report id");
	}
	if (tls->types > 0)
		take_say_repair(
		    tls->take, &tls->repairs,
		    "policy types that are missing or unknown were read as no-policy-found");
	if (tls->counts > 0)
		take_say_repair(tls->take, &tls->repairs,
		                "counts below 0 or above 1,000,000,000,000 were read as these");
	if (tls->changed)
		take_say_repair(tls->take, &tls->repairs,
		                "texts were cut to 4 kB, or had characters that nobody can see");
	return NULL;
}

static void take_root(struct take_tls *tls, const json_t *root)
{
	const json_t *policies = json_object_get(root, "policies");
	const char *why;

	tls->report.kind = RECEIVED_TLS;
	tls->report.organization = tls_member(tls, root, "organization-name");
	tls->report.email = tls_member(tls, root, "contact-info");
	tls->report.report_id = tls_member(tls, root, "report-id");
	if (json_is_object(policies)) {
		take_policy(tls, policies);
	} else {
		for (size_t i = 0; i < json_array_size(policies) && i < WIRE_POLICIES_MAX; i++)
			take_policy(tls, json_array_get(policies, i));
	}
	why = tls_complete(tls, root);
	if (why == NULL && json_array_size(policies) > WIRE_POLICIES_MAX)
		why = "it is a TLS report with more than 1,000 policies";
	if (why == NULL) {
		take_say_report(tls->take, &tls->report);
		return;
	}
	wire_write(tls->take->wire, WIRE_DROP, NULL);
	take_say_reason(tls->take, "%s", why);
}

static void take_json(struct take_tls *tls, const char *json, size_t length)
{
	json_error_t error;
	json_t *root =
	    json_loadb(make_utf8(tls->arena, json, length, &tls->changed), length,
	               JSON_DECODE_INT_AS_REAL | JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);

	if (root == NULL && error.line < 0)
		take_say_reason(tls->take, "it is a TLS report that takes too much memory");
	else if (root == NULL)
		take_say_reason(tls->take, "it is not well-formed JSON: line %d: %s", error.line,
		                error.text);
	else if (json_object_get(root, "policies") == NULL)
		tls->take->nothing = "it is JSON without policies, no TLS report";
	else if (take_say_room(tls->take))
		take_root(tls, root);
	json_decref(root);
}

void take_tls(struct take *take, const char *json, size_t length)
{
	struct take_tls tls = {.take = take, .arena = arena_new()};

	if (length >= 3 && memcmp(json, "\357\273\277", 3) == 0) {
		json += 3;
		length -= 3;
	}
	if (length > take->limits->json_octets)
		take_say_reason(take, "it is a TLS report of more than %zu kB",
		                take->limits->json_octets / 1024);
	else if (is_deeper(json, length, take->limits->depth))
		take_say_reason(take, "its objects and arrays are nested more than %u deep",
		                take->limits->depth);
	else
		take_json(&tls, json, length);
	arena_free(tls.arena);
}

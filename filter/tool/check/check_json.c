/*
 * check_json.c - what `assay check --json` prints: one object, every key always there. The only
 * file that knows jansson. Called by check.c in the place of check_print.c.
 */
#include <jansson.h>
#include <stdlib.h>

#include "base/text.h"
#include "dmarc/policy_record.h"
#include "rows/row.h"
#include "tool/check/check.h"

enum {
	TEXT_MAX = 65536 /* bytes of a text that is no UTF-8 */
};

/* NULL becomes null; what is no UTF-8 is escaped first. */
static json_t *text(const char *value, struct arena *arena)
{
	json_t *string;

	if (value == NULL)
		return json_null();
	string = json_string(value);
	return string != NULL ? string : json_string(text_printable(arena, value, TEXT_MAX));
}

static json_t *text_or_null(const char *value, struct arena *arena)
{
	return text(value == NULL || value[0] == '\0' ? NULL : value, arena);
}

/* The limit of ours that kept something from being evaluated, or null. */
static json_t *limit(enum result result, enum lookup_fault fault)
{
	return result == RESULT_TEMPERROR && lookup_fault_is_limit(fault)
	           ? json_string(lookup_fault_names[fault])
	           : json_null();
}

static json_t *texts(const struct strings *strings, struct arena *arena)
{
	json_t *list = json_array();

	for (size_t i = 0; i < strings->count; i++)
		json_array_append_new(list, text(strings->items[i], arena));
	return list;
}

static json_t *iprev(const struct iprev_finding *finding, struct arena *arena)
{
	json_t *object = json_object();
	char address[ADDRESS_TEXT];

	json_object_set_new(object, "result",
	                    text(finding->checked ? result_names[finding->result] : NULL, arena));
	json_object_set_new(
	    object, "address",
	    text(finding->checked ? address_print(&finding->address, address) : NULL, arena));
	json_object_set_new(object, "name", text(finding->name, arena));
	json_object_set_new(object, "reason", text(finding->reason, arena));
	return object;
}

static json_t *spf(const struct spf_finding *finding, struct arena *arena)
{
	json_t *object = json_object(), *steps = json_array();

	for (size_t i = 0; i < finding->step_count; i++) {
		const struct spf_step *step = &finding->steps[i];
		json_t *one = json_object();

		json_object_set_new(one, "depth", json_integer(step->depth));
		json_object_set_new(one, "domain", text(step->domain, arena));
		json_object_set_new(one, "term", text(step->term, arena));
		json_object_set_new(one, "outcome", text(step->outcome, arena));
		json_array_append_new(steps, one);
	}
	json_object_set_new(object, "result", json_string(result_names[finding->result]));
	json_object_set_new(object, "scope", json_string(spf_scope_names[finding->scope]));
	json_object_set_new(object, "domain", text(finding->domain, arena));
	json_object_set_new(object, "mechanism", text(finding->mechanism, arena));
	json_object_set_new(object, "explanation", text(finding->explanation, arena));
	json_object_set_new(object, "reason", text(finding->reason, arena));
	json_object_set_new(object, "lookups", json_integer(finding->lookups));
	json_object_set_new(object, "void_lookups", json_integer(finding->void_lookups));
	json_object_set_new(object, "engine", text(finding->engine, arena));
	json_object_set_new(object, "second_opinion", text(finding->second_opinion, arena));
	json_object_set_new(object, "limit", limit(finding->result, finding->fault));
	json_object_set_new(object, "steps", steps);
	return object;
}

static json_t *signature(const struct dkim_signature *signature, struct arena *arena)
{
	json_t *object = json_object();

	json_object_set_new(object, "result", json_string(result_names[signature->result]));
	json_object_set_new(object, "domain", text(signature->domain, arena));
	json_object_set_new(object, "selector", text(signature->selector, arena));
	json_object_set_new(object, "identity", text(signature->identity, arena));
	json_object_set_new(object, "algorithm", text(signature->algorithm, arena));
	json_object_set_new(object, "key_bits",
	                    signature->key_bits == 0 ? json_null()
	                                             : json_integer(signature->key_bits));
	json_object_set_new(object, "reason", text(signature->reason, arena));
	json_object_set_new(object, "limit", limit(signature->result, signature->fault));
	json_object_set_new(object, "testing", json_boolean(signature->testing));
	json_object_set_new(object, "key_secure", json_boolean(signature->key_secure));
	json_object_set_new(object, "header_b", text(signature->header_b, arena));
	return object;
}

static json_t *dkim(const struct dkim_finding *finding, struct arena *arena)
{
	json_t *list = json_array();

	for (size_t i = 0; i < finding->count; i++)
		json_array_append_new(list, signature(&finding->signatures[i], arena));
	return list;
}

static json_t *author(const struct findings *findings, struct arena *arena)
{
	static const char *const names[] = {[AUTHOR_ONE] = "one",
	                                    [AUTHOR_MISSING] = "missing",
	                                    [AUTHOR_REPEATED] = "repeated",
	                                    [AUTHOR_SEVERAL] = "several",
	                                    [AUTHOR_BROKEN] = "broken"};
	const struct author *author = &findings->dmarc.author;
	json_t *object = json_object();

	json_object_set_new(object, "state",
	                    findings->judged ? json_string(names[author->state]) : json_null());
	json_object_set_new(object, "domain", text(author->domain, arena));
	json_object_set_new(object, "domains",
	                    texts(&(struct strings){author->domain_count, author->domains}, arena));
	json_object_set_new(object, "reason", text(author->reason, arena));
	return object;
}

static json_t *record(const struct policy_record *record, struct arena *arena)
{
	json_t *object;

	if (record == NULL)
		return json_null();
	object = json_object();
	json_object_set_new(object, "text", text(record->text, arena));
	json_object_set_new(object, "p", json_string(request_names[record->p]));
	json_object_set_new(object, "sp", json_string(request_names[record->sp]));
	json_object_set_new(object, "np", json_string(request_names[record->np]));
	json_object_set_new(object, "adkim", json_string(record->strict_dkim ? "s" : "r"));
	json_object_set_new(object, "aspf", json_string(record->strict_spf ? "s" : "r"));
	json_object_set_new(object, "psd", json_string(psd_names[record->psd]));
	json_object_set_new(object, "t", json_string(record->test_mode ? "y" : "n"));
	json_object_set_new(object, "fo", text(record->fo, arena));
	json_object_set_new(object, "rua", texts(&record->rua, arena));
	json_object_set_new(object, "ruf", texts(&record->ruf, arena));
	json_object_set_new(object, "error", text(record->error, arena));
	return object;
}

static json_t *walk(const struct dmarc_finding *finding, struct arena *arena)
{
	json_t *list = json_array();

	for (size_t i = 0; i < finding->step_count; i++) {
		json_t *step = json_object();

		json_object_set_new(step, "name", text(finding->steps[i].name, arena));
		json_object_set_new(step, "status",
		                    json_string(lookup_names[finding->steps[i].status]));
		json_object_set_new(step, "outcome", text(finding->steps[i].outcome, arena));
		json_array_append_new(list, step);
	}
	return list;
}

static json_t *alignments(const struct dmarc_finding *finding, struct arena *arena)
{
	json_t *list = json_array();

	for (size_t i = 0; i < finding->alignment_count; i++) {
		const struct alignment *alignment = &finding->alignments[i];
		json_t *one = json_object();

		json_object_set_new(one, "method", text(alignment->method, arena));
		json_object_set_new(one, "domain", text(alignment->domain, arena));
		json_object_set_new(one, "organizational_domain",
		                    text(alignment->organizational_domain, arena));
		json_object_set_new(one, "strict", json_boolean(alignment->strict));
		json_object_set_new(one, "passed", json_boolean(alignment->passed));
		json_object_set_new(one, "aligned", json_boolean(alignment->aligned));
		json_object_set_new(one, "why", text(alignment->why, arena));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *dmarc(const struct findings *findings, struct arena *arena)
{
	const struct dmarc_finding *finding = &findings->dmarc;
	bool found = finding->policy_domain != NULL;
	json_t *object = json_object();

	json_object_set_new(object, "result", json_string(result_names[finding->result]));
	json_object_set_new(object, "author_domain", text(finding->author.domain, arena));
	json_object_set_new(object, "organizational_domain",
	                    text(finding->organizational_domain, arena));
	json_object_set_new(object, "policy_domain", text(finding->policy_domain, arena));
	json_object_set_new(object, "published_policy",
	                    text(found ? request_names[finding->published] : NULL, arena));
	json_object_set_new(object, "published_tag",
	                    text(found ? finding->published_tag : NULL, arena));
	json_object_set_new(object, "effective_policy",
	                    text(found ? request_names[finding->effective] : NULL, arena));
	json_object_set_new(object, "test_mode", json_boolean(finding->test_mode));
	json_object_set_new(object, "author_exists",
	                    findings->judged ? json_boolean(finding->author_exists) : json_null());
	json_object_set_new(object, "spf_aligned", json_boolean(finding->spf_aligned));
	json_object_set_new(object, "dkim_aligned", json_boolean(finding->dkim_aligned));
	json_object_set_new(object, "discovery", text(finding->discovery, arena));
	json_object_set_new(object, "reason", text(finding->reason, arena));
	json_object_set_new(object, "record", record(finding->record, arena));
	json_object_set_new(object, "walk", walk(finding, arena));
	json_object_set_new(object, "alignments", alignments(finding, arena));
	json_object_set_new(object, "limit", limit(finding->result, finding->fault));
	json_object_set_new(
	    object, "at_stake",
	    text(finding->result == RESULT_TEMPERROR ? request_names[finding->at_stake] : NULL,
	         arena));
	return object;
}

static json_t *verdict(const struct verdict *verdict, const struct check_mta *mta,
                       struct arena *arena)
{
	json_t *object = json_object();
	const char *reply = NULL;

	if (verdict->reply != NULL)
		reply = arena_format(arena, "%s %s %s", verdict->code, verdict->enhanced,
		                     verdict->reply);
	json_object_set_new(object, "action", json_string(action_names[verdict->action]));
	json_object_set_new(object, "would", json_string(action_names[verdict->would]));
	json_object_set_new(object, "reply", text(reply, arena));
	json_object_set_new(object, "reason", text(verdict->reason, arena));
	json_object_set_new(object, "rule", text(verdict->rule, arena));
	json_object_set_new(object, "kind", json_string(verdict_kind_names[verdict->kind]));
	json_object_set_new(object, "hold", text(mta->held, arena));
	json_object_set_new(object, "redirect", text(mta->redirected, arena));
	json_object_set_new(object, "disposition", text_or_null(verdict->disposition, arena));
	json_object_set_new(object, "override",
	                    text_or_null(override_names[verdict->override], arena));
	json_object_set_new(object, "override_comment",
	                    text_or_null(verdict->override_comment, arena));
	return object;
}

static json_t *added(const struct check_mta *mta, struct arena *arena)
{
	json_t *list = json_array();

	for (size_t i = 0; i < mta->added_count; i++) {
		json_t *pair = json_array();

		json_array_append_new(pair, text(mta->added[i].name, arena));
		json_array_append_new(pair, text(mta->added[i].value, arena));
		json_array_append_new(list, pair);
	}
	return list;
}

static json_t *removed(const struct check_mta *mta, struct arena *arena)
{
	json_t *list = json_array();

	for (size_t i = 0; i < mta->removed_count; i++) {
		json_t *pair = json_array();

		json_array_append_new(pair, text(mta->removed[i].name, arena));
		json_array_append_new(pair, json_integer(mta->removed[i].index));
		json_array_append_new(list, pair);
	}
	return list;
}

static json_t *dns(struct query_session *query_session, struct arena *arena)
{
	const struct query_session_query *queries;
	size_t count = query_session == NULL ? 0 : query_session_queries(query_session, &queries);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *query = json_object();

		json_object_set_new(query, "name", text(queries[i].name, arena));
		json_object_set_new(query, "type", json_string(record_type_names[queries[i].type]));
		json_object_set_new(query, "status", json_string(lookup_names[queries[i].status]));
		json_object_set_new(
		    query, "ms",
		    json_real((double)(long)(queries[i].milliseconds * 10 + 0.5) / 10));
		json_object_set_new(query, "cached", json_boolean(queries[i].cached));
		json_array_append_new(list, query);
	}
	return list;
}

static json_t *row_dkim(const struct report_row *row, struct arena *arena)
{
	json_t *list = json_array();

	for (size_t i = 0; i < row->dkim_count; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "domain", text(row->dkim[i].domain, arena));
		json_object_set_new(one, "selector", text(row->dkim[i].selector, arena));
		json_object_set_new(one, "result", text(row->dkim[i].result, arena));
		json_object_set_new(one, "reason", text(row->dkim[i].reason, arena));
		json_array_append_new(list, one);
	}
	return list;
}

/* The row that the aggregate report would get, in the names of RFC 9990 where it has them. */
static json_t *row(const struct report_row *row, struct arena *arena)
{
	json_t *object;

	if (row == NULL)
		return json_null();
	const struct {
		const char *key, *value;
	} pairs[] = {
	    {"policy_domain", row->policy_domain},
	    {"p", row->p},
	    {"sp", row->sp},
	    {"np", row->np},
	    {"adkim", row->adkim},
	    {"aspf", row->aspf},
	    {"fo", row->fo},
	    {"testing", row->testing},
	    {"psd", row->psd},
	    {"discovery", row->discovery},
	    {"rua", row->rua},
	    {"record_error", row->record_error},
	    {"source_ip", row->source},
	    {"disposition", row->disposition},
	    {"dkim", row->dkim_aligned},
	    {"spf", row->spf_aligned},
	    {"override_type", row->override_type},
	    {"override_comment", row->override_comment},
	    {"action", row->action},
	    {"dmarc", row->dmarc},
	    {"header_from", row->header_from},
	    {"envelope_from", row->envelope_from},
	    {"envelope_to", row->envelope_to},
	    {"spf_domain", row->spf_domain},
	    {"spf_scope", row->spf_scope},
	    {"spf_result", row->spf_result},
	    {"spf_reason", row->spf_reason},
	};

	object = json_object();
	json_object_set_new(object, "received", json_integer(row->received));
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		json_object_set_new(object, pairs[i].key, text(pairs[i].value, arena));
	json_object_set_new(object, "dkim_results", row_dkim(row, arena));
	return object;
}

static json_t *envelope(const struct check_outcome *on)
{
	const struct message *message = on->outcome->message;
	char address[ADDRESS_TEXT];
	json_t *object = json_object(), *to = json_array();
	bool known = message->client.family != ADDRESS_UNKNOWN;

	for (size_t i = 0; i < message->recipient_count; i++)
		json_array_append_new(to, text(message->recipients[i], on->arena));
	json_object_set_new(
	    object, "ip", text(known ? address_print(&message->client, address) : NULL, on->arena));
	json_object_set_new(object, "helo", text(message->helo, on->arena));
	json_object_set_new(object, "from", text(message->mail_from, on->arena));
	json_object_set_new(object, "to", to);
	json_object_set_new(object, "auth", text(message->auth_user, on->arena));
	return object;
}

static json_t *sign(const struct sign_finding *finding, struct arena *arena)
{
	json_t *object = json_object(), *list = json_array();

	for (size_t i = 0; i < finding->count; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "domain", text(finding->signatures[i].domain, arena));
		json_object_set_new(one, "selector", text(finding->signatures[i].selector, arena));
		json_object_set_new(one, "algorithm",
		                    text(finding->signatures[i].algorithm, arena));
		json_array_append_new(list, one);
	}
	json_object_set_new(object, "count", json_integer((json_int_t)finding->count));
	json_object_set_new(object, "signatures", list);
	json_object_set_new(object, "reason", text(finding->reason, arena));
	json_object_set_new(object, "long_lines",
	                    json_string(long_lines_names[finding->long_lines]));
	return object;
}

void check_json(const struct check_outcome *on, FILE *to)
{
	const struct findings *findings = on->outcome->findings;
	json_t *object = json_object(), *arc = json_object();

	json_object_set_new(object, "authserv_id", text(on->settings->authserv_id, on->arena));
	json_object_set_new(object, "envelope", envelope(on));
	json_object_set_new(object, "judged", json_boolean(findings->judged));
	json_object_set_new(object, "author", author(findings, on->arena));
	json_object_set_new(object, "iprev", iprev(&findings->iprev, on->arena));
	json_object_set_new(object, "spf", spf(&findings->spf, on->arena));
	json_object_set_new(object, "spf_helo", spf(&findings->spf_helo, on->arena));
	json_object_set_new(object, "dkim", dkim(&findings->dkim, on->arena));
	json_object_set_new(object, "dkim_beyond_limit",
	                    json_integer((json_int_t)findings->dkim.beyond_limit));
	json_object_set_new(arc, "result", json_string(result_names[findings->arc.result]));
	json_object_set_new(object, "arc", arc);
	json_object_set_new(object, "dmarc", dmarc(findings, on->arena));
	json_object_set_new(object, "sign", sign(&findings->sign, on->arena));
	json_object_set_new(object, "verdict", verdict(on->outcome->verdict, on->mta, on->arena));
	json_object_set_new(object, "headers_added", added(on->mta, on->arena));
	json_object_set_new(object, "headers_removed", removed(on->mta, on->arena));
	json_object_set_new(object, "dns", dns(on->outcome->query_session, on->arena));
	json_object_set_new(object, "row", row(on->outcome->row, on->arena));
	json_dumpf(object, to, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9));
	fputc('\n', to);
	json_decref(object);
}

const char *check_json_version(void)
{
	return jansson_version_str();
}

/*
 * doctor_json.c - what `assay dns --json` prints: one object, every key always there. Called by
 * doctor.c in the place of doctor_print.c.
 */
#include <string.h>

#include "dns/query_session.h"
#include "tool/common/tool_json.h"
#include "tool/dns/doctor.h"

enum {
	OBJECT_MAX = 16 * 1024 * 1024
};

struct json {
	struct tool_json out;
	struct doctor *doctor;
};

/* Words that may be anybody's. */
static void text(struct json *json, const char *name, const char *value)
{
	tool_json_text(&json->out, name,
	               value == NULL ? NULL : doctor_safe(json->doctor, value, strlen(value)));
}

static void add_findings(struct json *json, const struct doctor *doctor)
{
	tool_json_open(&json->out, "findings", "[");
	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_finding *finding = &doctor->findings[i];
		const struct doctor_code_row *row = &doctor_codes_rows[finding->code];

		tool_json_open(&json->out, NULL, "\n  {");
		text(json, "area", doctor_area_names[row->area]);
		text(json, "level", doctor_level_names[finding->level]);
		text(json, "code", row->word);
		text(json, "name", finding->name);
		tool_json_text(&json->out, "text", finding->text);
		tool_json_text(&json->out, "shown", finding->shown);
		tool_json_text(&json->out, "fix", finding->fix);
		text(json, "source", row->source);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
	text_add(&json->out.text, "\n");
}

/* As deep as lookups are counted. */
static void add_record(struct json *json, const char *name, const struct doctor_spf_record *record)
{
	if (record == NULL) {
		text(json, name, NULL);
		return;
	}
	tool_json_open(&json->out, name, "{");
	text(json, "domain", record->domain);
	text(json, "status", record->status);
	text(json, "text", record->text);
	tool_json_number(&json->out, "lookups", record->lookups);
	tool_json_number(&json->out, "void_lookups", record->voids);
	tool_json_open(&json->out, "terms", "[");
	for (const struct doctor_spf_term *term = record->terms; term != NULL; term = term->next) {
		tool_json_open(&json->out, NULL, "{");
		text(json, "term", term->text);
		text(json, "target", term->target);
		tool_json_number(&json->out, "lookups", term->lookups);
		tool_json_number(&json->out, "void_lookups", term->voids);
		text(json, "outcome", term->outcome);
		add_record(json, "record", term->record);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
	tool_json_close(&json->out, "}");
}

static void add_spf(struct json *json, const struct doctor_spf *spf)
{
	tool_json_open(&json->out, "spf", "{");
	tool_json_number(&json->out, "lookups", spf->lookups);
	tool_json_flag(&json->out, "more", spf->more);
	tool_json_number(&json->out, "void_lookups_ipv4", spf->voids4);
	tool_json_number(&json->out, "void_lookups_ipv6", spf->voids6);
	text(json, "ip_result", spf->ip_result);
	text(json, "ip_term", spf->ip_term);
	add_record(json, "record", spf->record);
	tool_json_close(&json->out, "}");
	text_add(&json->out.text, "\n");
}

static void doctor_json_add_dkim(struct json *json, const struct doctor_dkim *dkim)
{
	tool_json_open(&json->out, "dkim", "[");
	for (size_t i = 0; i < dkim->count; i++) {
		const struct doctor_key *key = &dkim->keys[i];

		tool_json_open(&json->out, NULL, "\n  {");
		text(json, "selector", key->selector);
		text(json, "name", key->name);
		text(json, "origin", key->origin);
		text(json, "owner", key->owner);
		text(json, "status", key->status);
		text(json, "record", key->record);
		text(json, "problem", key->problem);
		text(json, "kind", key->kind);
		tool_json_number(&json->out, "bits", key->bits);
		tool_json_flag(&json->out, "testing", key->testing);
		tool_json_flag(&json->out, "same_domain", key->same_domain);
		tool_json_flag(&json->out, "secure", key->secure);
		text(json, "file", key->file);
		text(json, "own", key->own);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
	text_add(&json->out.text, "\n");
}

static void add_lists(struct json *json, const struct doctor_dmarc *dmarc)
{
	tool_json_open(&json->out, "tags", "[");
	for (size_t i = 0; i < dmarc->tag_count; i++) {
		tool_json_open(&json->out, NULL, "{");
		text(json, "tag", dmarc->tags[i].tag);
		text(json, "value", dmarc->tags[i].value);
		tool_json_flag(&json->out, "given", dmarc->tags[i].given);
		text(json, "meaning", dmarc->tags[i].meaning);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
	tool_json_open(&json->out, "walk", "[");
	for (size_t i = 0; i < dmarc->step_count; i++) {
		tool_json_open(&json->out, NULL, "{");
		text(json, "name", dmarc->steps[i].name);
		text(json, "status", lookup_names[dmarc->steps[i].status]);
		text(json, "outcome", dmarc->steps[i].outcome);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
}

static void add_addresses(struct json *json, const struct doctor_dmarc *dmarc)
{
	tool_json_open(&json->out, "reports", "[");
	for (size_t i = 0; i < dmarc->address_count; i++) {
		const struct doctor_address *address = &dmarc->addresses[i];

		tool_json_open(&json->out, NULL, "{");
		text(json, "tag", address->tag);
		text(json, "uri", address->uri);
		text(json, "address", address->address);
		text(json, "host", address->host);
		tool_json_flag(&json->out, "external", address->external);
		text(json, "status", address->status);
		text(json, "why", address->why);
		text(json, "asked", address->external ? address->asked : NULL);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
}

static void add_dmarc(struct json *json, const struct doctor *doctor)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;
	bool found = dmarc->record != NULL;

	tool_json_open(&json->out, "dmarc", "{");
	text(json, "policy_domain", dmarc->policy_domain);
	text(json, "organizational_domain", dmarc->organizational_domain);
	text(json, "discovery", discovery_names[doctor->asked->settings->dmarc.discovery]);
	text(json, "record", found ? dmarc->record->text : NULL);
	text(json, "error", found ? dmarc->record->error : NULL);
	text(json, "tag", dmarc->tag);
	text(json, "published_policy", found ? request_names[dmarc->published] : NULL);
	text(json, "effective_policy", found ? request_names[dmarc->effective] : NULL);
	add_lists(json, dmarc);
	add_addresses(json, dmarc);
	tool_json_close(&json->out, "}");
	text_add(&json->out.text, "\n");
}

static void add_mx(struct json *json, const struct doctor_mx *mx)
{
	tool_json_open(&json->out, "mx", "[");
	for (size_t i = 0; i < mx->count; i++) {
		const struct doctor_exchange *exchange = &mx->exchanges[i];

		tool_json_open(&json->out, NULL, "{");
		text(json, "name", exchange->name);
		tool_json_number(&json->out, "preference", exchange->preference);
		text(json, "status", exchange->status);
		tool_json_open(&json->out, "addresses", "[");
		for (size_t j = 0; j < exchange->addresses.count; j++)
			text(json, NULL, exchange->addresses.items[j]);
		tool_json_close(&json->out, "]");
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
	text_add(&json->out.text, "\n");
}

static void add_hosts(struct json *json, const struct doctor_hosts *hosts)
{
	tool_json_open(&json->out, "hosts", "[");
	for (size_t i = 0; i < hosts->count; i++) {
		const struct doctor_host *host = &hosts->hosts[i];

		tool_json_open(&json->out, NULL, "{");
		text(json, "address", host->address);
		text(json, "status", host->status);
		text(json, "name", host->name);
		tool_json_flag(&json->out, "generic", host->generic);
		text(json, "helo_result", host->helo_result);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
	text_add(&json->out.text, "\n");
}

static void add_queries(struct json *json, size_t count, const struct query_session_query *queries)
{
	tool_json_open(&json->out, "dns", "[");
	for (size_t i = 0; i < count; i++) {
		tool_json_open(&json->out, NULL, "\n  {");
		text(json, "name", queries[i].name);
		text(json, "type", record_type_names[queries[i].type]);
		text(json, "status", lookup_names[queries[i].status]);
		tool_json_decimal(&json->out, "ms", queries[i].milliseconds);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
}

void doctor_json(struct doctor *doctor, size_t query_count,
                 const struct query_session_query *queries, FILE *to)
{
	struct json json = {.doctor = doctor};

	tool_json_begin(&json.out, doctor->arena, OBJECT_MAX);
	tool_json_open(&json.out, NULL, "{");
	text(&json, "domain", doctor->asked->domain);
	text(&json, "unicode", doctor->asked->unicode);
	add_findings(&json, doctor);
	add_spf(&json, &doctor->spf);
	doctor_json_add_dkim(&json, &doctor->dkim);
	add_dmarc(&json, doctor);
	add_mx(&json, &doctor->mx);
	add_hosts(&json, &doctor->hosts);
	add_queries(&json, query_count, queries);
	tool_json_close(&json.out, "}");
	fprintf(to, "%s\n", json.out.text.bytes);
}

/*
 * doctor_json.c - what `assay dns --json` prints: one object, every key always there. Called by doctor.c in
 * the place of doctor_print.c.
 */
#include <string.h>

#include "dns/enquiry.h"
#include "tool/dns/doctor.h"
#include "tool/common/tool_json.h"

enum {
	OBJECT_MOST = 16 * 1024 * 1024
};

struct json {
	struct tool_json out;
	struct doctor *doctor;
};

/* Words that may be anybody's. */
static void words(struct json *json, const char *name, const char *value)
{
	tool_json_words(&json->out, name,
	                value == NULL ? NULL : doctor_findings_safe(json->doctor, value, strlen(value)));
}

static void add_findings(struct json *json, const struct doctor *doctor)
{
	tool_json_open(&json->out, "findings", "[");
	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_finding *finding = &doctor->findings[i];
		const struct doctor_code_row *row = &doctor_codes_rows[finding->code];

		tool_json_open(&json->out, NULL, "\n  {");
		words(json, "area", doctor_area_words[row->area]);
		words(json, "level", doctor_level_words[finding->level]);
		words(json, "code", row->word);
		words(json, "name", finding->name);
		tool_json_words(&json->out, "text", finding->text);
		tool_json_words(&json->out, "shown", finding->shown);
		tool_json_words(&json->out, "fix", finding->fix);
		words(json, "source", row->source);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
	text_add(&json->out.text, "\n");
}

/* As deep as look-ups are counted. */
static void add_record(struct json *json, const char *name, const struct doctor_spf_record *record)
{
	if (record == NULL) {
		words(json, name, NULL);
		return;
	}
	tool_json_open(&json->out, name, "{");
	words(json, "domain", record->domain);
	words(json, "status", record->status);
	words(json, "text", record->text);
	tool_json_number(&json->out, "lookups", record->lookups);
	tool_json_number(&json->out, "void_lookups", record->voids);
	tool_json_open(&json->out, "terms", "[");
	for (const struct doctor_spf_term *term = record->terms; term != NULL; term = term->next) {
		tool_json_open(&json->out, NULL, "{");
		words(json, "term", term->text);
		words(json, "target", term->target);
		tool_json_number(&json->out, "lookups", term->lookups);
		tool_json_number(&json->out, "void_lookups", term->voids);
		words(json, "outcome", term->outcome);
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
	words(json, "ip_result", spf->ip_result);
	words(json, "ip_term", spf->ip_term);
	add_record(json, "record", spf->record);
	tool_json_close(&json->out, "}");
	text_add(&json->out.text, "\n");
}

static void add_dkim(struct json *json, const struct doctor_dkim *dkim)
{
	tool_json_open(&json->out, "dkim", "[");
	for (size_t i = 0; i < dkim->count; i++) {
		const struct doctor_key *key = &dkim->keys[i];

		tool_json_open(&json->out, NULL, "\n  {");
		words(json, "selector", key->selector);
		words(json, "name", key->name);
		words(json, "origin", key->origin);
		words(json, "owner", key->owner);
		words(json, "status", key->status);
		words(json, "record", key->record);
		words(json, "problem", key->problem);
		words(json, "kind", key->kind);
		tool_json_number(&json->out, "bits", key->bits);
		tool_json_flag(&json->out, "testing", key->testing);
		tool_json_flag(&json->out, "same_domain", key->same_domain);
		tool_json_flag(&json->out, "secure", key->secure);
		words(json, "file", key->file);
		words(json, "own", key->own);
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
		words(json, "tag", dmarc->tags[i].tag);
		words(json, "value", dmarc->tags[i].value);
		tool_json_flag(&json->out, "given", dmarc->tags[i].given);
		words(json, "meaning", dmarc->tags[i].meaning);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
	tool_json_open(&json->out, "walk", "[");
	for (size_t i = 0; i < dmarc->step_count; i++) {
		tool_json_open(&json->out, NULL, "{");
		words(json, "name", dmarc->steps[i].name);
		words(json, "status", lookup_words[dmarc->steps[i].status]);
		words(json, "outcome", dmarc->steps[i].outcome);
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
		words(json, "tag", address->tag);
		words(json, "uri", address->uri);
		words(json, "address", address->address);
		words(json, "host", address->host);
		tool_json_flag(&json->out, "external", address->external);
		words(json, "status", address->status);
		words(json, "why", address->why);
		words(json, "asked", address->external ? address->asked : NULL);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
}

static void add_dmarc(struct json *json, const struct doctor *doctor)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;
	bool found = dmarc->record != NULL;

	tool_json_open(&json->out, "dmarc", "{");
	words(json, "policy_domain", dmarc->policy_domain);
	words(json, "organizational_domain", dmarc->organizational_domain);
	words(json, "discovery", discovery_words[doctor->asked->settings->dmarc.discovery]);
	words(json, "record", found ? dmarc->record->text : NULL);
	words(json, "error", found ? dmarc->record->error : NULL);
	words(json, "tag", dmarc->tag);
	words(json, "published_policy", found ? request_words[dmarc->published] : NULL);
	words(json, "effective_policy", found ? request_words[dmarc->effective] : NULL);
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
		words(json, "name", exchange->name);
		tool_json_number(&json->out, "preference", exchange->preference);
		words(json, "status", exchange->status);
		tool_json_open(&json->out, "addresses", "[");
		for (size_t j = 0; j < exchange->addresses.count; j++)
			words(json, NULL, exchange->addresses.items[j]);
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
		words(json, "address", host->address);
		words(json, "status", host->status);
		words(json, "name", host->name);
		tool_json_flag(&json->out, "generic", host->generic);
		words(json, "helo_result", host->helo_result);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
	text_add(&json->out.text, "\n");
}

static void add_queries(struct json *json, size_t count, const struct enquiry_query *queries)
{
	tool_json_open(&json->out, "dns", "[");
	for (size_t i = 0; i < count; i++) {
		tool_json_open(&json->out, NULL, "\n  {");
		words(json, "name", queries[i].name);
		words(json, "type", record_type_words[queries[i].type]);
		words(json, "status", lookup_words[queries[i].status]);
		tool_json_decimal(&json->out, "ms", queries[i].milliseconds);
		tool_json_close(&json->out, "}");
	}
	tool_json_close(&json->out, "]");
}

void doctor_json(struct doctor *doctor, size_t query_count, const struct enquiry_query *queries, FILE *to)
{
	struct json json = {.doctor = doctor};

	tool_json_begin(&json.out, doctor->arena, OBJECT_MOST);
	tool_json_open(&json.out, NULL, "{");
	words(&json, "domain", doctor->asked->domain);
	words(&json, "unicode", doctor->asked->unicode);
	add_findings(&json, doctor);
	add_spf(&json, &doctor->spf);
	add_dkim(&json, &doctor->dkim);
	add_dmarc(&json, doctor);
	add_mx(&json, &doctor->mx);
	add_hosts(&json, &doctor->hosts);
	add_queries(&json, query_count, queries);
	tool_json_close(&json.out, "}");
	fprintf(to, "%s\n", json.out.text.bytes);
}

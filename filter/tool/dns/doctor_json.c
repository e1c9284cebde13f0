/*
 * doctor_json.c - what `assay dns --json` prints: one object, every key always there. Called by doctor.c in
 * the place of doctor_print.c.
 */
#include <string.h>

#include "dns/enquiry.h"
#include "report/json_text.h"
#include "text.h"
#include "tool/dns/doctor.h"

enum {
	OBJECT_MOST = 16 * 1024 * 1024
};

struct json {
	struct text text;
	struct doctor *doctor;
	bool first; /* nothing stands in the innermost object or list */
};

static void member(struct json *json, const char *name)
{
	text_add(&json->text, json->first ? "" : ", ");
	json->first = false;
	if (name == NULL)
		return;
	json_text_add(&json->text, name);
	text_add(&json->text, ": ");
}

static void begin(struct json *json, const char *name, const char *bracket)
{
	member(json, name);
	text_add(&json->text, bracket);
	json->first = true;
}

static void end(struct json *json, const char *bracket)
{
	text_add(&json->text, bracket);
	json->first = false;
}

static void words(struct json *json, const char *name, const char *value)
{
	member(json, name);
	if (value == NULL)
		text_add(&json->text, "null");
	else
		json_text_add(&json->text, doctor_findings_safe(json->doctor, value, strlen(value)));
}

/* Words of our own with line ends, made safe before. */
static void lines(struct json *json, const char *name, const char *value)
{
	member(json, name);
	if (value == NULL)
		text_add(&json->text, "null");
	else
		json_text_add(&json->text, value);
}

static void number(struct json *json, const char *name, unsigned long value)
{
	member(json, name);
	text_add_format(&json->text, "%lu", value);
}

static void flag(struct json *json, const char *name, bool value)
{
	member(json, name);
	text_add(&json->text, value ? "true" : "false");
}

static void add_findings(struct json *json, const struct doctor *doctor)
{
	begin(json, "findings", "[");
	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_finding *finding = &doctor->findings[i];
		const struct doctor_code_row *row = &doctor_codes_rows[finding->code];

		begin(json, NULL, "\n  {");
		words(json, "area", doctor_area_words[row->area]);
		words(json, "level", doctor_level_words[finding->level]);
		words(json, "code", row->word);
		words(json, "name", finding->name);
		lines(json, "text", finding->text);
		lines(json, "shown", finding->shown);
		lines(json, "fix", finding->fix);
		words(json, "source", row->source);
		end(json, "}");
	}
	end(json, "]");
	text_add(&json->text, "\n");
}

/* As deep as look-ups are counted. */
static void add_record(struct json *json, const char *name, const struct doctor_spf_record *record)
{
	if (record == NULL) {
		words(json, name, NULL);
		return;
	}
	begin(json, name, "{");
	words(json, "domain", record->domain);
	words(json, "status", record->status);
	words(json, "text", record->text);
	number(json, "lookups", record->lookups);
	number(json, "void_lookups", record->voids);
	begin(json, "terms", "[");
	for (const struct doctor_spf_term *term = record->terms; term != NULL; term = term->next) {
		begin(json, NULL, "{");
		words(json, "term", term->text);
		words(json, "target", term->target);
		number(json, "lookups", term->lookups);
		number(json, "void_lookups", term->voids);
		words(json, "outcome", term->outcome);
		add_record(json, "record", term->record);
		end(json, "}");
	}
	end(json, "]");
	end(json, "}");
}

static void add_spf(struct json *json, const struct doctor_spf *spf)
{
	begin(json, "spf", "{");
	number(json, "lookups", spf->lookups);
	flag(json, "more", spf->more);
	number(json, "void_lookups_ipv4", spf->voids4);
	number(json, "void_lookups_ipv6", spf->voids6);
	words(json, "ip_result", spf->ip_result);
	words(json, "ip_term", spf->ip_term);
	add_record(json, "record", spf->record);
	end(json, "}");
	text_add(&json->text, "\n");
}

static void add_dkim(struct json *json, const struct doctor_dkim *dkim)
{
	begin(json, "dkim", "[");
	for (size_t i = 0; i < dkim->count; i++) {
		const struct doctor_key *key = &dkim->keys[i];

		begin(json, NULL, "\n  {");
		words(json, "selector", key->selector);
		words(json, "name", key->name);
		words(json, "origin", key->origin);
		words(json, "owner", key->owner);
		words(json, "status", key->status);
		words(json, "record", key->record);
		words(json, "problem", key->problem);
		words(json, "kind", key->kind);
		number(json, "bits", key->bits);
		flag(json, "testing", key->testing);
		flag(json, "same_domain", key->same_domain);
		flag(json, "secure", key->secure);
		words(json, "file", key->file);
		words(json, "own", key->own);
		end(json, "}");
	}
	end(json, "]");
	text_add(&json->text, "\n");
}

static void add_lists(struct json *json, const struct doctor_dmarc *dmarc)
{
	begin(json, "tags", "[");
	for (size_t i = 0; i < dmarc->tag_count; i++) {
		begin(json, NULL, "{");
		words(json, "tag", dmarc->tags[i].tag);
		words(json, "value", dmarc->tags[i].value);
		flag(json, "given", dmarc->tags[i].given);
		words(json, "meaning", dmarc->tags[i].meaning);
		end(json, "}");
	}
	end(json, "]");
	begin(json, "walk", "[");
	for (size_t i = 0; i < dmarc->step_count; i++) {
		begin(json, NULL, "{");
		words(json, "name", dmarc->steps[i].name);
		words(json, "status", lookup_words[dmarc->steps[i].status]);
		words(json, "outcome", dmarc->steps[i].outcome);
		end(json, "}");
	}
	end(json, "]");
}

static void add_addresses(struct json *json, const struct doctor_dmarc *dmarc)
{
	begin(json, "reports", "[");
	for (size_t i = 0; i < dmarc->address_count; i++) {
		const struct doctor_address *address = &dmarc->addresses[i];

		begin(json, NULL, "{");
		words(json, "tag", address->tag);
		words(json, "uri", address->uri);
		words(json, "address", address->address);
		words(json, "host", address->host);
		flag(json, "external", address->external);
		words(json, "status", address->status);
		words(json, "why", address->why);
		words(json, "asked", address->external ? address->asked : NULL);
		end(json, "}");
	}
	end(json, "]");
}

static void add_dmarc(struct json *json, const struct doctor *doctor)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;
	bool found = dmarc->record != NULL;

	begin(json, "dmarc", "{");
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
	end(json, "}");
	text_add(&json->text, "\n");
}

static void add_mx(struct json *json, const struct doctor_mx *mx)
{
	begin(json, "mx", "[");
	for (size_t i = 0; i < mx->count; i++) {
		const struct doctor_exchange *exchange = &mx->exchanges[i];

		begin(json, NULL, "{");
		words(json, "name", exchange->name);
		number(json, "preference", exchange->preference);
		words(json, "status", exchange->status);
		begin(json, "addresses", "[");
		for (size_t j = 0; j < exchange->addresses.count; j++)
			words(json, NULL, exchange->addresses.items[j]);
		end(json, "]");
		end(json, "}");
	}
	end(json, "]");
	text_add(&json->text, "\n");
}

static void add_hosts(struct json *json, const struct doctor_hosts *hosts)
{
	begin(json, "hosts", "[");
	for (size_t i = 0; i < hosts->count; i++) {
		const struct doctor_host *host = &hosts->hosts[i];

		begin(json, NULL, "{");
		words(json, "address", host->address);
		words(json, "status", host->status);
		words(json, "name", host->name);
		flag(json, "generic", host->generic);
		words(json, "helo_result", host->helo_result);
		end(json, "}");
	}
	end(json, "]");
	text_add(&json->text, "\n");
}

static void add_queries(struct json *json, size_t count, const struct enquiry_query *queries)
{
	begin(json, "dns", "[");
	for (size_t i = 0; i < count; i++) {
		begin(json, NULL, "\n  {");
		words(json, "name", queries[i].name);
		words(json, "type", record_type_words[queries[i].type]);
		words(json, "status", lookup_words[queries[i].status]);
		member(json, "ms");
		text_add_format(&json->text, "%.1f", queries[i].milliseconds);
		end(json, "}");
	}
	end(json, "]");
}

void doctor_json(struct doctor *doctor, size_t query_count, const struct enquiry_query *queries, FILE *to)
{
	struct json json = {.doctor = doctor, .first = true};

	text_begin(&json.text, doctor->arena, OBJECT_MOST);
	begin(&json, NULL, "{");
	words(&json, "domain", doctor->asked->domain);
	words(&json, "unicode", doctor->asked->unicode);
	add_findings(&json, doctor);
	add_spf(&json, &doctor->spf);
	add_dkim(&json, &doctor->dkim);
	add_dmarc(&json, doctor);
	add_mx(&json, &doctor->mx);
	add_hosts(&json, &doctor->hosts);
	add_queries(&json, query_count, queries);
	end(&json, "}");
	fprintf(to, "%s\n", json.text.bytes);
}

/*
 * doctor_json.c - what `assay dns --json` prints: one object, every key always there, as rows of
 * fields. Called by dns.c in the place of doctor_print.c.
 */
#include <string.h>

#include "base/invariant.h"
#include "dns/query_session.h"
#include "rows/finding_fields.h"
#include "tool/common/fields_json.h"
#include "tool/dns/doctor.h"

/* All that is printed, in the shape in which it is. */
struct view {
	const char *domain, *unicode, *discovery;
	const char *record, *error; /* of the DMARC record; NULL without one */
	struct doctor doctor;
	size_t query_count;
	const struct query_session_query *queries;
};

static const struct doctor_code_row *code_of(const void *finding)
{
	return &doctor_codes_rows[((const struct doctor_finding *)finding)->code];
}

static const char *make_area(const void *finding, struct arena *arena)
{
	(void)arena;
	return doctor_area_names[code_of(finding)->area];
}

static const char *make_code(const void *finding, struct arena *arena)
{
	(void)arena;
	return code_of(finding)->word;
}

static const char *make_source(const void *finding, struct arena *arena)
{
	(void)arena;
	return code_of(finding)->source;
}

static const struct field finding_rows[] = {
    {.name = "area", .type = FIELD_MADE, .make = make_area},
    {FIELD(FIELD_NAME, struct doctor_finding, level), .names = doctor_level_names},
    {.name = "code", .type = FIELD_MADE, .make = make_code},
    {FIELD(FIELD_TEXT, struct doctor_finding, name)},
    {FIELD(FIELD_VISIBLE, struct doctor_finding, text)},
    {FIELD(FIELD_VISIBLE, struct doctor_finding, shown)},
    {FIELD(FIELD_VISIBLE, struct doctor_finding, fix)},
    {.name = "source", .type = FIELD_MADE, .make = make_source},
    FIELD_END};

/* A record has terms, and a term the record that it includes. */
static const struct field record_rows[7];

static const struct field term_rows[] = {
    {FIELD_AS("term", FIELD_TEXT, struct doctor_spf_term, text)},
    {FIELD(FIELD_TEXT, struct doctor_spf_term, target)},
    {FIELD(FIELD_NUMBER, struct doctor_spf_term, lookups)},
    {FIELD_AS("void_lookups", FIELD_NUMBER, struct doctor_spf_term, voids)},
    {FIELD(FIELD_TEXT, struct doctor_spf_term, outcome)},
    {FIELD(FIELD_POINTER, struct doctor_spf_term, record), .rows = record_rows},
    FIELD_END};

static const struct field record_rows[7] = {
    {FIELD(FIELD_TEXT, struct doctor_spf_record, domain)},
    {FIELD(FIELD_TEXT, struct doctor_spf_record, status)},
    {FIELD(FIELD_TEXT, struct doctor_spf_record, text)},
    {FIELD(FIELD_NUMBER, struct doctor_spf_record, lookups)},
    {FIELD_AS("void_lookups", FIELD_NUMBER, struct doctor_spf_record, voids)},
    {FIELD(FIELD_CHAIN, struct doctor_spf_record, terms), .rows = term_rows,
     .next = offsetof(struct doctor_spf_term, next)},
    FIELD_END};

static const struct field spf_rows[] = {
    {FIELD(FIELD_NUMBER, struct doctor_spf, lookups)},
    {FIELD(FIELD_FLAG, struct doctor_spf, more)},
    {FIELD_AS("void_lookups_ipv4", FIELD_NUMBER, struct doctor_spf, voids4)},
    {FIELD_AS("void_lookups_ipv6", FIELD_NUMBER, struct doctor_spf, voids6)},
    {FIELD(FIELD_TEXT, struct doctor_spf, ip_result)},
    {FIELD(FIELD_TEXT, struct doctor_spf, ip_term)},
    {FIELD(FIELD_POINTER, struct doctor_spf, record), .rows = record_rows},
    FIELD_END};

static const struct field key_rows[] = {{FIELD(FIELD_TEXT, struct doctor_key, selector)},
                                        {FIELD(FIELD_TEXT, struct doctor_key, name)},
                                        {FIELD(FIELD_TEXT, struct doctor_key, origin)},
                                        {FIELD(FIELD_TEXT, struct doctor_key, owner)},
                                        {FIELD(FIELD_TEXT, struct doctor_key, status)},
                                        {FIELD(FIELD_TEXT, struct doctor_key, record)},
                                        {FIELD(FIELD_TEXT, struct doctor_key, problem)},
                                        {FIELD(FIELD_TEXT, struct doctor_key, kind)},
                                        {FIELD(FIELD_NUMBER, struct doctor_key, bits)},
                                        {FIELD(FIELD_FLAG, struct doctor_key, testing)},
                                        {FIELD(FIELD_FLAG, struct doctor_key, same_domain)},
                                        {FIELD(FIELD_FLAG, struct doctor_key, secure)},
                                        {FIELD(FIELD_TEXT, struct doctor_key, file)},
                                        {FIELD(FIELD_TEXT, struct doctor_key, own)},
                                        FIELD_END};

static const struct field tag_rows[] = {{FIELD(FIELD_TEXT, struct doctor_tag, tag)},
                                        {FIELD(FIELD_TEXT, struct doctor_tag, value)},
                                        {FIELD(FIELD_FLAG, struct doctor_tag, given)},
                                        {FIELD(FIELD_TEXT, struct doctor_tag, meaning)},
                                        FIELD_END};

static bool is_external(const void *address)
{
	return ((const struct doctor_address *)address)->external;
}

static const struct field address_rows[] = {
    {FIELD(FIELD_TEXT, struct doctor_address, tag)},
    {FIELD(FIELD_TEXT, struct doctor_address, uri)},
    {FIELD(FIELD_TEXT, struct doctor_address, address)},
    {FIELD(FIELD_TEXT, struct doctor_address, host)},
    {FIELD(FIELD_FLAG, struct doctor_address, external)},
    {FIELD(FIELD_TEXT, struct doctor_address, status)},
    {FIELD(FIELD_TEXT, struct doctor_address, why)},
    {FIELD(FIELD_TEXT, struct doctor_address, asked), .known = is_external},
    FIELD_END};

static bool has_record(const void *view)
{
	return ((const struct view *)view)->record != NULL;
}

#define DMARC(key, kind, member) FIELD_AS(key, kind, struct view, doctor.dmarc.member)

static const struct field dmarc_rows[] = {
    {DMARC("policy_domain", FIELD_TEXT, policy_domain)},
    {DMARC("organizational_domain", FIELD_TEXT, organizational_domain)},
    {FIELD(FIELD_TEXT, struct view, discovery)},
    {FIELD(FIELD_TEXT, struct view, record)},
    {FIELD(FIELD_TEXT, struct view, error)},
    {DMARC("tag", FIELD_TEXT, tag)},
    {DMARC("published_policy", FIELD_NAME, published), .names = request_names, .known = has_record},
    {DMARC("effective_policy", FIELD_NAME, effective), .names = request_names, .known = has_record},
    {DMARC("tags", FIELD_LIST, tags),
     FIELD_ITEMS(struct view, doctor.dmarc.tags, doctor.dmarc.tag_count, tag_rows)},
    {DMARC("walk", FIELD_LIST, steps),
     FIELD_ITEMS(struct view, doctor.dmarc.steps, doctor.dmarc.step_count, finding_fields_step)},
    {DMARC("reports", FIELD_LIST, addresses),
     FIELD_ITEMS(struct view, doctor.dmarc.addresses, doctor.dmarc.address_count, address_rows)},
    FIELD_END};

static const struct field exchange_rows[] = {
    {FIELD(FIELD_TEXT, struct doctor_exchange, name)},
    {FIELD(FIELD_NUMBER, struct doctor_exchange, preference)},
    {FIELD(FIELD_TEXT, struct doctor_exchange, status)},
    {FIELD_AS("addresses", FIELD_TEXTS, struct doctor_exchange, addresses.items),
     .count = offsetof(struct doctor_exchange, addresses.count)},
    FIELD_END};

static const struct field host_rows[] = {{FIELD(FIELD_TEXT, struct doctor_host, address)},
                                         {FIELD(FIELD_TEXT, struct doctor_host, status)},
                                         {FIELD(FIELD_TEXT, struct doctor_host, name)},
                                         {FIELD(FIELD_FLAG, struct doctor_host, generic)},
                                         {FIELD(FIELD_TEXT, struct doctor_host, helo_result)},
                                         FIELD_END};

static const struct field query_rows[] = {FINDING_FIELDS_QUERY, FIELD_END};

static const struct field view_rows[] = {
    {FIELD(FIELD_TEXT, struct view, domain)},
    {FIELD(FIELD_TEXT, struct view, unicode)},
    {FIELD_AS("findings", FIELD_LIST, struct view, doctor.findings), .lines = true,
     FIELD_ITEMS(struct view, doctor.findings, doctor.count, finding_rows)},
    {FIELD_AS("spf", FIELD_OBJECT, struct view, doctor.spf), .rows = spf_rows},
    {FIELD_AS("dkim", FIELD_LIST, struct view, doctor.dkim.keys), .lines = true,
     FIELD_ITEMS(struct view, doctor.dkim.keys, doctor.dkim.count, key_rows)},
    {.name = "dmarc", .type = FIELD_OBJECT, .offset = 0, .rows = dmarc_rows},
    {FIELD_AS("mx", FIELD_LIST, struct view, doctor.mx.exchanges),
     FIELD_ITEMS(struct view, doctor.mx.exchanges, doctor.mx.count, exchange_rows)},
    {FIELD_AS("hosts", FIELD_ARRAY, struct view, doctor.hosts.hosts),
     FIELD_ITEMS(struct view, doctor.hosts.hosts, doctor.hosts.count, host_rows)},
    {FIELD_AS("dns", FIELD_LIST, struct view, queries), .lines = true,
     FIELD_ITEMS(struct view, queries, query_count, query_rows)},
    FIELD_END};

static const char *doctor_json_safe(void *doctor, const char *text)
{
	return doctor_safe(doctor, text, strlen(text));
}

void doctor_json(struct doctor *doctor, size_t query_count,
                 const struct query_session_query *queries, FILE *to)
{
	const struct policy_record *record = doctor->dmarc.record;
	const struct fields_json writer = {
	    .arena = doctor->arena, .safe = doctor_json_safe, .context = doctor};
	const struct view view = {.domain = doctor->asked->domain,
	                          .unicode = doctor->asked->unicode,
	                          .discovery =
	                              discovery_names[doctor->asked->settings->dmarc.discovery],
	                          .record = record == NULL ? NULL : record->text,
	                          .error = record == NULL ? NULL : record->error,
	                          .doctor = *doctor,
	                          .query_count = query_count,
	                          .queries = queries};

	invariant(query_count == 0 || queries != NULL);
	fields_json_print_lines(&writer, view_rows, &view, to);
}

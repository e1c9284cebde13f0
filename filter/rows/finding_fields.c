/*
 * finding_fields.c - the findings about a message as rows of fields, one table a struct of
 * finding.h. `assay check --json` is written by them.
 */
#include "rows/finding_fields.h"

#include "dmarc/policy_record.h"
#include "rows/row.h"

/* "limit" is the limit of ours that kept something from being evaluated, or null. */
static bool is_limited(enum result result, enum lookup_fault fault)
{
	return result == RESULT_TEMPERROR && lookup_fault_is_limit(fault);
}

/* iprev */

static bool iprev_checked(const void *iprev)
{
	return ((const struct iprev_finding *)iprev)->checked;
}

static const char *iprev_address(const void *iprev, struct arena *arena)
{
	char address[ADDRESS_TEXT];

	return arena_string(
	    arena, address_print(&((const struct iprev_finding *)iprev)->address, address));
}

const struct field finding_fields_iprev[] = {
    {FIELD(FIELD_NAME, struct iprev_finding, result), .names = result_names,
     .known = iprev_checked},
    {.name = "address", .type = FIELD_MADE, .make = iprev_address, .known = iprev_checked},
    {FIELD(FIELD_TEXT, struct iprev_finding, name)},
    {FIELD(FIELD_TEXT, struct iprev_finding, reason)},
    FIELD_END};

/* SPF */

static bool spf_limited(const void *finding)
{
	const struct spf_finding *spf = finding;

	return is_limited(spf->result, spf->fault);
}

static const struct field spf_step[] = {{FIELD(FIELD_NUMBER, struct spf_step, depth)},
                                        {FIELD(FIELD_TEXT, struct spf_step, domain)},
                                        {FIELD(FIELD_TEXT, struct spf_step, term)},
                                        {FIELD(FIELD_TEXT, struct spf_step, outcome)},
                                        FIELD_END};

const struct field finding_fields_spf[] = {
    {FIELD(FIELD_NAME, struct spf_finding, result), .names = result_names},
    {FIELD(FIELD_NAME, struct spf_finding, scope), .names = spf_scope_names},
    {FIELD(FIELD_TEXT, struct spf_finding, domain)},
    {FIELD(FIELD_TEXT, struct spf_finding, mechanism)},
    {FIELD(FIELD_TEXT, struct spf_finding, explanation)},
    {FIELD(FIELD_TEXT, struct spf_finding, reason)},
    {FIELD(FIELD_NUMBER, struct spf_finding, lookups)},
    {FIELD(FIELD_NUMBER, struct spf_finding, void_lookups)},
    {FIELD(FIELD_TEXT, struct spf_finding, engine)},
    {FIELD(FIELD_TEXT, struct spf_finding, second_opinion)},
    {FIELD_AS("limit", FIELD_NAME, struct spf_finding, fault), .names = lookup_fault_names,
     .known = spf_limited},
    {FIELD(FIELD_LIST, struct spf_finding, steps),
     FIELD_ITEMS(struct spf_finding, steps, step_count, spf_step)},
    FIELD_END};

/* DKIM */

static bool signature_limited(const void *signature)
{
	const struct dkim_signature *dkim = signature;

	return is_limited(dkim->result, dkim->fault);
}

const struct field finding_fields_signature[] = {
    {FIELD(FIELD_NAME, struct dkim_signature, result), .names = result_names},
    {FIELD(FIELD_TEXT, struct dkim_signature, domain)},
    {FIELD(FIELD_TEXT, struct dkim_signature, selector)},
    {FIELD(FIELD_TEXT, struct dkim_signature, identity)},
    {FIELD(FIELD_TEXT, struct dkim_signature, algorithm)},
    {FIELD(FIELD_NUMBER_OR_NULL, struct dkim_signature, key_bits)},
    {FIELD(FIELD_TEXT, struct dkim_signature, reason)},
    {FIELD(FIELD_TEXT, struct dkim_signature, second_opinion)},
    {FIELD_AS("limit", FIELD_NAME, struct dkim_signature, fault), .names = lookup_fault_names,
     .known = signature_limited},
    {FIELD(FIELD_FLAG, struct dkim_signature, testing)},
    {FIELD(FIELD_FLAG, struct dkim_signature, key_secure)},
    {FIELD(FIELD_TEXT, struct dkim_signature, header_b)},
    FIELD_END};

/* ARC */

static const struct field arc_set[] = {
    {FIELD(FIELD_NUMBER, struct arc_set, instance)},
    {FIELD(FIELD_TEXT, struct arc_set, domain)},
    {FIELD(FIELD_TEXT, struct arc_set, selector)},
    {FIELD(FIELD_TEXT, struct arc_set, ams_domain)},
    {FIELD(FIELD_TEXT, struct arc_set, cv)},
    {FIELD(FIELD_NAME, struct arc_set, seal), .names = result_names},
    {FIELD(FIELD_FLAG, struct arc_set, trusted)},
    FIELD_END};

/* From which set on the message signatures verify (RFC 8617 5.2 step 5): it is not asked. */
static const char *arc_oldest_pass(const void *arc, struct arena *arena)
{
	(void)arc, (void)arena;
	return NULL;
}

const struct field finding_fields_arc[] = {
    {FIELD(FIELD_NAME, struct arc_finding, result), .names = result_names},
    {FIELD(FIELD_TEXT, struct arc_finding, reason)},
    {FIELD(FIELD_FLAG, struct arc_finding, temporary)},
    {FIELD(FIELD_LIST, struct arc_finding, sets),
     FIELD_ITEMS(struct arc_finding, sets, count, arc_set)},
    {FIELD(FIELD_TEXT, struct arc_finding, trusted_by)},
    {FIELD(FIELD_TEXT_LIST, struct arc_finding, restored)},
    {FIELD(FIELD_TEXT, struct arc_finding, would_restore)},
    {FIELD(FIELD_TEXT, struct arc_finding, remote_address)},
    {.name = "oldest_pass", .type = FIELD_MADE, .make = arc_oldest_pass},
    FIELD_END};

/* the author */

static const char *const author_states[] = {[AUTHOR_ONE] = "one",
                                            [AUTHOR_MISSING] = "missing",
                                            [AUTHOR_REPEATED] = "repeated",
                                            [AUTHOR_SEVERAL] = "several",
                                            [AUTHOR_BROKEN] = "broken"};

static bool is_judged(const void *findings)
{
	return ((const struct findings *)findings)->judged;
}

const struct field finding_fields_author[] = {
    {FIELD_AS("state", FIELD_NAME, struct findings, dmarc.author.state), .names = author_states,
     .known = is_judged},
    {FIELD_AS("domain", FIELD_TEXT, struct findings, dmarc.author.domain)},
    {FIELD_AS("domains", FIELD_TEXTS, struct findings, dmarc.author.domains),
     .count = offsetof(struct findings, dmarc.author.domain_count)},
    {FIELD_AS("reason", FIELD_TEXT, struct findings, dmarc.author.reason)},
    FIELD_END};

/* DMARC */

static const char *const alignment_modes[] = {"r", "s"};
static const char *const test_modes[] = {"n", "y"};

static const struct field policy_record[] = {
    {FIELD(FIELD_TEXT, struct policy_record, text)},
    {FIELD(FIELD_NAME, struct policy_record, p), .names = request_names},
    {FIELD(FIELD_NAME, struct policy_record, sp), .names = request_names},
    {FIELD(FIELD_NAME, struct policy_record, np), .names = request_names},
    {FIELD_AS("adkim", FIELD_NAME, struct policy_record, strict_dkim), .names = alignment_modes},
    {FIELD_AS("aspf", FIELD_NAME, struct policy_record, strict_spf), .names = alignment_modes},
    {FIELD(FIELD_NAME, struct policy_record, psd), .names = psd_names},
    {FIELD_AS("t", FIELD_NAME, struct policy_record, test_mode), .names = test_modes},
    {FIELD(FIELD_TEXT, struct policy_record, fo)},
    {FIELD_AS("rua", FIELD_TEXTS, struct policy_record, rua.items),
     .count = offsetof(struct policy_record, rua.count)},
    {FIELD_AS("ruf", FIELD_TEXTS, struct policy_record, ruf.items),
     .count = offsetof(struct policy_record, ruf.count)},
    {FIELD(FIELD_TEXT, struct policy_record, error)},
    FIELD_END};

const struct field finding_fields_step[] = {
    {FIELD(FIELD_TEXT, struct walk_step, name)},
    {FIELD(FIELD_NAME, struct walk_step, status), .names = lookup_names},
    {FIELD(FIELD_TEXT, struct walk_step, outcome)},
    FIELD_END};

static const struct field alignment[] = {
    {FIELD(FIELD_TEXT, struct alignment, method)},
    {FIELD(FIELD_TEXT, struct alignment, domain)},
    {FIELD(FIELD_TEXT, struct alignment, organizational_domain)},
    {FIELD(FIELD_FLAG, struct alignment, strict)},
    {FIELD(FIELD_FLAG, struct alignment, passed)},
    {FIELD(FIELD_FLAG, struct alignment, aligned)},
    {FIELD(FIELD_TEXT, struct alignment, why)},
    FIELD_END};

static bool has_policy(const void *findings)
{
	return ((const struct findings *)findings)->dmarc.policy_domain != NULL;
}

static bool dmarc_limited(const void *findings)
{
	const struct dmarc_finding *dmarc = &((const struct findings *)findings)->dmarc;

	return is_limited(dmarc->result, dmarc->fault);
}

static bool is_at_stake(const void *findings)
{
	return ((const struct findings *)findings)->dmarc.result == RESULT_TEMPERROR;
}

#define DMARC(key, kind, member) FIELD_AS(key, kind, struct findings, dmarc.member)

const struct field finding_fields_dmarc[] = {
    {DMARC("result", FIELD_NAME, result), .names = result_names},
    {DMARC("author_domain", FIELD_TEXT, author.domain)},
    {DMARC("organizational_domain", FIELD_TEXT, organizational_domain)},
    {DMARC("policy_domain", FIELD_TEXT, policy_domain)},
    {DMARC("published_policy", FIELD_NAME, published), .names = request_names, .known = has_policy},
    {DMARC("published_tag", FIELD_TEXT, published_tag), .known = has_policy},
    {DMARC("effective_policy", FIELD_NAME, effective), .names = request_names, .known = has_policy},
    {DMARC("test_mode", FIELD_FLAG, test_mode)},
    {DMARC("author_exists", FIELD_FLAG, author_exists), .known = is_judged},
    {DMARC("spf_aligned", FIELD_FLAG, spf_aligned)},
    {DMARC("dkim_aligned", FIELD_FLAG, dkim_aligned)},
    {DMARC("discovery", FIELD_TEXT, discovery)},
    {DMARC("reason", FIELD_TEXT, reason)},
    {DMARC("record", FIELD_POINTER, record), .rows = policy_record},
    {DMARC("walk", FIELD_LIST, steps),
     FIELD_ITEMS(struct findings, dmarc.steps, dmarc.step_count, finding_fields_step)},
    {DMARC("alignments", FIELD_LIST, alignments),
     FIELD_ITEMS(struct findings, dmarc.alignments, dmarc.alignment_count, alignment)},
    {DMARC("limit", FIELD_NAME, fault), .names = lookup_fault_names, .known = dmarc_limited},
    {DMARC("at_stake", FIELD_NAME, at_stake), .names = request_names, .known = is_at_stake},
    FIELD_END};

/* signing */

static const struct field made_signature[] = {{FIELD(FIELD_TEXT, struct made_signature, domain)},
                                              {FIELD(FIELD_TEXT, struct made_signature, selector)},
                                              {FIELD(FIELD_TEXT, struct made_signature, algorithm)},
                                              FIELD_END};

const struct field finding_fields_sign[] = {
    {FIELD(FIELD_NUMBER, struct sign_finding, count)},
    {FIELD(FIELD_LIST, struct sign_finding, signatures),
     FIELD_ITEMS(struct sign_finding, signatures, count, made_signature)},
    {FIELD(FIELD_TEXT, struct sign_finding, reason)},
    {FIELD(FIELD_NAME, struct sign_finding, long_lines), .names = long_lines_names},
    FIELD_END};

/* sealing */

static bool is_sealed(const void *finding)
{
	return ((const struct seal_finding *)finding)->ready != NULL;
}

const struct field finding_fields_seal[] = {
    {FIELD(FIELD_NUMBER, struct seal_finding, instance), .known = is_sealed},
    {FIELD(FIELD_TEXT, struct seal_finding, cv)},
    {FIELD(FIELD_TEXT, struct seal_finding, domain)},
    {FIELD(FIELD_TEXT, struct seal_finding, selector)},
    {FIELD(FIELD_TEXT, struct seal_finding, reason)},
    FIELD_END};

/* the row that an aggregate report would get, in the names of RFC 9990 where it has them */

static const struct field row_dkim[] = {{FIELD(FIELD_TEXT, struct row_dkim, domain)},
                                        {FIELD(FIELD_TEXT, struct row_dkim, selector)},
                                        {FIELD(FIELD_TEXT, struct row_dkim, result)},
                                        {FIELD(FIELD_TEXT, struct row_dkim, reason)},
                                        FIELD_END};

#define ROW(member)                                                                                \
	{                                                                                          \
		FIELD(FIELD_TEXT, struct report_row, member)                                       \
	}
#define ROW_AS(key, member)                                                                        \
	{                                                                                          \
		FIELD_AS(key, FIELD_TEXT, struct report_row, member)                               \
	}

const struct field finding_fields_row[] = {
    {FIELD(FIELD_NUMBER, struct report_row, received)},
    ROW(policy_domain),
    ROW(p),
    ROW(sp),
    ROW(np),
    ROW(adkim),
    ROW(aspf),
    ROW(fo),
    ROW(testing),
    ROW(psd),
    ROW(discovery),
    ROW(rua),
    ROW(record_error),
    ROW_AS("source_ip", source),
    ROW(disposition),
    ROW_AS("dkim", dkim_aligned),
    ROW_AS("spf", spf_aligned),
    ROW(override_type),
    ROW(override_comment),
    ROW(action),
    ROW(dmarc),
    ROW(header_from),
    ROW(envelope_from),
    ROW(envelope_to),
    ROW(spf_domain),
    ROW(spf_scope),
    ROW(spf_result),
    ROW(spf_reason),
    ROW(sealer),
    ROW(sealer_outcome),
    {FIELD_AS("dkim_results", FIELD_LIST, struct report_row, dkim),
     FIELD_ITEMS(struct report_row, dkim, dkim_count, row_dkim)},
    FIELD_END};

/*
 * run_dmarc.c - plays one message for policy_dmarc: fills the findings in, passes the fields, has
 * it judged.
 */
#include "run_dmarc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "dmarc/policy_record.h"
#include "policy.h"

const struct run_dmarc_site run_dmarc_standard = {
    .settings = {.enforce = ENFORCE_PUBLISHED, .unusable_author = 2, .reply_url = ""},
    .mail_from = "bounce@envelope.example",
    .scope = SPF_SCOPE_MAILFROM,
};

static enum result result_of(const char *words, size_t length)
{
	for (int i = 0; result_names[i] != NULL; i++)
		if (strlen(result_names[i]) == length &&
		    memcmp(words, result_names[i], length) == 0)
			return (enum result)i;
	fail_msg("no result: %s", words);
	return RESULT_NONE;
}

static void fill_spf(struct spf_finding *spf, const struct run_dmarc_row *row,
                     const struct run_dmarc_site *site)
{
	size_t word = row->spf == NULL ? 0 : strcspn(row->spf, " ");

	spf->scope = site->scope;
	if (row->spf == NULL)
		return;
	spf->result = result_of(row->spf, word);
	spf->domain = row->spf[word] == '\0' ? NULL : row->spf + word + 1;
}

static void fill_dkim(struct dkim_finding *dkim, const struct run_dmarc_row *row, bool backwards,
                      struct arena *arena)
{
	struct dkim_signature *signatures = arena_allocate(arena, 16 * sizeof *signatures);
	char *rest = arena_string(arena, row->dkim), *one;

	while ((one = strsep(&rest, ",")) != NULL) {
		size_t word;

		one += strspn(one, " ");
		word = strcspn(one, " ");
		signatures[dkim->count++] =
		    (struct dkim_signature){.result = result_of(one, word),
		                            .domain = one[word] == '\0' ? NULL : one + word + 1};
	}
	for (size_t i = 0; backwards && i < dkim->count / 2; i++) {
		struct dkim_signature other = signatures[i];

		signatures[i] = signatures[dkim->count - 1 - i];
		signatures[dkim->count - 1 - i] = other;
	}
	dkim->signatures = signatures;
}

static void pass_headers(void *work, const struct run_dmarc_row *row,
                         const struct findings *findings, bool backwards, struct arena *arena)
{
	struct header from = {"From", row->from};

	if (row->from != NULL && backwards)
		policy_dmarc.header(work, &from);
	for (size_t i = 0; i < findings->dkim.count; i++) {
		struct header signature = {"DKIM-Signature",
		                           arena_format(arena, " v=1; bh=d=; d=%s; s=x",
		                                        findings->dkim.signatures[i].domain)};

		policy_dmarc.header(work, &signature);
	}
	if (row->from != NULL && !backwards)
		policy_dmarc.header(work, &from);
}

/* As run_dmarc.h says. */
static const char *describe(const struct dmarc_finding *dmarc, struct arena *arena)
{
	struct text words;

	text_begin(&words, arena, 2000);
	text_add(&words, result_names[dmarc->result]);
	if (dmarc->record != NULL)
		text_add_format(&words, " %s=%s at %s", dmarc->published_tag,
		                request_names[dmarc->published], dmarc->policy_domain);
	if (dmarc->effective != dmarc->published)
		text_add_format(&words, " >%s", request_names[dmarc->effective]);
	text_add_format(&words, "%s%s%s", dmarc->author_exists ? "" : " absent",
	                dmarc->spf_aligned ? " spf" : "", dmarc->dkim_aligned ? " dkim" : "");
	return words.bytes;
}

/* What holds of every finding. */
static void check_soundness(const struct run_dmarc_row *row, const struct dmarc_finding *dmarc,
                            const struct fake_dns *dns)
{
	if (dmarc->crosscheck != NULL)
		fail_msg("%s: %s", row->from, dmarc->crosscheck);
	assert_true((dmarc->reason == NULL) == (dmarc->result == RESULT_PASS));
	assert_true((dmarc->record == NULL) == (dmarc->policy_domain == NULL));
	assert_true(dmarc->result != RESULT_PASS || dmarc->spf_aligned || dmarc->dkim_aligned);
	assert_true(dmarc->result == RESULT_PASS || dmarc->record == NULL ||
	            dmarc->record->unusable || !(dmarc->spf_aligned || dmarc->dkim_aligned));
	assert_false(dmarc->alignment_unknown && (dmarc->spf_aligned || dmarc->dkim_aligned));
	for (size_t i = 0; i < dmarc->alignment_count; i++)
		assert_non_null(dmarc->alignments[i].why);
	for (size_t i = 0; i < dns->query_count; i++)
		assert_true(fake_dns_asked(dns, dns->queries[i].name, dns->queries[i].type) <= 2);
}

struct dmarc_finding run_dmarc(const struct run_dmarc_row *row, const struct run_dmarc_site *site,
                               bool backwards, struct arena *arena, struct fake_dns **played)
{
	struct fake_dns *dns = fake_dns_new(arena, row->zone);
	struct message message = {.mail_from = site->mail_from, .header_cut = site->header_cut};
	struct findings findings = {.judged = true};
	struct problem problem;
	void *state, *work;

	*played = dns;
	fill_spf(&findings.spf, row, site);
	fill_dkim(&findings.dkim, row, backwards, arena);
	if (!policy_dmarc.open(&site->settings, &state, &problem))
		fail_msg("%s", problem.message);
	work = policy_dmarc.begin(state, &message, &dns->services, arena);
	pass_headers(work, row, &findings, backwards, arena);
	policy_dmarc.judge(work, &findings);
	policy_dmarc.close(state);
	check_soundness(row, &findings.dmarc, dns);
	return findings.dmarc;
}

static void run_row(const struct run_dmarc_row *row, const struct run_dmarc_site *site,
                    bool backwards)
{
	struct arena *arena = arena_new();
	struct fake_dns *dns;
	struct dmarc_finding dmarc = run_dmarc(row, site, backwards, arena, &dns);

	if (strcmp(describe(&dmarc, arena), row->expected) != 0)
		fail_msg("From: %s, spf %s, dkim %s: %s (%s)", row->from, row->spf, row->dkim,
		         describe(&dmarc, arena), dmarc.reason);
	if (row->reason != NULL &&
	    (dmarc.reason == NULL || strstr(dmarc.reason, row->reason) == NULL))
		fail_msg("From: %s, spf %s, dkim %s: reason %s", row->from, row->spf, row->dkim,
		         dmarc.reason);
	arena_free(arena);
}

void run_dmarc_rows(const struct run_dmarc_row *rows, size_t count,
                    const struct run_dmarc_site *site)
{
	for (size_t i = 0; i < count; i++) {
		run_row(&rows[i], site, false);
		run_row(&rows[i], site, true);
	}
}

/*
 * doctor_dmarc_record.c - the DMARC record that applies, tag by tag, in sentences. Called by
 * doctor_dmarc.c.
 *
 * dmarc/policy_record.c decides what a tag means. Here are the sentences for it, and the mistakes
 * that are grammatical.
 */
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "tool/dns/doctor_dmarc.h"

enum {
	TAGS_MAX_SHOWN = 40,
	LONG = 450
};

static const char *const requests[] = {[REQUEST_NONE] = "do nothing about mail that fails",
                                       [REQUEST_QUARANTINE] =
                                           "treat mail that fails with suspicion",
                                       [REQUEST_REJECT] = "refuse mail that fails"};

static struct doctor_tag *doctor_dmarc_record_add(struct doctor *doctor, const char *tag,
                                                  const char *value, const char *meaning)
{
	struct doctor_dmarc *dmarc = &doctor->dmarc;
	struct doctor_tag *row;

	dmarc->tags = arena_grow(doctor->arena, dmarc->tags, dmarc->tag_count, &dmarc->tag_room, 16,
	                         sizeof *dmarc->tags);
	row = &dmarc->tags[dmarc->tag_count++];
	*row = (struct doctor_tag){.tag = tag, .value = value, .meaning = meaning};
	return row;
}

/* The known tags with their values, given or by default. */
static void add_known(struct doctor *doctor, const struct policy_record *record)
{
	static const char *const psd_meanings[] = {
	    [PSD_UNKNOWN] = "found out by tree walk",
	    [PSD_YES] = "a public suffix: others register domains below it",
	    [PSD_NO] = "an organization of its own"};

	doctor_dmarc_record_add(doctor, "p", request_names[record->p], requests[record->p]);
	doctor_dmarc_record_add(doctor, "sp", request_names[record->sp],
	                        arena_format(doctor->arena, "for subdomains without a record: %s",
	                                     requests[record->sp]));
	doctor_dmarc_record_add(doctor, "np", request_names[record->np],
	                        arena_format(doctor->arena, "for subdomains that do not exist: %s",
	                                     requests[record->np]));
	doctor_dmarc_record_add(doctor, "adkim", record->strict_dkim ? "s" : "r",
	                        record->strict_dkim
	                            ? "d= of a signature has to be the From domain itself"
	                            : "d= of a signature may be any domain of the organization");
	doctor_dmarc_record_add(doctor, "aspf", record->strict_spf ? "s" : "r",
	                        record->strict_spf
	                            ? "MAIL FROM has to be of the From domain itself"
	                            : "MAIL FROM may be of any domain of the organization");
	doctor_dmarc_record_add(doctor, "psd", psd_names[record->psd], psd_meanings[record->psd]);
	doctor_dmarc_record_add(doctor, "t", record->test_mode ? "y" : "n",
	                        record->test_mode ? "test mode: the next weaker policy is applied"
	                                          : "the policy is meant");
	doctor_dmarc_record_add(doctor, "fo", record->fo,
	                        "when failure reports are wanted, if at all");
}

static struct doctor_tag *doctor_dmarc_record_find(const struct doctor *doctor, const char *tag)
{
	for (size_t i = 0; i < doctor->dmarc.tag_count; i++)
		if (text_same(doctor->dmarc.tags[i].tag, tag))
			return &doctor->dmarc.tags[i];
	return NULL;
}

const struct doctor_tag *doctor_dmarc_record_given(const struct doctor *doctor, const char *tag)
{
	const struct doctor_tag *row = doctor_dmarc_record_find(doctor, tag);

	return row != NULL && row->given ? row : NULL;
}

static const char *doctor_dmarc_record_domain_of(const struct doctor *doctor)
{
	return doctor->dmarc.policy_domain;
}

static struct doctor_finding *doctor_dmarc_record_report(struct doctor *doctor,
                                                         enum doctor_code code, const char *one,
                                                         const char *two, const char *three)
{
	const char *name =
	    arena_format(doctor->arena, "_dmarc.%s", doctor_dmarc_record_domain_of(doctor));

	return doctor_add(doctor, code, name, NULL, DOCTOR_WORDS(one, two, three));
}

void doctor_dmarc_record_show(struct doctor *doctor, struct doctor_finding *finding, size_t at)
{
	finding->shown = doctor_caret(doctor, doctor->dmarc.text, doctor->dmarc.length, at);
}

static void report_repaired(struct doctor *doctor, struct doctor_finding *finding)
{
	const char *repaired =
	    doctor_dmarc_repair(doctor, doctor->dmarc.text, doctor->dmarc.length);

	if (repaired != NULL)
		finding->fix = doctor_txt(
		    doctor,
		    arena_format(doctor->arena, "_dmarc.%s", doctor_dmarc_record_domain_of(doctor)),
		    repaired);
}

/* A mistyped tag: shown here only where no repaired record shows it. */
static void report_mistyped(struct doctor *doctor, struct doctor_finding *finding, size_t at)
{
	doctor_dmarc_record_show(doctor, finding, at);
	report_repaired(doctor, finding);
}

/* A tag that is not in RFC 9989. */
static void report_unknown(struct doctor *doctor, const char *name, const char *value, size_t at)
{
	const char *meant = doctor_dmarc_repair_tag(name);

	if (text_same(name, "pct") && strcmp(value, "100") != 0)
		doctor_dmarc_record_report(doctor, DMARC_PCT_PARTIAL, value,
		                           request_names[doctor->dmarc.published], NULL);
	else if (text_same(name, "pct"))
		doctor_dmarc_record_report(doctor, DMARC_PCT, NULL, NULL, NULL);
	else if (text_same(name, "rf"))
		doctor_dmarc_record_report(doctor, DMARC_RF, NULL, NULL, NULL);
	else if (text_same(name, "ri"))
		doctor_dmarc_record_report(doctor, DMARC_RI, NULL, NULL, NULL);
	else if (meant != NULL)
		report_mistyped(doctor,
		                doctor_dmarc_record_report(doctor, DMARC_TAG_TYPO, name,
		                                           doctor_dmarc_record_domain_of(doctor),
		                                           meant),
		                at);
	else
		doctor_dmarc_record_report(doctor, DMARC_UNKNOWN_TAG, name,
		                           doctor_dmarc_record_domain_of(doctor), NULL);
}

/* Without white space around it; *from moves to where it begins. */
static char *trimmed(struct arena *arena, const char **from, const char *end)
{
	while (*from < end && text_is_space(**from))
		++*from;
	while (*from < end && text_is_space(end[-1]))
		end--;
	return arena_copy(arena, *from, (size_t)(end - *from));
}

/* `at` is where the value stands in the record. */
static void find_run_on(struct doctor *doctor, const char *value, size_t at)
{
	const char *tag, *run_on = doctor_dmarc_repair_run_on(doctor->arena, value, &tag);

	if (run_on != NULL)
		report_mistyped(doctor,
		                doctor_dmarc_record_report(doctor, DMARC_SEMICOLON,
		                                           arena_format(doctor->arena, "%s=", tag),
		                                           doctor_dmarc_record_domain_of(doctor),
		                                           NULL),
		                at + (size_t)(run_on - value));
}

static struct doctor_tag *add_given(struct doctor *doctor, const char *name, const char *value)
{
	if (text_same(name, "rua"))
		return doctor_dmarc_record_add(doctor, name, value, "where aggregate reports go");
	if (text_same(name, "ruf"))
		return doctor_dmarc_record_add(doctor, name, value, "where failure reports go");
	return doctor_dmarc_record_add(doctor, name, value,
	                               "no tag of DMARC any more, or never one: ignored");
}

/* One piece between semicolons, as it stands there. */
static void read_piece(struct doctor *doctor, const char *from, const char *end)
{
	const char *text = doctor->dmarc.text, *equals = memchr(from, '=', (size_t)(end - from));
	const char *name, *value, *after;
	struct doctor_tag *row;

	if (equals == NULL)
		return;
	after = equals + 1;
	name = trimmed(doctor->arena, &from, equals);
	value = trimmed(doctor->arena, &after, end);
	if (text_same(name, "v") || name[0] == '\0')
		return;
	find_run_on(doctor, value, (size_t)(after - text));
	row = doctor_dmarc_record_find(doctor, name);
	if (row == NULL) {
		row = add_given(doctor, name, value);
		if (!text_same(name, "rua") && !text_same(name, "ruf"))
			report_unknown(doctor, name, value, (size_t)(from - text));
	}
	if (!row->given)
		row->at = (size_t)(from - text);
	row->given = true;
}

static void read_pieces(struct doctor *doctor)
{
	const char *from = doctor->dmarc.text, *end = from + doctor->dmarc.length;

	for (size_t pieces = 0; from < end && pieces < TAGS_MAX_SHOWN; pieces++) {
		const char *next = memchr(from, ';', (size_t)(end - from));

		read_piece(doctor, from, next == NULL ? end : next);
		from = next == NULL ? end : next + 1;
	}
}

/* Only URIs are wrong: doctor_dmarc_reports.c reports that in detail. */
static bool is_about_uris(const char *error)
{
	const char *text = error + strspn(error, "0123456789");

	return text != error && strncmp(text, " malformed URI", 14) == 0 &&
	       strchr(error, ';') == NULL;
}

static void report_faults(struct doctor *doctor, const struct policy_record *record)
{
	enum doctor_code code = DMARC_INVALID;
	struct doctor_finding *finding;

	if (record->unusable)
		code = DMARC_UNUSABLE;
	else if (record->broken && doctor_dmarc_record_given(doctor, "p") == NULL && !record->has_p)
		code = DMARC_POLICY_MISSING;
	else if (record->broken)
		code = DMARC_BROKEN;
	else if (record->error == NULL || is_about_uris(record->error))
		return;
	finding = doctor_dmarc_record_report(doctor, code, doctor_dmarc_record_domain_of(doctor),
	                                     record->error, NULL);
	report_repaired(doctor, finding);
	if (record->error_at < doctor->dmarc.length)
		doctor_dmarc_record_show(doctor, finding, record->error_at);
}

static void report_below(struct doctor *doctor, const struct policy_record *record)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;
	bool above = dmarc->organizational_domain == NULL ||
	             domain_equal(dmarc->organizational_domain, dmarc->policy_domain) ||
	             record->psd == PSD_YES;

	if (!above && (record->has_sp || record->has_np)) {
		doctor_dmarc_record_report(doctor, DMARC_SP_UNUSED,
		                           doctor_dmarc_record_domain_of(doctor), NULL, NULL);
		return;
	}
	if (record->has_sp && record->sp < record->p)
		doctor_dmarc_record_report(doctor, DMARC_SP_WEAKER, request_names[record->sp],
		                           request_names[record->p], NULL);
	if (record->has_np && record->np < record->sp)
		doctor_dmarc_record_report(doctor, DMARC_NP_WEAKER, request_names[record->np],
		                           request_names[record->sp], NULL);
}

static void report_modes(struct doctor *doctor, const struct policy_record *record)
{
	if (record->strict_dkim || record->strict_spf)
		doctor_dmarc_record_report(doctor, DMARC_STRICT,
		                           record->strict_dkim && record->strict_spf
		                               ? "adkim=s, aspf=s"
		                           : record->strict_dkim ? "adkim=s"
		                                                 : "aspf=s",
		                           NULL, NULL);
	if (record->psd == PSD_YES)
		doctor_dmarc_record_report(doctor, DMARC_PSD, doctor_dmarc_record_domain_of(doctor),
		                           NULL, NULL);
	if (record->psd == PSD_NO)
		doctor_dmarc_record_report(doctor, DMARC_PSD_NO,
		                           doctor_dmarc_record_domain_of(doctor), NULL, NULL);
	if (doctor_dmarc_record_given(doctor, "fo") != NULL && record->ruf.count == 0)
		doctor_dmarc_record_report(doctor, DMARC_FO_UNUSED, NULL, NULL, NULL);
	if (record->test_mode && doctor->dmarc.published != REQUEST_NONE)
		doctor_dmarc_record_report(
		    doctor, DMARC_TEST_MODE, doctor_dmarc_record_domain_of(doctor),
		    request_names[doctor->dmarc.effective], request_names[doctor->dmarc.published]);
}

static void report_policy(struct doctor *doctor)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;

	if (dmarc->published == REQUEST_REJECT && dmarc->effective == REQUEST_REJECT)
		doctor_dmarc_record_report(doctor, DMARC_POLICY_REJECT, dmarc->tag, NULL, NULL);
	if (dmarc->published == REQUEST_QUARANTINE && dmarc->effective == REQUEST_QUARANTINE)
		doctor_dmarc_record_report(doctor, DMARC_POLICY_QUARANTINE, dmarc->tag, NULL, NULL);
	if (dmarc->published == REQUEST_NONE && !dmarc->record->broken)
		doctor_dmarc_record_report(doctor, DMARC_POLICY_NONE, NULL, NULL, NULL);
}

void doctor_dmarc_record(struct doctor *doctor, const char *text, size_t length)
{
	const struct policy_record *record = doctor->dmarc.record;

	invariant(record != NULL && doctor->dmarc.policy_domain != NULL);
	doctor->dmarc.text = text;
	doctor->dmarc.length = length;
	add_known(doctor, record);
	read_pieces(doctor);
	report_faults(doctor, record);
	report_below(doctor, record);
	report_modes(doctor, record);
	report_policy(doctor);
	if (length > LONG)
		doctor_dmarc_record_report(doctor, DMARC_LONG,
		                           doctor_dmarc_record_domain_of(doctor),
		                           doctor_number(doctor, length), NULL);
}

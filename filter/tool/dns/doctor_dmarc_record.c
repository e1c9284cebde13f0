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

/* In the order of enum request. */
static const char *const requests[] = {"do nothing about mail that fails",
                                       "treat mail that fails with suspicion",
                                       "refuse mail that fails"};

static struct doctor_tag *add_tag_row(struct doctor *doctor, const char *tag, const char *value,
                                      const char *meaning)
{
	struct doctor_dmarc *dmarc = &doctor->dmarc;
	struct doctor_tag *row =
	    &ARENA_ADD(doctor->arena, dmarc->tags, dmarc->tag_count, dmarc->tag_room);

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
	const char *below = arena_format(doctor->arena, "for subdomains without a record: %s",
	                                 requests[record->sp]);
	const char *missing = arena_format(doctor->arena, "for subdomains that do not exist: %s",
	                                   requests[record->np]);
	const struct {
		const char *tag, *value, *meaning;
	} rows[] = {{"p", request_names[record->p], requests[record->p]},
	            {"sp", request_names[record->sp], below},
	            {"np", request_names[record->np], missing},
	            {"adkim", record->strict_dkim ? "s" : "r",
	             record->strict_dkim
	                 ? "d= of a signature has to be the From domain itself"
	                 : "d= of a signature may be any domain of the organization"},
	            {"aspf", record->strict_spf ? "s" : "r",
	             record->strict_spf ? "MAIL FROM has to be of the From domain itself"
	                                : "MAIL FROM may be of any domain of the organization"},
	            {"psd", psd_names[record->psd], psd_meanings[record->psd]},
	            {"t", record->test_mode ? "y" : "n",
	             record->test_mode ? "test mode: the next weaker policy is applied"
	                               : "the policy is meant"},
	            {"fo", record->fo, "when failure reports are wanted, if at all"}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		add_tag_row(doctor, rows[i].tag, rows[i].value, rows[i].meaning);
}

static struct doctor_tag *find_tag_row(const struct doctor *doctor, const char *tag)
{
	for (size_t i = 0; i < doctor->dmarc.tag_count; i++)
		if (text_same(doctor->dmarc.tags[i].tag, tag))
			return &doctor->dmarc.tags[i];
	return NULL;
}

const struct doctor_tag *doctor_dmarc_record_given(const struct doctor *doctor, const char *tag)
{
	const struct doctor_tag *row = find_tag_row(doctor, tag);

	return row != NULL && row->given ? row : NULL;
}

void doctor_dmarc_record_show(struct doctor *doctor, struct doctor_finding *finding, size_t at)
{
	finding->shown = doctor_caret(doctor, doctor->dmarc.text, doctor->dmarc.length, at);
}

static void add_repaired(struct doctor *doctor, struct doctor_finding *finding)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;
	const char *repaired = doctor_dmarc_repair(doctor, dmarc->text, dmarc->length);

	if (repaired != NULL)
		finding->fix = doctor_txt(doctor, dmarc->name, repaired);
}

/* A mistyped tag: shown here only where no repaired record shows it. */
static void report_mistyped(struct doctor *doctor, enum doctor_code code, const char *tag,
                            const char *meant, size_t at)
{
	struct doctor_finding *finding = doctor_report(doctor, code, doctor->dmarc.name, tag,
	                                               doctor->dmarc.policy_domain, meant);

	doctor_dmarc_record_show(doctor, finding, at);
	add_repaired(doctor, finding);
}

/* A tag that is not in RFC 9989. */
static void report_unknown(struct doctor *doctor, const char *name, const char *value, size_t at)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;
	const char *meant = doctor_dmarc_repair_tag(name);
	bool pct = text_same(name, "pct"), rf = text_same(name, "rf"), ri = text_same(name, "ri");
	bool whole = strcmp(value, "100") == 0;
	const struct doctor_row rows[] = {
	    {pct && !whole, DMARC_PCT_PARTIAL, {value, request_names[dmarc->published]}},
	    {pct && whole, DMARC_PCT, {NULL}},
	    {rf, DMARC_RF, {NULL}},
	    {ri, DMARC_RI, {NULL}},
	    {!pct && !rf && !ri && meant == NULL, DMARC_UNKNOWN_TAG, {name, dmarc->policy_domain}}};

	doctor_report_rows(doctor, dmarc->name, rows, sizeof rows / sizeof rows[0]);
	if (!pct && !rf && !ri && meant != NULL)
		report_mistyped(doctor, DMARC_TAG_TYPO, name, meant, at);
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
		report_mistyped(doctor, DMARC_SEMICOLON, arena_format(doctor->arena, "%s=", tag),
		                NULL, at + (size_t)(run_on - value));
}

static struct doctor_tag *add_given(struct doctor *doctor, const char *name, const char *value,
                                    size_t at)
{
	if (text_same(name, "rua"))
		return add_tag_row(doctor, name, value, "where aggregate reports go");
	if (text_same(name, "ruf"))
		return add_tag_row(doctor, name, value, "where failure reports go");
	report_unknown(doctor, name, value, at);
	return add_tag_row(doctor, name, value, "no tag of DMARC any more, or never one: ignored");
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
	row = find_tag_row(doctor, name);
	if (row == NULL)
		row = add_given(doctor, name, value, (size_t)(from - text));
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
	const struct doctor_dmarc *dmarc = &doctor->dmarc;
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
	finding = doctor_report(doctor, code, dmarc->name, dmarc->policy_domain, record->error);
	add_repaired(doctor, finding);
	if (record->error_at < dmarc->length)
		doctor_dmarc_record_show(doctor, finding, record->error_at);
}

static void report_policy(struct doctor *doctor)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;
	enum request published = dmarc->published;
	bool applies = dmarc->effective == published;
	const struct doctor_row rows[] = {
	    {published == REQUEST_REJECT && applies, DMARC_POLICY_REJECT, {dmarc->tag}},
	    {published == REQUEST_QUARANTINE && applies, DMARC_POLICY_QUARANTINE, {dmarc->tag}},
	    {published == REQUEST_NONE && !dmarc->record->broken, DMARC_POLICY_NONE, {NULL}},
	    {dmarc->length > LONG,
	     DMARC_LONG,
	     {dmarc->policy_domain, doctor_number(doctor, dmarc->length)}}};

	doctor_report_rows(doctor, dmarc->name, rows, sizeof rows / sizeof rows[0]);
}

/* What the tags say together. */
static void report_tags(struct doctor *doctor, const struct policy_record *record)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;
	const char *domain = dmarc->policy_domain, *const *names = request_names;
	bool above = dmarc->organizational_domain == NULL ||
	             domain_equal(dmarc->organizational_domain, domain) || record->psd == PSD_YES;
	const char *strict = !record->strict_spf    ? "adkim=s"
	                     : !record->strict_dkim ? "aspf=s"
	                                            : "adkim=s, aspf=s";
	const struct doctor_row rows[] = {
	    {!above && (record->has_sp || record->has_np), DMARC_SP_UNUSED, {domain}},
	    {above && record->has_sp && record->sp < record->p,
	     DMARC_SP_WEAKER,
	     {names[record->sp], names[record->p]}},
	    {above && record->has_np && record->np < record->sp,
	     DMARC_NP_WEAKER,
	     {names[record->np], names[record->sp]}},
	    {record->strict_dkim || record->strict_spf, DMARC_STRICT, {strict}},
	    {record->psd == PSD_YES, DMARC_PSD, {domain}},
	    {record->psd == PSD_NO, DMARC_PSD_NO, {domain}},
	    {doctor_dmarc_record_given(doctor, "fo") != NULL && record->ruf.count == 0,
	     DMARC_FO_UNUSED,
	     {NULL}},
	    {record->test_mode && dmarc->published != REQUEST_NONE,
	     DMARC_TEST_MODE,
	     {domain, names[dmarc->effective], names[dmarc->published]}}};

	doctor_report_rows(doctor, dmarc->name, rows, sizeof rows / sizeof rows[0]);
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
	report_tags(doctor, record);
	report_policy(doctor);
}

/*
 * doctor_print.c - the findings for people: a heading an area, first what was found, then what is
 * wrong with it. Called by dns.c.
 */
#include <string.h>

#include "base/text.h"
#include "tool/check/check_page.h"
#include "tool/dns/doctor.h"

static const char *const headings[] = {
    [AREA_DOMAIN] = "Domain", [AREA_SPF] = "SPF", [AREA_DKIM] = "DKIM",
    [AREA_DMARC] = "DMARC",   [AREA_MX] = "MX",   [AREA_HOSTS] = "Servers"};

static const enum check_colour colours[] = {[LEVEL_GOOD] = COLOUR_GOOD,
                                            [LEVEL_NOTE] = COLOUR_GOOD,
                                            [LEVEL_WARNING] = COLOUR_DOUBT,
                                            [LEVEL_ERROR] = COLOUR_BAD};

static const char *const escapes[] = {[LEVEL_GOOD] = "\033[32m",
                                      [LEVEL_NOTE] = "",
                                      [LEVEL_WARNING] = "\033[33m",
                                      [LEVEL_ERROR] = "\033[31m"};

static void print_record(struct check_page *page, const struct doctor_spf_record *record,
                         unsigned depth);

static void print_term(struct check_page *page, const struct doctor_spf_term *term, unsigned depth)
{
	const char *cost = term->lookups == 0 ? "" : arena_format(page->arena, "%u", term->lookups);
	const char *outcome = term->outcome[0] == '\0' ? NULL : term->outcome;

	if (cost[0] == '\0' && outcome == NULL)
		check_page_say(page, 4 + 2 * depth, "{}", term->text);
	else
		check_page_say(page, 4 + 2 * depth, "{40}  {}[  {}]", term->text,
		               arena_format(page->arena, "%3s", cost), outcome);
	if (term->record != NULL && term->record->terms != NULL)
		print_record(page, term->record, depth + 1);
}

/* As deep as lookups are counted. */
static void print_record(struct check_page *page, const struct doctor_spf_record *record,
                         unsigned depth)
{
	for (const struct doctor_spf_term *term = record->terms; term != NULL; term = term->next)
		print_term(page, term, depth);
}

static void print_spf(struct check_page *page, const struct doctor *doctor)
{
	const struct doctor_spf *spf = &doctor->spf;

	if (spf->record->text == NULL)
		return;
	check_page_say(page, 2, "{}", spf->record->text);
	print_record(page, spf->record, 0);
	check_page_line(page, 2, "%s%u of 10 terms that look something up",
	                spf->more ? "more than " : "", spf->lookups);
}

static void print_keys(struct check_page *page, const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->dkim.count; i++) {
		const struct doctor_key *key = &doctor->dkim.keys[i];
		const char *bits =
		    key->bits == 0 ? "" : arena_format(page->arena, " %u", key->bits);

		check_page_say(page, 2, "{20}  {8}  [{}{}][  as used by {}]", key->selector,
		               key->status, key->kind, bits, key->owner);
	}
}

static void print_dmarc(struct check_page *page, const struct doctor *doctor)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;

	for (size_t i = 0; i < dmarc->step_count; i++)
		check_page_say(page, 2, "{?40}  {?}", dmarc->steps[i].name,
		               dmarc->steps[i].outcome);
	check_page_say(page, 2, "organizational domain {}, by {}", dmarc->organizational_domain,
	               doctor->asked->suffixes == NULL ? "tree walk" : "the public suffix list");
	if (dmarc->record == NULL)
		return;
	check_page_say(page, 2, "record of {?}: {?}", dmarc->policy_domain, dmarc->record->text);
	for (size_t i = 0; i < dmarc->tag_count; i++)
		check_page_say(page, 4, "{?6} {?}{}: {?}", dmarc->tags[i].tag, dmarc->tags[i].value,
		               dmarc->tags[i].given ? "" : ", by default", dmarc->tags[i].meaning);
}

static void print_exchanges(struct check_page *page, const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->mx.count; i++) {
		const struct doctor_exchange *exchange = &doctor->mx.exchanges[i];
		struct text addresses;

		text_begin(&addresses, page->arena, DOCTOR_SHOWN);
		for (size_t j = 0; j < exchange->addresses.count; j++)
			text_add_format(&addresses, " %s", exchange->addresses.items[j]);
		check_page_line(page, 2, "%5u %s%s", exchange->preference,
		                exchange->name[0] == '\0' ? "."
		                                          : check_page_safe(page, exchange->name),
		                addresses.bytes);
	}
}

static void print_hosts(struct check_page *page, const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->hosts.count; i++) {
		const struct doctor_host *host = &doctor->hosts.hosts[i];

		check_page_say(page, 2, "{}  {?}", host->address, host->name);
	}
}

static void print_lines(struct check_page *page, const char *lines)
{
	while (*lines != '\0') {
		size_t length = strcspn(lines, "\n");

		check_page_say(page, 6, "{?}", arena_copy(page->arena, lines, length));
		lines += length + (lines[length] == '\n');
	}
}

static void print_finding(struct check_page *page, const struct doctor_finding *finding)
{
	const char *begin = page->coloured ? escapes[finding->level] : "";

	check_page_line(page, 2, "%s%s%s: %s (%s)", begin, doctor_level_names[finding->level],
	                begin[0] == '\0' ? "" : "\033[0m", check_page_safe(page, finding->text),
	                doctor_codes_rows[finding->code].source);
	if (finding->shown != NULL)
		print_lines(page, finding->shown);
	if (finding->fix == NULL)
		return;
	check_page_line(page, 4, "publish:");
	print_lines(page, finding->fix);
}

static bool has_findings(const struct doctor *doctor, enum doctor_area area)
{
	for (size_t i = 0; i < doctor->count; i++)
		if (doctor_codes_rows[doctor->findings[i].code].area == area)
			return true;
	return false;
}

/* The worst first. */
static void print_findings(struct check_page *page, const struct doctor *doctor,
                           enum doctor_area area)
{
	for (int level = LEVEL_ERROR; level >= LEVEL_GOOD; level--)
		for (size_t i = 0; i < doctor->count; i++) {
			const struct doctor_finding *finding = &doctor->findings[i];

			if (finding->level == (enum doctor_level)level &&
			    doctor_codes_rows[finding->code].area == area)
				print_finding(page, finding);
		}
}

void doctor_print(struct doctor *doctor, FILE *to)
{
	static void (*const details[])(struct check_page *,
	                               const struct doctor *) = {[AREA_SPF] = print_spf,
	                                                         [AREA_DKIM] = print_keys,
	                                                         [AREA_DMARC] = print_dmarc,
	                                                         [AREA_MX] = print_exchanges,
	                                                         [AREA_HOSTS] = print_hosts};
	struct check_page page;

	check_page_begin(&page, to, doctor->arena);
	for (int number = 0; number < AREAS; number++) {
		enum doctor_area area = (enum doctor_area)number;
		enum doctor_level worst = doctor_worst(doctor, area);

		if (!has_findings(doctor, area))
			continue;
		check_page_heading(&page, headings[area], doctor_level_names[worst], colours[worst],
		                   area == AREA_DOMAIN ? doctor->asked->domain : "");
		if (details[area] != NULL)
			details[area](&page, doctor);
		print_findings(&page, doctor, area);
	}
}

/*
 * report_digest.c - `assay report digest`: what a week of reports from others says, in one text,
 * the worst first; by mail where there is an address. It comes in a quiet week, too: whoever misses
 * it knows that something is wrong.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "settings/settings.h"
#include "tool/common/tool.h"
#include "tool/report/digest_mail.h"
#include "tool/report/received_open.h"
#include "tool/report/received_print.h"
#include "tool/report/report_tool.h"

enum {
	DAY = 24 * 60 * 60,
	DOMAINS_MAX = 50,
	SOURCES_MAX = 10, /* of a domain */
	READY_DAYS = 30,  /* that readiness is judged by */
	SILENT_DAYS = 3,  /* without a report, from somebody who sent one nearly every day */
	STEADY_DAYS = 5
};

/* A domain of the digest. */
struct digest_domain {
	struct received_day total, before; /* of the days, and of as many days before */
	const struct sources *sources;
	struct readiness readiness;
	int weight; /* of the worst source */
};

struct digest {
	size_t count;
	struct digest_domain *domains;
	struct received_reporters reporters;
	struct received_tls tls;
	size_t attention; /* sources that need a person */
};

static int by_digest_weight(const void *one, const void *other)
{
	const struct digest_domain *a = one, *b = other;

	if (a->weight != b->weight)
		return b->weight - a->weight;
	return strcmp(a->total.domain, b->total.domain);
}

/* The view asks for the days of its request, which are changed for a moment. */
static bool with_range(struct received_open *opened, time_t since, time_t before,
                       const char *domain, struct received_days *days, struct problem *problem)
{
	const struct store_query_range range = opened->request.range;
	bool good;

	opened->request.range = (struct store_query_range){since, before};
	good = received_view_domains(opened->view, domain, days, problem);
	opened->request.range = range;
	return good;
}

static bool judge_month(struct received_open *opened, struct digest_domain *domain,
                        struct problem *problem)
{
	const struct store_query_range range = opened->request.range;
	struct received_days month = {.count = 0};
	const struct sources *sources;
	bool good;

	if (range.before - range.since < READY_DAYS * DAY)
		opened->request.range.since = range.before - READY_DAYS * DAY;
	good = received_view_domains(opened->view, domain->total.domain, &month, problem);
	sources = good ? received_view_sources(opened->view, domain->total.domain, problem) : NULL;
	opened->request.range = range;
	if (sources == NULL)
		return false;
	if (month.count == 0)
		return problem_say(problem, "the reports on %s went while they were read",
		                   domain->total.domain);
	domain->readiness = readiness_judge(sources, month.items[0].days, month.items[0].reports,
	                                    received_view_arena(opened->view));
	return true;
}

static bool digest_domain_find(struct received_open *opened, struct digest *digest,
                               const struct received_day *total, struct problem *problem)
{
	const struct store_query_range *range = &opened->request.range;
	struct digest_domain *domain = &digest->domains[digest->count];
	struct received_days before = {.count = 0};

	*domain = (struct digest_domain){.total = *total};
	if (!with_range(opened, range->since - (range->before - range->since), range->since,
	                total->domain, &before, problem))
		return false;
	if (before.count > 0)
		domain->before = before.items[0];
	domain->sources = received_view_sources(opened->view, total->domain, problem);
	if (domain->sources == NULL || !judge_month(opened, domain, problem))
		return false;
	for (size_t i = 0; i < domain->sources->count; i++)
		digest->attention += domain->sources->items[i].weight > 0;
	if (domain->sources->count > 0)
		domain->weight = domain->sources->items[0].weight;
	digest->count++;
	return true;
}

static bool digest_find(struct received_open *opened, struct digest *digest,
                        struct problem *problem)
{
	const struct store_query_range range = opened->request.range;
	struct received_days domains = {.count = 0};
	bool good;

	if (!received_view_domains(opened->view, NULL, &domains, problem) ||
	    !received_view_tls(opened->view, NULL, &digest->tls, problem))
		return false;
	opened->request.range.since = range.before - READY_DAYS * DAY;
	good = received_view_reporters(opened->view, NULL, &digest->reporters, problem);
	opened->request.range = range;
	digest->domains = arena_allocate(received_view_arena(opened->view),
	                                 (domains.count + 1) * sizeof *digest->domains);
	for (size_t i = 0; good && i < domains.count && i < DOMAINS_MAX; i++)
		good = digest_domain_find(opened, digest, &domains.items[i], problem);
	qsort(digest->domains, digest->count, sizeof *digest->domains, by_digest_weight);
	return good;
}

static void print_change(struct check_page *page, const struct digest_domain *domain)
{
	const struct received_numbers *now = &domain->total.numbers,
	                              *then = &domain->before.numbers;

	if (then->messages == 0) {
		check_page_line(page, 2, "nothing was reported in the days before");
		return;
	}
	check_page_line(
	    page, 2, "in the days before: %s, %.1f%% passed",
	    text_count(page->arena, (unsigned long)then->messages, "message", "messages"),
	    received_numbers_percent(received_numbers_passed(then), then->messages));
	if (received_numbers_lost(now) > 2 * received_numbers_lost(then) + 10)
		check_page_line(page, 2, "more than twice as many fail as before");
}

/* Only what needs a person: everything else is in `assay report sources`. */
static void print_digest_domain(struct check_page *page, const struct digest_domain *domain)
{
	struct sources urgent = *domain->sources;

	received_print_domain(page, &domain->total, &domain->readiness);
	print_change(page, domain);
	urgent.count = 0;
	while (urgent.count < domain->sources->count &&
	       domain->sources->items[urgent.count].weight > 0)
		urgent.count++;
	if (urgent.count == 0)
		check_page_line(page, 2, "nothing to do");
	received_print_sources(page, &urgent, SOURCES_MAX, NULL);
}

static void print_silent(struct check_page *page, const struct digest *digest, time_t now)
{
	for (size_t i = 0; i < digest->reporters.count; i++) {
		const struct received_reporter *reporter = &digest->reporters.items[i];

		if (reporter->days >= STEADY_DAYS &&
		    reporter->last < now - (SILENT_DAYS + 1) * (time_t)DAY)
			received_print_wrapped(
			    page, 0,
			    arena_format(page->arena,
			                 "%s sent no report since that on %s: it may have none, "
			                 "or they do not arrive",
			                 reporter->reporter,
			                 received_print_day(page->arena, reporter->last)));
	}
}

static void print_digest(FILE *to, const struct digest *digest,
                         const struct report_arguments *arguments)
{
	struct arena *arena = arena_new();
	struct check_page page;

	check_page_begin(&page, to, arena);
	check_page_line(&page, 0, "Mail as our domains, %s to %s, by the reports of others",
	                received_print_day(arena, arguments->range.since),
	                received_print_day(arena, arguments->range.before - 1));
	page.written = true;
	if (digest->count == 0)
		received_print_wrapped(
		    &page, 0,
		    "No reports came in these days. Either nobody saw mail of our domains, or rua "
		    "of their DMARC records names no address that received.addresses has, or the "
		    "reports are not read: see assay dns DOMAIN and assay status.");
	for (size_t i = 0; i < digest->count; i++)
		print_digest_domain(&page, &digest->domains[i]);
	received_print_tls(&page, &digest->tls);
	fputc('\n', to);
	print_silent(&page, digest, arguments->now);
	arena_free(arena);
}

static const char *digest_subject(const struct digest *digest, struct arena *arena)
{
	if (digest->count == 0)
		return "Mail as our domains: no reports came";
	if (digest->attention == 0)
		return "Mail as our domains: all is well";
	return arena_format(arena, "Mail as our domains: %s to look at",
	                    text_count(arena, digest->attention, "source", "sources"));
}

static int digest_send(const struct digest *digest, const struct report_arguments *arguments,
                       const struct settings *settings)
{
	struct arena *arena = arena_new();
	struct problem problem;
	size_t length = 0;
	char *text = NULL;
	FILE *file = open_memstream(&text, &length);
	struct digest_mail mail = {
	    .to = arguments->to, .subject = digest_subject(digest, arena), .now = arguments->now};
	int status = EX_OK;

	if (file == NULL)
		status = tool_complain(EX_OSERR, "no memory for the mail");
	if (file != NULL) {
		print_digest(file, digest, arguments);
		fclose(file);
		mail.text = text;
		if (!digest_mail_send(&mail, settings, &problem))
			status = tool_complain(EX_TEMPFAIL, "%s", problem.message);
	}
	free(text);
	arena_free(arena);
	return status;
}

static int check_to(const struct report_arguments *arguments, const struct settings *settings)
{
	if (arguments->to == NULL)
		return EX_OK;
	if (strchr(arguments->to, '@') == NULL ||
	    arguments->to[strcspn(arguments->to, " \t\r\n<>,;\"()\\")] != '\0')
		return tool_misuse("report", "\"%.60s\" is not an address such as root@example.org",
		                   arguments->to);
	if (settings->reports.email[0] == '\0')
		return tool_complain(
		    EX_CONFIG,
		    "reports.email is empty: the settings do not say who sends the mail");
	return EX_OK;
}

int report_digest(const struct report_arguments *arguments)
{
	struct digest digest = {.count = 0};
	struct received_open opened;
	struct problem problem;
	int status = received_open_begin(&opened, arguments, arguments->to != NULL);

	if (status != EX_OK)
		return status;
	status = check_to(arguments, opened.settings);
	if (status == EX_OK && !digest_find(&opened, &digest, &problem))
		status = tool_complain(EX_IOERR, "%s", problem.message);
	else if (status == EX_OK && arguments->to != NULL)
		status = digest_send(&digest, arguments, opened.settings);
	else if (status == EX_OK)
		print_digest(stdout, &digest, arguments);
	received_open_end(&opened);
	return status;
}

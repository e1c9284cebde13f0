/*
 * doctor_received.c - what others reported about the domain, where a store on this host has it: is
 * it ready for p=reject, and which of its owner's mail fails. Called by dns.c after all rounds;
 * the store is read as who owns it, so nothing that root alone may read is read after that.
 */
#include <time.h>
#include <unistd.h>

#include "base/invariant.h"
#include "tool/dns/doctor.h"
#include "tool/report/received_view.h"
#include "tool/report/report_user.h"

enum {
	DAY = 24 * 60 * 60,
	DAYS = 30,
	SOURCES_MAX = 5,
	WEIGHT_MIN = 80 /* what the owner can and has to mend */
};

static const enum doctor_code readiness_codes[] = {[READINESS_ALREADY] = DMARC_REPORTED_REJECT,
                                                   [READINESS_READY] = DMARC_REPORTED_READY,
                                                   [READINESS_NOT_YET] = DMARC_REPORTED_NOT_READY,
                                                   [READINESS_TOO_LITTLE] = DMARC_REPORTED_LITTLE};

static void report_source(struct doctor *doctor, const struct source *source)
{
	const char *fix =
	    source->publish_count == 0 ? NULL : arena_string(doctor->arena, source->publish[0]);

	doctor_add(doctor, DMARC_REPORTED_SOURCE, source->address, fix,
	           DOCTOR_WORDS(source->address, source->name[0] == '\0' ? "no name" : source->name,
	                        source->advice));
}

static void report_received(struct doctor *doctor, const struct sources *sources,
                            const struct received_day *total, struct arena *arena)
{
	struct readiness readiness = readiness_judge(sources, total->days, total->reports, arena);

	invariant(readiness.state <= READINESS_TOO_LITTLE);
	doctor_add(doctor, readiness_codes[readiness.state], doctor->asked->domain,
	           readiness.publish == NULL ? NULL
	                                     : arena_string(doctor->arena, readiness.publish),
	           DOCTOR_WORDS(readiness.text));
	for (size_t i = 0; i < sources->count && i < SOURCES_MAX; i++)
		if (sources->items[i].weight >= WEIGHT_MIN)
			report_source(doctor, &sources->items[i]);
}

void doctor_received_examine(struct doctor *doctor)
{
	const struct settings *settings = doctor->asked->settings;
	time_t now = time(NULL), today = now - now % DAY;
	const struct received_view_request request = {
	    .settings = settings,
	    .store = settings->reports.store,
	    .now = now,
	    .range = {today - (DAYS - 1) * (time_t)DAY, today + DAY}};
	struct received_days totals = {.count = 0};
	const struct sources *sources = NULL;
	struct received_view *view;
	struct problem ignored;

	/* the command answers without a store as well */
	if (!doctor->answered || request.store[0] == '\0' || access(request.store, F_OK) != 0 ||
	    !report_user_become_owner(request.store, &ignored) ||
	    (view = received_view_open(&request, &ignored)) == NULL)
		return;
	if (received_view_domains(view, doctor->asked->domain, &totals, &ignored) &&
	    totals.count > 0)
		sources = received_view_sources(view, doctor->asked->domain, &ignored);
	if (sources != NULL)
		report_received(doctor, sources, &totals.items[0], received_view_arena(view));
	received_view_close(view);
}

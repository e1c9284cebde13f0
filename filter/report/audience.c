/*
 * audience.c - see audience.h. The settings are reports.skip, reports.only, reports.except and
 * reports.copy.
 */
#include "report/audience.h"

#include "base/domain.h"
#include "report/destination.h"

static bool names(const struct strings *patterns, const char *domain)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (domain_matches(patterns->items[i], domain))
			return true;
	return false;
}

const char *audience_excluded(const struct report_settings *settings, const char *domain,
                              struct arena *arena)
{
	if (destination_skips_domain(&settings->skip, domain, arena))
		return "the setting reports.skip names the domain";
	if (names(&settings->except, domain))
		return "the setting reports.except names the domain";
	if (settings->only.count > 0 && !names(&settings->only, domain))
		return "the setting reports.only does not name the domain";
	return NULL;
}

const char *audience_taken(const struct outbox_report *report, const struct outbox_delivery *but,
                           struct arena *arena)
{
	const char *all = "";

	for (size_t i = 0; i < report->delivery_count; i++) {
		const struct outbox_delivery *delivery = &report->deliveries[i];

		if (delivery != but && delivery->addresses[0] != '\0' &&
		    delivery->state <= OUTBOX_SENT)
			all = arena_format(arena, "%s%s%s", all, all[0] == '\0' ? "" : ", ",
			                   delivery->addresses);
	}
	return all;
}

size_t audience_reached(const struct outbox_report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->delivery_count; i++)
		if (report->deliveries[i].state == OUTBOX_SENT)
			count += destination_count(report->deliveries[i].addresses);
	return count;
}

const char *audience_copy(const struct report_settings *settings,
                          const struct outbox_report *report,
                          const struct outbox_delivery *delivery, struct arena *arena)
{
	return audience_reached(report) > 0
	           ? ""
	           : destination_new(arena, settings->copy, delivery->addresses, 1);
}

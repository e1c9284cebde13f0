/*
 * review_failures.c - checks of the group "failures": settings without effect, and what is sent
 * about whom. Rows of the table in review.c.
 */
#include "base/text.h"
#include "review/review_checks.h"

static bool sends_failures(const struct review_run *run)
{
	return failure_settings_send(&run->settings->failures, &run->settings->reports);
}

void review_failures_unsent(struct review_run *run)
{
	static const char *const settings[] = {"failures.send",
	                                       "failures.domains",
	                                       "failures.per_day",
	                                       "failures.per_domain_hour",
	                                       "failures.per_destination_day",
	                                       "failures.consolidate_minutes",
	                                       NULL};
	const struct failure_settings *failures = &run->settings->failures;

	if (sends_failures(run))
		return;
	review_run_no_effect(
	    run, settings,
	    !failures->send ? "\"failures.send\" is false, so no failure report is sent"
	    : failures->domains.count == 0
	        ? "\"failures.domains\" is empty, so no failure report is sent; name the domains "
	          "whose owners you agreed with"
	        : "\"reports.email\" or \"reports.store\" is empty, so no failure report is sent");
}

/* No mistake, but nobody should do it without knowing. */
void review_failures_told(struct review_run *run)
{
	const struct strings *domains = &run->settings->failures.domains;
	struct text names;

	if (!sends_failures(run))
		return;
	text_begin(&names, run->arena, 300);
	for (size_t i = 0; i < domains->count && !names.cut; i++)
		text_add_format(&names, "%s%s", i > 0 ? ", " : "", domains->items[i]);
	review_run_add(
	    run, "failures.send", PLACES_NO_ENTRY,
	    "failure reports about single messages that fail DMARC for %s%s are sent to the "
	    "addresses in ruf of the DMARC record: domains, times, addresses of hosts and a part "
	    "of the header, without recipients, subject and body; local parts are hashed. These "
	    "are personal data all the same (GDPR), and BSI TR-03182 advises against such "
	    "reports; agree with the owners of the domains, or set failures.send to false",
	    names.bytes, names.cut ? ", ..." : "");
}

/*
 * review_reports.c - checks of the group "reports": settings without effect, times that contradict
 * each other. Rows of the table in review.c.
 */
#include <string.h>
#include <unistd.h>

#include "base/domain.h"
#include "review/review_checks.h"

static const struct report_settings *reports_of(const struct review_run *run)
{
	return &run->settings->reports;
}

static bool sends(const struct review_run *run)
{
	return reports_of(run)->store[0] != '\0' && reports_of(run)->email[0] != '\0';
}

void review_reports_store(struct review_run *run)
{
	static const char *const settings[] = {"reports.organization",
	                                       "reports.email",
	                                       "reports.contact",
	                                       "reports.automatic",
	                                       "reports.dialect",
	                                       "reports.period_hours",
	                                       "reports.jitter_minutes",
	                                       "reports.only",
	                                       "reports.except",
	                                       "reports.copy",
	                                       "reports.skip",
	                                       "reports.maximum_destinations",
	                                       "reports.envelope_sender",
	                                       "reports.retry_hours",
	                                       "reports.keep_days",
	                                       "reports.waiting",
	                                       "reports.sendmail",
	                                       NULL};

	if (reports_of(run)->store[0] == '\0')
		review_run_no_effect(
		    run, settings,
		    "\"reports.store\" is empty, so there are no rows to report; name a file "
		    "there");
}

void review_reports_email(struct review_run *run)
{
	/* "automatic" only says who sends the reports; the Debian package sets it in any case. */
	static const char *const settings[] = {"reports.organization",
	                                       "reports.contact",
	                                       "reports.dialect",
	                                       "reports.jitter_minutes",
	                                       "reports.maximum_destinations",
	                                       "reports.sendmail",
	                                       "reports.envelope_sender",
	                                       "reports.retry_hours",
	                                       NULL};

	if (reports_of(run)->store[0] != '\0' && reports_of(run)->email[0] == '\0')
		review_run_no_effect(
		    run, settings,
		    "\"reports.email\" is empty, so no report is sent; give an address there");
}

void review_reports_jitter(struct review_run *run)
{
	const struct report_settings *reports = reports_of(run);

	if (sends(run) && reports->automatic &&
	    reports->jitter_minutes > reports->period_hours * 60)
		review_run_add(
		    run,
		    review_run_is_set(run, "reports.jitter_minutes") ? "reports.jitter_minutes"
		                                                     : "reports.period_hours",
		    PLACES_NO_ENTRY,
		    "setting \"reports.jitter_minutes\" is %ld, more than the %ld hours that a "
		    "report covers (\"reports.period_hours\"), so reports are sent later each "
		    "time; make it smaller",
		    reports->jitter_minutes, reports->period_hours);
}

void review_reports_retry(struct review_run *run)
{
	const struct report_settings *reports = reports_of(run);

	if (sends(run) && reports->retry_hours > reports->keep_days * 24)
		review_run_add(run,
		               review_run_is_set(run, "reports.retry_hours") ? "reports.retry_hours"
		                                                             : "reports.keep_days",
		               PLACES_NO_ENTRY,
		               "a report is tried for %ld hours (\"reports.retry_hours\"), but its "
		               "rows are deleted after %ld days (\"reports.keep_days\"); make the "
		               "first the shorter time",
		               reports->retry_hours, reports->keep_days);
}

static bool has_key(const struct settings *settings, const char *domain)
{
	for (size_t i = 0; i < settings->sign.entries.count; i++)
		if (sign_entry_covers((const struct sign_entry *)settings->sign.entries.items + i,
		                      domain) &&
		    sign_entry_keys(&settings->sign, i, domain) != NULL)
			return true;
	return false;
}

/* Without a table (settings_read_keyless()) it is unknown which keys there are. */
void review_reports_signature(struct review_run *run)
{
	const struct settings *settings = run->settings;
	const char *at = strrchr(settings->reports.email, '@');
	const char *domain;

	if (!sends(run) || at == NULL ||
	    (settings->sign.entries.count > 0 && settings->sign.table == NULL))
		return;
	domain = domain_normalize(run->arena, at + 1, strlen(at + 1));
	if (domain != NULL && !has_key(settings, domain))
		review_run_add(
		    run, "reports.email", PLACES_NO_ENTRY,
		    "reports from \"%s\" will not be signed, and receivers may refuse them: no "
		    "entry of \"sign\" has a key for %s; create one with: assay key new %s",
		    settings->reports.email, domain, domain);
}

void review_reports_sendmail(struct review_run *run)
{
	const char *command = reports_of(run)->sendmail;
	const char *file = arena_copy(run->arena, command, strcspn(command, " \t"));
	enum review_answer answer;

	if (!sends(run) || run->account == NULL || file[0] == '\0')
		return;
	answer = run->world->may(run->account, file, X_OK);
	if (answer == REVIEW_NO || answer == REVIEW_MISSING)
		review_run_add(
		    run, "reports.sendmail", PLACES_NO_ENTRY,
		    "%s (setting \"reports.sendmail\") %s, so reports cannot be sent; name the "
		    "sendmail command of the mail server",
		    file,
		    answer == REVIEW_MISSING ? "does not exist"
		                             : "cannot be run by the daemon's user");
}

/*
 * failure_settings.c - the rows of the settings group "failures". finish.c asks them for each
 * message, the sender for each report.
 */
#include "recorder/failure_settings.h"

#define ROW(member) offsetof(struct failure_settings, member)

static const struct setting failure_settings[] = {
    {.name = "send",
     .type = SETTING_FLAG,
     .offset = ROW(send),
     .standard = "false",
     .help = "Failure reports are sent about the domains in \"domains\" that ask for them (ruf), "
             "redacted and without any body; mail of people is personal data: BSI TR-03182 advises "
             "against it"},
    {.name = "domains",
     .type = SETTING_STRINGS,
     .offset = ROW(domains),
     .standard = "[ ]",
     .help = "Policy domains whose owners you agreed with that they get failure reports, as "
             "\"example.org\", \"*.example.org\" for those below, or \"*\" for all that ask; "
             "empty: none are sent"},
    {.name = "per_domain_hour",
     .type = SETTING_NUMBER,
     .offset = ROW(per_domain_hour),
     .standard = "10",
     .minimum = 1,
     .maximum = 1000,
     .help = "Most failure reports about one policy domain in an hour, each address counted"},
    {.name = "per_destination_day",
     .type = SETTING_NUMBER,
     .offset = ROW(per_destination_day),
     .standard = "100",
     .minimum = 1,
     .maximum = 10000,
     .help = "Most failure reports to one address in a day"},
    {.name = "per_day",
     .type = SETTING_NUMBER,
     .offset = ROW(per_day),
     .standard = "1000",
     .minimum = 1,
     .maximum = 100000,
     .help = "Most failure reports in a day to all addresses together"},
    {.name = "consolidate_minutes",
     .type = SETTING_NUMBER,
     .offset = ROW(consolidate_minutes),
     .standard = "60",
     .minimum = 0,
     .maximum = 1440,
     .help = "For how long equal failures are added up into one report; assayd sends once an hour"},
    {.name = NULL}};

const struct setting_group failure_settings_group = {
    .name = "failures", .rows = failure_settings, .size = sizeof(struct failure_settings)};

bool failure_settings_send(const struct failure_settings *settings,
                           const struct report_settings *reports)
{
	return settings->send && settings->domains.count > 0 && reports->email[0] != '\0' &&
	       reports->store[0] != '\0';
}

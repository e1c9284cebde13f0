/*
 * report_settings.c - the rows of the settings group "reports". settings.c reads them; the
 * recorder, the sender and the daemon's scheduler get the struct.
 */
#include "recorder/recorder.h"

#define ROW(member) offsetof(struct report_settings, member)

static const char *const dialect_names[] = {
    [REPORT_RFC9990] = "rfc9990", [REPORT_RFC7489] = "rfc7489", NULL};

static const struct setting report_settings[] = {
    {.name = "store",
     .type = SETTING_STRING,
     .offset = ROW(store),
     .standard = "\"/var/lib/assay/reports.db\"",
     .help = "SQLite file for the rows of aggregate reports, a regular file or a link of root's to "
             "one; empty keeps none"},
    {.name = "organization",
     .type = SETTING_STRING,
     .offset = ROW(organization),
     .standard = "\"\"",
     .help = "Who sends the reports: org_name of RFC 9990; empty: the domain of \"email\""},
    {.name = "email",
     .type = SETTING_STRING,
     .offset = ROW(email),
     .standard = "\"\"",
     .help = "Address that reports come from and that readers of a report can ask; empty: none are "
             "sent"},
    {.name = "contact",
     .type = SETTING_STRING,
     .offset = ROW(contact),
     .standard = "\"\"",
     .help = "Where else a reader of a report can ask, a URL for instance (extra_contact_info)"},
    {.name = "automatic",
     .type = SETTING_FLAG,
     .offset = ROW(automatic),
     .standard = "true",
     .help = "assayd sends the reports by itself; false: somebody runs assay report send"},
    {.name = "dialect",
     .type = SETTING_WORD,
     .offset = ROW(dialect),
     .standard = "\"rfc9990\"",
     .names = dialect_names,
     .help = "Form of the reports; rfc7489 is the older one, in which no mail above a limit such "
             "as !10m is sent"},
    {.name = "period_hours",
     .type = SETTING_NUMBER,
     .offset = ROW(period_hours),
     .standard = "24",
     .minimum = 1,
     .maximum = 24,
     .help =
         "What one report covers: the day in UTC, or a part of it: 1, 2, 3, 4, 6, 8 or 12 hours"},
    {.name = "jitter_minutes",
     .type = SETTING_NUMBER,
     .offset = ROW(jitter_minutes),
     .standard = "60",
     .minimum = 0,
     .maximum = 720,
     .help =
         "Over how much time assayd spreads the reports of a period, beginning at a random moment"},
    {.name = "skip",
     .type = SETTING_STRINGS,
     .offset = ROW(skip),
     .standard = "[ ]",
     .help = "Domains that are not reported on and get no reports (with all below), and addresses"},
    {.name = "only",
     .type = SETTING_STRINGS,
     .offset = ROW(only),
     .standard = "[ ]",
     .help = "Domains that alone are reported on, as \"example.org\" or \"*.example.org\" for "
             "those below; empty: all"},
    {.name = "except",
     .type = SETTING_STRINGS,
     .offset = ROW(except),
     .standard = "[ ]",
     .help =
         "Domains that are not reported on, such as those that only send spam, in the same forms"},
    {.name = "copy",
     .type = SETTING_STRING,
     .offset = ROW(copy),
     .standard = "\"\"",
     .help = "Address that gets a copy of each report that goes out; empty: none"},
    {.name = "maximum_destinations",
     .type = SETTING_NUMBER,
     .offset = ROW(maximum_destinations),
     .standard = "5",
     .minimum = 1,
     .maximum = 32,
     .help = "Most addresses that one report goes to: the first ones of rua that want it"},
    {.name = "sendmail",
     .type = SETTING_STRING,
     .offset = ROW(sendmail),
     .standard = "\"/usr/sbin/sendmail\"",
     .help =
         "The mail server's sendmail command, with arguments if need be, that takes the reports"},
    {.name = "envelope_sender",
     .type = SETTING_STRING,
     .offset = ROW(envelope_sender),
     .standard = "\"\"",
     .help =
         "Address that a report which cannot be delivered goes back to; empty: the null sender"},
    {.name = "retry_hours",
     .type = SETTING_NUMBER,
     .offset = ROW(retry_hours),
     .standard = "48",
     .minimum = 1,
     .maximum = 720,
     .help = "How long sending a report is tried again, and how old a period may be that was never "
             "sent; that age is at least \"jitter_minutes\" up to the next full hour"},
    {.name = "keep_days",
     .type = SETTING_NUMBER,
     .offset = ROW(keep_days),
     .standard = "90",
     .minimum = 2,
     .maximum = 3650,
     .help = "How long rows are kept after their period, sent or not; a day longer after the clock "
             "jumped"},
    {.name = "waiting",
     .type = SETTING_NUMBER,
     .offset = ROW(waiting),
     .standard = "100000",
     .minimum = 100,
     .maximum = 10000000,
     .help = "Most rows kept in memory while neither store nor journal can be written"},
    {.name = NULL}};

const struct setting_group report_settings_group = {
    .name = "reports", .rows = report_settings, .size = sizeof(struct report_settings)};

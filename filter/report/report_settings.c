/*
 * report_settings.c - the rows of the settings group "reports". settings.c reads them, the recorder gets the
 * struct.
 */
#include "report/recorder.h"

static const struct setting report_settings[] = {
    {.name = "store",
     .type = SETTING_STRING,
     .offset = offsetof(struct report_settings, store),
     .standard = "\"/var/lib/assay/reports.db\"",
     .help = "SQLite file for the rows of aggregate reports; empty keeps none"},
    {.name = "organization",
     .type = SETTING_STRING,
     .offset = offsetof(struct report_settings, organization),
     .standard = "\"\"",
     .help = "Who sends the reports: org_name of RFC 9990"},
    {.name = "email",
     .type = SETTING_STRING,
     .offset = offsetof(struct report_settings, email),
     .standard = "\"\"",
     .help = "Address that reports come from and that readers of a report can ask"},
    {.name = "waiting",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct report_settings, waiting),
     .standard = "100000",
     .minimum = 100,
     .maximum = 10000000,
     .help = "Most rows kept in memory while neither store nor journal can be written"},
    {.name = NULL}};

const struct setting_group report_settings_group = {
    .name = "reports", .rows = report_settings, .size = sizeof(struct report_settings)};

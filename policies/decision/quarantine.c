/*
 * quarantine.c - the settings of "quarantine": what is done with a quarantined message.
 * decision.c copies them into its verdict.
 */
#include "decision/decision.h"

static const char *const how_names[] = {
    [QUARANTINE_HOLD] = "hold", [QUARANTINE_TAG] = "tag", [QUARANTINE_REDIRECT] = "redirect", NULL};

static const struct setting quarantine_rows[] = {
    {.name = "action",
     .type = SETTING_WORD,
     .offset = offsetof(struct quarantine_settings, action),
     .standard = "\"hold\"",
     .names = how_names,
     .help = "What quarantine means: the mail server's hold queue, a header field, or another "
             "recipient"},
    {.name = "address",
     .type = SETTING_STRING,
     .offset = offsetof(struct quarantine_settings, address),
     .standard = "\"\"",
     .help = "Where quarantined mail goes with action redirect"},
    {.name = NULL},
};
const struct setting_group quarantine_settings_group = {"quarantine", quarantine_rows,
                                                        sizeof(struct quarantine_settings)};

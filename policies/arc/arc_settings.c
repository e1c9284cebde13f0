/*
 * arc_settings.c - the settings of the group "arc": names, defaults and help.
 */
#include "arc/arc.h"
#include "arc/instance.h"

static const char *const seal_names[] = {
    [ARC_SEAL_NEVER] = "never", [ARC_SEAL_FORWARDED] = "forwarded", [ARC_SEAL_ALL] = "all", NULL};

#define ROW(member) offsetof(struct arc_settings, member)
static const struct setting rows[] = {
    {.name = "maximum_sets",
     .type = SETTING_NUMBER,
     .offset = ROW(maximum_sets),
     .standard = "20",
     .minimum = 1,
     .maximum = INSTANCE_MAX,
     .help = "Sets of an ARC chain, one for each hop that sealed the message, that are verified; a "
             "longer chain fails"},
    {.name = "trusted",
     .type = SETTING_STRINGS,
     .offset = ROW(trusted),
     .standard = "[ ]",
     .help = "Domains of sealers (d= of ARC-Seal) whose results are believed; *.example.org for "
             "all below it. Mail that fails DMARC here, and that they saw pass, is accepted. "
             "Candidates are providers that forward mail of your users to you: google.com, "
             "microsoft.com, fastmail.com, messagingengine.com, pobox.com, topicbox.com; `assay "
             "report sealers` shows which of them would have saved how much mail"},
    {.name = "seal",
     .type = SETTING_WORD,
     .offset = ROW(seal),
     .standard = "\"never\"",
     .names = seal_names,
     .help = "Which mail from outside gets a set of its own on its chain, so that the next server "
             "can see what was found here: never, forwarded (what goes to arc.forward), all"},
    {.name = "domain",
     .type = SETTING_STRING,
     .offset = ROW(domain),
     .standard = "\"\"",
     .help = "Domain that seals (d=)"},
    {.name = "keys",
     .type = SETTING_STRING,
     .offset = ROW(keys),
     .standard = "\"\"",
     .help = "Folder with SELECTOR.pem, or with DOMAIN/SELECTOR.pem, or one key file; its first "
             "RSA key seals. Keys of \"sign\" do; empty: the folder in which `assay key` makes "
             "them"},
    {.name = "forward",
     .type = SETTING_STRINGS,
     .offset = ROW(forward),
     .standard = "[ ]",
     .help = "Recipients whose mail leaves again, by an alias, a forward or a list: LOCAL@DOMAIN, "
             "DOMAIN, or *.DOMAIN for all below it"},
    {.name = "lists",
     .type = SETTING_FLAG,
     .offset = ROW(lists),
     .standard = "false",
     .help = "A list server in networks.ours sends mail that came in here: its chain goes on with "
             "another set where all of its seals verify. Give the addresses of the lists to "
             "arc.forward too"},
    {.name = NULL},
};
#undef ROW

const struct setting_group arc_settings_group = {"arc", rows, sizeof(struct arc_settings)};

/*
 * import_known_dkimpy.c - the options that dkimpy-milter.conf has besides those of opendkim.conf:
 * what each is, and what becomes of it.
 *
 * A sentence says what the option did, and why Assay has no need of it or what to do instead.
 */
#include "tool/import/import.h"

const struct import_known import_known_dkimpy[] = {
    {"debugLevel", IMPORT_NUMBER, IMPORT_NEEDLESS,
     "it logged what the program does; log.level = \"debug\" is near to it", NULL},
    {"DNSOverride", IMPORT_TEXT, IMPORT_MISSED,
     "it took every key from this text, for tests; resolver.servers can name a test server", NULL},
    {"IntHosts", IMPORT_FLAG, IMPORT_NEEDLESS, "dkimpy-milter sets it itself", NULL},
    {"KeyFileEd25519", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"KeyTableEd25519", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"MacroListVerify", IMPORT_TEXT, IMPORT_MISSED,
     "it made mail foreign by macros of the mail server; Assay goes by networks.ours, by login, "
     "and by mail that is submitted on the host",
     NULL},
    {"SelectorEd25519", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {NULL, IMPORT_TEXT, IMPORT_NEEDLESS, NULL, NULL},
};

/*
 * import_known_shared.c - the options that opendkim.conf and opendmarc.conf have alike, which come
 * from the same authors: what each is, and what becomes of it.
 *
 * A sentence says what the option did, and why Assay has no need of it or what to do instead.
 */
#include "tool/import/import.h"

static const char restart[] =
    "it started the daemon anew after a crash; systemd does (contrib/systemd/assay.service)";
static const char faults[] =
    "it was for looking for faults in the program; assay check explains a message step by step";

const struct import_known import_known_shared[] = {
    {"AuthservID", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_authserv_id},
    {"AuthservIDWithJobID", IMPORT_FLAG, IMPORT_MISSED,
     "it put the queue id behind the name in Authentication-Results, which then is another for "
     "each message; Assay's log has the queue id",
     NULL},
    {"AutoRestart", IMPORT_FLAG, IMPORT_NEEDLESS, restart, NULL},
    {"AutoRestartCount", IMPORT_NUMBER, IMPORT_NEEDLESS, restart, NULL},
    {"AutoRestartRate", IMPORT_TEXT, IMPORT_NEEDLESS, restart, NULL},
    {"Background", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it put the daemon into the background; assayd does so unless it is started with -f", NULL},
    {"ChangeRootDirectory", IMPORT_TEXT, IMPORT_MISSED,
     "it locked the daemon into a folder; contrib/systemd/assay.service does that with fewer files "
     "to copy. Paths below it are read here as they stand",
     NULL},
    {"DNSTimeout", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_carry_dns_timeout},
    {"EnableCoredumps", IMPORT_FLAG, IMPORT_NEEDLESS, faults, NULL},
    {"MilterDebug", IMPORT_NUMBER, IMPORT_NEEDLESS, faults, NULL},
    {"PidFile", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it named the file with the process id; systemd needs none, pid_file sets one", NULL},
    {"Socket", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_socket},
    {"SoftwareHeader", IMPORT_FLAG, IMPORT_MISSED,
     "it added a field that names the program and its version; Assay does not tell strangers",
     NULL},
    {"Syslog", IMPORT_FLAG, IMPORT_NEEDLESS, NULL, import_carry_syslog},
    {"SyslogFacility", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_facility},
    {"TemporaryDirectory", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it was for files left for looking at; assay check explains a message step by step", NULL},
    {"TestDNSData", IMPORT_TEXT, IMPORT_MISSED,
     "it took DNS answers from a file, for tests; resolver.servers can name a test server", NULL},
    {"UMask", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_carry_mask},
    {"UserID", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_user},
    {NULL, IMPORT_TEXT, IMPORT_NEEDLESS, NULL, NULL},
};

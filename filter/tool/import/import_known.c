/*
 * import_known.c - what becomes of the options that several of the other programs have, and of
 * those of dkimpy-milter; the search for a name in all tables. Each program has a file with its own
 * table (import_opendkim.c, import_opendmarc.c, import_policyd.c).
 */
#include "tool/import/import.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

static const char restart[] =
    "it started the daemon anew after a crash; systemd does (contrib/systemd/assay.service)";
static const char faults[] =
    "it was for looking for faults in the program; assay check explains a message step by step";
static const struct import_choice
    logs[] = {{"yes", .needless = "Assay logs to syslog too"},
              {NULL, .missed = "it logged nothing; Assay logs a line a message (log.level)"}},
    facility[] = {{"mail", .needless = "Assay logs with the facility mail"},
                  {NULL, .missed = "Assay logs with the facility mail"}};

static const struct import_number timeout = {"resolver.timeout_ms", 1000, 100, 60000, NULL};

/* Of dkimpy-milter, besides those of OpenDKIM. */
static const struct import_known dkimpy[] = {
    {"debugLevel", IMPORT_NUMBER,
     .needless = "it logged what the program does; log.level = \"debug\" is near to it"},
    {"DNSOverride", IMPORT_TEXT,
     .missed =
         "it took every key from this text, for tests; resolver.servers can name a test server"},
    {"IntHosts", IMPORT_FLAG, .needless = "dkimpy-milter sets it itself"},
    {"KeyFileEd25519 KeyTableEd25519 SelectorEd25519", IMPORT_TEXT, .elsewhere = true},
    {"MacroListVerify", IMPORT_TEXT,
     .missed = "it made mail foreign by macros of the mail server; Assay goes by networks.ours, by "
               "login, and by mail that is submitted on the host"},
    {NULL, IMPORT_TEXT, .elsewhere = true},
};

/* Of OpenDKIM and OpenDMARC, which come from the same authors. */
static const struct import_known shared[] = {
    {"AuthservID", IMPORT_TEXT, .carry = import_carry_authserv_id},
    {"AuthservIDWithJobID", IMPORT_FLAG,
     .missed = "it put the queue id behind the name in Authentication-Results, which then is "
               "another for each message; Assay's log has the queue id"},
    {"AutoRestart", IMPORT_FLAG, .needless = restart},
    {"AutoRestartCount", IMPORT_NUMBER, .needless = restart},
    {"AutoRestartRate", IMPORT_TEXT, .needless = restart},
    {"Background", IMPORT_FLAG,
     .needless =
         "it put the daemon into the background; assayd does so unless it is started with -f"},
    {"ChangeRootDirectory", IMPORT_TEXT,
     .missed = "it locked the daemon into a folder; contrib/systemd/assay.service does that with "
               "fewer files to copy. Paths below it are read here as they stand"},
    {"DNSTimeout", IMPORT_NUMBER, .number = &timeout},
    {"EnableCoredumps", IMPORT_FLAG, .needless = faults},
    {"MilterDebug", IMPORT_NUMBER, .needless = faults},
    {"SoftwareHeader", IMPORT_FLAG,
     .missed =
         "it added a field that names the program and its version; Assay does not tell strangers"},
    {"Syslog", IMPORT_FLAG, .choices = logs},
    {"SyslogFacility", IMPORT_TEXT, .choices = facility},
    {"TemporaryDirectory", IMPORT_TEXT,
     .needless =
         "it was for files left for looking at; assay check explains a message step by step"},
    {"TestDNSData", IMPORT_TEXT,
     .missed =
         "it took DNS answers from a file, for tests; resolver.servers can name a test server"},
    {NULL, IMPORT_TEXT, .elsewhere = true},
};

/* Of all programs. */
static const struct import_known everywhere[] = {
    {"PidFile", IMPORT_TEXT,
     .needless = "it named the file with the process id; systemd needs none, pid_file sets one"},
    {"Socket", IMPORT_TEXT, .carry = import_carry_socket},
    {"UMask", IMPORT_NUMBER, .carry = import_carry_mask},
    {"UserID", IMPORT_TEXT, .carry = import_carry_user},
    {NULL, IMPORT_TEXT, .elsewhere = true},
};

static const struct import_known *const tables[IMPORT_PROGRAMS][5] = {
    [IMPORT_OPENDKIM] = {import_opendkim_options, shared, everywhere},
    [IMPORT_DKIMPY] = {dkimpy, import_opendkim_options, shared, everywhere},
    [IMPORT_OPENDMARC] = {import_opendmarc_options, shared, everywhere},
    [IMPORT_POLICYD] = {import_policyd_options, everywhere}};

const struct import_known *import_known_find(enum import_program program, const char *name)
{
	invariant(program < IMPORT_PROGRAMS);
	for (size_t i = 0; tables[program][i] != NULL; i++)
		for (const struct import_known *known = tables[program][i]; known->names != NULL;
		     known++)
			if (import_work_name(known->names, name, program == IMPORT_POLICYD) != NULL)
				return known;
	return NULL;
}

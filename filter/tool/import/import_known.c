/*
 * import_known.c - what becomes of each option of the other programs: a table for each program, and
 * the search for a name in them. The table of OpenDKIM is import_known_opendkim.c.
 */
#include "tool/import/import.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

static const char restart[] =
    "it started the daemon anew after a crash; systemd does (contrib/systemd/assay.service)";
static const char faults[] =
    "it was for looking for faults in the program; assay check explains a message step by step";
static const char failure_reports[] =
    "Assay sends no failure reports (ruf): they would show strangers what your users get. "
    "Aggregate reports tell the domain owner what went wrong";

static const struct import_choice
    logs[] = {{"yes", .needless = "Assay logs to syslog too"},
              {NULL, .missed = "it logged nothing; Assay logs a line a message (log.level)"}},
    facility[] = {{"mail", .needless = "Assay logs with the facility mail"},
                  {NULL, .missed = "Assay logs with the facility mail"}},
    authenticated[] = {{"yes", .needless = "Assay never judges mail of authenticated clients"},
                       {NULL, .missed = "Assay never judges mail of authenticated clients"}},
    helo[] = {{"No_Check", .needless = "Assay checks HELO always"},
              {NULL, .needless = "spf.fail is for HELO and MAIL FROM alike"}};

static const struct import_number timeout = {"resolver.timeout_ms", 1000, 100, 60000, NULL},
                                  message_time = {"limits.message_ms", 1000, 1000, 240000,
                                                  "for all lookups of a message together"},
                                  void_lookups = {"spf.void_lookups", 1, 0, 100, NULL};

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
    {"PidFile", IMPORT_TEXT,
     .needless = "it named the file with the process id; systemd needs none, pid_file sets one"},
    {"Socket", IMPORT_TEXT, .carry = import_carry_socket},
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
    {"UMask", IMPORT_NUMBER, .carry = import_carry_mask},
    {"UserID", IMPORT_TEXT, .carry = import_carry_user},
    {NULL, IMPORT_TEXT, .elsewhere = true},
};

/* Those of former versions too. */
static const struct import_known opendmarc[] = {
    {"AlwaysDeliver", IMPORT_FLAG,
     .missed = "it delivered whatever fails; dmarc.enforce = \"monitor\" does"},
    {"BaseDirectory", IMPORT_TEXT,
     .needless = "it was the folder that the daemon works in; paths of Assay are whole"},
    {"CopyFailuresTo", IMPORT_TEXT,
     .missed = "mail that failed went to this address too; Assay copies no mail, quarantine.action "
               "= \"redirect\" sends what would be held to quarantine.address"},
    {"Database", IMPORT_TEXT,
     .missed = "it named a database for history; Assay's store is a file (reports.store)"},
    {"DomainWhitelist DomainWhitelistFile", IMPORT_TEXT,
     .missed = "mail with a valid ARC chain through these domains was let through: list those that "
               "you know in arc.trusted; their seals are believed"},
    {"DomainWhitelistSize", IMPORT_NUMBER,
     .needless = "it was the size of a table for DomainWhitelist"},
    {"FailureReports ForensicReports", IMPORT_FLAG, .missed = failure_reports},
    {"FailureReportsBcc FailureReportsSentBy ForensicReportsBcc ForensicReportsSentBy", IMPORT_TEXT,
     .needless = failure_reports},
    {"FailureReportsOnNone ForensicReportsOnNone", IMPORT_FLAG, .needless = failure_reports},
    {"HistoryFile", IMPORT_TEXT,
     .missed = "opendmarc-import and opendmarc-reports made reports of it; Assay keeps its rows by "
               "itself and sends them once reports.email is set: take these jobs out of cron, and "
               "set it"},
    {"HoldQuarantinedMessages RejectFailures", IMPORT_FLAG, .elsewhere = true},
    {"IgnoreAuthenticatedClients", IMPORT_FLAG, .choices = authenticated},
    {"IgnoreHosts", IMPORT_TEXT, .carry = import_opendmarc_hosts},
    {"IgnoreMailFrom", IMPORT_TEXT, .carry = import_opendmarc_domains},
    {"IgnoreMailTo", IMPORT_TEXT,
     .missed =
         "mail to these recipients was left out of the reports; Assay can leave out domains and "
         "addresses that reports go to (reports.skip), and never reports on mail to reports.email"},
    {"NoReportsList", IMPORT_TEXT, .carry = import_opendmarc_no_reports},
    {"PublicSuffixList", IMPORT_TEXT,
     .needless = "it named the list by which organizational domains are found; Assay asks the DNS "
                 "instead (RFC 9989), dmarc.discovery = \"psl\" goes by the list of the system"},
    {"RecordAllMessages", IMPORT_FLAG,
     .missed = "it recorded mail of domains without a DMARC record too; Assay keeps rows for "
               "reports alone"},
    {"RejectMultiValueFrom RequiredFrom RequiredHeaders", IMPORT_FLAG,
     .carry = import_opendmarc_from},
    {"RejectString", IMPORT_TEXT,
     .missed = "it was the text of a reject; Assay's reply names the domain and what did not "
               "align, and a page for more (dmarc.reply_url)"},
    {"ReportCommand", IMPORT_TEXT,
     .needless =
         "it was the command that sends failure reports; aggregate reports go by reports.sendmail"},
    {"SPFIgnoreResults", IMPORT_FLAG,
     .needless = "it passed over SPF results that others wrote into the header; Assay always does"},
    {"SPFSelfValidate", IMPORT_FLAG, .needless = "it checked SPF itself; Assay always does"},
    {"TrustedAuthservIDs", IMPORT_TEXT,
     .needless =
         "it named those whose results are believed; Assay believes nobody's: it checks SPF and "
         "DKIM itself, so opendkim and the SPF policy daemon are not needed before it"},
    {NULL, IMPORT_TEXT, .elsewhere = true},
};

/* Those of the milter pyspf-milter too. */
static const struct import_known policyd[] = {
    {"Authserv_Id", IMPORT_TEXT, .carry = import_carry_authserv_id},
    {"debugLevel", IMPORT_NUMBER, .needless = "it set how much is logged; log.level does"},
    {"defaultSeedOnly TestOnly", IMPORT_NUMBER, .carry = import_policyd_test},
    {"Domain_Whitelist", IMPORT_TEXT,
     .missed = "hosts that may send for these domains were not checked; give their addresses in "
               "networks.forwarders"},
    {"Domain_Whitelist_PTR", IMPORT_TEXT,
     .missed = "hosts whose names lie below these domains were not checked; give their addresses "
               "in networks.forwarders"},
    {"Header_Type", IMPORT_TEXT, .carry = import_policyd_header},
    {"HELO_pass_restriction Mail_From_pass_restriction", IMPORT_TEXT,
     .missed = "it gave mail with this result to a restriction of Postfix; Assay is a milter and "
               "cannot: a rule of its own (rules) may do"},
    {"HELO_reject", IMPORT_TEXT, .choices = helo},
    {"HELO_Whitelist", IMPORT_TEXT,
     .missed =
         "clients with these names were not checked; give their addresses in networks.forwarders"},
    {"Hide_Receiver", IMPORT_TEXT,
     .needless = "it left the recipient out of the header; Assay never names one"},
    {"InternalHosts", IMPORT_TEXT, .carry = import_hosts_forward},
    {"IntHosts", IMPORT_FLAG, .needless = "the program sets it by itself from InternalHosts"},
    {"Lookup_Time", IMPORT_NUMBER, .number = &message_time},
    {"MacroList", IMPORT_TEXT,
     .missed = "it made mail ours by macros of the mail server; Assay goes by networks.ours, by "
               "login, and by mail that is submitted on the host"},
    {"Mail_From_reject", IMPORT_TEXT, .elsewhere = true},
    {"Mock", IMPORT_FLAG,
     .needless = "it added a field for milters that do not see the first one; Assay needs none"},
    {"No_Mail", IMPORT_FLAG,
     .missed = "it refused mail of domains that say they send none (v=spf1 -all); in Assay that is "
               "a fail like others (spf.fail)"},
    {"Per_User", IMPORT_TEXT,
     .missed = "it took other options for each recipient; Assay has rules with recipient for what "
               "follows from DMARC"},
    {"PermError_reject", IMPORT_FLAG,
     .missed = "it refused mail whose SPF record is broken; in Assay a permerror does not pass, "
               "and DMARC decides what follows"},
    {"PidFile", IMPORT_TEXT,
     .needless = "it named the file with the process id; systemd needs none, pid_file sets one"},
    {"Prospective", IMPORT_TEXT,
     .missed = "it checked outgoing mail against your own SPF record; assay check --ip ADDRESS "
               "does so for a message at any time"},
    {"QueueID", IMPORT_FLAG,
     .needless = "it put the queue id into the log; Assay's line a message begins with it"},
    {"Reason_Message", IMPORT_TEXT,
     .missed = "it was the text of a reject; Assay's reply says what failed and names a page for "
               "more (dmarc.reply_url)"},
    {"Reject_Not_Pass_Domains", IMPORT_TEXT,
     .missed =
         "it refused mail of these domains whatever SPF says but pass; a rule with "
         "mail_from_domain and dmarc = \"reject\" is near to it: it spares what DMARC passes"},
    {"skip_addresses", IMPORT_TEXT, .carry = import_policyd_skip},
    {"Socket", IMPORT_TEXT, .carry = import_carry_socket},
    {"SPF_Enhanced_Status_Codes", IMPORT_FLAG,
     .needless = "it chose the codes of RFC 7372; Assay always has them"},
    {"TempError_Defer", IMPORT_FLAG, .carry = import_policyd_temperror},
    {"UMask", IMPORT_NUMBER, .carry = import_carry_mask},
    {"UserID", IMPORT_TEXT, .carry = import_carry_user},
    {"Void_Limit", IMPORT_NUMBER, .number = &void_lookups},
    {"Whitelist", IMPORT_TEXT, .carry = import_policyd_whitelist},
    {"Whitelist_Lookup_Time", IMPORT_NUMBER,
     .needless = "it was how long names of the whitelists are asked for; Assay asks for none"},
    {NULL, IMPORT_TEXT, .elsewhere = true},
};

static const struct import_known *const tables[IMPORT_PROGRAMS][4] = {
    [IMPORT_OPENDKIM] = {import_known_opendkim, shared},
    [IMPORT_DKIMPY] = {dkimpy, import_known_opendkim, shared},
    [IMPORT_OPENDMARC] = {opendmarc, shared},
    [IMPORT_POLICYD] = {policyd}};

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

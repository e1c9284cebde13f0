/*
 * import_known_opendmarc.c - every option of opendmarc.conf, those of former versions too: what it is, and
 * what becomes of it.
 *
 * A sentence says what the option did, and why Assay has no need of it or what to do instead.
 */
#include "tool/import/import_opendmarc.h"

static const char restart[] =
    "it started the daemon anew after a crash; systemd does (contrib/systemd/assay.service)";
static const char sealed[] = "mail with a valid ARC chain through these domains was let through; Assay does "
                             "not look at ARC yet: name their hosts in networks.forwarders";
static const char faults[] =
    "it was for looking for faults in the program; assay check explains a message step by step";
static const char failure_reports[] =
    "Assay sends no failure reports (ruf): they would show strangers what your users get. Aggregate reports "
    "tell the domain owner what went wrong";

const struct import_known import_known_opendmarc[] = {
    {"AlwaysDeliver", IMPORT_FLAG, IMPORT_MISSED,
     "it delivered whatever fails; dmarc.enforce = \"monitor\" does", NULL},
    {"AuthservID", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_authserv_id},
    {"AuthservIDWithJobID", IMPORT_FLAG, IMPORT_MISSED,
     "it put the queue id behind the name in Authentication-Results, which then is another for each message; "
     "Assay's log has the queue id",
     NULL},
    {"AutoRestart", IMPORT_FLAG, IMPORT_NEEDLESS, restart, NULL},
    {"AutoRestartCount", IMPORT_NUMBER, IMPORT_NEEDLESS, restart, NULL},
    {"AutoRestartRate", IMPORT_TEXT, IMPORT_NEEDLESS, restart, NULL},
    {"Background", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it put the daemon into the background; assayd does so unless it is started with -f", NULL},
    {"BaseDirectory", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it was the folder that the daemon works in; paths of Assay are whole", NULL},
    {"ChangeRootDirectory", IMPORT_TEXT, IMPORT_MISSED,
     "it locked the daemon into a folder; contrib/systemd/assay.service does that with fewer files to copy",
     NULL},
    {"CopyFailuresTo", IMPORT_TEXT, IMPORT_MISSED,
     "mail that failed went to this address too; Assay copies no mail, quarantine.action = \"redirect\" "
     "sends what would be held to quarantine.address",
     NULL},
    {"Database", IMPORT_TEXT, IMPORT_MISSED,
     "it named a data base for history; Assay's store is a file (reports.store)", NULL},
    {"DNSTimeout", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_carry_dns_timeout},
    {"DomainWhitelist", IMPORT_TEXT, IMPORT_MISSED, sealed, NULL},
    {"DomainWhitelistFile", IMPORT_TEXT, IMPORT_MISSED, sealed, NULL},
    {"DomainWhitelistSize", IMPORT_NUMBER, IMPORT_NEEDLESS, "it was the size of a table for DomainWhitelist",
     NULL},
    {"EnableCoredumps", IMPORT_FLAG, IMPORT_NEEDLESS, faults, NULL},
    {"FailureReports", IMPORT_FLAG, IMPORT_MISSED, failure_reports, NULL},
    {"FailureReportsBcc", IMPORT_TEXT, IMPORT_NEEDLESS, failure_reports, NULL},
    {"FailureReportsOnNone", IMPORT_FLAG, IMPORT_NEEDLESS, failure_reports, NULL},
    {"FailureReportsSentBy", IMPORT_TEXT, IMPORT_NEEDLESS, failure_reports, NULL},
    {"ForensicReports", IMPORT_FLAG, IMPORT_MISSED, failure_reports, NULL},
    {"ForensicReportsBcc", IMPORT_TEXT, IMPORT_NEEDLESS, failure_reports, NULL},
    {"ForensicReportsOnNone", IMPORT_FLAG, IMPORT_NEEDLESS, failure_reports, NULL},
    {"ForensicReportsSentBy", IMPORT_TEXT, IMPORT_NEEDLESS, failure_reports, NULL},
    {"HistoryFile", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendmarc_history},
    {"HoldQuarantinedMessages", IMPORT_FLAG, IMPORT_MISSED, NULL, import_carry_nothing},
    {"IgnoreAuthenticatedClients", IMPORT_FLAG, IMPORT_NEEDLESS, NULL, import_opendmarc_authenticated},
    {"IgnoreHosts", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendmarc_hosts},
    {"IgnoreMailFrom", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendmarc_domains},
    {"IgnoreMailTo", IMPORT_TEXT, IMPORT_MISSED,
     "mail to these recipients was left out of the reports; Assay can leave out domains and addresses that "
     "reports go to (reports.skip), and never reports on mail to reports.email",
     NULL},
    {"MilterDebug", IMPORT_NUMBER, IMPORT_NEEDLESS, faults, NULL},
    {"NoReportsList", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendmarc_no_reports},
    {"PidFile", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it named the file with the process id; systemd needs none, pid_file sets one", NULL},
    {"PublicSuffixList", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it named the list by which organizational domains are found; Assay asks the DNS instead (RFC 9989), "
     "dmarc.discovery = \"psl\" goes by the list of the system",
     NULL},
    {"RecordAllMessages", IMPORT_FLAG, IMPORT_MISSED,
     "it recorded mail of domains without a DMARC record too; Assay keeps rows for reports alone", NULL},
    {"RejectFailures", IMPORT_FLAG, IMPORT_MISSED, NULL, import_carry_nothing},
    {"RejectMultiValueFrom", IMPORT_FLAG, IMPORT_MISSED, NULL, import_opendmarc_from},
    {"RejectString", IMPORT_TEXT, IMPORT_MISSED,
     "it was the text of a reject; Assay's reply names the domain and what did not align, and a page for "
     "more (dmarc.reply_url)",
     NULL},
    {"ReportCommand", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it was the command that sends failure reports; aggregate reports go by reports.sendmail", NULL},
    {"RequiredFrom", IMPORT_FLAG, IMPORT_MISSED, NULL, import_opendmarc_from},
    {"RequiredHeaders", IMPORT_FLAG, IMPORT_MISSED, NULL, import_opendmarc_from},
    {"Socket", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_socket},
    {"SoftwareHeader", IMPORT_FLAG, IMPORT_MISSED,
     "it added a field that names the program and its version; Assay does not tell strangers", NULL},
    {"SPFIgnoreResults", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it passed over SPF results that others wrote into the header; Assay always does", NULL},
    {"SPFSelfValidate", IMPORT_FLAG, IMPORT_NEEDLESS, "it checked SPF itself; Assay always does", NULL},
    {"Syslog", IMPORT_FLAG, IMPORT_NEEDLESS, NULL, import_opendkim_syslog},
    {"SyslogFacility", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_facility},
    {"TemporaryDirectory", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it was for files left for looking at; assay check explains a message step by step", NULL},
    {"TestDNSData", IMPORT_TEXT, IMPORT_MISSED,
     "it took DNS answers from a file, for tests; resolver.servers can name a test server", NULL},
    {"TrustedAuthservIDs", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it named those whose results are believed; Assay believes nobody's: it checks SPF and DKIM itself, so "
     "opendkim and the SPF policy daemon are not needed before it",
     NULL},
    {"UMask", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_carry_mask},
    {"UserID", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_user},
    {NULL, IMPORT_TEXT, IMPORT_NEEDLESS, NULL, NULL},
};

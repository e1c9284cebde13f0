/*
 * import_known_opendmarc.c - the options of opendmarc.conf, those of former versions too: what each
 * is, and what becomes of it. Those that opendkim.conf has as well are in import_known_shared.c.
 *
 * A sentence says what the option did, and why Assay has no need of it or what to do instead.
 */
#include "tool/import/import_opendmarc.h"

static const char sealed[] =
    "mail with a valid ARC chain through these domains was let through; Assay does "
    "not look at ARC yet: name their hosts in networks.forwarders";
static const char failure_reports[] = "Assay sends no failure reports (ruf): they would show "
                                      "strangers what your users get. Aggregate reports "
                                      "tell the domain owner what went wrong";

const struct import_known import_known_opendmarc[] = {
    {"AlwaysDeliver", IMPORT_FLAG, IMPORT_MISSED,
     "it delivered whatever fails; dmarc.enforce = \"monitor\" does", NULL},
    {"BaseDirectory", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it was the folder that the daemon works in; paths of Assay are whole", NULL},
    {"CopyFailuresTo", IMPORT_TEXT, IMPORT_MISSED,
     "mail that failed went to this address too; Assay copies no mail, quarantine.action = "
     "\"redirect\" sends what would be held to quarantine.address",
     NULL},
    {"Database", IMPORT_TEXT, IMPORT_MISSED,
     "it named a data base for history; Assay's store is a file (reports.store)", NULL},
    {"DomainWhitelist", IMPORT_TEXT, IMPORT_MISSED, sealed, NULL},
    {"DomainWhitelistFile", IMPORT_TEXT, IMPORT_MISSED, sealed, NULL},
    {"DomainWhitelistSize", IMPORT_NUMBER, IMPORT_NEEDLESS,
     "it was the size of a table for DomainWhitelist", NULL},
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
    {"IgnoreAuthenticatedClients", IMPORT_FLAG, IMPORT_NEEDLESS, NULL,
     import_opendmarc_authenticated},
    {"IgnoreHosts", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendmarc_hosts},
    {"IgnoreMailFrom", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendmarc_domains},
    {"IgnoreMailTo", IMPORT_TEXT, IMPORT_MISSED,
     "mail to these recipients was left out of the reports; Assay can leave out domains and "
     "addresses that reports go to (reports.skip), and never reports on mail to reports.email",
     NULL},
    {"NoReportsList", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendmarc_no_reports},
    {"PublicSuffixList", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it named the list by which organizational domains are found; Assay asks the DNS instead (RFC "
     "9989), dmarc.discovery = \"psl\" goes by the list of the system",
     NULL},
    {"RecordAllMessages", IMPORT_FLAG, IMPORT_MISSED,
     "it recorded mail of domains without a DMARC record too; Assay keeps rows for reports alone",
     NULL},
    {"RejectFailures", IMPORT_FLAG, IMPORT_MISSED, NULL, import_carry_nothing},
    {"RejectMultiValueFrom", IMPORT_FLAG, IMPORT_MISSED, NULL, import_opendmarc_from},
    {"RejectString", IMPORT_TEXT, IMPORT_MISSED,
     "it was the text of a reject; Assay's reply names the domain and what did not align, and a "
     "page for more (dmarc.reply_url)",
     NULL},
    {"ReportCommand", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it was the command that sends failure reports; aggregate reports go by reports.sendmail",
     NULL},
    {"RequiredFrom", IMPORT_FLAG, IMPORT_MISSED, NULL, import_opendmarc_from},
    {"RequiredHeaders", IMPORT_FLAG, IMPORT_MISSED, NULL, import_opendmarc_from},
    {"SPFIgnoreResults", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it passed over SPF results that others wrote into the header; Assay always does", NULL},
    {"SPFSelfValidate", IMPORT_FLAG, IMPORT_NEEDLESS, "it checked SPF itself; Assay always does",
     NULL},
    {"TrustedAuthservIDs", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it named those whose results are believed; Assay believes nobody's: it checks SPF and DKIM "
     "itself, so opendkim and the SPF policy daemon are not needed before it",
     NULL},
    {NULL, IMPORT_TEXT, IMPORT_NEEDLESS, NULL, NULL},
};

/*
 * import_opendmarc.c - what becomes of options of opendmarc.conf: their table, and what follows
 * from several of them together, for which import.c calls.
 */
#include "tool/import/import.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"

/*
 * OpenDMARC rejects what the policy rejects if RejectFailures is on, and holds what it quarantines
 * if HoldQuarantinedMessages is on too; else it accepts. (Newer versions hold without
 * RejectFailures.)
 */
void import_opendmarc_enforce(struct import_work *work)
{
	const struct import_option *reject = import_work_option(work, "RejectFailures");
	const struct import_option *hold = import_work_option(work, "HoldQuarantinedMessages");
	bool holds = import_work_is_on(work, "HoldQuarantinedMessages");
	const struct import_option *none =
	    import_draft_absent(work, "RejectFailures", "(not there: no)");

	if (!import_work_is_on(work, "RejectFailures")) {
		import_draft_text(work->draft, "dmarc.enforce", "monitor",
		                  reject == NULL ? none : reject,
		                  "nothing is refused or held, as before; \"published\" does what "
		                  "the domain owners ask for");
		if (holds)
			import_work_missed(work, hold,
			                   "without RejectFailures opendmarc 1.4 holds nothing, "
			                   "and newer ones hold p=quarantine while they accept "
			                   "p=reject; dmarc.enforce = \"quarantine\" holds both");
		return;
	}
	import_draft_text(work->draft, "dmarc.enforce", "strict", reject,
	                  "as before; \"published\" quarantines what looks like a mailing list "
	                  "instead of refusing it");
	import_draft_text(
	    work->draft, "quarantine.action", holds ? "hold" : "tag", hold == NULL ? reject : hold,
	    holds ? NULL : "opendmarc accepts what is to be quarantined; Assay marks it too");
}

static void import_opendmarc_hosts(struct import_work *work, const struct import_option *option)
{
	struct import_set set;

	if (!import_set_read_lines(work, option, &set))
		return;
	import_hosts_add(work, option, IMPORT_FORWARDERS, &set);
}

/* Appends one rule for all these domains. */
static void add_rule(struct import_work *work, const struct import_option *option,
                     const char *domains)
{
	struct import_entry rule = {
	    .comments =
	        arena_format(work->arena, "%s:%u: %s", option->place.file, option->place.line,
	                     import_draft_option_text(work->arena, option)),
	    .settings = arena_format(work->arena,
	                             "when: { from_domain = [ %s ]; };\ndmarc = \"ignore\";\nwhy = "
	                             "\"%s of opendmarc\";\n",
	                             domains, option->canonical)};

	if (domains[0] != '\0')
		import_draft_entry(work->draft, "rules", &rule);
}

static void import_opendmarc_domains(struct import_work *work, const struct import_option *option)
{
	struct import_set set;
	struct text domains;

	import_set_split(work->arena, option, &set);
	text_begin(&domains, work->arena, 1 << 20);
	for (size_t i = 0; i < set.count; i++) {
		const char *name =
		    domain_normalize(work->arena, set.items[i].key, strlen(set.items[i].key));

		if (name == NULL)
			import_work_missed(work, option,
			                   "\"%.60s\" is not a domain name, and matches no author",
			                   set.items[i].key);
		else
			text_add_format(&domains, "%s%s", domains.length == 0 ? "" : ", ",
			                import_draft_quote(work->arena, name));
	}
	add_rule(work, option, domains.bytes);
}

static void import_opendmarc_no_reports(struct import_work *work,
                                        const struct import_option *option)
{
	struct import_set set;

	if (!import_set_read_lines(work, option, &set))
		return;
	for (size_t i = 0; i < set.count; i++) {
		const struct import_pair *pair = &set.items[i];

		if (domain_normalize(work->arena, pair->key, strlen(pair->key)) != NULL)
			import_draft_item(work->draft, "reports.skip", pair->key, pair->place,
			                  NULL);
		else
			import_work_missed_pair(work, option->name, pair,
			                        "it is not a domain name");
	}
}

/* RejectMultiValueFrom, RequiredHeaders, RequiredFrom */
static void import_opendmarc_from(struct import_work *work, const struct import_option *option)
{
	if (option->on && strcmp(option->canonical, "RequiredHeaders") == 0)
		import_work_missed(
		    work, option,
		    "it refused mail without one From or without one Date, whatever RejectFailures "
		    "says; Assay does not look at Date, and %s; let the mail server refuse such "
		    "mail",
		    import_work_is_on(work, "RejectFailures")
		        ? "refuses what has no usable From (dmarc.unusable_author)"
		        : "with dmarc.enforce = \"monitor\" takes mail without From");
	if (option->on)
		import_draft_text(work->draft, "dmarc.unusable_author", "reject", option,
		                  "with dmarc.enforce = \"monitor\" such mail is accepted");
	else
		import_work_missed(
		    work, option,
		    "it is off; where dmarc.enforce is not \"monitor\", Assay refuses mail without "
		    "one usable author (dmarc.unusable_author), since nobody else can tell whose "
		    "it is");
}

static const char failure_reports[] =
    "Assay sends no failure reports (ruf): they would show strangers what your users get. "
    "Aggregate reports tell the domain owner what went wrong";

static const struct import_choice authenticated[] = {
    {"yes", .needless = "Assay never judges mail of authenticated clients"},
    {NULL, .missed = "Assay never judges mail of authenticated clients"}};

/* Those of former versions too. */
const struct import_known import_opendmarc_options[] = {
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

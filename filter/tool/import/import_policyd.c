/*
 * import_policyd.c - what becomes of options of policyd-spf.conf. Called through its table, and by
 * import.c for what follows from several options together.
 */
#include "tool/import/import.h"

#include <string.h>

#include "base/text.h"

/* TestOnly = 0 (once called defaultSeedOnly) refuses nothing. */
static const struct import_option *test_mode(const struct import_work *work)
{
	const struct import_option *option = import_work_option(work, "TestOnly");

	if (option == NULL)
		option = import_work_option(work, "defaultSeedOnly");
	return option != NULL && option->number == 0 ? option : NULL;
}

static bool is_refusal(const char *value)
{
	return text_same(value, "Fail") || text_same(value, "SPF_Not_Pass") ||
	       text_same(value, "Softfail");
}

static void omit_beyond_fail(struct import_work *work, const struct import_option *option)
{
	if (option != NULL && is_refusal(option->value) && !text_same(option->value, "Fail"))
		import_work_missed(work, option,
		                   "it refused more than a fail; Assay refuses a fail alone "
		                   "(spf.fail), and leaves the rest to DMARC");
}

/* Fail is the default of both, and Assay has one setting for both. */
static void compare_helo(struct import_work *work, const struct import_option *helo, bool refuses)
{
	bool helo_refuses = helo == NULL || is_refusal(helo->value);

	if (helo != NULL && helo_refuses != refuses)
		import_work_missed(work, helo,
		                   "Assay has one setting for HELO and MAIL FROM, spf.fail; it "
		                   "stands as Mail_From_reject has it");
}

void import_policyd_refusals(struct import_work *work)
{
	const struct import_option *mail = import_work_option(work, "Mail_From_reject"),
	                           *test = test_mode(work);
	const struct import_option *none =
	    import_draft_absent(work, "Mail_From_reject", "(not there: Fail)");
	bool refuses = mail == NULL || is_refusal(mail->value);

	if (import_work_option(work, "Header_Type") == NULL)
		import_draft_flag(work->draft, "spf.received_spf", true,
		                  import_draft_absent(work, "Header_Type", "(not there: SPF)"),
		                  "beside Authentication-Results");
	if (test != NULL) {
		import_draft_text(work->draft, "spf.fail", "continue", test, NULL);
		import_work_omit_named(
		    work, (const char *const[]){"Mail_From_reject", "HELO_reject", NULL},
		    "TestOnly = 0 refuses nothing, so it does not count");
		return;
	}
	import_draft_text(
	    work->draft, "spf.fail", refuses ? "reject" : "continue", mail == NULL ? none : mail,
	    refuses ? "as before; \"continue\" leaves it to DMARC, which knows of DKIM too" : NULL);
	omit_beyond_fail(work, mail);
	omit_beyond_fail(work, import_work_option(work, "HELO_reject"));
	compare_helo(work, import_work_option(work, "HELO_reject"), refuses);
}

/* TestOnly and defaultSeedOnly; import_policyd_refusals() handles 0. */
static void import_policyd_test(struct import_work *work, const struct import_option *option)
{
	if (option->number != 0)
		import_work_needless(work, option,
		                     "it refused mail as configured, and so does Assay");
}

static void import_policyd_whitelist(struct import_work *work, const struct import_option *option)
{
	struct import_set set;

	import_set_split(work->arena, option, &set);
	import_hosts_add(work, option, IMPORT_FORWARDERS, &set);
}

static bool is_loopback(const struct network *network)
{
	static const unsigned char one[16] = {[15] = 1};

	if (network->address.family == ADDRESS_IPV4)
		return network->address.bytes[0] == 127;
	return memcmp(network->address.bytes, one, sizeof one) == 0;
}

/* Loopback addresses, which are the default, are in the default of networks.ours too. */
static void import_policyd_skip(struct import_work *work, const struct import_option *option)
{
	struct import_set set;
	struct network network;
	size_t kept = 0;

	import_set_split(work->arena, option, &set);
	for (size_t i = 0; i < set.count; i++)
		if (!network_parse(set.items[i].key, &network) || !is_loopback(&network))
			set.items[kept++] = set.items[i];
	if (kept < set.count)
		import_work_needless(
		    work, option, "Assay does not judge mail of the host itself (networks.ours)");
	set.count = kept;
	if (kept == 0)
		return;
	import_hosts_add(work, option, IMPORT_FORWARDERS, &set);
}

static const struct import_choice
    helo[] = {{"No_Check", .needless = "Assay checks HELO always"},
              {NULL, .needless = "spf.fail is for HELO and MAIL FROM alike"}},
    temperror[] = {{"yes", .setting = "spf.temperror", .value = "tempfail"},
                   {NULL, .setting = "spf.temperror", .value = "continue"}},
    header[] = {
        {"SPF", .flag = "spf.received_spf", .remark = "beside Authentication-Results"},
        {"AR", .needless = "Assay always writes Authentication-Results"},
        {NULL, .missed = "it wrote no header field; Assay always writes Authentication-Results"}};

static const struct import_number message_time = {"limits.message_ms", 1000, 1000, 240000,
                                                  "for all lookups of a message together"},
                                  void_lookups = {"spf.void_lookups", 1, 0, 100, NULL};

/* Those of the milter pyspf-milter too. */
const struct import_known import_policyd_options[] = {
    {"Authserv_Id", IMPORT_TEXT, .carry = import_carry_authserv_id},
    {"debugLevel", IMPORT_NUMBER, .needless = "it set how much is logged; log.level does"},
    {"defaultSeedOnly TestOnly", IMPORT_NUMBER, .carry = import_policyd_test},
    {"Domain_Whitelist", IMPORT_TEXT,
     .missed = "hosts that may send for these domains were not checked; give their addresses in "
               "networks.forwarders"},
    {"Domain_Whitelist_PTR", IMPORT_TEXT,
     .missed = "hosts whose names lie below these domains were not checked; give their addresses "
               "in networks.forwarders"},
    {"Header_Type", IMPORT_TEXT, .choices = header},
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
    {"SPF_Enhanced_Status_Codes", IMPORT_FLAG,
     .needless = "it chose the codes of RFC 7372; Assay always has them"},
    {"TempError_Defer", IMPORT_FLAG, .choices = temperror},
    {"Void_Limit", IMPORT_NUMBER, .number = &void_lookups},
    {"Whitelist", IMPORT_TEXT, .carry = import_policyd_whitelist},
    {"Whitelist_Lookup_Time", IMPORT_NUMBER,
     .needless = "it was how long names of the whitelists are asked for; Assay asks for none"},
    {NULL, IMPORT_TEXT, .elsewhere = true},
};

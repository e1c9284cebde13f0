/*
 * import_known_policyd.c - every option of policyd-spf.conf, those of the milter pyspf-milter too:
 * what it is, and what becomes of it.
 *
 * A sentence says what the option did, and why Assay has no need of it or what to do instead.
 */
#include "tool/import/import_policyd.h"

static const char restriction[] =
    "it gave mail with this result to a restriction of Postfix; Assay is a "
    "milter and cannot: a rule of its own (rules) may do";

const struct import_known import_known_policyd[] = {
    {"Authserv_Id", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_authserv_id},
    {"debugLevel", IMPORT_NUMBER, IMPORT_NEEDLESS, "it set how much is logged; log.level does",
     NULL},
    {"defaultSeedOnly", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_policyd_test},
    {"Domain_Whitelist", IMPORT_TEXT, IMPORT_MISSED,
     "hosts that may send for these domains were not checked; give their addresses in "
     "networks.forwarders",
     NULL},
    {"Domain_Whitelist_PTR", IMPORT_TEXT, IMPORT_MISSED,
     "hosts whose names lie below these domains were not checked; give their addresses in "
     "networks.forwarders",
     NULL},
    {"Header_Type", IMPORT_TEXT, IMPORT_MISSED, NULL, import_policyd_header},
    {"HELO_pass_restriction", IMPORT_TEXT, IMPORT_MISSED, restriction, NULL},
    {"HELO_reject", IMPORT_TEXT, IMPORT_MISSED, NULL, import_policyd_helo},
    {"HELO_Whitelist", IMPORT_TEXT, IMPORT_MISSED,
     "clients with these names were not checked; give their addresses in networks.forwarders",
     NULL},
    {"Hide_Receiver", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it left the recipient out of the header; Assay never names one", NULL},
    {"InternalHosts", IMPORT_TEXT, IMPORT_MISSED, NULL, import_policyd_internal},
    {"IntHosts", IMPORT_FLAG, IMPORT_NEEDLESS, "the program sets it by itself from InternalHosts",
     NULL},
    {"Lookup_Time", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_policyd_time},
    {"MacroList", IMPORT_TEXT, IMPORT_MISSED,
     "it made mail ours by macros of the mail server; Assay goes by networks.ours, by login, and "
     "by mail that is submitted on the host",
     NULL},
    {"Mail_From_pass_restriction", IMPORT_TEXT, IMPORT_MISSED, restriction, NULL},
    {"Mail_From_reject", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"Mock", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it added a field for milters that do not see the first one; Assay needs none", NULL},
    {"No_Mail", IMPORT_FLAG, IMPORT_MISSED,
     "it refused mail of domains that say they send none (v=spf1 -all); in Assay that is a fail "
     "like others (spf.fail)",
     NULL},
    {"Per_User", IMPORT_TEXT, IMPORT_MISSED,
     "it took other options for each recipient; Assay has rules with recipient for what follows "
     "from DMARC",
     NULL},
    {"PermError_reject", IMPORT_FLAG, IMPORT_MISSED,
     "it refused mail whose SPF record is broken; in Assay a permerror does not pass, and DMARC "
     "decides what follows",
     NULL},
    {"PidFile", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it named the file with the process id; systemd needs none, pid_file sets one", NULL},
    {"Prospective", IMPORT_TEXT, IMPORT_MISSED,
     "it checked outgoing mail against your own SPF record; assay check --ip ADDRESS does so for a "
     "message at any time",
     NULL},
    {"QueueID", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it put the queue id into the log; Assay's line a message begins with it", NULL},
    {"Reason_Message", IMPORT_TEXT, IMPORT_MISSED,
     "it was the text of a reject; Assay's reply says what failed and names a page for more "
     "(dmarc.reply_url)",
     NULL},
    {"Reject_Not_Pass_Domains", IMPORT_TEXT, IMPORT_MISSED,
     "it refused mail of these domains whatever SPF says but pass; a rule with mail_from_domain "
     "and dmarc = \"reject\" is near to it: it spares what DMARC passes",
     NULL},
    {"skip_addresses", IMPORT_TEXT, IMPORT_MISSED, NULL, import_policyd_skip},
    {"Socket", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_socket},
    {"SPF_Enhanced_Status_Codes", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it chose the codes of RFC 7372; Assay always has them", NULL},
    {"TempError_Defer", IMPORT_FLAG, IMPORT_MISSED, NULL, import_policyd_temperror},
    {"TestOnly", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_policyd_test},
    {"UMask", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_carry_mask},
    {"UserID", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_user},
    {"Void_Limit", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_policyd_void},
    {"Whitelist", IMPORT_TEXT, IMPORT_MISSED, NULL, import_policyd_whitelist},
    {"Whitelist_Lookup_Time", IMPORT_NUMBER, IMPORT_NEEDLESS,
     "it was how long names of the whitelists are asked for; Assay asks for none", NULL},
    {NULL, IMPORT_TEXT, IMPORT_NEEDLESS, NULL, NULL},
};

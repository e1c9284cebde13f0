/*
 * import_known_opendkim.c - the options of opendkim.conf, those of experiments and of former
 * versions too: what each is, and what becomes of it. Those that opendmarc.conf has as well are in
 * import_known_shared.c.
 *
 * A sentence says what the option did, and why Assay has no need of it or what to do instead.
 */
#include "tool/import/import_opendkim.h"

static const char left_files[] =
    "it was for files left for looking at; assay check explains a message step by step";
static const char script[] =
    "it named a script in Lua; Assay runs none: see rules and sign for what can be set";
static const char ldap[] =
    "it was for data sets in LDAP, which Assay does not ask; write what they hold into files";
static const char report_command[] =
    "it was the command that sends failure reports; aggregate reports go by reports.sendmail";
static const char rate_limits[] = "it belonged to the limits per domain, an experiment";
static const char signer_reports[] =
    "it was for failure reports to signers (RFC 6651), which tell strangers "
    "what your users write; Assay sends none";
static const char unbound[] = "it named a configuration of Unbound; see the settings of resolver";
static const char statistics[] =
    "it collected statistics of signatures; assay report shows what the store has of each domain";
static const char unprotected[] =
    "it said what becomes of keys without DNSSEC; in Assay they count like others";
static const char vouching[] =
    "it was for Vouch By Reference (RFC 5518), which hardly anybody publishes; Assay does not look";
static const char third_party[] = "it was for authorized third-party signatures (RFC 6541), an "
                                  "experiment; DMARC does not know them";
static const char reputation[] = "it belonged to the reputation system, an experiment; Assay has "
                                 "none, leave that to a spam filter";
static const char adsp[] =
    "it was for ADSP (RFC 5617), which is historic; DMARC has taken its place";

const struct import_known import_known_opendkim[] = {
    {"AddAllSignatureResults", IMPORT_TEXT, IMPORT_NEEDLESS,
     "Assay always tells the result of each signature", NULL},
    {"ADSPAction", IMPORT_TEXT, IMPORT_NEEDLESS, adsp, NULL},
    {"ADSPDiscard", IMPORT_TEXT, IMPORT_NEEDLESS, adsp, NULL},
    {"ADSPNoSuchDomain", IMPORT_TEXT, IMPORT_NEEDLESS, adsp, NULL},
    {"AllowSHA1Only", IMPORT_FLAG, IMPORT_MISSED,
     "it let the program start with a library that knows SHA-1 alone; Assay always has SHA-256, "
     "and rsa-sha1 never passes (RFC 8301)",
     NULL},
    {"AlwaysAddARHeader", IMPORT_FLAG, IMPORT_NEEDLESS,
     "Assay always adds Authentication-Results to mail from outside", NULL},
    {"AlwaysSignHeaders", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"AnonymousDomains", IMPORT_TEXT, IMPORT_NEEDLESS, statistics, NULL},
    {"AnonymousStatistics", IMPORT_TEXT, IMPORT_NEEDLESS, statistics, NULL},
    {"ATPSDomains", IMPORT_TEXT, IMPORT_MISSED, third_party, NULL},
    {"ATPSHashAlgorithm", IMPORT_TEXT, IMPORT_NEEDLESS, third_party, NULL},
    {"BaseDirectory", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it was where relative paths began; they are whole now", NULL},
    {"BodyLengthDB", IMPORT_TEXT, IMPORT_MISSED,
     "it named recipients whose mail gets signatures with l=, under which anybody can add to the "
     "body; Assay never writes l=",
     NULL},
    {"BodyLengthDBFile", IMPORT_TEXT, IMPORT_MISSED,
     "it named recipients whose mail gets signatures with l=; Assay never writes l=", NULL},
    {"BodyLengths", IMPORT_TEXT, IMPORT_MISSED,
     "it signed with l=, under which anybody can add to the body; Assay never does", NULL},
    {"BogusKey", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it said what becomes of keys whose DNSSEC is broken; Assay's resolver fails such lookups "
     "(resolver.dnssec), and the signature does not pass",
     NULL},
    {"BogusPolicy", IMPORT_TEXT, IMPORT_NEEDLESS, adsp, NULL},
    {"Canonicalization", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"CaptureUnknownErrors", IMPORT_FLAG, IMPORT_MISSED,
     "it held mail that met an unexpected error; with Assay such mail is answered as the mail "
     "server has set (milter_default_action)",
     NULL},
    {"ClockDrift", IMPORT_NUMBER, IMPORT_NEEDLESS,
     "it was by how much clocks may differ; Assay allows 300 seconds", NULL},
    {"Commaize", IMPORT_TEXT, IMPORT_NEEDLESS, "it put commas into numbers of the log", NULL},
    {"ConditionalSignatures", IMPORT_TEXT, IMPORT_MISSED,
     "it was for conditional signatures, a draft that was given up", NULL},
    {"DefaultSender", IMPORT_TEXT, IMPORT_MISSED,
     "it was the sender of mail that has none, an experiment; Assay does not sign mail without "
     "From",
     NULL},
    {"DiagnosticDirectory", IMPORT_TEXT, IMPORT_NEEDLESS, left_files, NULL},
    {"Diagnostics", IMPORT_FLAG, IMPORT_MISSED,
     "it copied the header into each signature (z=), which shows what users wrote; Assay does not, "
     "assay check explains what broke a signature",
     NULL},
    {"DisableADSP", IMPORT_TEXT, IMPORT_NEEDLESS, adsp, NULL},
    {"DisableCryptoInit", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it left the start of OpenSSL to somebody else; OpenSSL now does so by itself", NULL},
    {"DKIMReputationFail", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"DKIMReputationPass", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"DKIMReputationReject", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"DKIMReputationRoot", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"DNSConnect", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it asked the DNS by TCP; Assay does so where an answer is too long for UDP", NULL},
    {"Domain", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"DomainKeysCompat", IMPORT_FLAG, IMPORT_MISSED,
     "it accepted keys of DomainKeys (RFC 4870), which is historic; Assay takes DKIM's alone",
     NULL},
    {"DontSignMailTo", IMPORT_TEXT, IMPORT_MISSED,
     "it named recipients whose mail is not signed; Assay signs whatever is ours: no receiver is "
     "harmed by a signature",
     NULL},
    {"ExemptDomains", IMPORT_TEXT, IMPORT_MISSED,
     "mail of these author domains was neither signed nor verified; Assay signs for no domain "
     "without a key, "
     "and a rule with from_domain and dmarc = \"ignore\" takes the consequences away",
     NULL},
    {"ExternalIgnoreList", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it silenced a warning about hosts outside that send as your domains; Assay has no such "
     "warning, and never signs for them",
     NULL},
    {"FinalPolicyScript", IMPORT_TEXT, IMPORT_MISSED, script, NULL},
    {"FixCRLF", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it mended line ends before signing; Assay always does, as the mail server does when it sends",
     NULL},
    {"FlowData", IMPORT_TEXT, IMPORT_NEEDLESS, rate_limits, NULL},
    {"FlowDataFactor", IMPORT_NUMBER, IMPORT_NEEDLESS, rate_limits, NULL},
    {"FlowDataTTL", IMPORT_NUMBER, IMPORT_NEEDLESS, rate_limits, NULL},
    {"IdentityHeader", IMPORT_TEXT, IMPORT_MISSED,
     "it took i= from a header field; Assay can name the author domain there (sign.identity)",
     NULL},
    {"IdentityHeaderRemove", IMPORT_FLAG, IMPORT_MISSED,
     "it removed that field; Assay does not know it", NULL},
    {"IgnoreMalformedMail", IMPORT_FLAG, IMPORT_MISSED,
     "it accepted mail without looking whose header is malformed; in Assay dmarc.unusable_author "
     "says what becomes of a From that cannot be read",
     NULL},
    {"Include", IMPORT_INCLUDE, IMPORT_NEEDLESS, NULL, import_carry_nothing},
    {"InsecureKey", IMPORT_TEXT, IMPORT_MISSED, unprotected, NULL},
    {"InsecurePolicy", IMPORT_TEXT, IMPORT_NEEDLESS, adsp, NULL},
    {"InternalHosts", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_internal},
    {"KeepAuthResults", IMPORT_FLAG, IMPORT_MISSED,
     "it left results alone that claim to be yours; Assay always removes these, since anybody can "
     "have written them",
     NULL},
    {"KeepTemporaryFiles", IMPORT_FLAG, IMPORT_NEEDLESS, left_files, NULL},
    {"KeyFile", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"KeyList", IMPORT_TEXT, IMPORT_MISSED,
     "it was the list of keys of dkim-milter; make a KeyTable and a SigningTable of it, or name "
     "the keys in sign",
     NULL},
    {"KeyTable", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"LDAPAuthMechanism", IMPORT_TEXT, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPAuthName", IMPORT_TEXT, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPAuthRealm", IMPORT_TEXT, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPAuthUser", IMPORT_TEXT, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPBindPassword", IMPORT_SECRET, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPBindUser", IMPORT_TEXT, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPDisableCache", IMPORT_FLAG, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPKeepaliveIdle", IMPORT_TEXT, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPKeepaliveInterval", IMPORT_TEXT, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPKeepaliveProbes", IMPORT_TEXT, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPSoftStart", IMPORT_TEXT, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPTimeout", IMPORT_TEXT, IMPORT_NEEDLESS, ldap, NULL},
    {"LDAPUseTLS", IMPORT_FLAG, IMPORT_NEEDLESS, ldap, NULL},
    {"LocalADSP", IMPORT_TEXT, IMPORT_NEEDLESS, adsp, NULL},
    {"LogResults", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it logged the results of each message; Assay's line a message always has them", NULL},
    {"LogWhy", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it logged why mail is signed or not; Assay's line a message always says so (signed, "
     "unsigned)",
     NULL},
    {"LuaOnlySigning", IMPORT_FLAG, IMPORT_MISSED, script, NULL},
    {"MacroList", IMPORT_TEXT, IMPORT_MISSED,
     "it made mail ours by macros of the mail server; Assay goes by networks.ours, by login, and "
     "by mail that is submitted on the host: attach it where such mail comes in",
     NULL},
    {"MaximumHeaders", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_opendkim_headers},
    {"MaximumSignaturesToVerify", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_opendkim_signatures},
    {"MaximumSignedBytes", IMPORT_NUMBER, IMPORT_MISSED,
     "it signed the beginning of the body alone (l=), so that anybody can add to it; Assay never "
     "does",
     NULL},
    {"Minimum", IMPORT_TEXT, IMPORT_MISSED,
     "it asked for a minimum of signed bytes where there is l=; dkim.body_length_limit says "
     "whether such a signature counts, and by default it does not",
     NULL},
    {"MinimumKeyBits", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_opendkim_key_bits},
    {"Mode", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_mode},
    {"MTA", IMPORT_TEXT, IMPORT_MISSED,
     "it made mail ours by the name of the mail server's daemon; Assay goes by networks.ours, by "
     "login, and by mail that is submitted on the host",
     NULL},
    {"MTACommand", IMPORT_TEXT, IMPORT_NEEDLESS, report_command, NULL},
    {"MultipleSignatures", IMPORT_FLAG, IMPORT_MISSED, NULL, import_carry_nothing},
    {"MustBeSigned", IMPORT_TEXT, IMPORT_MISSED,
     "signatures that leave these fields out did not count; in Assay every valid signature that "
     "covers From counts (RFC 6376 5.4)",
     NULL},
    {"Nameservers", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_nameservers},
    {"NoDiscardableMailTo", IMPORT_TEXT, IMPORT_NEEDLESS, adsp, NULL},
    {"NoHeaderB", IMPORT_FLAG, IMPORT_MISSED,
     "it left header.b out of Authentication-Results; Assay always tells signatures apart by it "
     "(RFC 6008)",
     NULL},
    {"NoLDAPCache", IMPORT_TEXT, IMPORT_NEEDLESS, ldap, NULL},
    {"OmitHeaders", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"OmitHeadersDB", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"On-BadSignature", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"On-Default", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"On-DNSError", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"On-InternalError", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"On-KeyNotFound", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"On-NoKey", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"On-NoSignature", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"On-PolicyError", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"On-ReputationError", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"On-Security", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"On-SignatureError", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"On-SignatureMissing", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_action},
    {"OversignHeader", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"OversignHeaders", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"PeerList", IMPORT_TEXT, IMPORT_MISSED,
     "mail from these hosts was let through without a look; in Assay networks.ours does that, but "
     "what is ours is signed too where there is a key: put hosts there that send for your users "
     "alone",
     NULL},
    {"POPDBFile", IMPORT_TEXT, IMPORT_MISSED,
     "it made mail ours from who had fetched mail before; let users log in to send instead", NULL},
    {"Quarantine", IMPORT_FLAG, IMPORT_MISSED,
     "it held mail that failed; what is held in Assay follows from DMARC and quarantine.action",
     NULL},
    {"QueryCache", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it kept answers of the DNS; Assay always does (resolver.cache_entries)", NULL},
    {"RateLimits", IMPORT_TEXT, IMPORT_MISSED,
     "it limited mail per domain, an experiment; leave that to the mail server", NULL},
    {"RedirectFailuresTo", IMPORT_TEXT, IMPORT_MISSED,
     "mail that failed went to this address; quarantine.action = \"redirect\" with "
     "quarantine.address does so for what DMARC would quarantine",
     NULL},
    {"RemoveARAll", IMPORT_FLAG, IMPORT_MISSED,
     "it removed the results of all others; Assay removes every Authentication-Results that claims "
     "its name, and leaves those of others alone",
     NULL},
    {"RemoveARFrom", IMPORT_TEXT, IMPORT_MISSED,
     "it removed the results of the hosts that it names; Assay removes every "
     "Authentication-Results that claims its name, and leaves those of others alone",
     NULL},
    {"RemoveOldSignatures", IMPORT_FLAG, IMPORT_MISSED,
     "it removed signatures that were there before signing; Assay adds its own, and others may "
     "stay: each counts by itself",
     NULL},
    {"ReplaceHeaders", IMPORT_TEXT, IMPORT_MISSED,
     "it named the header fields to rewrite before signing; let the mail server rewrite before the "
     "milter",
     NULL},
    {"ReplaceRules", IMPORT_TEXT, IMPORT_MISSED,
     "it rewrote header fields before signing; let the mail server rewrite before the milter (a "
     "cleanup service before it)",
     NULL},
    {"ReportAddress", IMPORT_TEXT, IMPORT_NEEDLESS, signer_reports, NULL},
    {"ReportBccAddress", IMPORT_TEXT, IMPORT_NEEDLESS, signer_reports, NULL},
    {"ReportIntervalDB", IMPORT_TEXT, IMPORT_NEEDLESS, signer_reports, NULL},
    {"ReputationCache", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationCacheTTL", IMPORT_NUMBER, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationDuplicates", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationFactor", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationFail", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationLimitModifiers", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationLimits", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationLowTime", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationMinimum", IMPORT_NUMBER, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationPass", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationRatios", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationReject", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationRoot", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationRRDHashDepth", IMPORT_NUMBER, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationRRDRoot", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationSpamCheck", IMPORT_TEXT, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationTest", IMPORT_FLAG, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationTimeFactor", IMPORT_NUMBER, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationTimeout", IMPORT_NUMBER, IMPORT_NEEDLESS, reputation, NULL},
    {"ReputationVerbose", IMPORT_FLAG, IMPORT_NEEDLESS, reputation, NULL},
    {"RequestReports", IMPORT_FLAG, IMPORT_MISSED,
     "it asked receivers for failure reports (r=y, RFC 6651), which hardly anybody sends; publish "
     "rua in your DMARC record instead",
     NULL},
    {"RequiredHeaders", IMPORT_FLAG, IMPORT_MISSED, NULL, import_opendkim_required},
    {"RequireSafeKeys", IMPORT_FLAG, IMPORT_NEEDLESS, NULL, import_opendkim_safe_keys},
    {"ResignAll", IMPORT_FLAG, IMPORT_MISSED,
     "it signed mail from outside again, an experiment; Assay signs what is ours alone", NULL},
    {"ResignMailTo", IMPORT_TEXT, IMPORT_MISSED,
     "it signed mail from outside again for these recipients, an experiment; Assay signs what is "
     "ours alone",
     NULL},
    {"ResolvConf", IMPORT_TEXT, IMPORT_MISSED, unbound, NULL},
    {"ResolverConfiguration", IMPORT_TEXT, IMPORT_MISSED, unbound, NULL},
    {"ResolverTracing", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it logged what the resolver does; log.level = \"debug\" is near to it", NULL},
    {"ScreenPolicyScript", IMPORT_TEXT, IMPORT_MISSED, script, NULL},
    {"SelectCanonicalizationHeader", IMPORT_TEXT, IMPORT_MISSED,
     "it let a header field choose the canonicalization; in Assay an entry of sign does "
     "(canonicalization)",
     NULL},
    {"Selector", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"SelectorHeader", IMPORT_TEXT, IMPORT_MISSED,
     "it let a header field choose the selector; in Assay an entry of sign does", NULL},
    {"SelectorHeaderRemove", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it removed the field that chose the selector", NULL},
    {"SendADSPReports", IMPORT_TEXT, IMPORT_NEEDLESS, adsp, NULL},
    {"SenderHeaders", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_sender},
    {"SenderMacro", IMPORT_TEXT, IMPORT_MISSED,
     "it took the sender from a macro; Assay signs for the author in From, which is what DMARC "
     "looks at",
     NULL},
    {"SendmailCommand", IMPORT_TEXT, IMPORT_NEEDLESS, report_command, NULL},
    {"SendReports", IMPORT_FLAG, IMPORT_MISSED, signer_reports, NULL},
    {"SetupPolicyScript", IMPORT_TEXT, IMPORT_MISSED, script, NULL},
    {"SignatureAlgorithm", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_algorithm},
    {"SignatureTTL", IMPORT_NUMBER, IMPORT_MISSED, NULL, import_carry_nothing},
    {"SignHeaders", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"SigningPolicyScript", IMPORT_TEXT, IMPORT_MISSED, script, NULL},
    {"SigningTable", IMPORT_TEXT, IMPORT_MISSED, NULL, import_carry_nothing},
    {"SingleAuthResult", IMPORT_TEXT, IMPORT_NEEDLESS,
     "Assay writes one Authentication-Results for all that it found", NULL},
    {"SMTPURI", IMPORT_TEXT, IMPORT_NEEDLESS, signer_reports, NULL},
    {"SoftStart", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it let the daemon start while a data base was not there; Assay has no data base to wait for",
     NULL},
    {"Statistics", IMPORT_TEXT, IMPORT_MISSED, statistics, NULL},
    {"StatisticsName", IMPORT_TEXT, IMPORT_NEEDLESS, statistics, NULL},
    {"StatisticsPolicyScript", IMPORT_TEXT, IMPORT_NEEDLESS, statistics, NULL},
    {"StatisticsPrefix", IMPORT_TEXT, IMPORT_NEEDLESS, statistics, NULL},
    {"Stdoutlog", IMPORT_TEXT, IMPORT_NEEDLESS,
     "it logged to standard output; log.target = \"stderr\" is near to it", NULL},
    {"StrictHeaders", IMPORT_FLAG, IMPORT_MISSED,
     "it refused mail whose header breaks RFC 5322; Assay asks that of From alone "
     "(dmarc.unusable_author), the rest is for the mail server",
     NULL},
    {"StrictTestMode", IMPORT_FLAG, IMPORT_MISSED,
     "it let no signature pass whose key says t=y; Assay takes these as it takes all others (RFC "
     "6376 3.6.1)",
     NULL},
    {"SubDomains", IMPORT_FLAG, IMPORT_MISSED, NULL, import_carry_nothing},
    {"SyslogName", IMPORT_TEXT, IMPORT_MISSED, "it set the name in the log; Assay logs as assayd",
     NULL},
    {"SyslogSuccess", IMPORT_FLAG, IMPORT_NEEDLESS,
     "it logged what went well too; Assay's line a message always stands there, unless log.level "
     "is warning or error",
     NULL},
    {"TestPublicKeys", IMPORT_TEXT, IMPORT_MISSED,
     "it took public keys from a file, for tests; resolver.servers can name a test server", NULL},
    {"TrustAnchorFile", IMPORT_TEXT, IMPORT_MISSED, NULL, import_opendkim_anchor},
    {"TrustSignaturesFrom", IMPORT_TEXT, IMPORT_MISSED,
     "signatures of other third parties did not count; under DMARC a signature counts if its "
     "domain aligns with the author's",
     NULL},
    {"UnboundConfigFile", IMPORT_TEXT, IMPORT_MISSED, unbound, NULL},
    {"UnprotectedKey", IMPORT_TEXT, IMPORT_MISSED, unprotected, NULL},
    {"UnprotectedPolicy", IMPORT_TEXT, IMPORT_NEEDLESS, adsp, NULL},
    {"VBR-Certifiers", IMPORT_TEXT, IMPORT_MISSED, vouching, NULL},
    {"VBR-PurgeFields", IMPORT_FLAG, IMPORT_MISSED, vouching, NULL},
    {"VBR-TrustedCertifiers", IMPORT_TEXT, IMPORT_MISSED, vouching, NULL},
    {"VBR-TrustedCertifiersOnly", IMPORT_FLAG, IMPORT_MISSED, vouching, NULL},
    {"VBR-Type", IMPORT_TEXT, IMPORT_MISSED, vouching, NULL},
    {"VerifyingPolicyScript", IMPORT_TEXT, IMPORT_MISSED, script, NULL},
    {"WeakSyntaxChecks", IMPORT_FLAG, IMPORT_MISSED,
     "it took keys and signatures with errors that others refuse; Assay keeps to RFC 6376", NULL},
    {"X-Header", IMPORT_FLAG, IMPORT_MISSED,
     "it was the former name of SoftwareHeader; Assay does not tell strangers its version", NULL},
    {NULL, IMPORT_TEXT, IMPORT_NEEDLESS, NULL, NULL},
};

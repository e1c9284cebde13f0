/*
 * import_opendkim.c - what becomes of options of opendkim.conf. Called through its table; the keys
 * and tables of signing are import_sign.c's.
 */
#include "tool/import/import.h"

#include <string.h>

#include "base/text.h"

static void import_opendkim_headers(struct import_work *work, const struct import_option *option)
{
	if (option->number <= 0)
		import_work_missed(work, option,
		                   "it sets no limit; Assay always has one (limits.header_bytes)");
	else
		import_draft_number(work->draft, "limits.header_bytes", option->number, 16384,
		                    67108864, option,
		                    "mail from outside with a longer header is refused");
}

static void import_opendkim_mode(struct import_work *work, const struct import_option *option)
{
	bool signs = strchr(option->value, 's') != NULL,
	     verifies = strchr(option->value, 'v') != NULL;

	if (signs && verifies)
		import_work_needless(work, option,
		                     "Assay signs what is ours and verifies everything else");
	else if (signs)
		import_work_missed(
		    work, option,
		    "it verified nothing; Assay verifies mail from outside wherever the mail "
		    "server asks it: attach it to the services alone where your users send");
	else
		import_work_needless(work, option,
		                     "it signed nothing, so there is no entry of sign");
}

static void import_opendkim_nameservers(struct import_work *work,
                                        const struct import_option *option)
{
	struct import_set set;
	struct address address;

	import_set_split(work->arena, option, &set);
	for (size_t i = 0; i < set.count; i++) {
		const char *server = set.items[i].key;

		if (address_parse(server, &address))
			import_draft_item(work->draft, "resolver.servers", server, option->place,
			                  NULL);
		else
			import_work_missed(work, option,
			                   "\"%.60s\" is not the address of a name server", server);
	}
}

static void import_opendkim_safe_keys(struct import_work *work, const struct import_option *option)
{
	if (option->on)
		import_work_needless(work, option,
		                     "Assay always refuses keys that others can read");
	else if (work->keys_folder != NULL)
		import_work_needless(
		    work, option,
		    "it took keys that others can read; only assayd can read the copies");
	else
		import_work_missed(work, option,
		                   "it took keys that others can read; Assay refuses them: chmod "
		                   "600, or let assay import --keys copy them");
}

static const char statistics[] =
    "it collected statistics of signatures; assay report shows what the store has of each domain";
static const char third_party[] = "it was for authorized third-party signatures (RFC 6541), an "
                                  "experiment; DMARC does not know them";
static const char left_files[] =
    "it was for files left for looking at; assay check explains a message step by step";
static const char reputation[] = "it belonged to the reputation system, an experiment; Assay has "
                                 "none, leave that to a spam filter";
static const char script[] =
    "it named a script in Lua; Assay runs none: see rules and sign for what can be set";
static const char rate_limits[] = "it belonged to the limits per domain, an experiment";
static const char ldap[] =
    "it was for data sets in LDAP, which Assay does not ask; write what they hold into files";
static const char signer_reports[] = "it was for failure reports to signers (RFC 6651), which tell "
                                     "strangers what your users write; Assay sends none";
static const char vouching[] =
    "it was for Vouch By Reference (RFC 5518), which hardly anybody publishes; Assay does not look";

static const char sender[] = "it said which header fields name the sender; Assay signs for the "
                             "author in From, which is what DMARC looks at";

static const char accepted[] = "Assay refuses nothing because of a signature alone either";
static const char dmarc_decides[] =
    "Assay does nothing because of a signature alone, since a broken one counts as none (RFC 6376 "
    "6.3); DMARC decides (dmarc.enforce)";

static const char no_answer[] =
    "a signature whose key cannot be had does not make Assay answer; where that leaves DMARC open, "
    "dmarc.temperror = \"tempfail\" asks the client to come again";

/* OpenDKIM takes a whole word or its first letter. */
static const struct import_choice
    action[] = {{"accept a", .needless = accepted}, {NULL, .missed = dmarc_decides}},
    dns_error[] = {{"accept a", .needless = accepted},
                   {"tempfail t", .missed = no_answer},
                   {NULL, .missed = dmarc_decides}},
    required_fields[] =
        {{"yes", .missed =
                     "it refused mail without From, Date and the like; Assay refuses what has no "
                     "usable From (dmarc.unusable_author), the rest is for the mail server"},
         {NULL, .needless = "it is off"}},
    sender_fields[] = {{"From", .needless = sender}, {NULL, .missed = sender}},
    algorithm[] = {
        {"rsa-sha1", .missed = "it signed with SHA-1, which no receiver has to take any more (RFC "
                               "8301); Assay signs with SHA-256"},
        {NULL,
         .needless = "Assay signs as the kind of the key asks: rsa-sha256 or ed25519-sha256"}};

static const struct import_number signatures = {"dkim.maximum_signatures", 1, 1, 100, NULL},
                                  key_bits = {"dkim.minimum_rsa_bits", 1, 1024, 4096, NULL};

const struct import_known import_opendkim_options[] = {
    {"AddAllSignatureResults", IMPORT_TEXT,
     .needless = "Assay always reports the result of each signature"},
    {"ADSPAction ADSPDiscard ADSPNoSuchDomain BogusPolicy DisableADSP InsecurePolicy LocalADSP "
     "NoDiscardableMailTo SendADSPReports UnprotectedPolicy",
     IMPORT_TEXT,
     .needless = "it was for ADSP (RFC 5617), which is historic; DMARC has taken its place"},
    {"AllowSHA1Only", IMPORT_FLAG,
     .missed = "it let the program start with a library that knows SHA-1 alone; Assay always has "
               "SHA-256, and rsa-sha1 never passes (RFC 8301)"},
    {"AlwaysAddARHeader", IMPORT_FLAG,
     .needless = "Assay always adds Authentication-Results to mail from outside"},
    {"AlwaysSignHeaders Canonicalization Domain KeyFile KeyTable OmitHeaders OmitHeadersDB "
     "OversignHeader OversignHeaders Selector SignHeaders SigningTable",
     IMPORT_TEXT, .elsewhere = true},
    {"AnonymousDomains AnonymousStatistics StatisticsName StatisticsPolicyScript StatisticsPrefix",
     IMPORT_TEXT, .needless = statistics},
    {"ATPSDomains", IMPORT_TEXT, .missed = third_party},
    {"ATPSHashAlgorithm", IMPORT_TEXT, .needless = third_party},
    {"BaseDirectory", IMPORT_TEXT,
     .needless = "it was where relative paths began; they are whole now"},
    {"BodyLengthDB", IMPORT_TEXT,
     .missed = "it named recipients whose mail gets signatures with l=, under which anybody can "
               "add to the body; Assay never writes l="},
    {"BodyLengthDBFile", IMPORT_TEXT,
     .missed = "it named recipients whose mail gets signatures with l=; Assay never writes l="},
    {"BodyLengths", IMPORT_TEXT,
     .missed = "it signed with l=, under which anybody can add to the body; Assay never does"},
    {"BogusKey", IMPORT_TEXT,
     .needless = "it said what becomes of keys whose DNSSEC is broken; Assay's resolver fails such "
                 "lookups (resolver.dnssec), and the signature does not pass"},
    {"CaptureUnknownErrors", IMPORT_FLAG,
     .missed = "it held mail that met an unexpected error; with Assay such mail is answered as the "
               "mail server has set (milter_default_action)"},
    {"ClockDrift", IMPORT_NUMBER,
     .needless = "it was by how much clocks may differ; Assay allows 300 seconds"},
    {"Commaize", IMPORT_TEXT, .needless = "it put commas into numbers of the log"},
    {"ConditionalSignatures", IMPORT_TEXT,
     .missed = "it was for conditional signatures, a draft that was given up"},
    {"DefaultSender", IMPORT_TEXT,
     .missed = "it was the sender of mail that has none, an experiment; Assay does not sign mail "
               "without From"},
    {"DiagnosticDirectory", IMPORT_TEXT, .needless = left_files},
    {"Diagnostics", IMPORT_FLAG,
     .missed = "it copied the header into each signature (z=), which shows what users wrote; Assay "
               "does not, assay check explains what broke a signature"},
    {"DisableCryptoInit", IMPORT_FLAG,
     .needless = "it left the start of OpenSSL to somebody else; OpenSSL now does so by itself"},
    {"DKIMReputationFail DKIMReputationPass DKIMReputationReject DKIMReputationRoot "
     "ReputationCache ReputationDuplicates ReputationFactor ReputationFail "
     "ReputationLimitModifiers ReputationLimits ReputationLowTime ReputationPass ReputationRatios "
     "ReputationReject ReputationRoot ReputationRRDRoot ReputationSpamCheck",
     IMPORT_TEXT, .needless = reputation},
    {"DNSConnect", IMPORT_FLAG,
     .needless = "it asked the DNS by TCP; Assay does so where an answer is too long for UDP"},
    {"DomainKeysCompat", IMPORT_FLAG,
     .missed =
         "it accepted keys of DomainKeys (RFC 4870), which is historic; Assay takes DKIM's alone"},
    {"DontSignMailTo", IMPORT_TEXT,
     .missed = "it named recipients whose mail is not signed; Assay signs whatever is ours: no "
               "receiver is harmed by a signature"},
    {"ExemptDomains", IMPORT_TEXT,
     .missed = "mail of these author domains was neither signed nor verified; Assay signs for no "
               "domain without a key, and a rule with from_domain and dmarc = \"ignore\" takes the "
               "consequences away"},
    {"ExternalIgnoreList", IMPORT_TEXT,
     .needless = "it silenced a warning about hosts outside that send as your domains; Assay has "
                 "no such warning, and never signs for them"},
    {"FinalPolicyScript ScreenPolicyScript SetupPolicyScript SigningPolicyScript "
     "VerifyingPolicyScript",
     IMPORT_TEXT, .missed = script},
    {"FixCRLF", IMPORT_FLAG,
     .needless = "it mended line ends before signing; Assay always does, as the mail server does "
                 "when it sends"},
    {"FlowData", IMPORT_TEXT, .needless = rate_limits},
    {"FlowDataFactor FlowDataTTL", IMPORT_NUMBER, .needless = rate_limits},
    {"IdentityHeader", IMPORT_TEXT,
     .missed =
         "it took i= from a header field; Assay can name the author domain there (sign.identity)"},
    {"IdentityHeaderRemove", IMPORT_FLAG,
     .missed = "it removed that field; Assay does not know it"},
    {"IgnoreMalformedMail", IMPORT_FLAG,
     .missed = "it accepted mail without looking whose header is malformed; in Assay "
               "dmarc.unusable_author says what becomes of a From that cannot be read"},
    {"Include", IMPORT_INCLUDE, .elsewhere = true},
    {"InsecureKey UnprotectedKey", IMPORT_TEXT,
     .missed = "it said what becomes of keys without DNSSEC; in Assay they count like others"},
    {"InternalHosts", IMPORT_TEXT, .carry = import_hosts_ours},
    {"KeepAuthResults", IMPORT_FLAG,
     .missed = "it left results alone that claim to be yours; Assay always removes these, since "
               "anybody can have written them"},
    {"KeepTemporaryFiles", IMPORT_FLAG, .needless = left_files},
    {"KeyList", IMPORT_TEXT,
     .missed = "it was the list of keys of dkim-milter; make a KeyTable and a SigningTable of it, "
               "or name the keys in sign"},
    {"LDAPAuthMechanism LDAPAuthName LDAPAuthRealm LDAPAuthUser LDAPBindUser LDAPKeepaliveIdle "
     "LDAPKeepaliveInterval LDAPKeepaliveProbes LDAPSoftStart LDAPTimeout NoLDAPCache",
     IMPORT_TEXT, .needless = ldap},
    {"LDAPBindPassword", IMPORT_SECRET, .needless = ldap},
    {"LDAPDisableCache LDAPUseTLS", IMPORT_FLAG, .needless = ldap},
    {"LogResults", IMPORT_FLAG,
     .needless = "it logged the results of each message; Assay's line a message always has them"},
    {"LogWhy", IMPORT_FLAG,
     .needless = "it logged why mail is signed or not; Assay's line a message always says so "
                 "(signed, unsigned)"},
    {"LuaOnlySigning", IMPORT_FLAG, .missed = script},
    {"MacroList", IMPORT_TEXT,
     .missed =
         "it made mail ours by macros of the mail server; Assay goes by networks.ours, by login, "
         "and by mail that is submitted on the host: attach it where such mail comes in"},
    {"MaximumHeaders", IMPORT_NUMBER, .carry = import_opendkim_headers},
    {"MaximumSignaturesToVerify", IMPORT_NUMBER, .number = &signatures},
    {"MaximumSignedBytes", IMPORT_NUMBER,
     .missed = "it signed the beginning of the body alone (l=), so that anybody can add to it; "
               "Assay never does"},
    {"Minimum", IMPORT_TEXT,
     .missed = "it asked for a minimum of signed bytes where there is l=; dkim.body_length_limit "
               "says whether such a signature counts, and by default it does not"},
    {"MinimumKeyBits", IMPORT_NUMBER, .number = &key_bits},
    {"Mode", IMPORT_TEXT, .carry = import_opendkim_mode},
    {"MTA", IMPORT_TEXT,
     .missed = "it made mail ours by the name of the mail server's daemon; Assay goes by "
               "networks.ours, by login, and by mail that is submitted on the host"},
    {"MTACommand SendmailCommand", IMPORT_TEXT,
     .needless =
         "it was the command that sends failure reports; aggregate reports go by reports.sendmail"},
    {"MultipleSignatures SubDomains", IMPORT_FLAG, .elsewhere = true},
    {"MustBeSigned", IMPORT_TEXT,
     .missed = "signatures that leave these fields out did not count; in Assay every valid "
               "signature that covers From counts (RFC 6376 5.4)"},
    {"Nameservers", IMPORT_TEXT, .carry = import_opendkim_nameservers},
    {"NoHeaderB", IMPORT_FLAG,
     .missed = "it left header.b out of Authentication-Results; Assay always tells signatures "
               "apart by it (RFC 6008)"},
    {"On-BadSignature On-Default On-InternalError On-KeyNotFound On-NoKey On-NoSignature "
     "On-PolicyError On-ReputationError On-Security On-SignatureError On-SignatureMissing",
     IMPORT_TEXT, .choices = action},
    {"On-DNSError", IMPORT_TEXT, .choices = dns_error},
    {"PeerList", IMPORT_TEXT,
     .missed = "mail from these hosts was let through without a look; in Assay networks.ours does "
               "that, but what is ours is signed too where there is a key: put hosts there that "
               "send for your users alone"},
    {"POPDBFile", IMPORT_TEXT,
     .missed =
         "it made mail ours from who had fetched mail before; let users log in to send instead"},
    {"Quarantine", IMPORT_FLAG,
     .missed = "it held mail that failed; what is held in Assay follows from DMARC and "
               "quarantine.action"},
    {"QueryCache", IMPORT_FLAG,
     .needless = "it kept answers of the DNS; Assay always does (resolver.cache_entries)"},
    {"RateLimits", IMPORT_TEXT,
     .missed = "it limited mail per domain, an experiment; leave that to the mail server"},
    {"RedirectFailuresTo", IMPORT_TEXT,
     .missed = "mail that failed went to this address; quarantine.action = \"redirect\" with "
               "quarantine.address does so for what DMARC would quarantine"},
    {"RemoveARAll", IMPORT_FLAG,
     .missed = "it removed the results of all others; Assay removes every Authentication-Results "
               "that claims its name, and leaves those of others alone"},
    {"RemoveARFrom", IMPORT_TEXT,
     .missed = "it removed the results of the hosts that it names; Assay removes every "
               "Authentication-Results that claims its name, and leaves those of others alone"},
    {"RemoveOldSignatures", IMPORT_FLAG,
     .missed = "it removed signatures that were there before signing; Assay adds its own, and "
               "others may stay: each counts by itself"},
    {"ReplaceHeaders", IMPORT_TEXT,
     .missed = "it named the header fields to rewrite before signing; let the mail server rewrite "
               "before the milter"},
    {"ReplaceRules", IMPORT_TEXT,
     .missed = "it rewrote header fields before signing; let the mail server rewrite before the "
               "milter (a cleanup service before it)"},
    {"ReportAddress ReportBccAddress ReportIntervalDB SMTPURI", IMPORT_TEXT,
     .needless = signer_reports},
    {"ReputationCacheTTL ReputationMinimum ReputationRRDHashDepth ReputationTimeFactor "
     "ReputationTimeout",
     IMPORT_NUMBER, .needless = reputation},
    {"ReputationTest ReputationVerbose", IMPORT_FLAG, .needless = reputation},
    {"RequestReports", IMPORT_FLAG,
     .missed = "it asked receivers for failure reports (r=y, RFC 6651), which hardly anybody "
               "sends; publish rua in your DMARC record instead"},
    {"RequiredHeaders", IMPORT_FLAG, .choices = required_fields},
    {"RequireSafeKeys", IMPORT_FLAG, .carry = import_opendkim_safe_keys},
    {"ResignAll", IMPORT_FLAG,
     .missed = "it signed mail from outside again, an experiment; Assay signs what is ours alone"},
    {"ResignMailTo", IMPORT_TEXT,
     .missed = "it signed mail from outside again for these recipients, an experiment; Assay signs "
               "what is ours alone"},
    {"ResolvConf ResolverConfiguration UnboundConfigFile", IMPORT_TEXT,
     .missed = "it named a configuration of Unbound; see the settings of resolver"},
    {"ResolverTracing", IMPORT_FLAG,
     .needless = "it logged what the resolver does; log.level = \"debug\" is near to it"},
    {"SelectCanonicalizationHeader", IMPORT_TEXT,
     .missed = "it let a header field choose the canonicalization; in Assay an entry of sign does "
               "(canonicalization)"},
    {"SelectorHeader", IMPORT_TEXT,
     .missed = "it let a header field choose the selector; in Assay an entry of sign does"},
    {"SelectorHeaderRemove", IMPORT_TEXT,
     .needless = "it removed the field that chose the selector"},
    {"SenderHeaders", IMPORT_TEXT, .choices = sender_fields},
    {"SenderMacro", IMPORT_TEXT,
     .missed = "it took the sender from a macro; Assay signs for the author in From, which is what "
               "DMARC looks at"},
    {"SendReports", IMPORT_FLAG, .missed = signer_reports},
    {"SignatureAlgorithm", IMPORT_TEXT, .choices = algorithm},
    {"SignatureTTL", IMPORT_NUMBER, .elsewhere = true},
    {"SingleAuthResult", IMPORT_TEXT,
     .needless = "Assay writes one Authentication-Results for all that it found"},
    {"SoftStart", IMPORT_FLAG,
     .needless = "it let the daemon start while a database was not there; Assay has no database "
                 "to wait for"},
    {"Statistics", IMPORT_TEXT, .missed = statistics},
    {"Stdoutlog", IMPORT_TEXT,
     .needless = "it logged to standard output; log.target = \"stderr\" is near to it"},
    {"StrictHeaders", IMPORT_FLAG,
     .missed = "it refused mail whose header breaks RFC 5322; Assay asks that of From alone "
               "(dmarc.unusable_author), the rest is for the mail server"},
    {"StrictTestMode", IMPORT_FLAG,
     .missed = "it let no signature pass whose key says t=y; Assay takes these as it takes all "
               "others (RFC 6376 3.6.1)"},
    {"SyslogName", IMPORT_TEXT, .missed = "it set the name in the log; Assay logs as assayd"},
    {"SyslogSuccess", IMPORT_FLAG,
     .needless = "it logged what went well too; Assay's line a message always stands there, unless "
                 "log.level is warning or error"},
    {"TestPublicKeys", IMPORT_TEXT,
     .missed =
         "it took public keys from a file, for tests; resolver.servers can name a test server"},
    {"TrustAnchorFile", IMPORT_TEXT, .text = "resolver.trust_anchor"},
    {"TrustSignaturesFrom", IMPORT_TEXT,
     .missed = "signatures of other third parties did not count; under DMARC a signature counts if "
               "its domain aligns with the author's"},
    {"VBR-Certifiers VBR-TrustedCertifiers VBR-Type", IMPORT_TEXT, .missed = vouching},
    {"VBR-PurgeFields VBR-TrustedCertifiersOnly", IMPORT_FLAG, .missed = vouching},
    {"WeakSyntaxChecks", IMPORT_FLAG,
     .missed =
         "it took keys and signatures with errors that others refuse; Assay keeps to RFC 6376"},
    {"X-Header", IMPORT_FLAG,
     .missed =
         "it was the former name of SoftwareHeader; Assay does not tell strangers its version"},
    {NULL, IMPORT_TEXT, .elsewhere = true},
};

/*
 * doctor_codes.c - the table behind doctor_codes.h. Read by doctor.c, and by `assay dns
 * --codes` for the documentation.
 */
#include "tool/dns/doctor_codes.h"

#include <stddef.h>

const char *const doctor_area_names[] = {[AREA_DOMAIN] = "domain",
                                         [AREA_SPF] = "spf",
                                         [AREA_DKIM] = "dkim",
                                         [AREA_DMARC] = "dmarc",
                                         [AREA_MX] = "mx",
                                         [AREA_HOSTS] = "hosts",
                                         NULL};

const char *const doctor_level_names[] = {[LEVEL_GOOD] = "good",
                                          [LEVEL_NOTE] = "note",
                                          [LEVEL_WARNING] = "warning",
                                          [LEVEL_ERROR] = "error",
                                          NULL};

const struct doctor_code_row doctor_codes_rows[DOCTOR_CODES] = {
    [DOMAIN_NONE] =
        {"domain-none", AREA_DOMAIN, LEVEL_ERROR, "RFC 1034 3.7",
         "The DNS says that {} does not exist, so nothing can be published below it until it is "
         "registered and delegated"},
    [DOMAIN_LOOKUP_FAILED] =
        {"domain-lookup-failed", AREA_DOMAIN, LEVEL_WARNING, "RFC 7208 4.4",
         "{} {} could not be looked up ({}), so nothing is known about it: try again, and "
         "look at the name servers of the domain if it stays so"},
    [DOMAIN_SECURE] = {"domain-secure", AREA_DOMAIN, LEVEL_GOOD, "RFC 4035",
                       "The answers of this domain are validated by DNSSEC"},
    [DOMAIN_INSECURE] =
        {"domain-insecure", AREA_DOMAIN, LEVEL_NOTE, "RFC 4035",
         "The answers of this domain were not validated by DNSSEC, so who can forge DNS "
         "answers can forge its keys and policies: sign the zone if the registrar offers it"},
    [DOMAIN_NO_VALIDATION] =
        {"domain-no-validation", AREA_DOMAIN, LEVEL_NOTE, "RFC 4035",
         "Nothing is known about DNSSEC, since the settings have none (resolver.dnssec)"},
    [DOMAIN_IDN] = {"domain-idn", AREA_DOMAIN, LEVEL_NOTE, "RFC 8616 3",
                    "The domain is {} in its own script; DNS records and selectors go under {}"},
    [DOMAIN_SENDS_NOTHING] = {"domain-sends-nothing", AREA_DOMAIN, LEVEL_GOOD, "RFC 7208 2.4",
                              "The domain says in every way that it sends no mail; nobody can send "
                              "in its name unnoticed"},
    [DOMAIN_SENDS_NOTHING_PARTLY] = {"domain-sends-nothing-partly", AREA_DOMAIN, LEVEL_NOTE,
                                     "RFC 7208 2.4",
                                     "The domain says that it sends no mail ({}), but not in every "
                                     "way: publish the records below too"},
    [DOMAIN_START] =
        {"domain-start", AREA_DOMAIN, LEVEL_NOTE, "RFC 9989 5.1",
         "The domain publishes nothing about its mail: start with these records, which ask "
         "nobody to refuse anything yet"},
    [DOMAIN_ALIAS] =
        {"domain-alias", AREA_DOMAIN, LEVEL_WARNING, "RFC 1034 3.6.2",
         "{} is an alias (CNAME) of {}, so its SPF record, its MX and all else are those of "
         "that name and are changed there"},
    [DOMAIN_MORE] = {"domain-more", AREA_DOMAIN, LEVEL_NOTE, "RFC 7208 4.6.4",
                     "Findings beyond these, which are not shown: {}; fix these first"},
    [SPF_NONE] = {"spf-none", AREA_SPF, LEVEL_WARNING, "RFC 7208 3",
                  "{} has no SPF record, so receivers cannot tell its servers from others"},
    [SPF_SEVERAL] =
        {"spf-several", AREA_SPF, LEVEL_ERROR, "RFC 7208 4.5",
         "{} has {} SPF records, which is an error for every receiver: keep one, with all that "
         "is needed in it"},
    [SPF_SYNTAX] =
        {"spf-syntax", AREA_SPF, LEVEL_ERROR, "RFC 7208 4.6",
         "The record of {} is broken at octet {}: {}; receivers treat all of it as an error"},
    [SPF_TYPO] =
        {"spf-typo", AREA_SPF, LEVEL_ERROR, "RFC 7208 4.5",
         "A TXT record of {} looks like an SPF record but is none, since it has to begin with "
         "v=spf1 and a space: {}"},
    [SPF_SENDER_ID] =
        {"spf-sender-id", AREA_SPF, LEVEL_NOTE, "RFC 7208 1.1",
         "{} has a Sender ID record (spf2.0), which no receiver reads any more: it can be removed"},
    [SPF_JOINED] =
        {"spf-joined", AREA_SPF, LEVEL_ERROR, "RFC 7208 3.3",
         "The strings of the record of {} were joined without a space between them at octet {}: a "
         "space has to stand inside one of the strings"},
    [SPF_LOOKUPS] =
        {"spf-lookups", AREA_SPF, LEVEL_ERROR, "RFC 7208 4.6.4",
         "The record needs {} terms with DNS lookups and 10 is the most, so receivers end with "
         "an error: {}"},
    [SPF_LOOKUPS_MORE] =
        {"spf-lookups-more", AREA_SPF, LEVEL_ERROR, "RFC 7208 4.6.4",
         "The record needs more than {} terms with DNS lookups and 10 is the most, so "
         "receivers end with an error: {}"},
    [SPF_LOOKUPS_NEAR] =
        {"spf-lookups-near", AREA_SPF, LEVEL_WARNING, "RFC 7208 4.6.4",
         "The record needs {} of the 10 terms with DNS lookups that are allowed; one more "
         "include of a provider breaks it: {}"},
    [SPF_VOID] = {"spf-void", AREA_SPF, LEVEL_ERROR, "RFC 7208 4.6.4",
                  "{} terms of the record find nothing and {} is the most, so receivers end with "
                  "an error: {}"},
    [SPF_VOID_IPV6] =
        {"spf-void-ipv6", AREA_SPF, LEVEL_NOTE, "RFC 7208 4.6.4",
         "For mail that comes over IPv6, {} terms of the record find nothing and {} is the "
         "most, so receivers end with an error there: {}"},
    [SPF_VOID_SOME] =
        {"spf-void-some", AREA_SPF, LEVEL_WARNING, "RFC 7208 4.6.4",
         "{} in the record of {} finds nothing in the DNS; receivers allow {} of these"},
    [SPF_INCLUDE_NONE] = {"spf-include-none", AREA_SPF, LEVEL_ERROR, "RFC 7208 5.2",
                          "{} in the record of {} leads to a name without SPF record, which is an "
                          "error for every receiver"},
    [SPF_INCLUDE_SEVERAL] =
        {"spf-include-several", AREA_SPF, LEVEL_ERROR, "RFC 7208 4.5",
         "{} in the record of {} leads to a name with {} SPF records, which is an error "
         "for every receiver: its owner has to keep one"},
    [SPF_LOOP] =
        {"spf-loop", AREA_SPF, LEVEL_ERROR, "RFC 7208 4.6.4",
         "{} in the record of {} leads back to a record that it came from, which ends in an error: "
         "take it out"},
    [SPF_TARGET] = {"spf-target", AREA_SPF, LEVEL_ERROR, "RFC 7208 4.8",
                    "{} in the record of {} does not name anything that the DNS could know"},
    [SPF_REDIRECT_NONE] = {"spf-redirect-none", AREA_SPF, LEVEL_ERROR, "RFC 7208 6.1",
                           "{} in the record of {} leads to a name without SPF record, which is an "
                           "error for every receiver"},
    [SPF_REDIRECT_IGNORED] = {"spf-redirect-ignored", AREA_SPF, LEVEL_WARNING, "RFC 7208 6.1",
                              "{} counts for nothing, since the record has an all"},
    [SPF_AFTER_ALL] = {"spf-after-all", AREA_SPF, LEVEL_WARNING, "RFC 7208 5.1",
                       "What stands behind all is never looked at: {}"},
    [SPF_ALL_PASS] = {"spf-all-pass", AREA_SPF, LEVEL_ERROR, "RFC 7208 5.1",
                      "The record of {} ends in {}, which lets everybody send mail as this domain"},
    [SPF_ALL_NEUTRAL] =
        {"spf-all-neutral", AREA_SPF, LEVEL_WARNING, "RFC 7208 2.6.2",
         "The record ends in ?all, which says as little about other servers as no record would"},
    [SPF_ALL_MISSING] =
        {"spf-all-missing", AREA_SPF, LEVEL_WARNING, "RFC 7208 4.7",
         "The record has neither an all nor a redirect, so it says nothing about other servers"},
    [SPF_ALL_SOFTFAIL] =
        {"spf-all-softfail", AREA_SPF, LEVEL_NOTE, "RFC 7208 8.5",
         "The record ends in ~all: other servers are doubted, not refused, which is right "
         "where DMARC has the policy"},
    [SPF_ALL_FAIL] = {"spf-all-fail", AREA_SPF, LEVEL_GOOD, "RFC 7208 8.4",
                      "The record ends in -all: other servers may not send as this domain"},
    [SPF_INCLUDE_ALL_PASS] = {"spf-include-all-pass", AREA_SPF, LEVEL_ERROR, "RFC 7208 5.2",
                              "{} in the record of {} leads to a record that lets everybody pass, "
                              "so everybody passes here too"},
    [SPF_DUPLICATE] = {"spf-duplicate", AREA_SPF, LEVEL_NOTE, "RFC 7208 4.6",
                       "A term stands more than once: {}"},
    [SPF_OVERLAP] = {"spf-overlap", AREA_SPF, LEVEL_NOTE, "RFC 7208 5.6",
                     "{} is within {}, so it may go"},
    [SPF_EVERYBODY] = {"spf-everybody", AREA_SPF, LEVEL_ERROR, "RFC 7208 5.6",
                       "{} in the record of {} lets every address pass"},
    [SPF_WIDE] =
        {"spf-wide", AREA_SPF, LEVEL_WARNING, "RFC 7208 11.4",
         "{} in the record of {} lets {} addresses pass, far more than a sender has: name the "
         "servers instead"},
    [SPF_PRIVATE] =
        {"spf-private", AREA_SPF, LEVEL_NOTE, "RFC 7208 5.6",
         "{} in the record of {} is an address that never sends over the Internet, so it may go"},
    [SPF_HOST_BITS] =
        {"spf-host-bits", AREA_SPF, LEVEL_NOTE, "RFC 7208 5.6",
         "{} has bits set behind its prefix, which count for nothing: the network is {}"},
    [SPF_PTR] =
        {"spf-ptr", AREA_SPF, LEVEL_WARNING, "RFC 7208 5.5",
         "{} in the record of {} is slow and not to be used, and some receivers skip it: name the "
         "addresses instead"},
    [SPF_MX_MANY] =
        {"spf-mx-many", AREA_SPF, LEVEL_ERROR, "RFC 7208 4.6.4",
         "{} in the record of {} leads to {} mail servers and 10 is the most, so receivers end "
         "with an error"},
    [SPF_MX_NULL] = {"spf-mx-null", AREA_SPF, LEVEL_NOTE, "RFC 7505 3",
                     "{} in the record of {} matches nothing, since {} takes no mail (null MX)"},
    [SPF_MX_ADDRESS] =
        {"spf-mx-address", AREA_SPF, LEVEL_WARNING, "RFC 7208 4.6.4",
         "{} in the record of {} leads to {}, which has no address; some receivers count that "
         "among the lookups that find nothing"},
    [SPF_MACRO] = {"spf-macro", AREA_SPF, LEVEL_NOTE, "RFC 7208 7",
                   "{} in the record of {} depends on the message, so only its cost is known"},
    [SPF_MACRO_PTR] = {"spf-macro-ptr", AREA_SPF, LEVEL_WARNING, "RFC 7208 7.2",
                       "{} in the record of {} uses the macro p, which is slow and not to be used"},
    [SPF_LONG] =
        {"spf-long", AREA_SPF, LEVEL_WARNING, "RFC 7208 3.4",
         "The record of {} has {} octets; beyond 450 the answer may not fit into one packet with "
         "the other TXT records of the name"},
    [SPF_UNKNOWN_MODIFIER] = {"spf-unknown-modifier", AREA_SPF, LEVEL_NOTE, "RFC 7208 6",
                              "{} in the record of {} is an unknown modifier, so it has no effect"},
    [SPF_MODIFIER_TYPO] =
        {"spf-modifier-typo", AREA_SPF, LEVEL_ERROR, "RFC 7208 6",
         "{} in the record of {} is taken for an unknown modifier and counts for nothing; "
         "with a colon it would be a mechanism"},
    [SPF_EXP_NONE] =
        {"spf-exp-none", AREA_SPF, LEVEL_NOTE, "RFC 7208 6.2",
         "The explanation that {} names is not there as one TXT record of plain ASCII, so "
         "refused mail comes without it"},
    [SPF_TYPE] =
        {"spf-type", AREA_SPF, LEVEL_NOTE, "RFC 7208 3.1",
         "{} has records of the type SPF (99), which no receiver reads any more: they can be removed"},
    [SPF_SINGLE_LABEL] = {"spf-single-label", AREA_SPF, LEVEL_NOTE, "RFC 7208 4.3",
                          "SPF is not evaluated for a name of one label"},
    [SPF_MANY_TERMS] = {"spf-many-terms", AREA_SPF, LEVEL_NOTE, "RFC 7208 3.4",
                        "The records have more terms than are shown here"},
    [SPF_GOOD] = {"spf-good", AREA_SPF, LEVEL_GOOD, "RFC 7208 4",
                  "The record is sound and needs {} of 10 terms with lookups"},
    [SPF_IP_PASS] = {"spf-ip-pass", AREA_SPF, LEVEL_GOOD, "RFC 7208 2.6.3",
                     "{} may send as {}, by {}"},
    [SPF_IP_NOT] = {"spf-ip-not", AREA_SPF, LEVEL_WARNING, "RFC 7208 8.4",
                    "{} may not send as {}: the result is {}, by {}"},
    [SPF_IP_ERROR] = {"spf-ip-error", AREA_SPF, LEVEL_ERROR, "RFC 7208 2.6.7",
                      "For {} as {} the result is an error: {}"},
    [SPF_IP_NONE] = {"spf-ip-none", AREA_SPF, LEVEL_NOTE, "RFC 7208 2.6.1",
                     "There is no SPF result for {} as {}: {}"},
    [SPF_HELO_NONE] =
        {"spf-helo-none", AREA_SPF, LEVEL_NOTE, "RFC 7208 2.3",
         "The server name {} has no SPF record; bounces, which have no sender, are judged by "
         "the name in HELO"},
    [SPF_HELO_PASS] = {"spf-helo-pass", AREA_SPF, LEVEL_GOOD, "RFC 7208 2.3",
                       "{} passes as the server name {} too"},
    [SPF_HELO_NOT] = {"spf-helo-not", AREA_SPF, LEVEL_WARNING, "RFC 7208 2.3",
                      "{} does not pass as the server name {}: the result is {}"},
    [DKIM_NONE] =
        {"dkim-none", AREA_DKIM, LEVEL_NOTE, "RFC 6376 3.6.2",
         "No key was found at the usual selectors, which does not mean that there is none: name "
         "yours with --selector (the s= of a DKIM-Signature field)"},
    [DKIM_SELECTOR_NONE] = {"dkim-selector-none", AREA_DKIM, LEVEL_ERROR, "RFC 6376 3.6.2",
                            "There is no key at {}, so signatures with this selector fail"},
    [DKIM_GOOD] = {"dkim-good", AREA_DKIM, LEVEL_GOOD, "RFC 6376 3.6.1", "{}: a sound key, {}"},
    [DKIM_REVOKED] =
        {"dkim-revoked", AREA_DKIM, LEVEL_NOTE, "RFC 6376 3.6.1",
         "{}: the key is revoked (p= is empty), so signatures with it fail, as they should when "
         "it is out of use"},
    [DKIM_BROKEN] = {"dkim-broken", AREA_DKIM, LEVEL_ERROR, "RFC 6376 3.6.1",
                     "{}: {}, so signatures with it fail"},
    [DKIM_SEVERAL] = {"dkim-several", AREA_DKIM, LEVEL_ERROR, "RFC 6376 3.6.2.2",
                      "{} has {} TXT records, and which of them a receiver takes is anybody's "
                      "guess: keep the right one"},
    [DKIM_TESTING] =
        {"dkim-testing", AREA_DKIM, LEVEL_WARNING, "RFC 6376 3.6.1",
         "{}: the key is marked as a test (t=y), so some receivers treat its signatures as "
         "none: take t=y out"},
    [DKIM_SAME_DOMAIN] =
        {"dkim-same-domain", AREA_DKIM, LEVEL_NOTE, "RFC 6376 3.6.1",
         "{}: the key is for this very domain (t=s); signatures with i= of a subdomain fail"},
    [DKIM_SHORT] =
        {"dkim-short", AREA_DKIM, LEVEL_ERROR, "RFC 8301 3.2",
         "{}: the key has {} bits and 1024 is the least, so signatures with it fail: make a key "
         "of 2048 bits"},
    [DKIM_WEAK] = {"dkim-weak", AREA_DKIM, LEVEL_WARNING, "RFC 8301 3.2",
                   "{}: the key has {} bits, which is allowed but weak: make a key of 2048 bits "
                   "under a new selector"},
    [DKIM_LARGE] = {"dkim-large", AREA_DKIM, LEVEL_WARNING, "RFC 8301 3.2",
                    "{}: the key has {} bits, and receivers need not take more than 4096"},
    [DKIM_EXPONENT] = {"dkim-exponent", AREA_DKIM, LEVEL_WARNING, "RFC 8017 3.1",
                       "{}: the key has the unusual public exponent {}; some receivers refuse any "
                       "other than 65537"},
    [DKIM_VERSION_MISSING] =
        {"dkim-version-missing", AREA_DKIM, LEVEL_NOTE, "RFC 6376 3.6.1",
         "{}: the record has no v=DKIM1, which is allowed, but should come first"},
    [DKIM_SHA1] = {"dkim-sha1", AREA_DKIM, LEVEL_NOTE, "RFC 8301 3.1",
                   "{}: the record allows sha1 (h=), which no receiver may accept any more"},
    [DKIM_NOTES] = {"dkim-notes", AREA_DKIM, LEVEL_NOTE, "RFC 6376 3.6.1",
                    "{}: the record carries notes for people (n=), which everybody can read: {}"},
    [DKIM_UNKNOWN_TAG] = {"dkim-unknown-tag", AREA_DKIM, LEVEL_NOTE, "RFC 6376 3.2",
                          "{}: the tag {}= is unknown"},
    [DKIM_QUOTES] =
        {"dkim-quotes", AREA_DKIM, LEVEL_ERROR, "RFC 6376 3.6.1",
         "{}: quotes got into the record itself at octet {}; they belong around the strings of "
         "the zone file alone"},
    [DKIM_ESCAPED] =
        {"dkim-escaped", AREA_DKIM, LEVEL_ERROR, "RFC 6376 3.2",
         "{}: a backslash got into the record itself at octet {}; it belongs before a semicolon "
         "in some zone files alone"},
    [DKIM_SPACED] =
        {"dkim-spaced", AREA_DKIM, LEVEL_NOTE, "RFC 6376 3.6.1",
         "{}: there is white space within p=, which receivers skip, but which shows that the "
         "strings were put together by hand"},
    [DKIM_WILDCARD] =
        {"dkim-wildcard", AREA_DKIM, LEVEL_WARNING, "RFC 6376 6.1.2",
         "Every selector has a TXT record, even {}: a wildcard answers, so a missing key is "
         "taken for a broken one"},
    [DKIM_SECURE] = {"dkim-secure", AREA_DKIM, LEVEL_GOOD, "RFC 4035",
                     "The keys came validated by DNSSEC"},
    [DKIM_OWN_GOOD] = {"dkim-own-good", AREA_DKIM, LEVEL_GOOD, "RFC 6376 3.6.1",
                       "{}: the DNS has the key that signs here"},
    [DKIM_OWN_MISSING] = {"dkim-own-missing", AREA_DKIM, LEVEL_ERROR, "RFC 6376 3.6.2",
                          "{}: mail is signed with this key here ({}), but the DNS does not have "
                          "it, so the signatures fail"},
    [DKIM_OWN_DIFFERS] =
        {"dkim-own-differs", AREA_DKIM, LEVEL_ERROR, "RFC 6376 3.6.2",
         "{}: mail is signed here with another key ({}) than the DNS has, so the signatures fail"},
    [DKIM_OWN_PENDING] = {"dkim-own-pending", AREA_DKIM, LEVEL_NOTE, "RFC 6376 3.6.2",
                          "{}: this key waits to be published ({}) and signs nothing yet"},
    [DKIM_OWN_UNREADABLE] = {"dkim-own-unreadable", AREA_DKIM, LEVEL_NOTE, "RFC 6376 3.6.2",
                             "A key of the settings could not be compared with the DNS: {}"},
    [DKIM_OWN_REPORTS] =
        {"dkim-own-reports", AREA_DKIM, LEVEL_WARNING, "RFC 9990 3.5.2",
         "Aggregate reports leave from {} (reports.email), and no key of the settings signs "
         "for it, so they leave unsigned, and receivers may refuse them: assay key new {}"},
    [DMARC_NONE] =
        {"dmarc-none", AREA_DMARC, LEVEL_WARNING, "RFC 9989 5.1",
         "There is no DMARC record for {}, so receivers do not know what to do with mail that "
         "only claims to come from it, and nobody reports it"},
    [DMARC_INHERITED] = {"dmarc-inherited", AREA_DMARC, LEVEL_NOTE, "RFC 9989 4.10.1",
                         "{} has no record of its own; that of {} applies, with its tag {}"},
    [DMARC_SEVERAL] = {"dmarc-several", AREA_DMARC, LEVEL_ERROR, "RFC 9989 4.10",
                       "{} has {} DMARC records, so receivers ignore all of them: keep one"},
    [DMARC_TYPO] =
        {"dmarc-typo", AREA_DMARC, LEVEL_ERROR, "RFC 9989 4.7",
         "A TXT record of {} looks like a DMARC record but is none, since it has to begin with "
         "v=DMARC1; (that case, one semicolon): {}"},
    [DMARC_MISPLACED] =
        {"dmarc-misplaced", AREA_DMARC, LEVEL_ERROR, "RFC 9989 4.7",
         "There is a DMARC record at {}, where no receiver looks for it: it belongs at {}"},
    [DMARC_IGNORED] =
        {"dmarc-ignored", AREA_DMARC, LEVEL_NOTE, "RFC 9989 4.10.1",
         "The record of {} applies to no mail of {}, since it is neither this domain nor its "
         "organizational domain"},
    [DMARC_BROKEN] = {"dmarc-broken", AREA_DMARC, LEVEL_ERROR, "RFC 9989 4.10.1",
                      "The policy of {} cannot be read, so receivers treat it as none: {}"},
    [DMARC_UNUSABLE] =
        {"dmarc-unusable", AREA_DMARC, LEVEL_ERROR, "RFC 9989 4.10.1",
         "The policy of {} cannot be read and there is no address for reports, so receivers "
         "ignore the record: {}"},
    [DMARC_INVALID] = {"dmarc-invalid", AREA_DMARC, LEVEL_WARNING, "RFC 9989 4.7",
                       "In the record of {} something is wrong: {}"},
    [DMARC_TAG_TYPO] = {"dmarc-tag-typo", AREA_DMARC, LEVEL_ERROR, "RFC 9989 4.7",
                        "Nobody knows the tag {}= in the record of {}; {}= was probably meant"},
    [DMARC_UNKNOWN_TAG] =
        {"dmarc-unknown-tag", AREA_DMARC, LEVEL_NOTE, "RFC 9989 4.7",
         "Nobody knows the tag {}= in the record of {}, so it counts for nothing"},
    [DMARC_SEMICOLON] =
        {"dmarc-semicolon", AREA_DMARC, LEVEL_ERROR, "RFC 9989 4.8",
         "A semicolon is missing before {} in the record of {}, so that and what stands "
         "before it do not count"},
    [DMARC_PCT] =
        {"dmarc-pct", AREA_DMARC, LEVEL_NOTE, "RFC 9989 A.6",
         "pct= is gone from DMARC: receivers of today ignore it and apply the policy to all mail; "
         "t=y is what is left of testing"},
    [DMARC_PCT_PARTIAL] =
        {"dmarc-pct-partial", AREA_DMARC, LEVEL_WARNING, "RFC 9989 A.6",
         "pct={} does not soften the policy any more: receivers of today ignore it and "
         "apply {} to all mail; t=y makes them apply the next weaker one"},
    [DMARC_RF] = {"dmarc-rf", AREA_DMARC, LEVEL_NOTE, "RFC 9989 C.5.2",
                  "rf= is gone from DMARC and counts for nothing"},
    [DMARC_RI] = {"dmarc-ri", AREA_DMARC, LEVEL_NOTE, "RFC 9989 C.5.2",
                  "ri= is gone from DMARC: reports come once a day"},
    [DMARC_TEST_MODE] =
        {"dmarc-test-mode", AREA_DMARC, LEVEL_WARNING, "RFC 9989 4.7",
         "The record of {} is in test mode (t=y): receivers apply {} where it says {}"},
    [DMARC_POLICY_MISSING] = {"dmarc-policy-missing", AREA_DMARC, LEVEL_WARNING, "RFC 9989 4.7",
                              "The record of {} has no p=, which counts as p=none"},
    [DMARC_POLICY_NONE] =
        {"dmarc-policy-none", AREA_DMARC, LEVEL_NOTE, "RFC 9989 5.1",
         "Receivers are asked to do nothing about mail that fails (p=none): right for the "
         "first weeks of reports, then go on to p=quarantine"},
    [DMARC_POLICY_QUARANTINE] = {"dmarc-policy-quarantine", AREA_DMARC, LEVEL_GOOD, "RFC 9989 4.7",
                                 "Receivers are asked to treat mail that fails with suspicion "
                                 "({}=quarantine); p=reject is the last step"},
    [DMARC_POLICY_REJECT] = {"dmarc-policy-reject", AREA_DMARC, LEVEL_GOOD, "RFC 9989 4.7",
                             "Receivers are asked to refuse mail that fails ({}=reject)"},
    [DMARC_SP_WEAKER] = {"dmarc-sp-weaker", AREA_DMARC, LEVEL_WARNING, "RFC 9989 4.7",
                         "Subdomains are less protected (sp={}) than the domain itself (p={}), so "
                         "forgers take these"},
    [DMARC_NP_WEAKER] =
        {"dmarc-np-weaker", AREA_DMARC, LEVEL_WARNING, "RFC 9989 4.7",
         "Subdomains that do not exist are less protected (np={}) than the others ({}), and "
         "nobody needs them"},
    [DMARC_SP_UNUSED] = {"dmarc-sp-unused", AREA_DMARC, LEVEL_NOTE, "RFC 9989 4.7",
                         "sp= and np= in the record of {} count for nothing, since it is not an "
                         "organizational domain"},
    [DMARC_STRICT] =
        {"dmarc-strict", AREA_DMARC, LEVEL_NOTE, "RFC 9989 4.7",
         "Alignment is strict ({}): mail of other subdomains than this very one does not count"},
    [DMARC_NO_RUA] =
        {"dmarc-no-rua", AREA_DMARC, LEVEL_WARNING, "RFC 9989 4.7",
         "The record of {} asks for no reports (rua=), so nobody will notice mail that fails"},
    [DMARC_RUA_MALFORMED] =
        {"dmarc-rua-malformed", AREA_DMARC, LEVEL_ERROR, "RFC 9989 4.7",
         "Entries of {}= that are no URI, so that no report goes there: {}; write "
         "mailto: before each address, with commas between them"},
    [DMARC_RUA_SCHEME] =
        {"dmarc-rua-scheme", AREA_DMARC, LEVEL_NOTE, "RFC 9990 3.5",
         "Entries of {}= that are no mail addresses: {}; reports go by mail alone"},
    [DMARC_RUA_SIZE] = {"dmarc-rua-size", AREA_DMARC, LEVEL_NOTE, "RFC 9989 C.5.2",
                        "The size limit !{} of {} is gone from DMARC and may be left out"},
    [DMARC_RUA_UNAUTHORISED] =
        {"dmarc-rua-unauthorised", AREA_DMARC, LEVEL_ERROR, "RFC 9990 4",
         "{} is of another organization and does not say that it takes reports on {}, "
         "so none are sent there: the owner of {} has to publish the record below"},
    [DMARC_RUA_EXTERNAL] = {"dmarc-rua-external", AREA_DMARC, LEVEL_GOOD, "RFC 9990 4",
                            "{} is of another organization and says that it takes reports on {}"},
    [DMARC_RUA_NO_MX] = {"dmarc-rua-no-mx", AREA_DMARC, LEVEL_ERROR, "RFC 5321 5.1",
                         "{} cannot be reached by mail ({}), so reports for {} are lost"},
    [DMARC_RUA_GOOD] = {"dmarc-rua-good", AREA_DMARC, LEVEL_GOOD, "RFC 9989 4.7",
                        "Aggregate reports go to {}"},
    [DMARC_RUF] =
        {"dmarc-ruf", AREA_DMARC, LEVEL_NOTE, "RFC 9991 7",
         "The record asks for failure reports (ruf={}), which hold parts of people's mail; few "
         "receivers send any"},
    [DMARC_FO_UNUSED] = {"dmarc-fo-unused", AREA_DMARC, LEVEL_NOTE, "RFC 9989 4.7",
                         "fo= counts for nothing without ruf="},
    [DMARC_PSD] =
        {"dmarc-psd", AREA_DMARC, LEVEL_NOTE, "RFC 9989 4.7",
         "psd=y says that {} is a public suffix, under which others register domains: right for a "
         "registry alone"},
    [DMARC_PSD_NO] =
        {"dmarc-psd-no", AREA_DMARC, LEVEL_NOTE, "RFC 9989 4.7",
         "psd=n says that {} is an organization of its own: names above it do not count"},
    [DMARC_NO_DKIM] =
        {"dmarc-no-dkim", AREA_DMARC, LEVEL_WARNING, "RFC 9989 5.1",
         "The policy is {}, but no usable DKIM key was found: mail that is forwarded will fail, "
         "since SPF breaks on the way (name your selector with --selector if there is one)"},
    [DMARC_NOTHING_TO_PASS] =
        {"dmarc-nothing-to-pass", AREA_DMARC, LEVEL_ERROR, "RFC 9989 5.1",
         "The policy is {}, but there is neither an SPF record nor a usable DKIM key, so all "
         "mail of the domain fails"},
    [DMARC_SPF_REFUSES] =
        {"dmarc-spf-refuses", AREA_DMARC, LEVEL_NOTE, "RFC 9989 7.1",
         "SPF ends in -all and no usable DKIM key was found: some receivers refuse forwarded mail "
         "before they look at DMARC"},
    [DMARC_LONG] = {"dmarc-long", AREA_DMARC, LEVEL_NOTE, "RFC 9989 4.10",
                    "The record of {} has {} octets, which may not fit into one packet"},
    [MX_NULL] =
        {"mx-null", AREA_MX, LEVEL_NOTE, "RFC 7505 3",
         "{} takes no mail (null MX); mail that it sends can be refused, since nobody can answer"},
    [MX_NULL_MIXED] =
        {"mx-null-mixed", AREA_MX, LEVEL_ERROR, "RFC 7505 3",
         "{} has a null MX beside other MX records, which contradict each other: keep either"},
    [MX_NULL_SENDS] =
        {"mx-null-sends", AREA_MX, LEVEL_WARNING, "RFC 7505 4.2",
         "{} takes no mail (null MX), but SPF lets servers send for it: many receivers refuse "
         "mail that cannot be answered"},
    [MX_NONE] = {"mx-none", AREA_MX, LEVEL_NOTE, "RFC 5321 5.1",
                 "{} has no MX record, so mail for it goes to its addresses"},
    [MX_NOWHERE] =
        {"mx-nowhere", AREA_MX, LEVEL_WARNING, "RFC 5321 5.1",
         "{} has neither MX records nor addresses, so bounces and answers to its mail go nowhere: "
         "many receivers refuse such mail"},
    [MX_MISSING] = {"mx-missing", AREA_MX, LEVEL_ERROR, "RFC 5321 5.1",
                    "The mail server {} has no address in the DNS"},
    [MX_ALIAS] = {"mx-alias", AREA_MX, LEVEL_WARNING, "RFC 2181 10.3",
                  "The mail server {} is an alias (CNAME), which an MX record must not name: name "
                  "{} instead"},
    [MX_LITERAL] =
        {"mx-literal", AREA_MX, LEVEL_ERROR, "RFC 5321 5.1",
         "{} is an address and no name of a mail server: give it a name and publish that"},
    [MX_PRIVATE] =
        {"mx-private", AREA_MX, LEVEL_ERROR, "RFC 5321 5.1",
         "The mail server {} has the address {}, which nobody can reach over the Internet"},
    [MX_GOOD] = {"mx-good", AREA_MX, LEVEL_GOOD, "RFC 5321 5.1", "Mail for the domain goes to {}"},
    [HOST_GOOD] = {"host-good", AREA_HOSTS, LEVEL_GOOD, "RFC 8601 3",
                   "{} is {}, and that name leads back to it"},
    [HOST_NO_PTR] =
        {"host-no-ptr", AREA_HOSTS, LEVEL_WARNING, "RFC 8601 3",
         "{} has no name in the DNS (PTR), and many receivers refuse mail from such servers: ask "
         "the owner of the address for the record below"},
    [HOST_MISMATCH] =
        {"host-mismatch", AREA_HOSTS, LEVEL_WARNING, "RFC 8601 3",
         "{} says that it is {}, but that name does not lead back to it, and many receivers "
         "refuse mail from such servers"},
    [HOST_GENERIC] =
        {"host-generic", AREA_HOSTS, LEVEL_WARNING, "RFC 8601 3",
         "The name {} of {} looks like that of a dial-up line, and some receivers refuse mail "
         "from such names: ask for one like {}"},
    [HOST_PRIVATE] = {"host-private", AREA_HOSTS, LEVEL_NOTE, "RFC 1918 3",
                      "{} is an address that never sends over the Internet"},
    [HOST_HELO] = {"host-helo", AREA_HOSTS, LEVEL_NOTE, "RFC 5321 4.1.1.1",
                   "The server at {} should say {} in HELO (Postfix: smtp_helo_name)"},
};

/*
 * finding.h - what each policy concluded about a message.
 *
 * One struct for each method, together `struct findings`. A policy fills in its own member in
 * judge() and reads those of the policies that it needs. All memory is the message's arena. What
 * does not exist is NULL; names of domains are in the internal form of domain.h unless said
 * otherwise.
 */
#ifndef ASSAY_FINDING_H
#define ASSAY_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "services.h"

/* RFC 8601 2.7. Not every method knows every result. */
enum result {
	RESULT_NONE,
	RESULT_PASS,
	RESULT_FAIL,
	RESULT_SOFTFAIL,
	RESULT_NEUTRAL,
	RESULT_POLICY,
	RESULT_TEMPERROR,
	RESULT_PERMERROR
};
extern const char *const result_names[]; /* NULL-terminated, in the order of enum result */

/* iprev (RFC 8601 3) */

struct iprev_finding {
	bool checked; /* false: not asked for, or no address is known; nothing else counts then */
	enum result result; /* pass, fail, temperror, permerror */
	struct address address;
	const char *name;   /* the one that leads back; only with RESULT_PASS */
	const char *reason; /* for every result but pass */
};

/* SPF */

enum spf_scope {
	SPF_SCOPE_HELO,
	SPF_SCOPE_MAILFROM
};
extern const char *const spf_scope_names[]; /* "helo", "mailfrom" */

/* One line of the evaluation, for people: "include:_spf.example.org" at depth 0 "does not match".
 */
struct spf_step {
	unsigned depth;      /* of includes and redirects */
	const char *domain;  /* whose record it is */
	const char *term;    /* as it stands in the record */
	const char *outcome; /* "matches", "does not match", or why it could not be evaluated */
};

struct spf_finding {
	enum result result;
	enum spf_scope scope;
	/* the identity checked: of MAIL FROM, or of HELO where that is null; NULL for none */
	const char *domain;
	/* the record of that domain, as it stands; NULL where there is none that could be used */
	const char *record;
	/* the term that decided, as it stands in the record; "default" where none matched */
	const char *mechanism;
	/* third-party text from exp=, printable ASCII; only with RESULT_FAIL */
	const char *explanation;
	const char *reason;      /* for every result but pass */
	enum lookup_fault fault; /* of the lookup that failed, with RESULT_TEMPERROR */
	unsigned lookups;        /* terms that cost a lookup, RFC 7208 4.6.4 */
	unsigned void_lookups;
	const char *engine; /* "assay" or "libspf2" */
	/* where the other engine was asked and differs: "libspf2: neutral" */
	const char *second_opinion;
	const struct spf_step *steps;
	size_t step_count;
	/* value of a Received-SPF field to be added; NULL unless spf.received_spf asks for it */
	const char *received;
};

/* DKIM */

struct dkim_signature {
	enum result result;
	const char *domain;    /* d=; NULL where it is missing or not a domain name */
	const char *selector;  /* s= */
	const char *identity;  /* i=, "@d" where it is missing; as it came */
	const char *algorithm; /* "rsa-sha256", "ed25519-sha256", as given */
	unsigned key_bits;     /* 0 where no key was read */
	/* the first characters of b=, 8 or as many more as tell the signatures apart (RFC 6008) */
	const char *header_b;
	/* for every result but pass: "body hash does not match: the body was changed ..." */
	const char *reason;
	/* what libopendkim finds where it was asked too and finds something else; else NULL */
	const char *second_opinion;
	enum lookup_fault fault; /* of the lookup of the key, with RESULT_TEMPERROR */
	bool testing;            /* the key has t=y */
	/* The result is permerror for no other reason than that the key is for TLS reports
	 * (s=tlsrpt), and the signature verifies with it: RFC 8460 3. It counts for nothing but
	 * such a report. */
	bool tls_report;
	bool key_secure; /* the key's answer was validated by DNSSEC */
};

struct dkim_finding {
	size_t count; /* of DKIM-Signature fields that were looked at, from the top; 0: unsigned */
	const struct dkim_signature *signatures;
	size_t beyond_limit; /* further fields, not looked at (dkim.maximum_signatures) */
};

/* ARC (RFC 8617) */

/* One set of the chain: ARC-Seal, ARC-Message-Signature and ARC-Authentication-Results of one i=.
 */
struct arc_set {
	unsigned instance;      /* i=, 1 to 50 */
	const char *domain;     /* d= of the seal; NULL where it cannot be read */
	const char *selector;   /* s= of the seal */
	const char *ams_domain; /* d= of the message signature */
	const char *cv;         /* of the seal, "none", "pass" or "fail"; NULL for anything else */
	/* of the seal and, in the newest set alone, of the message signature: pass or fail; none
	 * where it was not checked */
	enum result seal, signature;
	const char *results; /* the field ARC-Authentication-Results behind its "i=N;" */
	/* both domains are listed in arc.trusted, and so are those of all newer sets */
	bool trusted;
};

struct arc_finding {
	enum result result; /* none (no ARC field at all), pass or fail (RFC 8617 5.2) */
	size_t count; /* of sets, the newest has this instance; 0 where there is no structure */
	const struct arc_set *sets; /* sets[i] has instance i + 1 */
	/* with RESULT_FAIL: the failure may go away, a key's lookup failed (`fault` says whose
	 * fault that is) */
	bool temporary;
	enum lookup_fault fault;
	/* with RESULT_FAIL: all seals verify and cv= is right in all of them, but the newest
	 * message signature does not: the message was changed after it was sealed */
	bool only_changed;
	const char *reason; /* with RESULT_FAIL */

	/* what a listed sealer found ("Trust" in policies/arc/README.md); NULL for nothing */
	const char *trusted_by; /* d= of the newest set, where a believed set restores something */
	const char
	    *restored; /* "dmarc", "dkim" or "spf": what passed for the author domain there */
	unsigned restored_set; /* the instance whose results were believed */
	/* d= of the newest set that is not believed, where listing it (and whoever must be listed
	 * beside it) would have restored a pass; for `assay report sealers` */
	const char *would_restore;
	const char *remote_address; /* smtp.remote-ip of the first set's results */
};

/* DMARC */

/* What RFC5322.From holds (RFC 9989 5.3.1, 11.5). */
enum author_state {
	AUTHOR_ONE,      /* exactly one domain: DMARC can be evaluated */
	AUTHOR_MISSING,  /* no From field */
	AUTHOR_REPEATED, /* more than one From field */
	AUTHOR_SEVERAL,  /* one field, addresses of more than one domain */
	AUTHOR_BROKEN    /* empty, no domain, or not RFC 5322 grammar */
};

struct mailbox_local;

struct author {
	enum author_state state;
	/* with AUTHOR_ONE; and the one that was judged as the strictest of several */
	const char *domain;
	/* with AUTHOR_ONE: what stands before the @ of each mailbox, as it stands; an address in a
	 * display name is one too, unless it is the end of the name */
	size_t local_count;
	const struct mailbox_local *locals; /* mailbox_list.h */
	size_t domain_count;
	const char *const *domains; /* distinct; as far as they could be read, in any state */
	const char *reason;         /* for all but AUTHOR_ONE: what is wrong with From */
	/* with AUTHOR_SEVERAL and AUTHOR_BROKEN: the domain of the only address in angle brackets,
	 * where nothing follows it and text before it, which is all that may be wrong, names the
	 * other domains; it is the author's if all of them are of one organizational domain. Else
	 * NULL */
	const char *bracketed;
	/* with AUTHOR_SEVERAL and AUTHOR_BROKEN: nothing is wrong that may hide an address */
	bool readable;
};

/* What a domain owner asks for (RFC 9989 4.7 p, sp, np). Ordered by strength. */
enum request {
	REQUEST_NONE,
	REQUEST_QUARANTINE,
	REQUEST_REJECT
};
extern const char *const request_names[]; /* "none", "quarantine", "reject" */

struct policy_record; /* policy_record.h */
struct organizations; /* dmarc/organization.h */

/* One name of the tree walk, for people. */
struct walk_step {
	const char *name; /* "_dmarc.example.org" */
	enum lookup_status status;
	/* "record", "two records, discarded", "no record", "failed: time-out" */
	const char *outcome;
};

/* One identifier and whether it aligns with the author domain. */
struct alignment {
	const char *method; /* "spf" or "dkim" */
	const char *domain;
	const char *organizational_domain; /* NULL where it was not needed or not to be had */
	bool strict;
	bool passed; /* the method's own result was pass */
	bool aligned;
	/* "same domain", "same organizational domain example.org", "organizational domains differ:
	 * ..." */
	const char *why;
	enum lookup_fault fault; /* of the lookup that leaves it open */
};

struct dmarc_finding {
	enum result result; /* pass, fail, none, temperror, permerror */
	struct author author;
	/* of the author domain; NULL without record, or where it is not to be had */
	const char *organizational_domain;
	const char *policy_domain; /* where the record that applies lives; NULL without record */
	const struct policy_record *record;
	enum request published;    /* the tag that applies (p, sp or np), as published */
	const char *published_tag; /* "p", "sp" or "np" */
	enum request effective;    /* after t=y and broken tags (RFC 9989 4.7, 4.10.1) */
	/* the effective one; where a failed lookup leaves it open which one that is, the strictest
	 * that is known of */
	enum request at_stake;
	bool test_mode;
	bool author_exists; /* false: NXDOMAIN (RFC 9989 3.2.13) */
	/* an aligned pass, whether there is a record or not; without one relaxed */
	bool spf_aligned, dkim_aligned;
	/* there is no aligned pass, but a failed lookup might have shown one */
	bool alignment_unknown;
	/* what could not be looked up, for people; NULL where nothing is unknown */
	const char *doubt;
	/* of what could not be looked up; a limit outweighs the resolver's fault, and that the
	 * domain's */
	enum lookup_fault fault;
	const char *discovery; /* "treewalk" or "psl" */
	/* one sentence for every result but pass; names the author domain and what did not align */
	const char *reason;
	const struct walk_step *steps;
	size_t step_count;
	const struct alignment *alignments;
	size_t alignment_count;
	/* compares organizational domains as DMARC did, and shares its lookups; for what is judged
	 * after it. NULL before DMARC has been judged */
	const struct organizations *organizations;
	/* where libopendmarc's verdict on the same facts differs: a defect to log; NULL where it
	 * agrees or was not to be asked */
	const char *crosscheck;
};

/* Signing: outbound mail only. */

struct made_signature {
	const char *domain, *selector, *algorithm;
	/* of the DKIM-Signature field, without the space after the colon; folds are LF and a tab */
	const char *value;
};

/* Why there is no signature, for counting. */
enum unsigned_kind {
	UNSIGNED_NOTHING_SET_UP,
	UNSIGNED_AUTHOR, /* From does not name exactly one author domain */
	UNSIGNED_NO_KEY,
	UNSIGNED_LOGIN,      /* it may not sign for the author domain */
	UNSIGNED_NOT_PASSED, /* it came from outside, and did not pass for the author domain */
	UNSIGNED_ALREADY,    /* it already has valid signatures by the same keys */
	UNSIGNED_FAILURE,
	UNSIGNED_KINDS
};
extern const char *const unsigned_kind_names[]; /* "nothing_set_up", "author", ..., NULL */

/* Lines longer than mail servers send (RFC 5321 4.5.3.1.6), in what was signed. */
enum long_lines {
	LONG_LINES_NONE,
	LONG_LINES_BROKEN,   /* signed as Postfix will break them */
	LONG_LINES_UNBROKEN, /* signed as they are: by the settings Postfix does not break any */
	/* signed as they are; the mail server may break them, and with them the signature */
	LONG_LINES_UNKNOWN
};
extern const char *const long_lines_names[]; /* "none", "broken", "unbroken", "unknown" */

struct sign_finding {
	size_t count; /* 0: not signed */
	/* in the order in which they are to stand, from the top */
	const struct made_signature *signatures;
	/* why not; NULL where it was signed or nothing is set up for signing */
	const char *reason;
	enum unsigned_kind kind; /* of the reason */
	enum long_lines long_lines;
};

/* Sealing: one more set on the chain, which is made when all else is known (arc/arc_seal.h). */

struct arc_seal;

struct seal_finding {
	const struct arc_seal *ready; /* NULL: not to be sealed */
	unsigned instance;            /* i= of the new set */
	const char *cv;               /* "none", "pass", "fail" */
	const char *domain, *selector;
	const char *reason; /* why not, where the settings ask for seals; NULL otherwise */
};

/* All together */

struct findings {
	bool judged; /* false: outbound mail, which is signed instead */
	struct iprev_finding iprev;
	struct spf_finding spf_helo;
	struct spf_finding spf; /* MAIL FROM identity */
	struct dkim_finding dkim;
	struct arc_finding arc;
	struct dmarc_finding dmarc;
	struct sign_finding sign;
	struct seal_finding seal;
};

#endif

/*
 * spf_record.h - the grammar of SPF records (RFC 7208 3, 4.5, 4.6.1, 5, 6): which TXT is the
 * record, whether its grammar is correct, and its terms one after the other.
 *
 * A record is never copied: it is parsed again where it is evaluated (spf_walk.h), so that a record
 * of 64 kB needs no memory.
 */
#ifndef ASSAY_SPF_RECORD_H
#define ASSAY_SPF_RECORD_H

#include "finding.h"
#include "spf/spf_macro.h"

enum spf_term_kind {
	SPF_TERM_ALL,
	SPF_TERM_INCLUDE,
	SPF_TERM_A,
	SPF_TERM_MX,
	SPF_TERM_PTR,
	SPF_TERM_IP4,
	SPF_TERM_IP6,
	SPF_TERM_EXISTS,
	SPF_TERM_REDIRECT, /* from here on modifiers */
	SPF_TERM_EXPLANATION,
	SPF_TERM_OTHER
};

struct spf_term {
	enum spf_term_kind kind;
	enum result qualifier; /* RESULT_PASS, RESULT_FAIL, RESULT_SOFTFAIL or RESULT_NEUTRAL */
	const char *text;      /* as it stands in the record, not NUL-terminated */
	size_t length;
	const char *spec; /* domain-spec; NULL where none is given */
	size_t spec_length;
	struct spf_macro_use use; /* of the spec, or of the value of an unknown modifier */
	struct address address;   /* ip4, ip6 (IPv4-mapped ones stay IPv6) */
	unsigned bits4, bits6;    /* prefix lengths: ip4 and ip6 use theirs, a and mx both */
};

/* What is wrong with a record. */
struct spf_fault {
	const char *what; /* one sentence */
	const char *term; /* not NUL-terminated */
	size_t length;
	const char *at; /* the octet where it shows, within the term */
};

struct spf_record {
	const char *terms, *end; /* everything behind the version */
	bool has_all;
	struct spf_term redirect;    /* spec is NULL if there is none */
	struct spf_term explanation; /* likewise */
};

/* How many of the TXT records are SPF records (4.5); one of them is in `text`. */
size_t spf_record_select(const struct answer *answer, const char **text, size_t *length);

/* Checks the whole text of a selected record before any of it is evaluated (4.6). */
bool spf_record_read(const char *text, size_t length, struct spf_record *record,
                     struct spf_fault *fault);

/*
 * The next term at `*at`, which moves behind it. False at the end, where `fault->what` is NULL, and
 * for text that is not a term, where it is not.
 */
bool spf_record_next(const char **at, const char *end, struct spf_term *term,
                     struct spf_fault *fault);

#endif

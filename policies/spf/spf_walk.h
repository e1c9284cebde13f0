/*
 * spf_walk.h - the one walker of SPF records: the record of a name opened, its terms in the order
 * in which RFC 7208 4.6.2 and 6.1 evaluate them, the names that they look up, and the count of
 * lookups.
 *
 * It is a cursor. The reader decides what each term means and opens a walk of its own for the
 * record behind an include or a redirect: spf_evaluate.c and `assay dns` (doctor_spf_tree.c) do
 * that recursively, spf_prefetch.c whenever an answer arrives. Nothing here looks anything up or
 * allocates from an arena, so it may run on the resolver's thread.
 */
#ifndef ASSAY_SPF_WALK_H
#define ASSAY_SPF_WALK_H

#include "spf/spf_note.h"
#include "spf/spf_request.h"

enum spf_walk_status {
	SPF_WALK_FOUND,   /* there is one record, and its grammar is correct */
	SPF_WALK_FAILED,  /* the lookup failed */
	SPF_WALK_NONE,    /* there is no such name, or no SPF record there */
	SPF_WALK_SEVERAL, /* more than one record (RFC 7208 4.5): permerror */
	SPF_WALK_LONG,    /* longer than the reader wants; its grammar was not checked */
	SPF_WALK_BROKEN   /* `fault` says where; nothing of it may be evaluated (4.6) */
};

/* One record. The reader sets the first three members; spf_walk_open() sets the others. */
struct spf_walk {
	const struct spf_request *request; /* what macros stand for */
	const char *domain;                /* whose record it is: %{d} */
	size_t *work;                      /* what macros may still cost, see spf_macro.h */

	size_t record_count; /* SPF records found; the members below need exactly one */
	const char *text;
	size_t length;
	struct spf_fault fault; /* `what` is NULL where the grammar is correct */
	struct spf_record record;
	/*
	 * Where the next term begins. A reader that cannot go on yet stores the old value here to
	 * get the same term again; NULL ends the walk.
	 */
	const char *at;
	const struct spf_note_terms *known; /* NULL: terms are read one by one */
	size_t known_at;                    /* of these, the one after the last */
};

/* Finds the record among the TXT records of `walk->domain`, and checks all of it if it has at most
 * `length_max` octets. The answer must live as long as the walk. */
enum spf_walk_status spf_walk_open(struct spf_walk *walk, const struct answer *answer,
                                   size_t length_max);

/*
 * The next term: mechanisms and unknown modifiers as they stand in the record, then the redirect.
 * Nothing follows `all` (RFC 7208 5.1, 6.1). False at the end.
 */
bool spf_walk_next(struct spf_walk *walk, struct spf_term *term);

/*
 * The name that a mechanism or modifier looks up: its domain-spec expanded, or the domain of the
 * record where it has none. `validated` is %{p}; NULL where the term does not use it. False where
 * that is not a name that could be looked up, see spf_macro_name().
 */
bool spf_walk_target(const struct spf_walk *walk, const struct spf_term *term,
                     const char *validated, char name[DOMAIN_MAX + 1]);

/* The record type that a term of this kind looks up for a client: not for all, ip4 and ip6. */
enum record_type spf_walk_type(enum spf_term_kind kind, const struct address *client);

/*
 * The name behind `last`, NULL for the first, among those of an MX or PTR answer: MX in the order
 * of preference, names of equal preference by the alphabet, so that the order in which the DNS
 * returns them does not change the result; of PTR the first SPF_NAMES_MAX as they come. NULL at
 * the end.
 */
const struct record *spf_walk_next_name(enum spf_term_kind kind, const struct answer *answer,
                                        const struct record *last);

/* Does all, ip4 or ip6 match the client? False for every other term. */
bool spf_walk_matches(const struct spf_term *term, const struct address *client);

/* RFC 7208 4.6.4: a lookup that found nothing. A failed one is not void. */
bool spf_walk_is_void(const struct answer *answer);

/* Terms that look names up, over all records of one evaluation (RFC 7208 4.6.4). */
struct spf_walk_count {
	unsigned lookups, max; /* `lookups` never exceeds `max` */
	bool exceeded;         /* there was one more, which must not be looked up */
};

/* Counts one more. False where that exceeds the limit. */
bool spf_walk_count(struct spf_walk_count *count);

#endif

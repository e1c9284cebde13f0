/*
 * tree_walk.h - the DNS Tree Walk (RFC 9989 4.10) and the Organizational Domain that it yields
 * (4.10.2).
 *
 * All walks of one message share their lookups: each `_dmarc` name is looked up once. Names are in
 * the internal form of domain.h; memory comes from the arena of the message.
 */
#ifndef ASSAY_TREE_WALK_H
#define ASSAY_TREE_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "dmarc/policy_record.h"
#include "finding.h"
#include "services.h"

enum {
	TREE_WALK_MAX = 8 /* queries of one walk, RFC 9989 4.10 */
};

/* What was found at _dmarc.<domain>. */
struct walk_answer {
	const char *domain;
	bool failed;                        /* unknown: the lookup failed */
	enum lookup_fault fault;            /* of the failed lookup */
	const char *why;                    /* the reason */
	const struct policy_record *record; /* NULL: none, or several, which count as none */
};

struct tree_walks; /* of one message */

struct tree_walks *tree_walk_begin(const struct services *services, struct arena *arena);

/*
 * The names that a walk from `start` looks up if no record ends it, longest first: `start`
 * itself, then its rightmost labels, from one less (at most 7) down to 1. Pointers into `start`;
 * returns how many.
 */
size_t tree_walk_names(const char *start, const char *names[TREE_WALK_MAX]);

/* "_dmarc.<domain>", or NULL if that is too long for a name. */
const char *tree_walk_query_name(struct arena *arena, const char *domain);

/* Waits for the answer if the name was not looked up before. Never NULL. */
const struct walk_answer *tree_walk_ask(struct tree_walks *walks, const char *domain);

/* The outcome of one walk. */
struct tree_walk {
	const char *organizational_domain; /* NULL where a lookup on the way failed */
	const struct walk_answer *failed;  /* that lookup, or NULL */
	const struct walk_answer *suffix;  /* the record above the start that says psd=y, or NULL */
};

struct tree_walk tree_walk_run(struct tree_walks *walks, const char *start);

enum walk_relation {
	WALK_DIFFERENT,
	WALK_SAME,
	WALK_UNKNOWN
};

/*
 * Do two names have the same Organizational Domain? A few failed lookups do not matter if every
 * possible answer to them leads to the same result.
 */
enum walk_relation tree_walk_compare(struct tree_walks *walks, const char *one, const char *other);

/* Every name looked up so far, in order. */
const struct walk_step *tree_walk_steps(const struct tree_walks *walks, size_t *count);

#endif

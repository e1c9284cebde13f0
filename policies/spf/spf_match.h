/*
 * spf_match.h - whether a mechanism matches (RFC 7208 5), and the state of one evaluation with its
 * limits and its trace.
 */
#ifndef ASSAY_SPF_MATCH_H
#define ASSAY_SPF_MATCH_H

#include "spf/spf_walk.h"

enum {
	SPF_STEPS_MAX = 200, /* of the trace; one more says that there were others */
	SPF_TERM_SHOWN = 300 /* octets of a term in trace and finding */
};

/* One evaluation, includes and redirects in it. */
struct spf_evaluation {
	const struct spf_request *request;
	struct spf_finding *finding;
	struct spf_walk_count count;
	unsigned void_lookups;    /* terms that found nothing */
	bool void_counted;        /* the present term is among them */
	size_t work;              /* see spf_macro.h */
	const char *reason;       /* of the error that ended it, or why there is no record */
	enum lookup_fault fault;  /* of the lookup that failed last */
	const char *nothing;      /* what the last term did not find; NULL if it found everything */
	const char *decided_by;   /* the domain whose record gave the result */
	bool unusable_local_part; /* the last target held a local part that is not ASCII */
	bool unlimited;           /* void lookups are not limited: for the explanation */
	bool has_validated;       /* validated[] is filled in */
	size_t validated_count;
	const char *validated[SPF_NAMES_MAX];
	struct spf_step *steps;
	size_t step_count, step_room;
};

/* One record of it. */
struct spf_check {
	struct spf_walk walk;
	unsigned depth; /* of includes and redirects */
	bool decides;   /* not inside an include: its term decides, and its exp= explains */
};

enum spf_match {
	SPF_MATCH_NO,
	SPF_MATCH_YES,
	SPF_MATCH_TEMPERROR, /* and `reason` says why, likewise below */
	SPF_MATCH_PERMERROR
};

/* Any mechanism but include. */
enum spf_match spf_match(struct spf_evaluation *evaluation, const struct spf_check *check,
                         const struct spf_term *term);

/*
 * Counts a term that looks something up, and expands its target-name (4.6.4, 4.8) into `name`.
 * SPF_MATCH_NO: that is not a name that could be looked up.
 */
enum spf_match spf_match_target(struct spf_evaluation *evaluation, const struct spf_check *check,
                                const struct spf_term *term, char name[DOMAIN_MAX + 1]);

/* What %{p} stands for in a record of `domain`, without counting against the limits (RFC 7208 7.3):
 * "unknown" if there is no such name. */
const char *spf_match_validated_name(struct spf_evaluation *evaluation, const char *domain);

/* Is the client in one of the networks that the addresses of the answer and the prefix lengths
 * make? */
bool spf_match_holds(const struct spf_request *request, const struct answer *answer, unsigned bits4,
                     unsigned bits6);

/* SPF_MATCH_PERMERROR with a reason. */
enum spf_match spf_match_error(struct spf_evaluation *evaluation, const char *reason);

/* Why a lookup failed, as a sentence. Stores its fault. */
const char *spf_match_failure(struct spf_evaluation *evaluation, const char *name,
                              enum record_type type, const struct answer *answer);

/* The term as text, cut at SPF_TERM_SHOWN. */
const char *spf_match_term_text(struct spf_evaluation *evaluation, const struct spf_term *term);

/* Adds a step to the trace and returns its number, for spf_match_outcome(). */
size_t spf_match_step(struct spf_evaluation *evaluation, const struct spf_check *check,
                      const struct spf_term *term);
void spf_match_outcome(struct spf_evaluation *evaluation, size_t step, const char *outcome);

#endif

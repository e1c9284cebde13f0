/*
 * readiness.h - is a domain ready for p=reject? With the evidence: on how many days how many
 * reporters saw its mail, which share of what is its owner's passes, and what would be lost.
 */
#ifndef ASSAY_READINESS_H
#define ASSAY_READINESS_H

#include "received/sources.h"

enum {
	READINESS_DAYS = 14,     /* with reports, before anything is said */
	READINESS_REPORTERS = 2, /* one alone sees a part, and a stranger can be one */
	READINESS_LOST = 100,    /* one in so many of the owner's messages may be lost */
	READINESS_UNKNOWN = 50   /* or belong to nobody knows whom */
};

enum readiness_state {
	READINESS_ALREADY, /* the policy is p=reject */
	READINESS_READY,
	READINESS_NOT_YET,
	READINESS_TOO_LITTLE /* evidence */
};
extern const char *const readiness_names[]; /* "already", "ready", "not_yet", "too_little", NULL */

struct readiness {
	enum readiness_state state;
	unsigned long days, reporters;
	int64_t messages, passed; /* of the owner, as far as that can be known */
	int64_t lost;             /* of these, under p=reject */
	int64_t unknown;          /* messages of sources that nobody knows */
	int64_t spoofed;          /* messages that p=reject stops */
	const char *text;         /* one sentence */
	const char *publish;      /* the record to publish where it is ready; else NULL */
};

/* `sources` of the domain over the days. In the arena. */
struct readiness readiness_judge(const struct sources *sources, unsigned long days,
                                 unsigned long reporters, struct arena *arena);

#endif

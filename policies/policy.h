/*
 * policy.h - the one shape that every policy has, and the list of them.
 *
 * A policy only finds out: it has no side effects, never talks to the mail server and does not log
 * the outcome. evaluate.c drives it. A new policy is a new file, a line in policy_list
 * (policies/policy.c), a line in Makefile.am, and a test.
 */
#ifndef ASSAY_POLICY_H
#define ASSAY_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/setting.h"
#include "finding.h"
#include "message.h"
#include "services.h"

struct policy {
	const char *name; /* "spf": its settings group, its method */
	/* NULL-terminated names of policies judged before it; NULL for none */
	const char *const *needs;
	const struct setting_group *settings; /* the struct that open() gets */
	bool outbound; /* works on outbound mail (signing); the others work on mail from outside */

	/* Once a settings snapshot. `settings` outlives the state. State is const for messages:
	 * many threads use it at once. */
	bool (*open)(const void *settings, void **state, struct problem *problem);
	void (*close)(void *state);

	/*
	 * Once a message, in this order; any but judge may be NULL. begin() comes at MAIL FROM.
	 * Calls come one after the other, but on changing threads.
	 */
	void *(*begin)(void *state, const struct message *message, const struct services *services,
	               struct arena *arena);
	/* after begin() of them all: the work of each policy in `needs`, in that order, for what
	 * that policy shares; NULL where it does not work on this message */
	void (*join)(void *work, void *const *needed);
	void (*header)(void *work, const struct header *header);
	void (*end_of_headers)(void *work);
	bool (*body)(void *work, const unsigned char *bytes,
	             size_t length); /* false: wants no more of it */
	void (*judge)(void *work, struct findings *findings);
};

extern const struct policy policy_iprev;     /* iprev.c */
extern const struct policy policy_spf;       /* spf.c */
extern const struct policy policy_dkim;      /* dkim.c */
extern const struct policy policy_arc;       /* arc.c */
extern const struct policy policy_arc_trust; /* policy_arc_trust.c */
extern const struct policy policy_arc_seal;  /* policy_arc_seal.c */
extern const struct policy policy_arc_list;  /* arc_list.c: outbound mail of list servers */
extern const struct policy policy_sign;      /* sign.c: outbound mail */
extern const struct policy policy_dmarc;     /* dmarc.c */

extern const struct policy *const policy_list[]; /* NULL-terminated, in the order of their needs */

enum {
	POLICY_MAX = 12
};

/* The policies of one settings snapshot, opened. Const for messages. */
struct policies {
	size_t count;
	struct {
		const struct policy *policy;
		void *state;
	} opened[POLICY_MAX];
};

/* `settings[i]` belongs to policy_list[i]. On failure nothing stays open. */
bool policies_open(struct policies *policies, const void *const *settings, struct problem *problem);
void policies_close(struct policies *policies);

#endif

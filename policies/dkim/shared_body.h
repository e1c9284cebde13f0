/*
 * shared_body.h - one hash of the body for all that verify it: policy_dkim, and the policies that
 * need it.
 *
 * The work of policy_dkim begins with its struct shared_body, and that is what the join() of a
 * policy that needs "dkim" gets (policy.h). policy_dkim sees the body and is judged before such a
 * policy: from then on the hashes are there. Nothing is hashed unless somebody wants it.
 */
#ifndef ASSAY_SHARED_BODY_H
#define ASSAY_SHARED_BODY_H

#include "dkim/body_hashes.h"
#include "dkim/dkim_settings.h"
#include "dkim/line_ends.h"

struct shared_body {
	const struct dkim_settings *settings;
	struct arena *arena;
	struct body_hashes *hashes; /* NULL: nobody wants any */
	struct line_ends line_ends;
	/* who gets the body with its line ends in order, too; NULL for nobody */
	void (*also)(void *context, const unsigned char *bytes, size_t length);
	void *also_context;
};

/* At the end of the header: like body_hashes_want(). */
size_t shared_body_want(struct shared_body *body, enum canonicalization form,
                        const uint64_t *limit);

/* Of policy_dkim alone: a chunk of the body, false where nobody wants it; and its end. */
bool shared_body_add(struct shared_body *body, const unsigned char *bytes, size_t length);
void shared_body_finish(struct shared_body *body);

#endif

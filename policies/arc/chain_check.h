/*
 * chain_check.h - whether a chain is valid (RFC 8617 5.2).
 */
#ifndef ASSAY_CHAIN_CHECK_H
#define ASSAY_CHAIN_CHECK_H

#include "arc/chain.h"
#include "dkim/shared_body.h"
#include "services.h"

struct chain_check {
	struct chain *chain; /* arranged */
	const struct message *message;
	const struct services *services; /* with the share of time that the keys may take */
	struct shared_body *body;
	size_t body_number; /* of the hash for the newest message signature */

	/* what came out */
	const char *reason; /* NULL: nothing is wrong so far */
	bool changed;       /* what is wrong is that the message was changed, and nothing else */
	bool temporary;     /* a key could not be looked up */
	enum lookup_fault fault;
	/* of sets[i]: pass, fail, or none where it was not checked */
	enum result seals[INSTANCE_MAX], signature;
};

/* At the end of the header: all that is to be seen in the fields, and which hash of the body is
 * wanted. */
void chain_check_fields(struct chain_check *check);

/* At the end of the message, once the body is hashed: the newest message signature and all seals.
 * Waits for keys. Does nothing if there is a reason already. */
void chain_check_signatures(struct chain_check *check);

#endif

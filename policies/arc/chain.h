/*
 * chain.h - the ARC fields of a message, read one by one, and then arranged into sets (RFC
 * 8617 4.2).
 *
 * The work of policy_arc begins with its struct chain, and that is what the join() of a policy that
 * needs "arc" gets (policy.h); it is arranged at the end of the header.
 */
#ifndef ASSAY_CHAIN_H
#define ASSAY_CHAIN_H

#include "arc/instance.h"
#include "dkim/signature_message.h"
#include "message.h"

/* The fields of a set, in the order in which a seal signs them (RFC 8617 5.1.1). */
enum chain_part {
	CHAIN_RESULTS,
	CHAIN_MESSAGE,
	CHAIN_SEAL,
	CHAIN_PARTS
};
extern const char *const chain_part_names[]; /* "ARC-Authentication-Results", ..., NULL */

struct chain_field {
	enum chain_part part;
	struct header header;
	unsigned instance;   /* 0: cannot be read */
	const char *results; /* of CHAIN_RESULTS: what stands behind "i=N;" */
	/* of the others; its result is RESULT_NONE where the field can be used */
	struct signature signature;
};

struct chain_set {
	struct chain_field *parts[CHAIN_PARTS];
};

struct chain {
	struct arena *arena;
	size_t seen; /* ARC fields; the first CHAIN_FIELDS_MAX were read */
	size_t count, capacity;
	struct chain_field **fields;

	/* after chain_arrange() returned NULL: sets[i] has instance i + 1, and all of its parts */
	size_t set_count;
	struct chain_set *sets;
};

enum {
	CHAIN_FIELDS_MAX = CHAIN_PARTS * INSTANCE_MAX
};

/* Is it a field of ARC? Then it is read; the result is NULL where it is none, or one too many. */
struct chain_field *chain_add(struct chain *chain, const struct header *header);

/* Once, after the last field: NULL, or what is wrong with the structure (RFC 8617 5.2 step 3). */
const char *chain_arrange(struct chain *chain);

/* cv= of the seal of a set: "none", "pass" or "fail"; NULL for anything else. Its case does not
 * matter (RFC 8617 4.1.3: a literal of ABNF). */
const char *chain_status(const struct chain_set *set);

#endif

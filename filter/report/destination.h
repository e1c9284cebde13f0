/*
 * destination.h - where a report may go: the addresses behind an entry of rua, and whether their
 * owners want it (RFC 9990 3.4, 4).
 *
 * A destination under another Organizational Domain than the policy's has to say, in its own DNS at
 * POLICY-DOMAIN._report._dmarc.HOST, that it takes these reports; that record may name other
 * addresses of the same host.
 */
#ifndef ASSAY_DESTINATION_H
#define ASSAY_DESTINATION_H

#include "base/arena.h"
#include "base/setting.h"
#include "dmarc/tree_walk.h"
#include "services.h"

enum destination_outcome {
	DESTINATION_GOOD,
	DESTINATION_LATER,  /* DNS does not answer: nobody knows */
	DESTINATION_REFUSED /* nothing may be sent there */
};

struct destination {
	enum destination_outcome outcome;
	const char *addresses; /* as they stand in a header field, ", " between; "" unless good */
	size_t limit;    /* most octets of a mail that it takes (RFC 7489 6.2); 0: no limit given */
	const char *why; /* in words, unless good */
};

/* All about one report; everything in the arena of the walks. */
struct destination_question {
	const struct services *services;
	struct tree_walks *walks;
	struct arena *arena;
	const char *policy_domain;
	const struct strings *skip; /* the setting reports.skip */
};

/* The entries of a row's rua, in order, each with its size suffix where it has one. */
struct strings destination_entries(struct arena *arena, const char *rua);

/* Those of them that are mail addresses, each address once, with the larger limit where they
 * differ. Where none is, the first entry, so that somebody can be informed. */
struct strings destination_distinct(const struct destination_question *question, const char *rua);

/* The least size suffix of the entries, in octets of a mail, of those that are not below `least`;
 * SIZE_MAX for none. */
size_t destination_limit(struct arena *arena, const char *rua, size_t least);

/* Of addresses with ", " between, those that are not among `taken`, each once, and at most `room`.
 */
const char *destination_new(struct arena *arena, const char *addresses, const char *taken,
                            size_t room);

/* How many addresses there are. */
size_t destination_count(const char *addresses);

/* Starts the lookups that destination_find() waits for. */
void destination_prefetch(const struct destination_question *question, const char *entry);

struct destination destination_find(const struct destination_question *question, const char *entry);

/* The octets of the first of such addresses, and what follows it: "" after the last. */
size_t destination_first(const char *addresses);
const char *destination_next(const char *addresses);

/* Is a domain one of those that the setting reports.skip names, or below one? */
bool destination_skips_domain(const struct strings *skip, const char *domain, struct arena *arena);

/*
 * The address of a mailto URI (RFC 6068) with its percent-encoding undone and its local part quoted
 * where RFC 5321 wants that; NULL where it holds what no address can. `host` gets its domain, in
 * internal form.
 */
const char *destination_address(struct arena *arena, const char *uri, const char **host);

#endif

/*
 * store_ceiling.h - how many reports one organization gets for a period.
 *
 * Every name with a DMARC record of its own is a policy domain (RFC 9989 4.10), and one wildcard
 * makes any number of them: without a ceiling each cheap message from another name would have us
 * send a report, to wherever the records say. DNS cannot tell what an organization is here, since
 * its owner writes the records: names with the same two rightmost labels are one, and with the same
 * three below what looks like a registry
 * ("co.uk": a country and no more than three characters).
 */
#ifndef ASSAY_STORE_CEILING_H
#define ASSAY_STORE_CEILING_H

#include "store/store_outbox.h"

enum {
	STORE_CEILING_ORGANIZATION = 50,
	STORE_CEILING_REGISTRY = 1000 /* all names below such a registry together */
};

/*
 * The open reports beyond the ceiling, for a question to the store: ?1 and ?3 are `ended` and
 * `oldest` of struct outbox_times. Reports that were taken before come first, then those of most
 * messages that passed DMARC, then those of most messages: whoever forges names below a domain
 * crowds out none that its owner uses.
 */
extern const char store_ceiling_surplus[];

/* What these reports are. */
struct store_surplus {
	const char *organization, *example; /* example: the policy domain of one of them */
	unsigned long reports, messages;
};
typedef void store_ceiling_function(const struct store_surplus *surplus, void *with);

/* Teaches the database what the question asks. */
bool store_ceiling_prepare(struct store *store, struct problem *problem);

/* Tells of each organization that has some, those of most reports first; then the reports are
 * marked, so that nobody sends them, unless `only_look`. */
bool store_ceiling_apply(struct store *store, const struct outbox_times *times, bool only_look,
                         store_ceiling_function *each, void *with, struct problem *problem);

#endif

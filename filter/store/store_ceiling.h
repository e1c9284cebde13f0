/*
 * store_ceiling.h - how many reports one organization gets for a period.
 *
 * Every name with a DMARC record of its own is a policy domain (RFC 9989 4.10), and one wildcard
 * makes any number of them: without a ceiling each cheap message from another name would have us
 * send a report, to wherever the records say. DNS cannot tell what an organization is here, since
 * its owner writes the records. So names with the same two rightmost labels are one, and with the
 * same three below a registry ("co.uk").
 *
 * Unrelated owners can stand below what is one organization by that ("govt.nz", "eu.org"). So the
 * names below it take turns: each next label ("agency.govt.nz") has its first report before any
 * has a second one, whatever comes from other labels. Below that label it is the same once more
 * ("district.k12.ca.us"), and a registry gives organizations turns in the same way. Then reports
 * with most messages that passed DMARC come first, then those with most messages. A stranger
 * controls the records below his own label alone, and takes only turns that are left over.
 */
#ifndef ASSAY_STORE_CEILING_H
#define ASSAY_STORE_CEILING_H

#include "store/store_outbox.h"

enum {
	STORE_CEILING_ORGANIZATION = 500,
	STORE_CEILING_REGISTRY = 10000, /* all names below a registry together */
	/* in an organization: reports in which nothing passed and that go to the same addresses, as
	 * a forger makes them for a victim whose wildcard gives every name the same record */
	STORE_CEILING_ADDRESS = 50
};

/*
 * The open reports beyond a ceiling, as a query within parentheses: ?1 and ?3 are `ended` and
 * `oldest` of struct outbox_times. Reports that were taken before hold their places.
 */
extern const char store_ceiling_surplus[];

/* The reports of one organization or registry that are beyond its ceiling. */
struct store_surplus {
	const char *organization;
	const char *example; /* the policy domain of one of them */
	unsigned long reports, messages;
};
typedef void store_ceiling_function(const struct store_surplus *surplus, void *context);

/* Makes the functions known that the query calls. */
bool store_ceiling_prepare(struct store *store, struct problem *problem);

/*
 * Calls `each` for every organization or registry that has reports beyond a ceiling, those with
 * most of them first. Then the reports are marked, so that they are never sent, unless `only_look`.
 */
bool store_ceiling_apply(struct store *store, const struct outbox_times *times, bool dry_run,
                         store_ceiling_function *each, void *context, struct problem *problem);

#endif

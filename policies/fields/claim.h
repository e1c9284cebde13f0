/*
 * claim.h - header fields by which this server speaks, and which a message may bring along: which
 * of them are forged and have to go, and how many of those are too many.
 */
#ifndef ASSAY_CLAIM_H
#define ASSAY_CLAIM_H

#include "message.h"

/* The field that marks quarantined mail with quarantine.action tag and redirect. */
#define QUARANTINE_FIELD "X-Assay-Quarantine"

/* With quarantine.action redirect: for whom the message was. */
#define RECIPIENTS_FIELD "X-Envelope-To"

#define RESULTS_FIELD      "Authentication-Results"
#define RECEIVED_SPF_FIELD "Received-SPF"

enum {
	/* Forged fields of one message. The mail server walks through its file for each that is
	 * removed, so that time grows by the product of their number and the length of the header.
	 */
	CLAIM_FORGED_MAX = 50
};

enum claim {
	CLAIM_QUARANTINE,
	CLAIM_RECIPIENTS,
	CLAIM_RESULTS,
	CLAIM_RECEIVED_SPF,
	CLAIMS
};
extern const char *const claim_names[]; /* of the fields */

/* CLAIMS where the field is none of these. */
enum claim claim_of(const struct header *header);

/*
 * Would this field of the message have to go? Mail from our own networks may come back from a
 * content filter with fields of ours, so that all of its fields are believed; a login from outside
 * is not. X-Envelope-To goes where the site redirects, Received-SPF where it adds its own; of both
 * only fields from outside.
 */
bool claim_is_forged(const struct message *message, const struct header *header,
                     struct arena *arena);

/* The same of a field whose value is not known. */
bool claim_may_be_forged(const struct message *message, const struct header *header);

#endif

/*
 * claim.h - which header fields of a message are forged: those by which only this server may
 * speak. They are removed, and too many of them make the message be rejected.
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
	/* Forged fields of one message. The mail server reads through its file for each that is
	 * removed, so the time grows with their number times the length of the header. */
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
 * Is this field forged, so that it has to be removed? Mail from our own networks may come back from
 * a content filter with fields of this server, so all of its fields are trusted; those of a login
 * from outside are not. X-Envelope-To counts only where the site redirects, Received-SPF only where
 * it adds its own, and both only in mail from outside.
 */
bool claim_is_forged(const struct message *message, const struct header *header,
                     struct arena *arena);

/* May it be, for a field whose value is not known (NULL)? */
bool claim_may_be_forged(const struct message *message, const struct header *header);

#endif

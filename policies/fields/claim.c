/*
 * claim.c - which header fields of a message are forged: those that only this server may add, as
 * Authentication-Results in its name. Called by filter/session/headers.c, which counts them as they
 * pass, and by filter/session/apply.c, which removes them; decision.c rejects a message with too
 * many.
 */
#include "fields/claim.h"

#include "base/invariant.h"
#include "fields/received_spf_reader.h"
#include "fields/results_reader.h"

const char *const claim_names[] = {[CLAIM_QUARANTINE] = QUARANTINE_FIELD,
                                   [CLAIM_RECIPIENTS] = RECIPIENTS_FIELD,
                                   [CLAIM_RESULTS] = RESULTS_FIELD,
                                   [CLAIM_RECEIVED_SPF] = RECEIVED_SPF_FIELD};

enum claim claim_of(const struct header *header)
{
	enum claim claim = 0;

	invariant(header != NULL && header->name != NULL);
	while (claim < CLAIMS && !message_header_is(header, claim_names[claim]))
		claim++;
	return claim;
}

bool claim_may_be_forged(const struct message *message, const struct header *header)
{
	if (message->outbound && message->auth_user == NULL)
		return false;
	switch (claim_of(header)) {
	case CLAIM_QUARANTINE:
	case CLAIM_RESULTS:
		return true;
	case CLAIM_RECIPIENTS:
		return message->may_be_redirected && !message->outbound;
	case CLAIM_RECEIVED_SPF:
		return message->gets_received_spf && !message->outbound;
	default:
		return false;
	}
}

/* Does the field speak in this name of ours? */
static bool claim_is_in_name(const struct header *header, const char *name, struct arena *arena)
{
	if (name == NULL)
		return false;
	return claim_of(header) == CLAIM_RESULTS
	           ? results_reader_is_forged(header->value, name, arena)
	           : received_spf_reader_is_forged(header->value, name, arena);
}

bool claim_is_forged(const struct message *message, const struct header *header,
                     struct arena *arena)
{
	if (!claim_may_be_forged(message, header))
		return false;
	invariant(header->value != NULL);
	switch (claim_of(header)) {
	case CLAIM_RESULTS:
	case CLAIM_RECEIVED_SPF:
		return claim_is_in_name(header, message->receiver, arena) ||
		       claim_is_in_name(header, message->other_receiver, arena);
	default:
		return true;
	}
}

/*
 * indirect.h - does a message that fails DMARC show that it came through a list or a forwarder?
 *
 * RFC 9989 7.4 asks for more than p=reject before a reject, since such mail fails although
 * nobody forged it. But anybody can write a List-Id. So a sign counts only where the domain that it
 * names has itself passed SPF or DKIM, or has sealed the message, and can be held responsible.
 */
#ifndef ASSAY_INDIRECT_H
#define ASSAY_INDIRECT_H

#include <stdbool.h>

#include "base/arena.h"
#include "finding.h"
#include "message.h"

struct indirect_sign {
	const char *name; /* "List-Id", "SRS", "Resent-From", "Resent-Sender", "Sender" or "ARC" */
	const char *domain; /* that passed SPF or DKIM, or sealed the message */
	bool is_list;
};

/*
 * The first of these signs, or NULL, in `arena`:
 *   List-Id: SPF or DKIM passed for the domain of the list (RFC 2919 3: what follows the first dot)
 *   SRS: MAIL FROM has an SRS0 or SRS1 local part, and SPF passed for it
 *   Resent-From, Resent-Sender, Sender: SPF or DKIM passed for the domain of the address in it
 *   ARC: the chain is valid; or all seals verify, the message was changed after the newest one, and
 *   SPF or DKIM passed for the domain of that; and its first set does not say dmarc=fail for the
 *   author's domain, so that the message was a forgery before any hop could break it
 * A domain above or below the one that is named counts as well.
 */
const struct indirect_sign *indirect_find(const struct message *message,
                                          const struct findings *findings, struct arena *arena);

#endif

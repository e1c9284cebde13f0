/*
 * own_signatures.h - signatures by our own keys that outbound mail already has, because it comes
 * through for the second time: reports that were signed as they were made, mail that a content
 * filter hands back.
 */
#ifndef ASSAY_OWN_SIGNATURES_H
#define ASSAY_OWN_SIGNATURES_H

#include "dkim/body_hashes.h"
#include "message.h"
#include "sign/sent_fields.h"
#include "sign/signing_table.h"

struct own_signatures; /* one message's, in its arena */

/* At the end of the header; `body` is that of the message, before its first octet. */
struct own_signatures *own_signatures_begin(struct arena *arena, const struct message *message,
                                            const struct sent_field *sent,
                                            struct body_hashes *body);

/*
 * Looks for a signature by this key, with d= `domain` in internal form, that verifies over the
 * header as it is sent; asks `body` for the hash that it needs. Once a key and domain, before the
 * body. The fields that are looked at and the signatures that are checked are few, however many
 * there are: one that is overlooked makes the message be signed twice. Signatures with l= do not
 * count, nor do those that cover a field of which nobody knows how it is sent.
 */
void own_signatures_find(struct own_signatures *own, const char *domain,
                         const struct signing_key *key);

/*
 * After the end of the body: was one found that is as good as a new one? The body is the one that
 * it signs, its h= has each of `names` ("from:from:to", lower case) as often as they do, and it
 * does not expire (x=) before `until`.
 */
bool own_signatures_suffice(const struct own_signatures *own, const char *domain,
                            const struct signing_key *key, const char *names, time_t until);

#endif

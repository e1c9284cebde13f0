/*
 * author.h - the author domain: what RFC5322.From holds, with every oddity of it (RFC
 * 9989 5.3.1, 11.5).
 */
#ifndef ASSAY_AUTHOR_H
#define ASSAY_AUTHOR_H

#include "finding.h"
#include "message.h"

/*
 * author_field() takes each From field as it passes: it reads the mailbox-list (RFC 5322 3.4 with
 * the obsolete forms of 4.4, RFC 6854 groups, RFC 6532 UTF-8) and adds its domains to the author. A
 * field of more than 32768 octets is broken whatever it holds: a mail server may deliver more of it
 * than it shows a milter. author_finish() then says what they amount to.
 */
struct author *author_begin(struct arena *arena);
void author_field(struct author *author, const char *value, struct arena *arena);
void author_finish(struct author *author, bool header_cut, struct arena *arena);

/* Logs what was found in From at level debug; `services` may be NULL. After author_finish(). */
void author_debug(const struct author *author, const struct services *services);

/* Of an author with `bracketed`, once the other domains are known to be of its organization:
 * AUTHOR_ONE. */
void author_settle(struct author *author);

/*
 * Of an author with AUTHOR_ONE: the address of each mailbox, as many as its local parts,
 * "local@domain" with the local part as local_part.h has it. NULL for one that, without comments,
 * is still longer than an address can be; it may then be any address. Time
 * and memory are linear in the length of From.
 */
const char *const *author_addresses(const struct author *author, struct arena *arena);

#endif

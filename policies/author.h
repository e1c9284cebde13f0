/*
 * author.h - the author domain: what RFC5322.From holds, every oddity of it in one place (RFC
 * 9989 5.3.1, 11.5).
 */
#ifndef ASSAY_AUTHOR_H
#define ASSAY_AUTHOR_H

#include "finding.h"
#include "message.h"

/*
 * Reads the mailbox-list of one From value (RFC 5322 3.4 with the obsolete forms of 4.4, RFC 6854 groups, RFC
 * 6532 UTF-8) and adds its domains to the author. Called with each From field as it passes; author_finish()
 * then says what they amount to.
 */
/* Is that the name of a From field? RFC 5322 4.5 allowed white space before the colon, and some readers still
 * do; servers may leave it in the name. */
bool author_is_from(const char *name);

struct author *author_begin(struct arena *arena);
void author_field(struct author *author, const char *value, struct arena *arena);
void author_finish(struct author *author, bool header_cut, struct arena *arena);

#endif

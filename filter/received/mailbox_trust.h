/*
 * mailbox_trust.h - whether a report counts that the operator gives us to read: a file, or a mail
 * from a mailbox or a pipe. What assayd captures itself is judged when it passes, not here.
 *
 * A bare file counts: the operator chose it. In a mailbox is what strangers sent: a mail counts
 * where an Authentication-Results field in our name says that DMARC passed (of a TLS report: with a
 * signature of its author's, RFC 8460 3). Fields in our name are believed: assayd removes forged
 * ones from all mail that passes it.
 */
#ifndef ASSAY_MAILBOX_TRUST_H
#define ASSAY_MAILBOX_TRUST_H

#include "base/arena.h"
#include "received/reader.h"
#include "rows/received_report.h"

enum mailbox_trust {
	MAILBOX_OUR_WORD,
	/* behind another mail in a pipe: an alias of Postfix hands over one mail with a
	 * "From " line on top and does not mark such lines in it, so its sender may have written
	 * all of it */
	MAILBOX_NOTHING,
	/* the operator vouches for mail on which we said nothing: from before we were there, or
	 * from another host */
	MAILBOX_UNJUDGED
};

/*
 * `reporter` is the domain that DMARC passed for by our own word, NULL where the report does not
 * count; of MAILBOX_UNJUDGED the author domain of the mail; of a bare report the domain of its
 * e-mail address or its organization, or "unknown".
 * `received` is the Date of the mail, or `now`. `place` is kept. Texts are in the arena.
 */
void mailbox_trust_judge(const struct reader_mail *mail, const struct received_report *report,
                         enum mailbox_trust trust, const char *authserv_id, int64_t now,
                         const char *place, struct arena *arena, struct received_arrival *arrival);

#endif

/*
 * mailbox_trust.h - whether a report counts that the operator gives us to read: a file, or a mail
 * from a mailbox or a pipe. What assayd captures itself is judged when it passes, not here.
 *
 * The operator chose it, so it counts, unless our own server says otherwise: where the mail has an
 * Authentication-Results field in our name with a result of DMARC, it counts only if that is a pass
 * (of a TLS report: a pass that DKIM has a part in, RFC 8460 3). Fields in our name are believed:
 * assayd removes forged ones from all mail that passes it.
 */
#ifndef ASSAY_MAILBOX_TRUST_H
#define ASSAY_MAILBOX_TRUST_H

#include "base/arena.h"
#include "received/reader.h"
#include "rows/received_report.h"

/*
 * `reporter` is the domain that DMARC passed for by our own word; else the author domain of the
 * mail; of a bare report the domain of its e-mail address or its organization, or "unknown".
 * `received` is the Date of the mail, or `now`. `place` is kept. Texts are in the arena.
 */
void mailbox_trust_judge(const struct reader_mail *mail, const struct received_report *report,
                         const char *authserv_id, int64_t now, const char *place,
                         struct arena *arena, struct received_arrival *arrival);

#endif

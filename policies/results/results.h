/*
 * results.h - Authentication-Results (RFC 8601): the field that this server adds.
 */
#ifndef ASSAY_RESULTS_H
#define ASSAY_RESULTS_H

#include "decision/decision.h"
#include "finding.h"
#include "message.h"

/*
 * The value of our field, without its name: authserv_id and all results, folded with LF and a tab
 * as milter wants it, no line over 78 octets where a fold is possible. Everything from outside is
 * quoted or left out.
 */
const char *results_write(const struct message *message, const struct findings *findings,
                          const struct verdict *verdict, const char *authserv_id,
                          struct arena *arena);

#endif

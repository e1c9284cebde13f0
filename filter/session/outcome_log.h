/*
 * outcome_log.h - the one line that every message leaves in the log.
 */
#ifndef ASSAY_OUTCOME_LOG_H
#define ASSAY_OUTCOME_LOG_H

#include "decision/decision.h"
#include "dns/query_session.h"

/* At level info: "QUEUE-ID: action=reject from=example.org ..."; contrib/guides/log.md has the
 * fields. `copy`: what became of the copy of a report (copy.h), NULL: none was to be kept.
 * `query_session` NULL: nothing was looked up. */
void outcome_log(const struct message *message, const struct findings *findings,
                 const struct verdict *verdict, const char *copy,
                 const struct query_session *query_session, double milliseconds,
                 struct arena *arena);

/* The mail server's name for a message, with which every line about it begins; in the arena, or a
 * literal. */
const char *outcome_log_queue_id(const struct message *message, struct arena *arena);

#endif

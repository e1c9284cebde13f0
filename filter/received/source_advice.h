/*
 * source_advice.h - what a source is, and the one sentence that says what to do about it, with the
 * records to publish where these are the cure.
 */
#ifndef ASSAY_SOURCE_ADVICE_H
#define ASSAY_SOURCE_ADVICE_H

#include "received/source_facts.h"

extern const char *const source_advice_kind_names[]; /* "ours", "service", ..., NULL */

/* Fills in kind (unless it is ours already), weight, advice and publish. */
void source_advice_give(struct source_facts *facts, struct source *source);

/* Are its messages mail of the domain's owner, as far as anybody can know from outside? */
bool source_advice_is_own(const struct source *source);

#endif

/*
 * decision_arc.h - the consideration about ARC: a message that fails DMARC, and that a listed
 * sealer saw pass. For the table of decision.c alone.
 */
#ifndef ASSAY_DECISION_ARC_H
#define ASSAY_DECISION_ARC_H

#include "decision/decision_context.h"

/* DMARC fails, something would be done about it, and a trusted chain restores the message. No rule
 * of the site is about it: what a rule asks for is stronger. */
bool decision_arc_restores(const struct decision_context *context);

/* The message is accepted; the report says which chain was believed (RFC 8617 7.2.2). */
void decision_arc_accept(const struct decision_context *context, struct verdict *verdict);

#endif

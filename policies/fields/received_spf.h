/*
 * received_spf.h - Received-SPF (RFC 7208 9.1), for those who read it beside or instead of
 * Authentication-Results.
 */
#ifndef ASSAY_RECEIVED_SPF_H
#define ASSAY_RECEIVED_SPF_H

#include "finding.h"
#include "message.h"

/*
 * The value of the field, without its name, about the MAIL FROM identity that `finding` judged;
 * folded like Authentication-Results, and of the same result and domain. A key whose value cannot
 * be said without an escape is left out.
 */
const char *received_spf_write(const struct message *message, const struct spf_finding *finding,
                               struct arena *arena);

#endif

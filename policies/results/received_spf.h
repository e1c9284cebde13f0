/*
 * received_spf.h - Received-SPF (RFC 7208 9.1), for those who read it beside or instead of
 * Authentication-Results.
 */
#ifndef ASSAY_RECEIVED_SPF_H
#define ASSAY_RECEIVED_SPF_H

#include "finding.h"
#include "message.h"

/*
 * The value of the field, without its name, about the MAIL FROM identity that `finding` judged; folded like
 * Authentication-Results, and of the same result and domain. A key whose value cannot be said without an
 * escape is left out.
 */
const char *received_spf_write(const struct message *message, const struct spf_finding *finding,
                               struct arena *arena);

/*
 * Could a reader take this value, which came from outside, for our own? So it is where it names our server,
 * in receiver= or anywhere else, and where it does not name exactly one receiver. Fields of servers that
 * handed the message on, by RFC 7208 9.1 or by the sloppier grammar of common writers, are told apart.
 */
bool received_spf_is_forged(const char *value, const char *receiver, struct arena *arena);

#endif

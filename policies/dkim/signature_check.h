/*
 * signature_check.h - whether a signature verifies, once its key and the hashes are there, and the
 * objections to one that do not depend on either.
 */
#ifndef ASSAY_SIGNATURE_CHECK_H
#define ASSAY_SIGNATURE_CHECK_H

#include <time.h>

#include "dkim/dkim_settings.h"
#include "dkim/signature_message.h"

/* NULL, or why it has expired (x=): clocks may differ by five minutes. */
const char *signature_check_expiry(struct arena *arena, const struct signature_field *field,
                                   time_t now);

/* Does b= verify with one of the keys? */
bool signature_check_keys(const struct signature *signature, const unsigned char *header_hash);

/* VERIFIER_PASS, or what does not fit; keys were found, `outcome` has the hashes. `whole`: octets
 * of the canonical body. */
enum verifier_result signature_check(const struct signature *signature,
                                     const struct verifier_outcome *outcome, uint64_t whole);

/* NULL, or why a signature that verifies (VERIFIER_PASS) does not count: its l= leaves, or may
 * leave, octets unsigned (RFC 6376 8.2). */
const char *signature_check_limit(struct arena *arena, const struct signature_field *field,
                                  const struct dkim_settings *settings, uint64_t whole);

#endif

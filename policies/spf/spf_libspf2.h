/*
 * spf_libspf2.h - the second engine: libspf2, behind our own record check.
 */
#ifndef ASSAY_SPF_LIBSPF2_H
#define ASSAY_SPF_LIBSPF2_H

#include "spf/spf_request.h"

/*
 * Evaluates the request with libspf2 if that is safe and correct: fills in result, reason, both
 * counts of lookups and engine, but not the mechanism, which libspf2 does not report. False, with
 * result and engine unchanged, if a record on the way is not for it (broken, large, macros, exp=)
 * or a limit of RFC 7208 4.6.4 was reached: then the caller uses spf_evaluate().
 */
bool spf_libspf2(const struct spf_request *request, struct spf_finding *finding);

/* The version of libspf2 that runs. */
void spf_libspf2_version(char *text, size_t room);

#endif

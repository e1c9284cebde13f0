/*
 * spf_libspf2.h - the second engine: libspf2, behind our own record check.
 */
#ifndef ASSAY_SPF_LIBSPF2_H
#define ASSAY_SPF_LIBSPF2_H

#include "spf/spf_request.h"

/*
 * Judges the request with libspf2 where that is safe and libspf2 can be right: result, reason, both
 * counts of lookups and engine are filled in; which term decided it does not tell. False, with the
 * finding untouched, where a record on the way is not for it (not sound, not small, macros, exp=,
 * or evaluated beyond a limit of RFC 7208 4.6.4): spf_evaluate() has to judge.
 */
bool spf_libspf2(const struct spf_request *request, struct spf_finding *finding);

/* The version of libspf2 that runs. */
void spf_libspf2_version(char *text, size_t room);

#endif

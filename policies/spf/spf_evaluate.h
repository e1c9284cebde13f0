/*
 * spf_evaluate.h - check_host() of RFC 7208 4, Assay's own evaluator.
 */
#ifndef ASSAY_SPF_EVALUATE_H
#define ASSAY_SPF_EVALUATE_H

#include "spf/spf_request.h"

/*
 * Evaluates the request and fills in the finding, except scope, domain and second_opinion. Waits
 * for lookups until the deadline of the services. The request must have a domain, and its client a
 * family.
 */
void spf_evaluate(const struct spf_request *request, struct spf_finding *finding);

#endif

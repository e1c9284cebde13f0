/*
 * check_explain.h - why the policies found what they found, step by step.
 */
#ifndef ASSAY_CHECK_EXPLAIN_H
#define ASSAY_CHECK_EXPLAIN_H

#include "tool/check/check.h"
#include "tool/check/check_page.h"

/* SPF, DKIM, DMARC and the policy that applied, of a message that was judged. */
void check_explain(struct check_page *page, const struct check_outcome *check);

#endif

/*
 * row_fixture.h - a report row like many, for tests and measurements: a message of example.org that
 * passed by a signature, under p=reject.
 */
#ifndef ASSAY_ROW_FIXTURE_H
#define ASSAY_ROW_FIXTURE_H

#include "rows/row.h"

/* Without signatures: the strings live as long as the program. Change what matters. */
struct report_row row_fixture(void);

#endif

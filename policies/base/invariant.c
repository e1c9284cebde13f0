/*
 * invariant.c - the last line of a process that found itself to be wrong; see invariant.h.
 */
#include "base/invariant.h"

#include <stdio.h>
#include <stdlib.h>

void invariant_failed(const char *file, int line, const char *condition)
{
	fprintf(stderr,
	        "assay: a defect at %s:%d: \"%s\" does not hold; ending. Please report this line\n",
	        file, line, condition);
	abort();
}

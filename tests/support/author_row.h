/*
 * author_row.h - a From value and what it has to be read as.
 */
#ifndef ASSAY_AUTHOR_ROW_H
#define ASSAY_AUTHOR_ROW_H

#include "author.h"

struct author_row {
	const char *value;
	enum author_state state;
	const char *domains; /* all that are readable, with blanks between */
	const char *reason;  /* words that the reason contains */
};

/* All domains of the author, with blanks between them. */
const char *author_row_domains(const struct author *author, struct arena *arena);

/* Fails the test where it is read as something else. */
void author_row_check(const struct author_row *row);

#endif

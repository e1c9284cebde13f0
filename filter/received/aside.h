/*
 * aside.h - files that are kept for people beside the store: what the reader could not read, with
 * the reason, and failure reports where the settings ask for them. Bounded, the oldest go first.
 */
#ifndef ASSAY_ASIDE_H
#define ASSAY_ASIDE_H

#include <stdbool.h>

#include "base/problem.h"

enum {
	ASIDE_FILES_MAX = 1000,
	ASIDE_OCTETS_MAX = 256 * 1024 /* of a file that are kept */
};

#define ASIDE_UNREADABLE "unreadable"
#define ASIDE_FAILURES   "failures"

/*
 * Copies the beginning of a regular file or memfd into STORE.received/PART/, under a name that
 * begins with the time; `reason` and `place` stand in the first
 * lines, an empty line behind them. The place of the descriptor moves. False: it could not be
 * written; nothing of it is left.
 */
bool aside_keep(const char *store, const char *part, int file, const char *reason,
                const char *place, struct problem *problem);

#endif

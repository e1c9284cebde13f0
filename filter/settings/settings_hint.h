/*
 * settings_hint.h - what a line with a syntax error was probably meant to say.
 */
#ifndef ASSAY_SETTINGS_HINT_H
#define ASSAY_SETTINGS_HINT_H

#include "base/arena.h"

/* "write \"monitor\" with quotes", in the arena; NULL where the line shows nothing usual. */
const char *settings_hint(const char *line, struct arena *arena);

#endif

/*
 * clean.h - texts, names and numbers of strangers in the form of received_report.h. For take_*.c.
 */
#ifndef ASSAY_CLEAN_H
#define ASSAY_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * Well-formed UTF-8 of at most RECEIVED_TEXT_MAX octets without control characters and marks of
 * direction: a question mark stands for what was not, one blank for white space, none at the ends.
 * NULL where nothing is left. `changed` is set where characters were replaced or cut off.
 */
const char *clean_text(struct arena *arena, const char *bytes, size_t length, bool *changed);

/* The same in lower case (ASCII). */
const char *clean_word(struct arena *arena, const char *bytes, size_t length, bool *changed);

/* A domain in internal form, or that of a mail address, also in angle brackets. NULL where it is
 * none. */
const char *clean_domain(struct arena *arena, const char *text);

/* As address_print() writes it; of a network the address where it is a single one. */
const char *clean_address(struct arena *arena, const char *text);

/* A whole number; what stands behind a decimal point is left out. False: the text is none, or out
 * of the range of int64_t. */
bool clean_number(const char *text, int64_t *number);

#endif

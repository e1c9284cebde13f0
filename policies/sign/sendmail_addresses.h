/*
 * sendmail_addresses.h - the form in which Sendmail writes a list of addresses that it took. It
 * writes them anew when the last milter has spoken: "a@x,b@x" leaves as "a@x, b@x". What is
 * signed has to be what will be read.
 */
#ifndef ASSAY_SENDMAIL_ADDRESSES_H
#define ASSAY_SENDMAIL_ADDRESSES_H

#include <stdbool.h>

#include "base/arena.h"

/* How well the form is known. */
enum sendmail_addresses_known {
	SENDMAIL_UNKNOWN, /* depends on more than the value, or on a corner of Sendmail's parser */
	SENDMAIL_USUAL,   /* as long as the option MustQuoteChars is as it comes */
	/* by Sendmail's code, whatever its options; rules that change addresses themselves aside */
	SENDMAIL_CERTAIN
};

/* Does Sendmail write fields of this name anew? Names in lower case. */
bool sendmail_addresses_has(const char *name);

/*
 * `value` as in struct header; `*form`, in the arena, is the value that will be sent, folds and
 * all. It is left alone where it is unknown. Time is linear in the length of the value.
 */
enum sendmail_addresses_known sendmail_addresses_form(struct arena *arena, const char *name,
                                                      const char *value, const char **form);

#endif

/*
 * keys_check.h - do the signing keys work? Each makes a signature that libopendkim has to verify
 * with the public half.
 *
 * That takes about half a millisecond a key. Where there are more than KEYS_TRIED, the others were
 * checked by their numbers when they were read (crypto_rsa.c), and that has to do.
 */
#ifndef ASSAY_KEYS_CHECK_H
#define ASSAY_KEYS_CHECK_H

#include "base/problem.h"
#include "sign/signing_table.h"

enum {
	KEYS_TRIED = 1000
};

/* On all processors. False: the problem names the first key that does not work. */
bool keys_check(const struct signing_table *table, struct problem *problem);

#endif

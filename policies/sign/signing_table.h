/*
 * signing_table.h - the private keys of a settings snapshot, found by domain in constant time.
 *
 * Filled once (filter/settings/keys.c reads the files), const afterwards for all threads. A
 * domain's keys stand RSA first (RFC 8463 1 asks for both as long as not everybody verifies
 * Ed25519).
 */
#ifndef ASSAY_SIGNING_TABLE_H
#define ASSAY_SIGNING_TABLE_H

#include <stddef.h>

#include "crypto/crypto_private.h"

struct signing_key {
	const char *selector;
	struct crypto_private *private;
	const char *file;
};

struct signing_keys {
	const char *domain; /* internal form: d= */
	size_t count;
	const struct signing_key *keys;
};

struct signing_table;

struct signing_table *signing_table_new(void);
void signing_table_free(struct signing_table *table); /* NULL is allowed; frees the keys too */

/* `entry` is the index of the entry of "sign". The table owns `private`; strings are
 * copied. */
void signing_table_add(struct signing_table *table, size_t entry, const char *domain,
                       const char *selector, struct crypto_private *private, const char *file);

/* NULL where that entry has no key for the domain. */
const struct signing_keys *signing_table_find(const struct signing_table *table, size_t entry,
                                              const char *domain);

/* All of them by number, in the order added. */
size_t signing_table_count(const struct signing_table *table);
const struct signing_key *signing_table_key(const struct signing_table *table, size_t number,
                                            const char **domain);

#endif

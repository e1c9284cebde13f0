/*
 * keys.h - reads the signing keys of the setting "sign" from their files, and checks each.
 *
 * `keys` of an entry is one key file (of any name where the entry has a `selector`), or a folder.
 * Of a folder for a known domain (the entry's `sign_as`, or its `domain`) the files
 * DOMAIN/SELECTOR.pem count, or, where it has no folder of that name, SELECTOR.pem; an entry that
 * takes subdomains has DOMAIN/SELECTOR.pem of these too; of a folder for an entry without a domain,
 * DOMAIN/SELECTOR.pem counts for every domain. Other files are left alone: SELECTOR.pending is a
 * key that waits for its DNS record, SELECTOR.retired-DAY one whose record stays until that day
 * (tool/key/key.h).
 */
#ifndef ASSAY_KEYS_H
#define ASSAY_KEYS_H

#include "base/arena.h"
#include "base/problem.h"
#include "sign/sign.h"

/* The first half of keys_load(): the domains of the entries alone; no key is read. */
bool keys_names(struct sign_settings *settings, struct arena *arena, struct problem *problem);

/* One key from its file; NULL and a problem that names it. */
struct crypto_private *keys_read(const char *path, struct problem *problem);

/*
 * Fills in settings->table (the caller frees it), and brings the domains of the entries into their
 * internal form, in `arena`. A key that group or others may read or that does not work is a problem
 * that names the file and what to do: each key makes a test signature that libopendkim has to
 * verify. Uses all processors for that.
 */
bool keys_load(struct sign_settings *settings, struct arena *arena, struct problem *problem);

#endif

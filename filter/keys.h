/*
 * keys.h - reads the signing keys of the setting "sign" from their files, and checks each.
 *
 * `keys` of an entry is one key file, or a folder. Of a folder for a known domain (the entry's `sign_as`, or
 * its `domain`) the files DOMAIN/SELECTOR.pem count, or, where it has no folder of that name, SELECTOR.pem;
 * of a folder for an entry without a domain, DOMAIN/SELECTOR.pem for every domain. Other files are left
 * alone.
 */
#ifndef ASSAY_KEYS_H
#define ASSAY_KEYS_H

#include "arena.h"
#include "problem.h"
#include "sign.h"

/*
 * Fills in settings->table (the caller frees it), and brings the domains of the entries into their internal
 * form, in `arena`. A key that group or others may read or that does not work is a problem that names the
 * file and what to do: each key makes a test signature that libopendkim has to verify. Uses all processors
 * for that.
 */
bool keys_load(struct sign_settings *settings, struct arena *arena, struct problem *problem);

#endif

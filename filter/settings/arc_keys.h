/*
 * arc_keys.h - reads the key of the group "arc", with which mail is sealed.
 */
#ifndef ASSAY_ARC_KEYS_H
#define ASSAY_ARC_KEYS_H

#include "arc/arc.h"
#include "base/arena.h"
#include "base/problem.h"

/* Where its keys are: arc.keys, or the folder in which `assay key` makes them. */
const char *arc_keys_place(const struct arc_settings *settings);

/*
 * Fills in settings->table (the caller frees it) and settings->key, the first RSA key of
 * arc.domain. Where arc.seal is "never", nothing is read. A key is read and tried as those of
 * "sign" are (keys.h); no RSA key of 2048 bits is a problem that says what to do: other servers
 * know no other kind (RFC 8617 4.1.2, RFC 8301 3.2).
 */
bool arc_keys_load(struct arc_settings *settings, struct arena *arena, struct problem *problem);

#endif

/*
 * key_folder.h - a temporary folder of signing keys, for unit tests.
 */
#ifndef ASSAY_KEY_FOLDER_H
#define ASSAY_KEY_FOLDER_H

#include "base/arena.h"
#include "crypto/crypto_private.h"

/* Goes with the arena, and all in it. */
const char *key_folder_new(struct arena *arena);

/* FOLDER/NAME with these words and this mode; folders on the way are made. Returns the path. */
const char *key_folder_write(struct arena *arena, const char *folder, const char *name,
                             const char *words, unsigned mode);

/* The same with a new key. */
const char *key_folder_key(struct arena *arena, const char *folder, const char *name,
                           enum crypto_kind kind);

#endif

/*
 * import_sign.h - the signatures that OpenDKIM would make, which become entries of "sign"; for
 * import_sign.c and the files that it calls.
 */
#ifndef ASSAY_IMPORT_SIGN_H
#define ASSAY_IMPORT_SIGN_H

#include "tool/import/import.h"

enum {
	IMPORT_COMMENT_MAX = 400 /* octets of a line of a table that are shown */
};

struct import_signing {
	struct import_work *work;
	struct import_set keys, table; /* KeyTable and SigningTable */
	struct import_set beside;      /* of dkimpy-milter, KeyTableEd25519: keys that sign too */
	bool several;                  /* MultipleSignatures */
	const char *canonicalization;  /* NULL: Assay's default */
	long expire_days;
	const char *headers;      /* of import_headers() */
	const char **key_domains; /* of KeyTable's names: as domains, NULL where they are not */
	size_t compared;          /* pairs of lines that were compared */
	size_t count, room;
	struct import_signature *items;
	const char **paths; /* of the keys, by signature; NULL: not usable */
};

/* import_signing.c */

/* Adds a copy. Domain and selector are not NULL. */
void import_signing_add(struct import_signing *signing, const struct import_signature *signature);

/* "FILE:LINE: NAME VALUE", at most IMPORT_COMMENT_MAX octets, safe to print. */
const char *import_signing_comment(struct arena *arena, struct import_place place, const char *name,
                                   const char *value);

/* Sets by_folder where the domain that signs has one selector and no other key under --keys: the
 * entry may then name the folder, and `assay key` can rotate what is in it. */
void import_signing_find_folders(struct import_signing *signing);

/* The other files */

/* Adds the signatures of SigningTable and KeyTable, in the order in which OpenDKIM would find them.
 */
void import_table(struct import_signing *signing);

/* The settings `headers` and `oversign`, as lines; "" where Assay's own lists do. */
const char *import_headers(struct import_work *work);

/* Is SELECTOR.pem the only key in the folder of a domain under --keys? */
bool import_keys_alone(const struct import_work *work, const char *domain, const char *selector);

/* How many folders of domains there are under --keys. */
size_t import_keys_folders(const struct import_work *work);

#endif

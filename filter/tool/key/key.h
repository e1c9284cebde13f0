/*
 * key.h - the parts of `assay key`: the arguments, where the keys of a domain are, the files of a
 * folder, and the DNS records that publish them.
 *
 * From a domain's folder assayd reads only SELECTOR.pem (filter/settings/keys.h). A rotation
 * renames: a new key is SELECTOR.pending until the DNS has its record, then SELECTOR.pem; the key
 * before it becomes SELECTOR.retired-YYYY-MM-DD, and its record has to stay until that day for mail
 * under way.
 */
#ifndef ASSAY_KEY_H
#define ASSAY_KEY_H

#include <stdio.h>

#include "settings/settings.h"

/* The command line, and what all verbs use. */
struct key_arguments {
	const char *settings_file; /* NULL: the standard one */
	const char *keys;          /* --keys; NULL: what the settings say */
	const char *selector;      /* of --selector or the second argument, or NULL */
	const char *domain;        /* internal form; NULL: all */
	long bits;
	bool json;
	bool without_dns;

	struct settings *settings;
	struct arena *arena;
};

/* Each returns the exit status. */
int key_new(const struct key_arguments *arguments);
int key_dns(const struct key_arguments *arguments);
int key_list_check(const struct key_arguments *arguments);
int key_list(const struct key_arguments *arguments);
int key_retire(const struct key_arguments *arguments);

/* Where the keys of one domain are. */
struct key_place {
	const char *domain;
	const char *path; /* a folder, there or not yet, or one key file */
	bool one_file;
	const char *selector; /* of the one file; NULL or "": its name */
	bool covered;         /* an entry of "sign" uses it */
};

/* The place of the keys of arguments->domain, which is not NULL. */
struct key_place key_place_find(const struct key_arguments *arguments);

/* Calls `each` for every domain with keys, or only for arguments->domain. False: see
 * `problem`. */
bool key_place_each(const struct key_arguments *arguments,
                    bool (*each)(const struct key_place *place, void *context), void *context,
                    struct problem *problem);

enum key_state {
	KEY_SIGNS,
	KEY_PENDING,
	KEY_RETIRED
};
extern const char *const key_file_names[]; /* "signs", "pending", "retired" */

struct key_file {
	const char *domain, *selector, *path;
	enum key_state state;
	const char *until;              /* of KEY_RETIRED: "2026-11-29"; else NULL */
	struct crypto_private *private; /* ends with the arena; NULL if it cannot be read */
	const char *problem; /* why it cannot be read, or that its owner is wrong; else NULL */
};

struct key_files {
	size_t count;
	struct key_file *items; /* by name */
};

/* Lists the keys of a domain; a folder that does not exist has none. `user` is the daemon's. Memory
 * is the arena's. False and a problem if the folder cannot be read. */
bool key_file_list(const struct key_place *place, const char *user, struct arena *arena,
                   struct key_files *files, struct problem *problem);

/* Writes a new file that only the daemon's user can read: whole or not at all, and never over an
 * existing one. */
bool key_file_write(const char *path, const char *text, const char *user, struct problem *problem);

/* Creates the folder and those above it; only the daemon's user can read them. */
bool key_file_make_folder(const char *folder, const char *user, struct problem *problem);

/* Renames a file in its folder, never over an existing one. */
bool key_file_rename(const char *from, const char *to, struct problem *problem);

/* Removes a file, if it exists. Like the others, it does not follow a link instead of the
 * folder. */
void key_file_remove(const char *path);

/* "20261122r._domainkey.example.com" */
const char *key_text_name(const struct key_file *file, struct arena *arena);

/* "v=DKIM1; k=rsa; p=..." (RFC 6376 3.6.1); NULL without a readable key. */
const char *key_text_value(const struct key_file *file, struct arena *arena);

/* For a zone file, in strings of at most 255 octets (RFC 1035 3.3), and in one piece for web forms,
 * as a comment: the whole can be appended to a zone file. */
void key_text_publish(const struct key_file *file, struct arena *arena, FILE *to);

/* "rsa 2048", "ed25519"; "unreadable" for NULL */
const char *key_text_kind(const struct crypto_private *key, struct arena *arena);

/* The date in so many days from now, UTC: "2026-11-29", or without dashes. */
const char *key_text_day(struct arena *arena, unsigned days, bool dashes);

/* Prints how to make assayd read changed files. */
void key_text_reload(void);

enum key_publication {
	KEY_PUBLISHED,
	KEY_MISSING,  /* no record of that name */
	KEY_DIFFERS,  /* a record with another key */
	KEY_REVOKED,  /* p= is empty */
	KEY_UNUSABLE, /* a record that verifies nothing: its syntax, its s=, h= or k= */
	KEY_UNKNOWN   /* the DNS did not answer, or the key file cannot be read */
};
extern const char *const key_published_names[]; /* "published", "missing", "differs", ... */

struct key_published {
	enum key_publication state;
	bool testing; /* t=y */
	bool secure;  /* validated by DNSSEC */
	const char *text;
};

struct key_published key_published(const struct services *services, const struct key_file *file,
                                   struct arena *arena);

#endif

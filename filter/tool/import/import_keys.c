/*
 * import_keys.c - the key of a signature: in place where Assay can read it there, or copied for the
 * user of assayd into the folder of --keys, as FOLDER/DOMAIN/SELECTOR.pem. Called by import_sign.c.
 * The original file is never touched.
 */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "base/invariant.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "crypto/crypto_private.h"
#include "settings/keys.h"
#include "tool/import/import_sign.h"
#include "tool/key/key.h"

enum {
	PEM_LINE = 64,
	SEED_SIZE = 32
};

/* One line of base64, as a key table may have it, as PEM of that kind. */
static const char *wrap(struct arena *arena, const char *base64, const char *kind)
{
	struct text text;

	text_begin(&text, arena, 2 * IMPORT_KEY_MAX);
	text_add_format(&text, "-----BEGIN %s-----\n", kind);
	while (*base64 != '\0') {
		size_t length = strnlen(base64, PEM_LINE);

		text_add_bytes(&text, base64, length);
		text_add(&text, "\n");
		base64 += length;
	}
	text_add_format(&text, "-----END %s-----\n", kind);
	return text.bytes;
}

static bool works(const char *pem, struct problem *problem)
{
	struct crypto_private *key = crypto_private_read(pem, strlen(pem), problem);

	crypto_private_free(key);
	return key != NULL;
}

/* What dkimpy has as an Ed25519 key: the base64 of its 32 octets (RFC 8032 5.1.5), which PKCS#8
 * puts after these (RFC 8410 7). NULL if it is not such a key. */
static const char *seed_pem(struct arena *arena, const char *base64)
{
	static const unsigned char before[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
	                                       0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
	size_t length;
	const unsigned char *seed = base64_decode(arena, base64, &length);
	unsigned char whole[sizeof before + SEED_SIZE];

	if (seed == NULL || length != SEED_SIZE)
		return NULL;
	memcpy(whole, before, sizeof before);
	memcpy(whole + sizeof before, seed, SEED_SIZE);
	return wrap(arena, base64_encode(arena, whole, sizeof whole), "PRIVATE KEY");
}

/* A key that is part of the table itself. */
static const char *inline_pem(struct arena *arena, const char *base64, struct problem *problem)
{
	const char *plain = wrap(arena, base64, "PRIVATE KEY");

	if (works(plain, problem))
		return plain;
	plain = wrap(arena, base64, "RSA PRIVATE KEY");
	if (works(plain, problem))
		return plain;
	plain = seed_pem(arena, base64);
	if (plain != NULL)
		return plain;
	problem_say(problem,
	            "what stands there is neither the path of a key nor the base64 of one");
	return NULL;
}

static const char *pem_of(struct import_work *work, const struct import_signature *signature,
                          struct problem *problem)
{
	const char *bytes;
	size_t length;
	struct problem why;

	if (!signature->is_path)
		return inline_pem(work->arena, signature->key, problem);
	if (!import_file_read(work->arena, signature->key, IMPORT_KEY_MAX, false, &bytes, &length,
	                      &why)) {
		problem_say(problem, "the key %s", why.message);
		return NULL;
	}
	if (works(bytes, &why))
		return bytes;
	if (seed_pem(work->arena, bytes) != NULL)
		return seed_pem(work->arena, bytes);
	problem_say(problem, "the key %s %s", signature->key, why.message);
	return NULL;
}

/* A file of an earlier import: the same key is fine, another one is never replaced. */
static bool is_there(struct import_work *work, const char *path, const char *pem,
                     struct problem *problem)
{
	const char *bytes;
	size_t length;

	if (!import_file_read(work->arena, path, IMPORT_KEY_MAX, false, &bytes, &length, problem))
		return false;
	return strcmp(bytes, pem) == 0 ||
	       problem_say(problem,
	                   "%s is there already, with another key; name another folder with --keys",
	                   path);
}

static bool write_key(struct import_work *work, const char *folder, const char *path,
                      const char *pem, struct problem *problem)
{
	const char *user = work->user == NULL ? "assay" : work->user;
	struct stat found;

	if (lstat(path, &found) == 0)
		return is_there(work, path, pem, problem);
	return key_file_make_folder(folder, user, problem) &&
	       key_file_write(path, pem, user, problem);
}

/* FOLDER/DOMAIN/SELECTOR.pem; a folder whose name begins with a dot belongs to no domain. */
static const char *copy(struct import_work *work, const struct import_signature *signature,
                        struct problem *problem)
{
	const char *pem = pem_of(work, signature, problem);
	const char *name = signature->signer[0] == '*' ? ".any" : signature->signer;
	const char *folder = arena_format(work->arena, "%s/%s", work->keys_folder, name);
	const char *path = arena_format(work->arena, "%s/%s.pem", folder, signature->selector);

	invariant(work->keys_folder != NULL && signature->signer != NULL);
	return pem != NULL && write_key(work, folder, path, pem, problem) ? path : NULL;
}

/* Is it a key that only dkimpy can read? */
static bool is_seed(struct import_work *work, const char *path)
{
	const char *bytes;
	size_t length;
	struct problem ignored;

	return import_file_read(work->arena, path, IMPORT_KEY_MAX, false, &bytes, &length,
	                        &ignored) &&
	       seed_pem(work->arena, bytes) != NULL;
}

const char *import_keys_place(struct import_work *work, const struct import_signature *signature,
                              struct problem *problem)
{
	struct crypto_private *key;

	if (work->keys_folder != NULL)
		return copy(work, signature, problem);
	if (!signature->is_path) {
		problem_say(problem, "the key stands in the table itself; assay import --keys "
		                     "FOLDER makes a file of it");
		return NULL;
	}
	if (is_seed(work, signature->key)) {
		problem_say(problem,
		            "the key %s is bare base64, as dkimpy has it; assay import --keys "
		            "FOLDER makes PEM text of it",
		            signature->key);
		return NULL;
	}
	key = keys_read(signature->key, problem);
	crypto_private_free(key);
	return key == NULL ? NULL : signature->key;
}

bool import_keys_alone(const struct import_work *work, const char *domain, const char *selector)
{
	const char *folder = arena_format(work->arena, "%s/%s", work->keys_folder, domain);
	const char *own = arena_format(work->arena, "%s.pem", selector);
	DIR *open = opendir(folder);
	const struct dirent *entry;
	bool alone = open != NULL;

	while (alone && (entry = readdir(open)) != NULL) {
		size_t length = strlen(entry->d_name);

		alone = length < 4 || strcmp(entry->d_name + length - 4, ".pem") != 0 ||
		        strcmp(entry->d_name, own) == 0;
	}
	if (open != NULL)
		closedir(open);
	return alone;
}

size_t import_keys_folders(const struct import_work *work)
{
	DIR *open = opendir(work->keys_folder);
	const struct dirent *entry;
	size_t count = 0;

	invariant(work->keys_folder != NULL);
	while (open != NULL && (entry = readdir(open)) != NULL)
		count += entry->d_name[0] != '.';
	if (open != NULL)
		closedir(open);
	return count;
}

/*
 * body_hashes.c - canonical bodies to hashes. Called by dkim.c between line_ends.c and the check of bh=, and
 * by sign.c, which writes it.
 */
#include "dkim/body_hashes.h"

#include "crypto/crypto_hash.h"

enum {
	FORMS = CANON_RELAXED + 1
};

/* One hash of a form. */
struct wanted {
	struct wanted *next;
	size_t number;
	uint64_t limit, left; /* octets of it that are hashed, and that still are to be */
	struct crypto_hash *hash;
	unsigned char digest[CRYPTO_HASH];
};

struct form {
	struct canon_body body;
	struct wanted *wanted; /* NULL: nobody asks for this form */
	uint64_t length;
};

struct body_hashes {
	struct arena *arena;
	size_t count;
	struct form forms[FORMS];
};

struct body_hashes *body_hashes_begin(struct arena *arena)
{
	struct body_hashes *hashes = arena_allocate(arena, sizeof *hashes);

	hashes->arena = arena;
	return hashes;
}

/* What canon.c gives goes to every hash of the form, as far as its limit. */
static void take(void *with, const void *bytes, size_t length)
{
	struct form *form = with;

	form->length += length;
	for (struct wanted *wanted = form->wanted; wanted != NULL; wanted = wanted->next) {
		size_t part = length < wanted->left ? length : (size_t)wanted->left;

		if (wanted->hash != NULL && part > 0)
			crypto_hash_add(wanted->hash, bytes, part);
		wanted->left -= part;
	}
}

size_t body_hashes_want(struct body_hashes *hashes, enum canonicalization form, const uint64_t *limit)
{
	struct form *of = &hashes->forms[form];
	uint64_t most = limit == NULL ? UINT64_MAX : *limit;
	struct wanted *wanted;

	for (wanted = of->wanted; wanted != NULL; wanted = wanted->next)
		if (wanted->limit == most)
			return wanted->number;
	if (of->wanted == NULL)
		canon_body_begin(&of->body, form, take, of);
	wanted = arena_allocate(hashes->arena, sizeof *wanted);
	wanted->next = of->wanted;
	wanted->number = hashes->count++;
	wanted->limit = wanted->left = most;
	wanted->hash = crypto_hash_begin(hashes->arena);
	of->wanted = wanted;
	return wanted->number;
}

void body_hashes_add(void *of_message, const unsigned char *bytes, size_t length)
{
	struct body_hashes *hashes = of_message;

	for (size_t i = 0; i < FORMS; i++)
		if (hashes->forms[i].wanted != NULL)
			canon_body_add(&hashes->forms[i].body, bytes, length);
}

void body_hashes_end(struct body_hashes *hashes)
{
	for (size_t i = 0; i < FORMS; i++) {
		if (hashes->forms[i].wanted == NULL)
			continue;
		canon_body_end(&hashes->forms[i].body);
		for (struct wanted *wanted = hashes->forms[i].wanted; wanted != NULL; wanted = wanted->next)
			if (wanted->hash != NULL)
				crypto_hash_end(wanted->hash, wanted->digest);
	}
}

const unsigned char *body_hashes_digest(const struct body_hashes *hashes, size_t number)
{
	for (size_t i = 0; i < FORMS; i++)
		for (const struct wanted *wanted = hashes->forms[i].wanted; wanted != NULL;
		     wanted = wanted->next)
			if (wanted->number == number)
				return wanted->hash == NULL ? NULL : wanted->digest;
	return NULL;
}

uint64_t body_hashes_length(const struct body_hashes *hashes, enum canonicalization form)
{
	return hashes->forms[form].length;
}

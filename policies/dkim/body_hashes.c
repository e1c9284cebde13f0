/*
 * body_hashes.c - hashes canonical bodies. Called by dkim.c, which compares them with bh=, and by
 * sign.c, which writes bh=. line_ends.c calls body_hashes_add().
 */
#include "dkim/body_hashes.h"

#include "base/invariant.h"
#include "crypto/crypto_hash.h"

enum {
	FORMS = CANON_RELAXED + 1
};

/* One hash of a form: of its first `limit` octets. */
struct body_hashes_wanted {
	struct body_hashes_wanted *next;
	size_t number;
	uint64_t limit;
	bool made;
	unsigned char digest[CRYPTO_HASH];
};

struct form {
	struct canon_body body;
	/* by limit, the smallest first; NULL: this form is not needed */
	struct body_hashes_wanted *wanted;
	struct body_hashes_wanted *pending; /* the first whose limit has not been reached */
	struct crypto_hash *hash; /* of all octets up to the last limit; NULL if OpenSSL failed */
	uint64_t length;
};

struct body_hashes {
	struct arena *arena;
	size_t count;
	struct form forms[FORMS];
};

struct body_hashes *body_hashes_begin(struct arena *arena)
{
	struct body_hashes *hashes = arena_allocate_raw(arena, sizeof *hashes);

	hashes->arena = arena;
	hashes->count = 0;
	for (size_t i = 0; i < FORMS; i++) {
		struct form *form = &hashes->forms[i];

		form->wanted = form->pending = NULL;
		form->hash = NULL;
		form->length = 0;
	}
	return hashes;
}

/* The next hash is that of the octets so far. */
static void finish_pending(struct form *form)
{
	struct body_hashes_wanted *wanted = form->pending;

	invariant(wanted != NULL);
	wanted->made = crypto_hash_so_far(form->hash, wanted->digest);
	form->pending = wanted->next;
}

/*
 * Called by canon.c. A form has one hash, whose state is copied when a limit is reached, so that
 * more limits cost nothing. Octets beyond the last limit are counted, but not hashed.
 */
static void hash_canonical(void *context, const void *bytes, size_t length)
{
	struct form *form = context;
	const char *at = bytes;

	while (form->pending != NULL && length > 0) {
		uint64_t left = form->pending->limit - form->length;
		size_t part = length < left ? length : (size_t)left;

		crypto_hash_add(form->hash, at, part);
		form->length += part;
		at += part;
		length -= part;
		while (form->pending != NULL && form->pending->limit == form->length)
			finish_pending(form);
	}
	form->length += length;
}

static void begin_form(struct body_hashes *hashes, enum canonicalization form)
{
	struct form *started = &hashes->forms[form];

	canon_body_begin(&started->body, form, hash_canonical, started);
	started->hash = crypto_hash_begin(hashes->arena);
}

size_t body_hashes_want(struct body_hashes *hashes, enum canonicalization form,
                        const uint64_t *limit)
{
	struct form *of = &hashes->forms[form];
	struct body_hashes_wanted **place = &of->wanted, *wanted;
	uint64_t octets = limit == NULL ? UINT64_MAX : *limit;

	invariant(form <= CANON_RELAXED);
	if (of->wanted == NULL)
		begin_form(hashes, form);
	while (*place != NULL && (*place)->limit < octets)
		place = &(*place)->next;
	if (*place != NULL && (*place)->limit == octets)
		return (*place)->number;
	wanted = arena_allocate(hashes->arena, sizeof *wanted);
	*wanted =
	    (struct body_hashes_wanted){.next = *place, .number = hashes->count++, .limit = octets};
	*place = wanted;
	of->pending = of->wanted;
	return wanted->number;
}

void body_hashes_add(void *context, const unsigned char *bytes, size_t length)
{
	struct body_hashes *hashes = context;

	for (size_t i = 0; i < FORMS; i++)
		if (hashes->forms[i].wanted != NULL)
			canon_body_add(&hashes->forms[i].body, bytes, length);
}

void body_hashes_end(struct body_hashes *hashes)
{
	for (size_t i = 0; i < FORMS; i++) {
		struct form *form = &hashes->forms[i];

		if (form->wanted == NULL)
			continue;
		canon_body_end(&form->body);
		while (form->pending != NULL)
			finish_pending(form);
	}
}

const unsigned char *body_hashes_digest(const struct body_hashes *hashes, size_t number)
{
	for (size_t i = 0; i < FORMS; i++)
		for (const struct body_hashes_wanted *wanted = hashes->forms[i].wanted;
		     wanted != NULL; wanted = wanted->next)
			if (wanted->number == number)
				return wanted->made ? wanted->digest : NULL;
	return NULL;
}

uint64_t body_hashes_length(const struct body_hashes *hashes, enum canonicalization form)
{
	invariant(form <= CANON_RELAXED);
	return hashes->forms[form].length;
}

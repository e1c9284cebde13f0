/*
 * header_hash.c - the hash of a header. Called by dkim.c for each signature, and by arc/. canon.c
 * makes the canonical form.
 */
#include "dkim/header_hash.h"

#include "base/invariant.h"
#include "crypto/crypto_hash.h"
#include "dkim/selection.h"

/* The fields that are covered, from the bottom up; NULL for those that were hashed already. */
struct header_hash_fields {
	size_t count;
	const struct header *left[SIGNED_NAMES_MAX];
};

static void gather(struct header_hash_fields *fields, struct arena *arena,
                   const struct message *message, const struct signature_field *field)
{
	const struct selection_names names = {field->name_count, field->names};
	const bool *selected = selection_make(arena, message, &names, 1);

	fields->count = 0;
	for (size_t i = message->header_count; i > 0; i--)
		if (selected[i - 1]) {
			invariant(fields->count < SIGNED_NAMES_MAX);
			fields->left[fields->count++] = &message->headers[i - 1];
		}
}

/* The next field of that name; NULL if none is left: then nothing is hashed (RFC 6376 5.4). */
static const struct header *next_field(struct header_hash_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct header *header = fields->left[i];

		if (header == NULL || !message_header_is(header, name))
			continue;
		fields->left[i] = NULL;
		return header;
	}
	return NULL;
}

const char *header_hash_without_b(struct arena *arena, const char *value,
                                  const struct signature_field *field)
{
	invariant(field->b_from <= field->b_to);
	return arena_format(arena, "%.*s%s", (int)field->b_from, value, value + field->b_to);
}

const unsigned char *header_hash_make(struct arena *arena, const struct message *message,
                                      const struct header *own, const struct signature_field *field)
{
	struct crypto_hash *hash = crypto_hash_begin(arena);
	unsigned char *digest = arena_allocate(arena, CRYPTO_HASH);
	struct header_hash_fields fields;

	if (hash == NULL)
		return NULL;
	gather(&fields, arena, message, field);
	for (size_t i = 0; i < field->name_count; i++) {
		const struct header *header = next_field(&fields, field->names[i]);

		if (header == NULL)
			continue;
		canon_field(field->header_form, header->name, header->value, crypto_hash_add, hash);
		crypto_hash_add(hash, "\r\n", 2);
	}
	canon_field(field->header_form, own->name, header_hash_without_b(arena, own->value, field),
	            crypto_hash_add, hash);
	crypto_hash_end(hash, digest);
	return digest;
}

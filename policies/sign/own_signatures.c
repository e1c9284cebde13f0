/*
 * own_signatures.c - checks signatures of a message against our own keys, without the DNS. Called by sign.c:
 * what bears a valid signature by a key is not signed by it again.
 */
#include "sign/own_signatures.h"

#include <string.h>

#include "dkim/header_hash.h"
#include "dkim/signature_field.h"
#include "domain.h"
#include "text.h"

enum {
	FIELDS_MAX = 10, /* DKIM-Signature fields that are read, from the top */
	CHECKS_MAX = 16  /* signatures whose b= is checked */
};

/* One that verifies over the header. */
struct held {
	struct held *next;
	const struct signing_key *key;
	const char *domain;
	const unsigned char *body_hash; /* bh= */
	size_t number;                  /* of the hash that it has to be */
};

struct candidate {
	const struct header *header;
	struct signature_field field;
};

struct own_signatures {
	struct arena *arena;
	const struct message *message;
	struct body_hashes *body;
	size_t count, checks;
	struct candidate candidates[FIELDS_MAX];
	struct held *held;
};

static bool may_count(const struct signature_field *field, time_t now)
{
	return field->result == RESULT_NONE && !field->has_limit &&
	       (!field->expires_ever || field->expires > (uint64_t)now);
}

struct own_signatures *own_signatures_begin(struct arena *arena, const struct message *message,
                                            struct body_hashes *body)
{
	struct own_signatures *own = arena_allocate(arena, sizeof *own);
	size_t read = 0;

	own->arena = arena;
	own->message = message;
	own->body = body;
	for (size_t i = 0; i < message->header_count && read < FIELDS_MAX; i++) {
		struct candidate *candidate = &own->candidates[own->count];

		if (!message_header_is(&message->headers[i], "DKIM-Signature"))
			continue;
		read++;
		candidate->header = &message->headers[i];
		signature_field_read(arena, candidate->header->value, &candidate->field);
		own->count += may_count(&candidate->field, message->received);
	}
	return own;
}

/* Is b= a signature of the header by this key? */
static bool verifies(const struct own_signatures *own, const struct candidate *candidate,
                     const struct signing_key *key)
{
	const struct signature_field *field = &candidate->field;
	struct crypto_key public = {.kind = crypto_private_kind(key->private),
	                            .bits = crypto_private_bits(key->private)};
	const unsigned char *hash = header_hash_make(own->arena, own->message, candidate->header, field);

	public.bytes = crypto_private_public(key->private, own->arena, &public.length);
	return hash != NULL && public.bytes != NULL &&
	       crypto_verify(&public, hash, field->signature, field->signature_length);
}

void own_signatures_look(struct own_signatures *own, const char *domain, const struct signing_key *key)
{
	for (size_t i = 0; i < own->count; i++) {
		const struct signature_field *field = &own->candidates[i].field;
		struct held *held;

		if (field->kind != crypto_private_kind(key->private) ||
		    !domain_equal(field->domain, domain) || !text_same(field->selector, key->selector))
			continue;
		if (own->checks++ >= CHECKS_MAX)
			return;
		if (!verifies(own, &own->candidates[i], key))
			continue;
		held = arena_allocate(own->arena, sizeof *held);
		*held = (struct held){.next = own->held,
		                      .key = key,
		                      .domain = domain,
		                      .body_hash = field->body_hash,
		                      .number = body_hashes_want(own->body, field->body_form, NULL)};
		own->held = held;
	}
}

bool own_signatures_hold(const struct own_signatures *own, const char *domain, const struct signing_key *key)
{
	for (const struct held *held = own->held; held != NULL; held = held->next) {
		const unsigned char *digest;

		if (held->key != key || !domain_equal(held->domain, domain))
			continue;
		digest = body_hashes_digest(own->body, held->number);
		if (digest != NULL && memcmp(digest, held->body_hash, CRYPTO_HASH) == 0)
			return true;
	}
	return false;
}

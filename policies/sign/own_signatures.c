/*
 * own_signatures.c - checks signatures of a message against our own keys, without the DNS. Called
 * by sign.c: a message that has a valid signature by a key, as good as a new one, is not signed
 * by that key again.
 */
#include "sign/own_signatures.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "dkim/header_hash.h"
#include "dkim/selection.h"
#include "dkim/signature_field.h"

enum {
	FIELDS_MAX = 10, /* DKIM-Signature fields that are read, from the top */
	CHECKS_MAX = 16  /* signatures whose b= is checked */
};

/* One that verifies over the header. */
struct own_signature {
	struct own_signature *next;
	const struct signing_key *key;
	const char *domain;
	const struct signature_field *field;
	size_t body; /* the number of the hash that bh= has to be */
};

struct candidate {
	const struct header *header;
	struct signature_field field;
};

struct own_signatures {
	struct arena *arena;
	struct message message; /* as it is sent; fields whose form is not known stay */
	const struct sent_field *sent;
	struct body_hashes *body;
	size_t count, checks;
	struct candidate candidates[FIELDS_MAX];
	struct own_signature *found;
};

static const struct header *sent_headers(struct arena *arena, const struct message *message,
                                         const struct sent_field *sent)
{
	struct header *headers = arena_allocate(arena, message->header_count * sizeof *headers);

	for (size_t i = 0; i < message->header_count; i++) {
		headers[i] = message->headers[i];
		if (sent[i].value != NULL)
			headers[i].value = sent[i].value;
	}
	return headers;
}

struct own_signatures *own_signatures_begin(struct arena *arena, const struct message *message,
                                            const struct sent_field *sent, struct body_hashes *body)
{
	struct own_signatures *own = arena_allocate(arena, sizeof *own);
	size_t read = 0;

	invariant(sent != NULL && body != NULL);
	own->arena = arena;
	own->message = *message;
	own->message.headers = sent_headers(arena, message, sent);
	own->sent = sent;
	own->body = body;
	for (size_t i = 0; i < message->header_count && read < FIELDS_MAX; i++) {
		struct candidate *candidate = &own->candidates[own->count];

		if (!message_header_is(&message->headers[i], "DKIM-Signature"))
			continue;
		read++;
		candidate->header = &own->message.headers[i];
		signature_field_read(arena, candidate->header->value, &candidate->field);
		own->count += candidate->field.result == RESULT_NONE && !candidate->field.has_limit;
	}
	return own;
}

/* Does it cover a field whose form on the way out is not known? */
static bool covers_unknown(const struct own_signatures *own, const struct signature_field *field)
{
	const struct selection_names names = {field->name_count, field->names};
	const bool *covered = selection_make(own->arena, &own->message, &names, 1);

	for (size_t i = 0; i < own->message.header_count; i++)
		if (covered[i] && own->sent[i].value == NULL)
			return true;
	return false;
}

/* Is b= a signature by this key of the header that is sent? */
static bool verifies(const struct own_signatures *own, const struct candidate *candidate,
                     const struct signing_key *key)
{
	const struct signature_field *field = &candidate->field;
	struct crypto_key public = {.kind = crypto_private_kind(key->private),
	                            .bits = crypto_private_bits(key->private)};
	const unsigned char *hash =
	    header_hash_make(own->arena, &own->message, candidate->header, field);

	public.bytes = crypto_private_public(key->private, own->arena, &public.length);
	return hash != NULL && public.bytes != NULL &&
	       crypto_verify(&public, hash, field->signature, field->signature_length);
}

void own_signatures_find(struct own_signatures *own, const char *domain,
                         const struct signing_key *key)
{
	for (size_t i = 0; i < own->count; i++) {
		const struct signature_field *field = &own->candidates[i].field;
		struct own_signature *found;

		if (field->kind != crypto_private_kind(key->private) ||
		    !domain_equal(field->domain, domain) ||
		    !text_same(field->selector, key->selector))
			continue;
		if (own->checks++ >= CHECKS_MAX)
			return;
		if (covers_unknown(own, field) || !verifies(own, &own->candidates[i], key))
			continue;
		found = arena_allocate(own->arena, sizeof *found);
		*found = (struct own_signature){
		    .next = own->found,
		    .key = key,
		    .domain = domain,
		    .field = field,
		    .body = body_hashes_want(own->body, field->body_form, NULL)};
		own->found = found;
	}
}

/* Takes a name out of those of an h=; false where it is not among them, or not once more. */
static bool remove_name(const char **remaining, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (remaining[i] == NULL || strlen(remaining[i]) != length ||
		    !text_same_bytes(remaining[i], name, length))
			continue;
		remaining[i] = NULL;
		return true;
	}
	return false;
}

/* Does h= have each of the names, as often as they do? */
static bool has_names(struct arena *arena, const struct signature_field *field, const char *names)
{
	const char **remaining = arena_allocate(arena, field->name_count * sizeof *remaining);

	for (size_t i = 0; i < field->name_count; i++)
		remaining[i] = field->names[i];
	while (*names != '\0') {
		size_t length = strcspn(names, ":");

		if (!remove_name(remaining, field->name_count, names, length))
			return false;
		names += length + (names[length] == ':');
	}
	return true;
}

static bool is_as_good(const struct own_signatures *own, const struct signature_field *field,
                       const char *names, time_t until)
{
	return (!field->expires_ever || field->expires >= (uint64_t)until) &&
	       has_names(own->arena, field, names);
}

bool own_signatures_suffice(const struct own_signatures *own, const char *domain,
                            const struct signing_key *key, const char *names, time_t until)
{
	for (const struct own_signature *found = own->found; found != NULL; found = found->next) {
		const unsigned char *digest;

		if (found->key != key || !domain_equal(found->domain, domain) ||
		    !is_as_good(own, found->field, names, until))
			continue;
		digest = body_hashes_digest(own->body, found->body);
		if (digest != NULL && memcmp(digest, found->field->body_hash, CRYPTO_HASH) == 0)
			return true;
	}
	return false;
}

/*
 * signature_make.c - one DKIM-Signature field from a message, its body hash and a key. Called by
 * sign.c at the end of the message, once for each key; the covered fields are canonicalized once
 * for all of them.
 */
#include "sign/signature_make.h"
#include "base/invariant.h"
#include "crypto/crypto_hash.h"

#include <string.h>

#include "base/text.h"
#include "crypto/base64.h"
#include "sign/tag_writer.h"

enum {
	VALUE_MAX = 64 * 1024,
	COVER_MAX = 16 * 1024 * 1024
};

static void into_text(void *context, const void *bytes, size_t length)
{
	text_add_bytes(context, bytes, length);
}

/* A name in h=: after the first, a colon before it. */
static void add_name(struct text *names, const char *name)
{
	text_add_format(names, "%s%s", names->length == 0 ? "" : ":", name);
}

/* A name is left out of h= if one of its fields could break the signature on the way out. */
static bool is_left_out(const struct signing *signing, const char *name)
{
	const struct message *message = signing->message;

	for (size_t i = 0; i < message->header_count; i++)
		if (signing->sent[i].value == NULL && message_header_is(&message->headers[i], name))
			return true;
	return false;
}

/* Names that stand several times in h= cover fields from the bottom up (RFC 6376 5.4.2). */
static void cover_name(const struct signing *signing, const struct signed_field *field,
                       struct text *names, struct text *canonical, bool *long_lines)
{
	bool found = false;

	if (is_left_out(signing, field->name))
		return;
	for (size_t i = signing->message->header_count; i > 0; i--) {
		const struct header *header = &signing->message->headers[i - 1];
		const struct sent_field *sent = &signing->sent[i - 1];

		if (!message_header_is(header, field->name))
			continue;
		found = true;
		add_name(names, field->name);
		*long_lines = *long_lines || sent->long_line;
		canon_field(signing->header_form, header->name, sent->value, into_text, canonical);
		text_add(canonical, "\r\n");
	}
	if (field->how == SIGNED_ONE_MORE || (field->how == SIGNED_ONE_MORE_PRESENT && found))
		add_name(names, field->name);
}

/* Does a field that is to be covered have octets that are canonicalized in two ways in relaxed
 * form? */
static bool covers_disputed(const struct message *message, const struct signed_fields *fields)
{
	for (size_t i = 0; i < message->header_count; i++) {
		const struct header *header = &message->headers[i];

		if (!canon_is_disputed(header->value))
			continue;
		for (size_t name = 0; name < fields->count; name++)
			if (message_header_is(header, fields->fields[name].name))
				return true;
	}
	return false;
}

enum canonicalization signature_make_form(const struct message *message,
                                          const struct signed_fields *fields)
{
	return covers_disputed(message, fields) ? CANON_SIMPLE : CANON_RELAXED;
}

static const char *signature_make_name(const struct signing *signing)
{
	return signing->instance == 0 ? "DKIM-Signature" : "ARC-Message-Signature";
}

struct signature_cover signature_make_cover(const struct signing *signing)
{
	struct text names, canonical;
	bool long_lines = false;

	text_begin(&names, signing->arena, VALUE_MAX / 2);
	text_begin(&canonical, signing->arena, COVER_MAX);
	for (size_t i = 0; i < signing->fields.count; i++)
		cover_name(signing, &signing->fields.fields[i], &names, &canonical, &long_lines);
	if (names.cut || canonical.cut)
		return (struct signature_cover){.names = NULL};
	return (struct signature_cover){names.bytes, canonical.bytes, canonical.length, long_lines};
}

const char *signature_make_algorithm(const struct signing_key *key)
{
	return crypto_private_kind(key->private) == CRYPTO_RSA ? "rsa-sha256" : "ed25519-sha256";
}

/* Everything up to the empty b=, which the signature itself signs. */
static void write_tags(const struct signing *signing, const struct signature_cover *cover,
                       const struct signing_key *key, struct tag_writer *value)
{
	struct arena *arena = signing->arena;

	tag_writer_begin(value, arena, signature_make_name(signing), VALUE_MAX);
	tag_writer_add(value, signing->instance == 0
	                          ? "v=1;"
	                          : arena_format(arena, "i=%u;", signing->instance));
	tag_writer_add(value, arena_format(arena, "a=%s;", signature_make_algorithm(key)));
	tag_writer_add(value, arena_format(arena, "c=%s/%s;", canon_names[signing->header_form],
	                                   canon_names[signing->body_form]));
	tag_writer_add(value, arena_format(arena, "d=%s;", signing->domain));
	tag_writer_add(value, arena_format(arena, "s=%s;", key->selector));
	if (signing->identity != NULL)
		tag_writer_add(value, arena_format(arena, "i=@%s;", signing->identity));
	tag_writer_add(value, arena_format(arena, "t=%lld;", (long long)signing->when));
	if (signing->expires != 0)
		tag_writer_add(value, arena_format(arena, "x=%lld;", (long long)signing->expires));
	tag_writer_names(value, cover->names);
	tag_writer_add(value, "bh=");
	tag_writer_base64(value, base64_encode(arena, signing->body_hash, CRYPTO_HASH), ";");
	tag_writer_add(value, "b=");
}

const char *signature_make_sent(struct arena *arena, const char *value)
{
	struct text sent;

	text_begin(&sent, arena, 2 * VALUE_MAX);
	text_add(&sent, " ");
	while (*value != '\0') {
		size_t length = strcspn(value, "\n");

		text_add_bytes(&sent, value, length);
		value += length;
		if (*value == '\n') {
			text_add(&sent, "\r\n");
			value++;
		}
	}
	return sent.bytes;
}

static bool hash_header(const struct signing *signing, const struct signature_cover *cover,
                        const struct text *value, unsigned char digest[CRYPTO_HASH])
{
	struct crypto_hash *hash = crypto_hash_begin(signing->arena);

	if (hash == NULL)
		return false;
	crypto_hash_add(hash, cover->canonical, cover->length);
	canon_field(signing->header_form, signature_make_name(signing),
	            signature_make_sent(signing->arena, value->bytes), crypto_hash_add, hash);
	crypto_hash_end(hash, digest);
	return true;
}

bool signature_make(const struct signing *signing, const struct signature_cover *cover,
                    const struct signing_key *key, struct made_signature *made)
{
	unsigned char digest[CRYPTO_HASH], signature[CRYPTO_SIGNATURE_MAX];
	struct tag_writer value;
	size_t length;

	invariant(cover->names != NULL && signing->body_hash != NULL && key->private != NULL);
	write_tags(signing, cover, key, &value);
	if (!hash_header(signing, cover, &value.text, digest) ||
	    !crypto_private_sign(key->private, digest, signature, &length))
		return false;
	tag_writer_base64(&value, base64_encode(signing->arena, signature, length), "");
	*made = (struct made_signature){signing->domain, key->selector,
	                                signature_make_algorithm(key), value.text.bytes};
	return !value.text.cut;
}

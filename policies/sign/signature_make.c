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

enum {
	LINE_LENGTH_MAX = 76,
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

/* A value that is being written, folded with LF and a tab. */
struct folding {
	struct text text;
	size_t column;
};

static void add_word(struct folding *value, const char *word, size_t length)
{
	if (value->column + length > LINE_LENGTH_MAX) {
		text_add(&value->text, "\n\t");
		value->column = 8;
	}
	text_add_bytes(&value->text, word, length);
	value->column += length;
}

static void add_tag(struct folding *value, const char *tag)
{
	size_t length = strlen(tag);

	if (value->text.length > 0 && value->column + length + 1 <= LINE_LENGTH_MAX)
		add_word(value, " ", 1);
	add_word(value, tag, length);
}

/* h= may fold around its colons (RFC 6376 3.5). */
static void add_names(struct folding *value, const char *names)
{
	add_tag(value, "h=");
	while (*names != '\0') {
		size_t length = strcspn(names, ":");

		length += names[length] == ':';
		add_word(value, names, length);
		names += length;
	}
	add_word(value, ";", 1);
}

/* b= and bh= may fold anywhere (RFC 6376 3.2, 3.5). */
static void add_base64(struct folding *value, const char *text)
{
	enum {
		PIECE = 4
	};

	for (size_t length; *text != '\0'; text += length) {
		length = strnlen(text, PIECE);
		add_word(value, text, length);
	}
}

static const char *algorithm_of(const struct signing_key *key)
{
	return crypto_private_kind(key->private) == CRYPTO_RSA ? "rsa-sha256" : "ed25519-sha256";
}

/* Everything up to the empty b=, which the signature itself signs. */
static void write_tags(const struct signing *signing, const struct signature_cover *cover,
                       const struct signing_key *key, struct folding *value)
{
	struct arena *arena = signing->arena;

	text_begin(&value->text, arena, VALUE_MAX);
	value->column = sizeof "DKIM-Signature: " - 1;
	add_tag(value, "v=1;");
	add_tag(value, arena_format(arena, "a=%s;", algorithm_of(key)));
	add_tag(value, arena_format(arena, "c=%s/%s;", canon_names[signing->header_form],
	                            canon_names[signing->body_form]));
	add_tag(value, arena_format(arena, "d=%s;", signing->domain));
	add_tag(value, arena_format(arena, "s=%s;", key->selector));
	if (signing->identity != NULL)
		add_tag(value, arena_format(arena, "i=@%s;", signing->identity));
	add_tag(value, arena_format(arena, "t=%lld;", (long long)signing->when));
	if (signing->expires != 0)
		add_tag(value, arena_format(arena, "x=%lld;", (long long)signing->expires));
	add_names(value, cover->names);
	add_tag(value, "bh=");
	add_base64(value, base64_encode(arena, signing->body_hash, CRYPTO_HASH));
	add_word(value, ";", 1);
	add_tag(value, "b=");
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
	canon_field(signing->header_form, "DKIM-Signature",
	            signature_make_sent(signing->arena, value->bytes), crypto_hash_add, hash);
	crypto_hash_end(hash, digest);
	return true;
}

bool signature_make(const struct signing *signing, const struct signature_cover *cover,
                    const struct signing_key *key, struct made_signature *made)
{
	unsigned char digest[CRYPTO_HASH], signature[CRYPTO_SIGNATURE_MAX];
	struct folding value;
	size_t length;

	invariant(cover->names != NULL && signing->body_hash != NULL && key->private != NULL);
	write_tags(signing, cover, key, &value);
	if (!hash_header(signing, cover, &value.text, digest) ||
	    !crypto_private_sign(key->private, digest, signature, &length))
		return false;
	add_base64(&value, base64_encode(signing->arena, signature, length));
	*made = (struct made_signature){signing->domain, key->selector, algorithm_of(key),
	                                value.text.bytes};
	return !value.text.cut;
}

/*
 * arc_seal.c - makes the three fields of a set. Driven by policy_arc_seal.c for mail from outside
 * and by arc_list.c for that of a list server; filter/session/apply.c has the set made when all
 * other changes are known, and puts it on top.
 *
 * The message signature covers what a DKIM-Signature of ours does, and each DKIM-Signature; but
 * nothing is oversigned except From, since forwarders add fields. Authentication-Results, Received
 * and the fields of ARC are never covered (RFC 8617 4.1.2, 5.1.1).
 */
#include "arc/arc_seal.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "crypto/crypto_hash.h"
#include "sign/sent_body.h"
#include "sign/signature_make.h"
#include "sign/tag_writer.h"

enum {
	SEAL_MAX = 16 * 1024 /* octets of the value of a seal */
};

struct arc_seal {
	const struct arc_settings *settings;
	const struct message *message;
	const struct services *services;
	struct arena *arena;
	struct sent_body *body;
	size_t body_number; /* of its hash */
	const struct sent_field *sent;
	/* after arc_seal_end() */
	const struct chain *chain;
	unsigned instance;
	const char *cv;
};

struct arc_seal *arc_seal_begin(struct arena *arena, const struct arc_settings *settings,
                                const struct message *message, const struct services *services)
{
	struct arc_seal *seal = arena_allocate(arena, sizeof *seal);

	invariant(settings->key != NULL && settings->sign != NULL);
	seal->settings = settings;
	seal->message = message;
	seal->services = services;
	seal->arena = arena;
	seal->body = sent_body_begin(arena, message, settings->sign->line_limit);
	seal->body_number = body_hashes_want(seal->body->hashes, CANON_RELAXED, NULL);
	seal->sent = sent_fields_make(arena, message, &seal->body->lines.rule);
	return seal;
}

void arc_seal_body(struct arc_seal *seal, const unsigned char *bytes, size_t length)
{
	sent_body_add(seal->body, bytes, length);
}

void arc_seal_end(struct arc_seal *seal, const struct chain *chain, unsigned instance,
                  const char *cv, struct seal_finding *finding)
{
	invariant(instance > 0 && instance <= INSTANCE_MAX);
	sent_body_end(seal->body);
	seal->chain = chain;
	seal->instance = instance;
	seal->cv = cv;
	*finding = (struct seal_finding){.ready = seal,
	                                 .instance = instance,
	                                 .cv = cv,
	                                 .domain = seal->settings->domain,
	                                 .selector = seal->settings->key->selector};
	services_debug(seal->services, "ARC: to be sealed as set %u, cv=%s d=%s s=%s", instance, cv,
	               finding->domain, finding->selector);
}

static time_t seal_time(const struct arc_seal *seal)
{
	return seal->services == NULL ? seal->message->received
	                              : seal->services->now(seal->services->context);
}

static struct signed_fields covered_fields(struct arena *arena)
{
	static const char *const also[] = {"dkim-signature"};
	static const struct strings none = {0, NULL};
	struct signed_fields usual = signed_fields_of(arena, &none, &none);
	size_t extra = sizeof also / sizeof also[0];
	struct signed_field *fields = arena_allocate(arena, (usual.count + extra) * sizeof *fields);

	for (size_t i = 0; i < usual.count; i++)
		fields[i] = (struct signed_field){
		    usual.fields[i].name,
		    strcmp(usual.fields[i].name, "from") == 0 ? SIGNED_ONE_MORE : SIGNED_PRESENT};
	for (size_t i = 0; i < extra; i++)
		fields[usual.count + i] = (struct signed_field){also[i], SIGNED_PRESENT};
	return (struct signed_fields){usual.count + extra, fields};
}

static bool make_signature(const struct arc_seal *seal, time_t now, struct arc_sealed *sealed)
{
	struct signing signing = {
	    .message = seal->message,
	    .fields = covered_fields(seal->arena),
	    .sent = seal->sent,
	    .domain = seal->settings->domain,
	    .instance = seal->instance,
	    .body_form = CANON_RELAXED,
	    .when = now,
	    .body_hash = body_hashes_digest(seal->body->hashes, seal->body_number),
	    .arena = seal->arena,
	};
	struct signature_cover cover;
	struct made_signature made;

	signing.header_form = signature_make_form(seal->message, &signing.fields);
	cover = signature_make_cover(&signing);
	if (cover.names == NULL || signing.body_hash == NULL ||
	    !signature_make(&signing, &cover, seal->settings->key, &made))
		return false;
	sealed->signature = made.value;
	return true;
}

/* A field in relaxed form, and the line end that follows it (RFC 8617 5.1.1). */
static void hash_field(struct crypto_hash *hash, const char *name, const char *value)
{
	canon_field(CANON_RELAXED, name, value, crypto_hash_add, hash);
	crypto_hash_add(hash, "\r\n", 2);
}

static void hash_chain(struct crypto_hash *hash, const struct chain *chain)
{
	for (size_t i = 0; i < chain->set_count; i++)
		for (enum chain_part part = CHAIN_RESULTS; part < CHAIN_PARTS; part++) {
			const struct header *header = &chain->sets[i].parts[part]->header;

			hash_field(hash, header->name, header->value);
		}
}

/* The sets before it only where they were found to be good, then its own, the seal with an empty
 * b= and without its line end. */
static bool hash_sets(const struct arc_seal *seal, const struct arc_sealed *sealed,
                      const char *tags, unsigned char digest[CRYPTO_HASH])
{
	struct crypto_hash *hash = crypto_hash_begin(seal->arena);

	if (hash == NULL)
		return false;
	if (strcmp(seal->cv, "pass") == 0)
		hash_chain(hash, seal->chain);
	hash_field(hash, chain_part_names[CHAIN_RESULTS],
	           signature_make_sent(seal->arena, sealed->results));
	hash_field(hash, chain_part_names[CHAIN_MESSAGE],
	           signature_make_sent(seal->arena, sealed->signature));
	canon_field(CANON_RELAXED, chain_part_names[CHAIN_SEAL],
	            signature_make_sent(seal->arena, tags), crypto_hash_add, hash);
	crypto_hash_end(hash, digest);
	return true;
}

static void write_tags(const struct arc_seal *seal, time_t now, struct tag_writer *value)
{
	const struct signing_key *key = seal->settings->key;
	struct arena *arena = seal->arena;

	tag_writer_begin(value, arena, chain_part_names[CHAIN_SEAL], SEAL_MAX);
	tag_writer_add(value, arena_format(arena, "i=%u;", seal->instance));
	tag_writer_add(value, arena_format(arena, "a=%s;", signature_make_algorithm(key)));
	tag_writer_add(value, arena_format(arena, "t=%lld;", (long long)now));
	tag_writer_add(value, arena_format(arena, "cv=%s;", seal->cv));
	tag_writer_add(value, arena_format(arena, "d=%s;", seal->settings->domain));
	tag_writer_add(value, arena_format(arena, "s=%s;", key->selector));
	tag_writer_add(value, "b=");
}

bool arc_seal_make(const struct arc_seal *seal, const char *results, struct arc_sealed *sealed)
{
	unsigned char digest[CRYPTO_HASH], signature[CRYPTO_SIGNATURE_MAX];
	struct tag_writer value;
	time_t now = seal_time(seal);
	size_t length;

	invariant(seal->cv != NULL && results != NULL);
	sealed->results = arena_format(seal->arena, "i=%u; %s", seal->instance, results);
	if (!make_signature(seal, now, sealed))
		return false;
	write_tags(seal, now, &value);
	if (!hash_sets(seal, sealed, value.text.bytes, digest) ||
	    !crypto_private_sign(seal->settings->key->private, digest, signature, &length))
		return false;
	tag_writer_base64(&value, base64_encode(seal->arena, signature, length), "");
	sealed->seal = value.text.bytes;
	return !value.text.cut;
}

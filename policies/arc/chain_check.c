/*
 * chain_check.c - validates a chain in the order of RFC 8617 5.2; the first thing that is wrong is
 * the reason. Called by arc.c.
 *
 * Only the newest message signature has to verify: whoever changed the message afterwards, a list
 * for instance, sealed it again. But every seal has to, since each covers all sets before it. If
 * that one signature fails because something was changed, the seals are checked nevertheless: then
 * it is known who had the message before.
 */
#include "arc/chain_check.h"

#include <string.h>

#include "base/invariant.h"
#include "crypto/crypto_hash.h"
#include "dkim/header_hash.h"
#include "dkim/signature_check.h"

static struct signature *signature_of(const struct chain *chain, size_t set, enum chain_part part)
{
	invariant(set < chain->set_count && part != CHAIN_RESULTS);
	return &chain->sets[set].parts[part]->signature;
}

static const char *domain_of(const struct signature *signature)
{
	return signature->field.domain == NULL ? "an unknown domain" : signature->field.domain;
}

/* The first objection counts. */
static void chain_object(struct chain_check *check, size_t set, enum chain_part part,
                         const char *reason)
{
	const struct signature *signature = signature_of(check->chain, set, part);

	if (check->reason == NULL)
		check->reason =
		    arena_format(check->chain->arena, "%s of set %zu, by %s: %s",
		                 chain_part_names[part], set + 1, domain_of(signature), reason);
}

static void chain_check_status(struct chain_check *check, size_t set)
{
	const struct chain *chain = check->chain;
	const char *status = chain_status(&chain->sets[set]);
	const char *needed = set == 0 ? "none" : "pass";

	if (status != NULL && strcmp(status, needed) == 0)
		return;
	if (status != NULL && strcmp(status, "fail") == 0 && check->reason == NULL)
		check->reason = arena_format(
		    chain->arena,
		    "an earlier hop found the chain broken (cv=fail in set %zu, by %s)", set + 1,
		    domain_of(signature_of(chain, set, CHAIN_SEAL)));
	chain_object(check, set, CHAIN_SEAL,
	             arena_format(chain->arena, "cv= is not \"%s\"", needed));
}

void chain_check_fields(struct chain_check *check)
{
	struct chain *chain = check->chain;
	size_t newest = chain->set_count - 1;
	struct signature *signature;
	const char *expired;

	invariant(chain->set_count > 0 && check->reason == NULL);
	signature = signature_of(chain, newest, CHAIN_MESSAGE);
	for (size_t set = chain->set_count; set > 0; set--) {
		const struct signature *seal = signature_of(chain, set - 1, CHAIN_SEAL);

		if (seal->result != RESULT_NONE)
			chain_object(check, set - 1, CHAIN_SEAL, seal->reason);
		chain_check_status(check, set - 1);
	}
	if (signature->result != RESULT_NONE)
		chain_object(check, newest, CHAIN_MESSAGE, signature->reason);
	expired = signature_check_expiry(chain->arena, &signature->field,
	                                 check->services->now(check->services->context));
	if (expired != NULL)
		chain_object(check, newest, CHAIN_MESSAGE, expired);
	if (check->reason == NULL)
		check->body_number =
		    shared_body_want(check->body, signature->field.body_form,
		                     signature->field.has_limit ? &signature->field.limit : NULL);
}

/* False, with the objection, where there is no key that may be used. */
static bool chain_find_key(struct chain_check *check, size_t set, enum chain_part part)
{
	struct signature *signature = signature_of(check->chain, set, part);

	signature_key_find(check->services, check->chain->arena, &signature->field,
	                   check->body->settings->minimum_rsa_bits, &signature->key);
	if (signature->key.result == RESULT_NONE)
		return true;
	if (signature->key.result == RESULT_TEMPERROR) {
		check->temporary = true;
		check->fault = signature->key.fault;
	}
	chain_object(check, set, part, signature->key.reason);
	return false;
}

static void chain_check_message(struct chain_check *check)
{
	struct arena *arena = check->chain->arena;
	size_t newest = check->chain->set_count - 1;
	struct signature *signature = signature_of(check->chain, newest, CHAIN_MESSAGE);
	const struct body_hashes *hashes = check->body->hashes;
	uint64_t whole = body_hashes_length(hashes, signature->field.body_form);
	struct verifier_outcome outcome = {.body_hash =
	                                       body_hashes_digest(hashes, check->body_number)};
	const char *reason;

	check->signature = RESULT_FAIL;
	if (!chain_find_key(check, newest, CHAIN_MESSAGE))
		return;
	outcome.header_hash =
	    header_hash_make(arena, check->message, &signature->header, &signature->field);
	outcome.result = signature_check(signature, &outcome, whole);
	reason = signature_message_outcome(arena, signature, &outcome);
	check->changed = outcome.result != VERIFIER_PASS && outcome.result != VERIFIER_UNABLE;
	if (outcome.result == VERIFIER_PASS)
		reason =
		    signature_check_limit(arena, &signature->field, check->body->settings, whole);
	if (reason == NULL)
		check->signature = RESULT_PASS;
	else
		chain_object(check, newest, CHAIN_MESSAGE, reason);
}

static void hash_relaxed(struct crypto_hash *hash, const struct header *header, const char *value)
{
	canon_field(CANON_RELAXED, header->name, value, crypto_hash_add, hash);
}

/*
 * What each seal signs (RFC 8617 5.1.1): all sets up to its own, each as results, message signature
 * and seal, its own seal last, with an empty b= and no line end. The hash of the sets before is
 * made once. NULL if OpenSSL fails.
 */
static unsigned char (*chain_digests(const struct chain *chain))[CRYPTO_HASH]
{
	struct arena *arena = chain->arena;
	struct crypto_hash *before = crypto_hash_begin(arena), *own;
	unsigned char(*digests)[CRYPTO_HASH] =
	    arena_allocate(arena, chain->set_count * sizeof *digests);

	for (size_t set = 0; set < chain->set_count; set++) {
		const struct signature *seal = signature_of(chain, set, CHAIN_SEAL);

		for (enum chain_part part = CHAIN_RESULTS; part < CHAIN_SEAL; part++) {
			const struct header *header = &chain->sets[set].parts[part]->header;

			hash_relaxed(before, header, header->value);
			crypto_hash_add(before, "\r\n", 2);
		}
		own = crypto_hash_copy(arena, before);
		if (own == NULL)
			return NULL;
		hash_relaxed(own, &seal->header,
		             header_hash_without_b(arena, seal->header.value, &seal->field));
		crypto_hash_end(own, digests[set]);
		hash_relaxed(before, &seal->header, seal->header.value);
		crypto_hash_add(before, "\r\n", 2);
	}
	return digests;
}

static bool chain_check_seal(struct chain_check *check, size_t set, const unsigned char *digest)
{
	if (!chain_find_key(check, set, CHAIN_SEAL))
		return false;
	if (signature_check_keys(signature_of(check->chain, set, CHAIN_SEAL), digest))
		return true;
	chain_object(check, set, CHAIN_SEAL,
	             "it does not verify: a field of the chain was changed, or the key was");
	return false;
}

void chain_check_signatures(struct chain_check *check)
{
	unsigned char(*digests)[CRYPTO_HASH];

	if (check->reason != NULL)
		return;
	chain_check_message(check);
	services_debug(check->services, "ARC: message signature of set %zu: %s",
	               check->chain->set_count, check->reason == NULL ? "verified" : check->reason);
	if (check->signature != RESULT_PASS && !check->changed)
		return;
	digests = chain_digests(check->chain);
	for (size_t set = check->chain->set_count; set > 0; set--) {
		bool verified =
		    digests != NULL && chain_check_seal(check, set - 1, digests[set - 1]);

		check->seals[set - 1] = verified ? RESULT_PASS : RESULT_FAIL;
		services_debug(check->services, "ARC: seal of set %zu: %s", set,
		               result_names[check->seals[set - 1]]);
		if (verified)
			continue;
		check->changed = false;
		if (check->reason == NULL)
			check->reason = "OpenSSL could not make the hashes of the seals";
		return;
	}
}

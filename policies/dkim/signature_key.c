/*
 * signature_key.c - finds the keys that a signature may be verified with. Called by dkim.c at the
 * end of the message; the lookup was started when the signature field arrived.
 */
#include "dkim/signature_key.h"

#include "base/domain.h"
#include "base/invariant.h"

static void signature_key_refuse(struct signature_key *key, enum result result, const char *reason)
{
	key->result = result;
	key->reason = reason;
}

/* NULL, or why the key of this record is not for this signature; `result` is then its result. */
static const char *objection(struct arena *arena, const struct key_record *record,
                             const struct signature_field *field, long minimum, enum result *result)
{
	const struct crypto_key *key = &record->key;

	*result = RESULT_PERMERROR;
	if (record->problem != NULL && !record->tls_reports)
		return record->problem;
	if (key->kind != field->kind)
		return arena_format(arena, "the key is %s, but a= asks for %s",
		                    crypto_kind_names[key->kind], crypto_kind_names[field->kind]);
	if (record->same_domain && !domain_equal(field->identity_domain, field->domain))
		return "the key is not for subdomains (t=s), but i= names one";
	*result = RESULT_POLICY;
	if (key->kind == CRYPTO_RSA && key->bits < (unsigned long)minimum)
		return arena_format(arena,
		                    "key of %u bits is shorter than %ld (dkim.minimum_rsa_bits)",
		                    key->bits, minimum);
	if (key->kind == CRYPTO_RSA && key->bits > CRYPTO_RSA_BITS_MAX)
		return arena_format(arena, "key of %u bits is longer than %d", key->bits,
		                    CRYPTO_RSA_BITS_MAX);
	return NULL;
}

static void signature_key_check_record(struct arena *arena, const struct key_record *record,
                                       const struct signature_field *field, long minimum,
                                       struct signature_key *key)
{
	enum result result;
	const char *against = objection(arena, record, field, minimum, &result);

	if (key->count == 0 && record->has_key && (against == NULL || key->bits == 0)) {
		key->bits = record->key.bits;
		key->testing = record->testing;
	}
	invariant(key->count < KEYS_MAX && key->tls_count < KEYS_MAX);
	if (against == NULL && record->tls_reports) {
		key->tls_keys[key->tls_count++] = record->key;
		against = record->problem;
		result = RESULT_PERMERROR;
	}
	if (against == NULL)
		key->keys[key->count++] = record->key;
	else if (key->reason == NULL)
		signature_key_refuse(key, result, against);
}

void signature_key_find(const struct services *services, struct arena *arena,
                        const struct signature_field *field, long minimum_rsa_bits,
                        struct signature_key *key)
{
	const struct key_record *records;
	const struct answer *answer;
	size_t count;

	invariant(field->key_name != NULL && field->domain != NULL);
	answer = services_lookup(services, field->key_name, RECORD_TXT);
	services_debug(services, "DKIM: key lookup %s: %s, %zu records", field->key_name,
	               lookup_names[answer->status], answer->count);
	*key = (struct signature_key){.secure = answer->secure};
	if (answer->status == LOOKUP_FAILED) {
		key->fault = answer->fault;
		signature_key_refuse(key, RESULT_TEMPERROR,
		                     arena_format(arena,
		                                  lookup_fault_is_limit(answer->fault)
		                                      ? "not evaluated: the key at %s: %s"
		                                      : "the key at %s could not be looked up: %s",
		                                  field->key_name,
		                                  answer->why == NULL ? "no answer" : answer->why));
		return;
	}
	if (answer->count == 0) {
		signature_key_refuse(key, RESULT_PERMERROR,
		                     arena_format(arena, "no key at %s", field->key_name));
		return;
	}
	records = key_note_records(arena, answer, &count);
	for (size_t i = 0; i < count; i++)
		signature_key_check_record(arena, &records[i], field, minimum_rsa_bits, key);
	if (key->count > 0)
		signature_key_refuse(key, RESULT_NONE, NULL);
}

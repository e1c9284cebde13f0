/*
 * arc_keys.c - the key that seals is read as if "arc" were an entry of "sign". Called by settings.c
 * when settings are read, while assayd is still root.
 */
#include "settings/arc_keys.h"

#include "base/invariant.h"
#include "settings/keys.h"

enum {
	ARC_RSA_BITS_MIN = 2048
};

const char *arc_keys_place(const struct arc_settings *settings)
{
	return settings->keys[0] == '\0' ? ASSAY_KEYS : settings->keys;
}

static const struct signing_key *first_rsa(const struct signing_keys *keys)
{
	for (size_t i = 0; keys != NULL && i < keys->count; i++)
		if (crypto_private_kind(keys->keys[i].private) == CRYPTO_RSA &&
		    crypto_private_bits(keys->keys[i].private) >= ARC_RSA_BITS_MIN)
			return &keys->keys[i];
	return NULL;
}

bool arc_keys_load(struct arc_settings *settings, struct arena *arena, struct problem *problem)
{
	struct sign_entry entry = {.domain = settings->domain,
	                           .keys = arc_keys_place(settings),
	                           .selector = "",
	                           .sign_as = ""};
	struct sign_settings like_sign = {.entries = {.count = 1, .items = &entry},
	                                  .where = "group \"arc\""};

	invariant(settings->table == NULL);
	if (settings->seal == ARC_SEAL_NEVER)
		return true;
	if (!keys_load(&like_sign, arena, problem)) {
		signing_table_free(like_sign.table);
		return false;
	}
	settings->table = like_sign.table;
	settings->key = first_rsa(signing_table_find(settings->table, 0, settings->domain));
	if (settings->key != NULL)
		return true;
	return problem_say(problem,
	                   "%s holds no RSA key of at least %d bits for %s (setting "
	                   "\"arc.domain\"); make one with: assay key new %s",
	                   entry.keys, ARC_RSA_BITS_MIN, settings->domain, settings->domain);
}

/*
 * review_sign.c - checks of entries of "sign" that are never used, and of keys that not every
 * receiver accepts. Rows of the table in review.c.
 *
 * The order in which entries are tried is that of policies/sign/sign.c. Without a table of keys
 * (settings_read_keyless()) most checks have nothing to do.
 */
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "review/review_checks.h"
#include "sign/signed_fields.h"

enum {
	GOOD_RSA_BITS = 2048, /* RFC 8301 3.2 */
	WORK_MAX = 5000000,   /* comparisons of entries, for all of them together */
	NAMED_MAX = 5         /* keys or domains in findings of their own */
};

static const struct sign_settings *sign_of(const struct review_run *run)
{
	return &run->settings->sign;
}

static const struct sign_entry *entry_of(const struct sign_settings *sign, size_t number)
{
	invariant(number < sign->entries.count);
	return (const struct sign_entry *)sign->entries.items + number;
}

static bool is_every_domain(const struct sign_entry *entry)
{
	return entry->domain[0] == '\0' || text_same(entry->domain, "*");
}

/* The authors of one domain, or of all domains below it. */
struct authors {
	const char *domain;
	bool below;
};

/* Does the entry have a key for each of these authors? */
static bool is_for(const struct sign_settings *sign, size_t number, const struct authors *authors)
{
	const struct sign_entry *entry = entry_of(sign, number);
	const char *base = entry->domain + (entry->domain[0] == '*' ? 2 : 0);

	if (!authors->below)
		return sign_entry_covers(entry, authors->domain) &&
		       sign_entry_keys(sign, number, authors->domain) != NULL;
	if (!is_every_domain(entry) &&
	    !(sign_entry_covers_below(entry) && domain_within(authors->domain, base)))
		return false;
	return (entry->sign_as[0] != '\0' || sign_entry_covers_below(entry)) &&
	       sign_entry_keys(sign, number, authors->domain) != NULL;
}

/* Is every pattern one of the others, literally? */
static bool are_among(const struct strings *patterns, const struct strings *others)
{
	for (size_t i = 0; i < patterns->count; i++) {
		size_t other = 0;

		while (other < others->count && !text_same(others->items[other], "*") &&
		       !text_same(others->items[other], patterns->items[i]))
			other++;
		if (other == others->count)
			return false;
	}
	return patterns->count > 0;
}

/* Does entry `above` keep every login from reaching entry `number`? A login that `above` refuses no
 * longer uses entries without users that sign for the author's own domain. */
static bool stops_users(const struct sign_settings *sign, size_t above, size_t number,
                        const struct authors *authors)
{
	const struct sign_entry *first = entry_of(sign, above), *second = entry_of(sign, number);

	if (first->users.count > 0)
		return are_among(&second->users, &first->users) ||
		       (second->users.count == 0 && second->sign_as[0] == '\0');
	if (second->users.count == 0 && second->sign_as[0] == '\0')
		return true;
	for (size_t i = 0; i < above; i++)
		if (entry_of(sign, i)->users.count > 0 && is_for(sign, i, authors))
			return false; /* a login that it refuses skips `above` */
	return true;
}

static bool stops(const struct sign_settings *sign, size_t above, size_t number,
                  const struct authors *authors)
{
	const struct sign_entry *first = entry_of(sign, above), *second = entry_of(sign, number);

	if (first->go_on ||
	    (first->authors.count > 0 && !are_among(&second->authors, &first->authors)))
		return false;
	return is_for(sign, above, authors) && stops_users(sign, above, number, authors);
}

struct proof {
	const struct sign_settings *sign;
	size_t work; /* what is left of WORK_MAX; at 0 nothing more is proved */
};

/* The entry above `number` that keeps these authors from it; `number` if there is none. */
static size_t stopped_by(struct proof *proof, size_t number, const struct authors *authors)
{
	size_t above = 0;

	invariant(number < proof->sign->entries.count);
	while (above < number && proof->work > 0 && !stops(proof->sign, above, number, authors)) {
		above++;
		proof->work--;
	}
	return proof->work > 0 ? above : number;
}

/* The authors that an entry is for. False: they are not one struct authors, or depend on its
 * keys. */
static bool authors_of(const struct sign_entry *entry, struct authors *authors)
{
	bool below = strncmp(entry->domain, "*.", 2) == 0;

	*authors = (struct authors){.domain = entry->domain + (below ? 2 : 0), .below = below};
	if (is_every_domain(entry) || entry->subdomains)
		return false;
	return !below || entry->sign_as[0] != '\0';
}

/* The entry above that keeps all authors from this one for which it has keys; `number` if it is
 * reached by some. */
static size_t wholly_stopped_by(struct proof *proof, size_t number)
{
	const struct sign_settings *sign = proof->sign;
	const struct sign_entry *entry = entry_of(sign, number);
	size_t by = number;
	struct authors authors;

	if (authors_of(entry, &authors))
		return stopped_by(proof, number, &authors);
	for (size_t i = 0; entry->sign_as[0] == '\0' && i < signing_table_count(sign->table); i++) {
		const char *domain;

		if (proof->work == 0)
			return number;
		proof->work--;
		signing_table_key(sign->table, i, &domain);
		if (signing_table_find(sign->table, number, domain) == NULL)
			continue;
		authors = (struct authors){.domain = domain};
		if (sign_entry_covers(entry, domain) &&
		    (by = stopped_by(proof, number, &authors)) == number)
			return number;
		authors.below = true;
		if (sign_entry_covers_below(entry) &&
		    (by = stopped_by(proof, number, &authors)) == number)
			return number;
	}
	return by;
}

void review_sign_never(struct review_run *run)
{
	const struct sign_settings *sign = sign_of(run);
	struct proof proof = {.sign = sign, .work = WORK_MAX};

	for (size_t i = 1; sign->table != NULL && i < sign->entries.count; i++) {
		size_t by = wholly_stopped_by(&proof, i);

		if (by < i)
			review_run_add(
			    run, "sign", (long)i,
			    "entry %zu of \"sign\" is never used: %s signs all mail that it has "
			    "keys for; move it up, remove it, or set \"continue\" in the other one",
			    i + 1, review_run_entry_name(run, "entry", "sign", by));
	}
}

static int by_file(const void *one, const void *other)
{
	const struct review_key *a = one, *b = other;
	int order = strcmp(a->key->file, b->key->file);

	return order != 0 ? order : strcmp(a->domain, b->domain);
}

struct review_keys review_sign_keys(struct review_run *run)
{
	const struct signing_table *table = sign_of(run)->table;
	size_t all = table == NULL ? 0 : signing_table_count(table);
	struct review_key *keys = arena_allocate(run->arena, (all + 1) * sizeof *keys);
	size_t count = 0;

	for (size_t i = 0; i < all; i++)
		keys[i].key = signing_table_key(table, i, &keys[i].domain);
	qsort(keys, all, sizeof *keys, by_file);
	for (size_t i = 0; i < all; i++)
		if (i == 0 || strcmp(keys[i].key->file, keys[i - 1].key->file) != 0)
			keys[count++] = keys[i];
	invariant(count <= all);
	return (struct review_keys){count, keys};
}

void review_sign_short(struct review_run *run)
{
	struct review_keys keys = review_sign_keys(run);
	size_t found = 0;

	for (size_t i = 0; i < keys.count; i++) {
		const struct signing_key *key = keys.items[i].key;

		if (crypto_private_kind(key->private) != CRYPTO_RSA ||
		    crypto_private_bits(key->private) >= GOOD_RSA_BITS || ++found > NAMED_MAX)
			continue;
		review_run_add(run, "sign", PLACES_NO_ENTRY,
		               "the key %s has %u bits, and some receivers accept only %d or more; "
		               "create a new one with: assay key new %s",
		               key->file, crypto_private_bits(key->private), GOOD_RSA_BITS,
		               keys.items[i].domain);
	}
	if (found > NAMED_MAX)
		review_run_add(run, "sign", PLACES_NO_ENTRY,
		               "%zu more keys have fewer than %d bits", found - NAMED_MAX,
		               GOOD_RSA_BITS);
}

static bool has_rsa(const struct sign_settings *sign, const char *domain)
{
	for (size_t entry = 0; entry < sign->entries.count; entry++) {
		const struct signing_keys *keys = signing_table_find(sign->table, entry, domain);

		if (keys != NULL && crypto_private_kind(keys->keys[0].private) == CRYPTO_RSA)
			return true;
	}
	return false;
}

/* RFC 8463 1: sign with RSA too until every receiver verifies Ed25519. */
void review_sign_ed25519(struct review_run *run)
{
	const struct sign_settings *sign = sign_of(run);
	const char *before = "", *domain;
	size_t found = 0;

	for (size_t i = 0; sign->table != NULL && i < signing_table_count(sign->table); i++) {
		const struct signing_key *key = signing_table_key(sign->table, i, &domain);
		bool seen = strcmp(before, domain) == 0;

		before = domain;
		if (seen || crypto_private_kind(key->private) == CRYPTO_RSA ||
		    has_rsa(sign, domain))
			continue;
		if (++found <= NAMED_MAX)
			review_run_add(
			    run, "sign", PLACES_NO_ENTRY,
			    "%s has only Ed25519 keys, which many receivers cannot verify; add an "
			    "RSA key: assay key new %s",
			    domain, domain);
	}
	if (found > NAMED_MAX)
		review_run_add(run, "sign", PLACES_NO_ENTRY,
		               "%zu more domains have only Ed25519 keys", found - NAMED_MAX);
}

static void report_unsound(struct review_run *run, const char *setting, size_t entry,
                           const struct strings *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (signed_fields_is_unsound(names->items[i]))
			review_run_add(
			    run, setting, (long)entry,
			    "setting \"%s\" of entry %zu names %s, which mail servers add or "
			    "change, so that the signature breaks; remove it",
			    setting, entry + 1, names->items[i]);
}

void review_sign_headers(struct review_run *run)
{
	for (size_t i = 0; i < sign_of(run)->entries.count; i++) {
		const struct sign_entry *entry = entry_of(sign_of(run), i);

		report_unsound(run, "sign.headers", i, &entry->headers);
		report_unsound(run, "sign.oversign", i, &entry->oversign);
	}
}

static bool names_field(const struct strings *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (text_same(names->items[i], name))
			return true;
	return false;
}

/* RFC 6376 8.15: fields that mail readers show, of which somebody could add a second one. */
void review_sign_oversign(struct review_run *run)
{
	static const char *const shown[] = {"subject", "to"};

	for (size_t i = 0; i < sign_of(run)->entries.count; i++) {
		const struct sign_entry *entry = entry_of(sign_of(run), i);
		const char *open = "";

		for (size_t name = 0; name < sizeof shown / sizeof shown[0]; name++)
			if (entry->oversign.count > 0 &&
			    !names_field(&entry->oversign, shown[name]) &&
			    (entry->headers.count == 0 ||
			     names_field(&entry->headers, shown[name])))
				open = arena_format(run->arena, "%s%s%s", open,
				                    open[0] == '\0' ? "" : " and ", shown[name]);
		if (open[0] != '\0')
			review_run_add(
			    run, "sign.oversign", (long)i,
			    "setting \"sign.oversign\" of entry %zu replaces the default, but does "
			    "not have %s: anyone can add a second one, and the signature stays "
			    "valid; add it, or remove the setting",
			    i + 1, open);
	}
}

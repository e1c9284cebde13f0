/*
 * review_sign.c - entries of "sign" that no message reaches, and keys that not every receiver
 * takes. Rows of the table in review.c.
 *
 * policies/sign/sign.c tells in which order entries are tried. Without the table of keys
 * (settings_read_keyless) there is nothing to look at.
 */
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
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
	return (const struct sign_entry *)sign->entries.items + number;
}

static bool is_every_domain(const struct sign_entry *entry)
{
	return entry->domain[0] == '\0' || text_same(entry->domain, "*");
}

/* Authors of one domain, or of all below it. */
struct authors {
	const char *domain;
	bool below;
};

/* Has the entry a key for each of these authors? */
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

/* Is each pattern among the others as it stands? */
static bool among(const struct strings *patterns, const struct strings *others)
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

/* May nobody reach `number` past `above`, whoever logged in? A login that `above` refuses finds no
 * entry without users for the author's own domain any more. */
static bool stops_users(const struct sign_settings *sign, size_t above, size_t number,
                        const struct authors *authors)
{
	const struct sign_entry *first = entry_of(sign, above), *second = entry_of(sign, number);

	if (first->users.count > 0)
		return among(&second->users, &first->users) ||
		       (second->users.count == 0 && second->sign_as[0] == '\0');
	if (second->users.count == 0 && second->sign_as[0] == '\0')
		return true;
	for (size_t i = 0; i < above; i++)
		if (entry_of(sign, i)->users.count > 0 && is_for(sign, i, authors))
			return false; /* what that one refuses passes `above` by */
	return true;
}

static bool takes(const struct sign_settings *sign, size_t above, size_t number,
                  const struct authors *authors)
{
	const struct sign_entry *first = entry_of(sign, above), *second = entry_of(sign, number);

	if (first->go_on || (first->authors.count > 0 && !among(&second->authors, &first->authors)))
		return false;
	return is_for(sign, above, authors) && stops_users(sign, above, number, authors);
}

struct proof {
	const struct sign_settings *sign;
	size_t work; /* what is left of WORK_MAX; without it nothing is proved any more */
};

/* The entry above that takes them, or `number`. */
static size_t taken_by(struct proof *proof, size_t number, const struct authors *authors)
{
	size_t above = 0;

	while (above < number && proof->work > 0 && !takes(proof->sign, above, number, authors)) {
		above++;
		proof->work--;
	}
	return proof->work > 0 ? above : number;
}

/* Everybody whom an entry is for; false where that cannot be said in one, or hangs on its keys. */
static bool authors_of(const struct sign_entry *entry, struct authors *authors)
{
	bool below = strncmp(entry->domain, "*.", 2) == 0;

	*authors = (struct authors){.domain = entry->domain + (below ? 2 : 0), .below = below};
	if (is_every_domain(entry) || entry->subdomains)
		return false;
	return !below || entry->sign_as[0] != '\0';
}

/* The entry above that takes all that this one has keys for; `number` where there is something
 * left. */
static size_t wholly_taken_by(struct proof *proof, size_t number)
{
	const struct sign_settings *sign = proof->sign;
	const struct sign_entry *entry = entry_of(sign, number);
	size_t by = number;
	struct authors authors;

	if (authors_of(entry, &authors))
		return taken_by(proof, number, &authors);
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
		    (by = taken_by(proof, number, &authors)) == number)
			return number;
		authors.below = true;
		if (sign_entry_covers_below(entry) &&
		    (by = taken_by(proof, number, &authors)) == number)
			return number;
	}
	return by;
}

void review_sign_never(struct review_run *run)
{
	const struct sign_settings *sign = sign_of(run);
	struct proof proof = {.sign = sign, .work = WORK_MAX};

	for (size_t i = 1; sign->table != NULL && i < sign->entries.count; i++) {
		size_t by = wholly_taken_by(&proof, i);

		if (by < i)
			review_add(run, "sign", (long)i,
			           "entry %zu of \"sign\" is never used: %s takes all mail that it "
			           "has keys for; move it up, remove it, or set \"continue\" in "
			           "that one",
			           i + 1, review_entry_name(run, "entry", "sign", by));
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
		review_add(run, "sign", PLACES_NO_ENTRY,
		           "the key %s has %u bits, and some receivers take %d or more only; make "
		           "a new one with: assay key new %s",
		           key->file, crypto_private_bits(key->private), GOOD_RSA_BITS,
		           keys.items[i].domain);
	}
	if (found > NAMED_MAX)
		review_add(run, "sign", PLACES_NO_ENTRY, "%zu keys more have less than %d bits",
		           found - NAMED_MAX, GOOD_RSA_BITS);
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

/* RFC 8463 1: Ed25519 beside RSA, until everybody verifies it. */
void review_sign_ed25519(struct review_run *run)
{
	const struct sign_settings *sign = sign_of(run);
	const char *before = "", *domain;
	size_t found = 0;

	for (size_t i = 0; sign->table != NULL && i < signing_table_count(sign->table); i++) {
		const struct signing_key *key = signing_table_key(sign->table, i, &domain);
		bool told = strcmp(before, domain) == 0;

		before = domain;
		if (told || crypto_private_kind(key->private) == CRYPTO_RSA ||
		    has_rsa(sign, domain))
			continue;
		if (++found <= NAMED_MAX)
			review_add(
			    run, "sign", PLACES_NO_ENTRY,
			    "%s has Ed25519 keys alone, which many receivers cannot verify; add an "
			    "RSA key: assay key new %s",
			    domain, domain);
	}
	if (found > NAMED_MAX)
		review_add(run, "sign", PLACES_NO_ENTRY, "%zu domains more have Ed25519 keys alone",
		           found - NAMED_MAX);
}

static void review_names(struct review_run *run, const char *setting, size_t entry,
                         const struct strings *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (signed_fields_is_unsound(names->items[i]))
			review_add(run, setting, (long)entry,
			           "setting \"%s\" of entry %zu names %s, which servers add or "
			           "change on the way, so that the signature breaks; leave it out",
			           setting, entry + 1, names->items[i]);
}

void review_sign_headers(struct review_run *run)
{
	for (size_t i = 0; i < sign_of(run)->entries.count; i++) {
		const struct sign_entry *entry = entry_of(sign_of(run), i);

		review_names(run, "sign.headers", i, &entry->headers);
		review_names(run, "sign.oversign", i, &entry->oversign);
	}
}

static bool names_field(const struct strings *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (text_same(names->items[i], name))
			return true;
	return false;
}

/* RFC 6376 8.15: what readers show first. */
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
			review_add(run, "sign.oversign", (long)i,
			           "setting \"sign.oversign\" of entry %zu takes the place of the "
			           "default, but leaves out %s, of which anyone can add a second "
			           "one that the signature leaves whole; add it, or leave the "
			           "setting out",
			           i + 1, open);
	}
}

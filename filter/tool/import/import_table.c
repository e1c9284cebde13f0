/*
 * import_table.c - the lines of SigningTable, each with its line of KeyTable, as signatures. Called
 * by import_sign.c.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "tool/import/import_sign.h"

enum {
	RANK_ADDRESS,
	RANK_DOMAIN,
	RANK_ABOVE, /* two for each number of labels, most labels first */
	RANK_ANY_DOMAIN = 2 * DOMAIN_MAX + RANK_ABOVE,
	RANK_ALL
};

enum {
	COMPARED_MAX = 50000000, /* two tables of many lines each would take hours */
	SIGNATURES_MAX = 200000,
	FOLDER_LINES = 50000 /* reading a folder takes as long */
};

/* A line of SigningTable, and whose mail it applies to. */
struct row {
	const struct import_pair *pair;
	const char *domain; /* as in struct import_signature */
	const char *author; /* pattern, or NULL */
	const char *one;    /* the only author domain that it can be for, or NULL */
	unsigned rank;      /* lower ones are tried first, in a table without patterns */
	bool identity;      /* i= names the author domain */
};

static bool may_compare(struct import_signing *signing, const struct row *row, size_t lines)
{
	if (lines <= COMPARED_MAX - signing->compared && signing->count < SIGNATURES_MAX) {
		signing->compared += lines;
		return true;
	}
	import_work_missed_pair(
	    signing->work, "SigningTable", row->pair,
	    "the tables are too large to compare each line of the one with each of the other; "
	    "write file: for the KeyTable if its names hold no *, and name the keys in place of "
	    "%%");
	return false;
}

static const char *normal(const struct import_signing *signing, const char *name)
{
	return domain_normalize(signing->work->arena, name, strlen(name));
}

/* The domain part of a key without patterns: "example.com", ".example.com", "*". */
static bool read_domain_part(const struct import_signing *signing, struct row *row,
                             const char *domain, bool of_address)
{
	const char *name = normal(signing, domain + (domain[0] == '.'));

	if (strcmp(domain, "*") == 0) {
		row->domain = "";
		row->rank = of_address ? RANK_ANY_DOMAIN : RANK_ALL;
		return true;
	}
	if (name == NULL)
		return false;
	row->rank = of_address ? RANK_ADDRESS : RANK_DOMAIN;
	row->domain = name;
	row->one = name;
	if (domain[0] == '.') {
		row->rank =
		    RANK_ABOVE + 2 * (unsigned)(DOMAIN_MAX - domain_labels(name)) + !of_address;
		row->domain = arena_format(signing->work->arena, "*.%s", name);
		row->one = NULL;
	}
	return true;
}

/* In a table without patterns: "anna@example.com", "example.com",
 * "anna@.example.com", ... */
static bool import_table_read_key(const struct import_signing *signing, struct row *row)
{
	struct arena *arena = signing->work->arena;
	const char *key = row->pair->key, *at = strrchr(key, '@');
	const char *domain = at == NULL ? key : at + 1;

	if (memchr(key, '*', (size_t)(domain - key)) != NULL ||
	    (strchr(domain, '*') != NULL && strcmp(domain, "*") != 0)) {
		import_work_missed_pair(
		    signing->work, "SigningTable", row->pair,
		    "only a refile: takes * for any characters, so this line has "
		    "never matched; write refile: for the SigningTable if it should");
		return false;
	}
	if (!read_domain_part(signing, row, domain, at != NULL)) {
		import_work_missed_pair(
		    signing->work, "SigningTable", row->pair,
		    "it is neither an address nor a domain name, and matches no author");
		return false;
	}
	if (at != NULL)
		row->author = arena_format(arena, "%.*s@%s%s", (int)(at - key), key,
		                           domain[0] == '.' ? "*" : "", domain);
	return true;
}

/* In a refile: any address with stars. */
static bool read_pattern(const struct import_signing *signing, struct row *row)
{
	const char *key = row->pair->key, *at = strrchr(key, '@');
	const char *domain = at == NULL ? "" : at + 1;

	if (strpbrk(key, "[](){}?^$|\\") != NULL) {
		import_work_missed_pair(
		    signing->work, "SigningTable", row->pair,
		    "it is a regular expression, of which Assay takes * alone; write "
		    "an entry of sign for each of its domains");
		return false;
	}
	row->domain = "";
	row->author = key;
	if (strcmp(key, "*") == 0 || strcmp(key, "*@*") == 0) {
		row->author = NULL;
		return true;
	}
	if (strncmp(domain, "*.", 2) == 0 && strchr(domain + 2, '*') == NULL &&
	    normal(signing, domain + 2) != NULL)
		row->domain =
		    arena_format(signing->work->arena, "*.%s", normal(signing, domain + 2));
	else if (strchr(domain, '*') == NULL && normal(signing, domain) != NULL)
		row->domain = row->one = normal(signing, domain);
	if (row->domain[0] != '\0' && at == key + 1 && key[0] == '*')
		row->author = NULL;
	return true;
}

/* A line of KeyTable: "domain:selector:key", and perhaps ":algorithm". */
struct key {
	const struct import_pair *pair;
	const char *domain, *selector, *key;
};

/* Later versions of OpenDKIM take a fourth field, which the key itself says too. A path may hold
 * colons. */
static const char *without_algorithm(struct arena *arena, const char *key)
{
	static const char *const algorithms[] = {"rsa",     "rsa-sha256",     "rsa-sha1",
	                                         "ed25519", "ed25519-sha256", NULL};
	const char *colon = strrchr(key, ':');
	const char *word =
	    colon == NULL ? "" : import_file_trim(arena, colon + 1, strlen(colon + 1));

	if (colon == NULL || (text_word(algorithms, word) < 0 && word[0] != '\0') ||
	    access(key, F_OK) == 0)
		return key;
	return import_file_trim(arena, key, (size_t)(colon - key));
}

static bool read_key_row(struct arena *arena, const struct import_pair *pair, struct key *key)
{
	const char *value = pair->value == NULL ? "" : pair->value;
	size_t domain = strcspn(value, ":");
	const char *rest = value + domain + (value[domain] == ':');
	size_t selector = strcspn(rest, ":");

	*key = (struct key){
	    pair, arena_copy(arena, value, domain), arena_copy(arena, rest, selector),
	    rest[selector] == ':' ? without_algorithm(arena, rest + selector + 1) : ""};
	return domain > 0 && selector > 0 && key->key[0] != '\0';
}

/* `%` stands for the domain that signs. */
static const char *replace(struct arena *arena, const char *path, const char *domain)
{
	struct text text;

	text_begin(&text, arena, 8192);
	for (; *path != '\0'; path++)
		if (*path == '%')
			text_add(&text, domain);
		else
			text_add_bytes(&text, path, 1);
	return text.bytes;
}

static bool is_path(const char *key)
{
	return key[0] == '/' || strncmp(key, "./", 2) == 0 || strncmp(key, "../", 3) == 0;
}

/* Both lines, without the key if the table itself holds it. */
static const char *comments_of(const struct import_signing *signing, const struct row *row,
                               const struct key *key)
{
	struct arena *arena = signing->work->arena;
	const char *row_text = arena_format(arena, "%s %s", row->pair->key,
	                                    row->pair->value == NULL ? "" : row->pair->value);
	const char *key_text =
	    arena_format(arena, "%s %s:%s:%s", key->pair->key, key->domain, key->selector,
	                 is_path(key->key) ? key->key : "(a key)");

	return arena_format(
	    arena, "%s\n%s",
	    import_signing_comment(arena, row->pair->place, "SigningTable", row_text),
	    import_signing_comment(arena, key->pair->place, "KeyTable", key_text));
}

/* For the author domains `domain`; d= is `signer`. */
static void import_table_add(struct import_signing *signing, const struct row *row,
                             const struct key *key, const char *domain, const char *signer)
{
	struct import_work *work = signing->work;
	struct import_signature signature = {.domain = domain,
	                                     .author = row->author,
	                                     .signer = signer,
	                                     .selector = key->selector,
	                                     .key = key->key,
	                                     .is_path = is_path(key->key),
	                                     .identity = row->identity,
	                                     .go_on = signing->several,
	                                     .place = row->pair->place};

	invariant(domain != NULL && signer != NULL);
	signature.comments = comments_of(signing, row, key);
	signature.text = import_draft_pair_text(work->arena, "SigningTable", row->pair);
	if (key->key[0] == '/')
		signature.key = replace(work->arena, key->key, signer);
	else if (signature.is_path)
		signature.key = arena_format(work->arena, "%s/%s", work->base, key->key);
	import_signing_add(signing, &signature);
}

/* Is an author domain among those of a row? Its pattern of addresses stays in the entry. */
static bool covers(const struct row *row, const char *domain)
{
	invariant(row->one != NULL || row->domain != NULL);
	if (row->one != NULL)
		return domain_equal(row->one, domain);
	return row->domain[0] == '\0' ||
	       (domain_within(domain, row->domain + 2) && !domain_equal(domain, row->domain + 2));
}

/* "/etc/keys/%/mail.private" for any domain: an entry for each existing file. */
static void add_files(struct import_signing *signing, const struct row *row, const struct key *key)
{
	const char *percent = strchr(key->key, '%'), *start = percent, *after = percent + 1;
	const char *prefix, *suffix;
	struct dirent **names = NULL;
	int count;

	while (start[-1] != '/')
		start--;
	prefix = arena_copy(signing->work->arena, start, (size_t)(percent - start));
	suffix = arena_copy(signing->work->arena, after, strcspn(after, "/"));
	if (!may_compare(signing, row, FOLDER_LINES))
		return;
	count = scandir(arena_copy(signing->work->arena, key->key, (size_t)(start - key->key)),
	                &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;
		size_t length = strlen(name), more = strlen(prefix) + strlen(suffix);
		const char *domain = NULL;

		if (length > more && strncmp(name, prefix, strlen(prefix)) == 0 &&
		    strcmp(name + length - strlen(suffix), suffix) == 0)
			domain = domain_normalize(signing->work->arena, name + strlen(prefix),
			                          length - more);
		if (domain != NULL && covers(row, domain) &&
		    access(replace(signing->work->arena, key->key, domain), F_OK) == 0)
			import_table_add(signing, row, key, domain, domain);
		free(names[i]);
	}
	free(names);
	import_work_missed_pair(
	    signing->work, "SigningTable", row->pair,
	    "its key has the author domain in its path: the entries are for the "
	    "domains whose keys are there now");
}

/* Adds a row with a key; % may stand for the author domain in several places. */
static void add_one_key(struct import_signing *signing, const struct row *row,
                        const struct import_pair *pair, const char *only)
{
	const char *domain = only == NULL ? row->one : only;
	struct key key;

	if (!read_key_row(signing->work->arena, pair, &key))
		import_work_missed_pair(
		    signing->work, "KeyTable", pair,
		    "it lacks the domain, the selector or the key; opendkim defers "
		    "such mail (451), Assay does not sign it");
	else if (strcmp(key.domain, "%") != 0)
		import_table_add(signing, row, &key, only == NULL ? row->domain : only, key.domain);
	else if (domain != NULL)
		import_table_add(signing, row, &key, domain, domain);
	else if (key.key[0] == '/' && strchr(key.key, '%') != NULL)
		add_files(signing, row, &key);
	else
		import_table_add(signing, row, &key, row->domain, "*");
}

/* The key of a row, and the one of the same name that signs beside it. */
static void add_key(struct import_signing *signing, const struct row *row,
                    const struct import_pair *pair, const char *only)
{
	const struct import_pair *other =
	    signing->beside.count == 0
	        ? NULL
	        : import_set_find(signing->work->arena, &signing->beside, pair->key);
	size_t before = signing->count, between;

	add_one_key(signing, row, pair, only);
	between = signing->count;
	if (other != NULL && other != pair)
		add_one_key(signing, row, other, only);
	if (between == before + 1 && signing->count == between + 1)
		signing->items[before].beside = true;
}

static const char *const *key_domains(struct import_signing *signing)
{
	const struct import_set *keys = &signing->keys;

	if (signing->key_domains != NULL)
		return signing->key_domains;
	signing->key_domains =
	    arena_allocate(signing->work->arena, (keys->count + 1) * sizeof *signing->key_domains);
	for (size_t i = 0; i < keys->count; i++)
		if (strchr(keys->items[i].key, '.') != NULL)
			signing->key_domains[i] = normal(signing, keys->items[i].key);
	return signing->key_domains;
}

/* The name of the key is the author domain: an entry for each key of such a name. */
static void add_named_keys(struct import_signing *signing, const struct row *row)
{
	const char *const *domains = key_domains(signing);

	if (!may_compare(signing, row, signing->keys.count))
		return;
	for (size_t i = 0; i < signing->keys.count && signing->count < SIGNATURES_MAX; i++)
		if (domains[i] != NULL && covers(row, domains[i]))
			add_key(signing, row, &signing->keys.items[i], domains[i]);
}

/* The value for i= may follow the name of the key, with % for the author domain. */
static const char *read_key_name(const struct import_signing *signing, struct row *row)
{
	const char *value = row->pair->value == NULL ? "" : row->pair->value;
	size_t length = strcspn(value, ":");
	const char *identity = value + length + (value[length] == ':');

	row->identity = strcmp(identity, "@%") == 0;
	if (identity[0] != '\0' && !row->identity)
		import_work_missed_pair(
		    signing->work, "SigningTable", row->pair,
		    "it sets i= of the signature, which DMARC does not look at; Assay leaves it "
		    "out, or names the author domain there (identity = true)");
	return arena_copy(signing->work->arena, value, length);
}

static void import_table_add_row(struct import_signing *signing, struct row *row)
{
	const char *name = read_key_name(signing, row);
	const struct import_pair *pair;

	if (strcmp(name, "%") == 0 && row->one == NULL) {
		add_named_keys(signing, row);
		return;
	}
	if (signing->keys.type == IMPORT_SET_PATTERNS &&
	    !may_compare(signing, row, signing->keys.count))
		return;
	pair = import_set_find(signing->work->arena, &signing->keys,
	                       strcmp(name, "%") == 0 ? row->one : name);
	if (pair == NULL && signing->beside.count > 0)
		pair = import_set_find(signing->work->arena, &signing->beside, name);
	if (pair == NULL)
		import_work_missed_pair(
		    signing->work, "SigningTable", row->pair,
		    "the KeyTable has no such key; opendkim defers such mail (451), "
		    "Assay does not sign it");
	else
		add_key(signing, row, pair, NULL);
}

static int by_rank(const void *one, const void *other)
{
	const struct row *a = one, *b = other;

	int order;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	order = strcasecmp(a->pair->key, b->pair->key);
	return order != 0 ? order : (a->pair > b->pair) - (a->pair < b->pair);
}

/* In a table without patterns, the first of several lines with the same key counts. */
static bool is_repeated(const struct row *rows, size_t number)
{
	return number > 0 && text_same(rows[number].pair->key, rows[number - 1].pair->key);
}

void import_table(struct import_signing *signing)
{
	const struct import_set *table = &signing->table;
	struct row *rows = arena_allocate(signing->work->arena, (table->count + 1) * sizeof *rows);
	size_t count = 0;

	for (size_t i = 0; i < table->count; i++) {
		struct row *row = &rows[count];

		*row = (struct row){.pair = &table->items[i]};
		if (table->type == IMPORT_SET_PATTERNS ? read_pattern(signing, row)
		                                       : import_table_read_key(signing, row))
			count++;
	}
	if (table->type != IMPORT_SET_PATTERNS && count > 1)
		qsort(rows, count, sizeof *rows, by_rank);
	for (size_t i = 0; i < count; i++)
		if (table->type == IMPORT_SET_PATTERNS || !is_repeated(rows, i))
			import_table_add_row(signing, &rows[i]);
}

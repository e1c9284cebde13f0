/*
 * import_sign.c - how OpenDKIM chooses what signs a message becomes entries of "sign", in an order
 * that makes the first entry that fits the one that OpenDKIM would take. Called by import.c before
 * the other options.
 *
 * Without a KeyTable: Domain, Selector and KeyFile. With it: SigningTable names for an author
 * address the keys of KeyTable. A refile: is tried from its first line; any other table is searched
 * for the address, its domain, the domains above and at last for everything; import_table.c sorts
 * its lines in this order.
 *
 * dkimpy-milter has options of the same names for a second key, of Ed25519, and both sign. Its
 * SigningTable is tried from the first line, with patterns whatever its type.
 */
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "settings/settings_check.h"
#include "tool/import/import_sign.h"

enum {
	SECONDS_OF_DAY = 86400,
	PATTERNS_MAX = 5000, /* each line of one table is tried against them */
	ENTRIES_ALIKE = 20   /* more entries that differ in nothing but the domain become one */
};

static const char *const single_options[] = {
    "Domain", "Selector", "KeyFile", "SelectorEd25519", "KeyFileEd25519", "SubDomains", NULL};
static const char *const table_options[] = {"KeyTable", "KeyTableEd25519", "SigningTable",
                                            "MultipleSignatures", NULL};
static const char *const both_options[] = {
    "Canonicalization", "SignatureTTL",   "SignHeaders",       "OmitHeaders", "OmitHeadersDB",
    "OversignHeaders",  "OversignHeader", "AlwaysSignHeaders", NULL};
static const char *const *const all_options[] = {table_options, both_options, single_options, NULL};

static void omit_every_option(struct import_work *work, const char *why)
{
	for (size_t i = 0; all_options[i] != NULL; i++)
		import_work_omit_named(work, all_options[i], why);
}

/* Domain, Selector, KeyFile */

static void add_domain(struct import_signing *signing, const struct import_set *set,
                       const struct import_pair *pair, const struct import_signature *common)
{
	struct arena *arena = signing->work->arena;
	struct import_signature signature = *common;
	bool pattern = set->type == IMPORT_SET_PATTERNS && strchr(pair->key, '*') != NULL;

	signature.place = pair->place;
	signature.text = import_draft_pair_text(arena, "Domain", pair);
	signature.comments = import_signing_comment(arena, pair->place, "Domain", pair->key);
	if (strcmp(pair->key, "*") == 0) {
		signature.domain = "";
		signature.signer = "*";
		signature.subdomains = false;
	} else if (pattern) {
		signature.domain = "";
		signature.author = arena_format(arena, "*@%s", pair->key);
		signature.signer = "*";
	} else {
		signature.domain = domain_normalize(arena, pair->key, strlen(pair->key));
		signature.signer = signature.domain;
	}
	if (signature.domain == NULL)
		import_draft_omit(signing->work->draft, pair->place, signature.text, IMPORT_MISSED,
		                  "it is not a domain name, and matches no author");
	else
		import_signing_add(signing, &signature);
}

/* The nearest domain above the author's counts. */
static int by_depth(const void *one, const void *other)
{
	const struct import_pair *a = one, *b = other;
	size_t labels_a = strcmp(a->key, "*") == 0 ? 0 : domain_labels(a->key);
	size_t labels_b = strcmp(b->key, "*") == 0 ? 0 : domain_labels(b->key);

	if (labels_a != labels_b)
		return labels_a > labels_b ? -1 : 1;
	return (a->place.line > b->place.line) - (a->place.line < b->place.line);
}

/* One or two keys sign for each domain. */
static void add_domains(struct import_signing *signing, struct import_signature *keys, size_t count)
{
	struct import_work *work = signing->work;
	bool subdomains = import_work_is_on(work, "SubDomains");
	struct import_set set;

	invariant(count == 1 || count == 2);
	if (!import_set_read(work, import_work_option(work, "Domain"), &set))
		return;
	if (set.type != IMPORT_SET_PATTERNS && set.count > 1)
		qsort(set.items, set.count, sizeof *set.items, by_depth);
	if (import_set_find(work->arena, &set, "*") != NULL)
		subdomains = false; /* "*" matches before the domains above */
	for (size_t i = 0; i < set.count * count; i++) {
		struct import_signature *key = &keys[i % count];

		key->subdomains = subdomains;
		key->beside = i % count + 1 < count;
		add_domain(signing, &set, &set.items[i / count], key);
	}
}

/* A key and its selector; false if one of them is missing. */
static bool find_key(const struct import_work *work, const char *file, const char *selector,
                     struct import_signature *key)
{
	const struct import_option *path = import_work_option(work, file),
	                           *name = import_work_option(work, selector);

	if (path == NULL || name == NULL)
		return false;
	*key =
	    (struct import_signature){.is_path = true, .selector = name->value, .key = path->value};
	if (path->value[0] != '/')
		key->key = arena_format(work->arena, "%s/%s", work->base, path->value);
	return true;
}

static void add_single(struct import_signing *signing)
{
	struct import_work *work = signing->work;
	struct import_signature keys[2];
	size_t count = 0;

	count += find_key(work, "KeyFile", "Selector", &keys[count]);
	count += find_key(work, "KeyFileEd25519", "SelectorEd25519", &keys[count]);
	if (count > 0 && import_work_option(work, "Domain") != NULL)
		add_domains(signing, keys, count);
	else
		import_work_omit_named(
		    work, single_options,
		    "a signature needs Domain, Selector and KeyFile, and one of them is not there");
}

/* The tables */

/* The one that is searched first. */
static const struct import_option *key_table(const struct import_work *work)
{
	const struct import_option *rsa = import_work_option(work, "KeyTable");

	return rsa == NULL ? import_work_option(work, "KeyTableEd25519") : rsa;
}

/* Reads the table whose keys sign beside those of the same name in `keys`. */
static bool read_beside(struct import_signing *signing, const struct import_option *keys)
{
	const struct import_option *beside = import_work_option(signing->work, "KeyTableEd25519");

	return beside == NULL || beside == keys ||
	       import_set_read(signing->work, beside, &signing->beside);
}

/* % alone stands for every author. */
static void as_dkimpy(struct import_set *table)
{
	table->type = IMPORT_SET_PATTERNS;
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->items[i].key, "%") == 0)
			table->items[i].key = "*";
}

static void add_tables(struct import_signing *signing, const struct import_option *table)
{
	struct import_work *work = signing->work;
	const struct import_option *keys = key_table(work);

	import_work_omit_named(work, single_options, "KeyTable takes its place");
	invariant(keys != NULL || table != NULL);
	if (table == NULL) {
		import_work_missed(work, keys, "without a SigningTable it signs nothing");
		return;
	}
	if (!import_set_read(work, keys, &signing->keys) || !read_beside(signing, keys) ||
	    !import_set_read(work, table, &signing->table))
		return;
	if (work->options->program == IMPORT_DKIMPY)
		as_dkimpy(&signing->table);
	if (signing->keys.type == IMPORT_SET_PATTERNS && signing->keys.count > PATTERNS_MAX)
		import_work_missed(work, keys,
		                   "it has more than %d patterns; write file: if they hold no *",
		                   PATTERNS_MAX);
	else
		import_table(signing);
}

/* Entries */

/* "relaxed/simple"; one word is for the header, and the body is then simple. */
static const char *canonicalization(struct import_work *work)
{
	static const char *const forms[] = {"simple", "relaxed", NULL};
	const struct import_option *option = import_work_option(work, "Canonicalization");
	const char *value = option == NULL ? "" : option->value;
	size_t length = strcspn(value, "/");
	int header = text_word(forms, arena_copy(work->arena, value, length));
	int body = value[length] == '\0' ? 0 : text_word(forms, value + length + 1);

	if (option == NULL)
		return NULL;
	if (header >= 0 && body >= 0)
		return arena_format(work->arena, "%s/%s", forms[header], forms[body]);
	import_work_missed(work, option, "opendkim does not know it, and does not start with it");
	return NULL;
}

static long expire_days(struct import_work *work)
{
	const struct import_option *option = import_work_option(work, "SignatureTTL");
	long days =
	    option == NULL || option->number <= 0 ? 0 : (option->number - 1) / SECONDS_OF_DAY + 1;

	if (days > 3650)
		days = 3650;
	if (option != NULL && days * SECONDS_OF_DAY != option->number)
		import_work_missed(work, option,
		                   "signatures of Assay expire after whole days; it is %ld now",
		                   days);
	return days;
}

static void add_common(const struct import_signing *signing, struct text *text)
{
	if (signing->canonicalization != NULL)
		text_add_format(text, "canonicalization = \"%s\";\n", signing->canonicalization);
	if (signing->expire_days > 0)
		text_add_format(text, "expire_days = %ld;\n", signing->expire_days);
	text_add(text, signing->headers);
}

static const char *settings_of(const struct import_signing *signing,
                               const struct import_signature *signature, const char *path)
{
	struct arena *arena = signing->work->arena;
	const char *keys = signature->by_folder ? signing->work->keys_folder : path;
	struct text text;

	invariant(signature->domain != NULL && path != NULL);
	text_begin(&text, arena, 1 << 16);
	if (signature->domain[0] != '\0')
		text_add_format(&text, "domain = %s;\n",
		                import_draft_quote(arena, signature->domain));
	if (signature->author != NULL)
		text_add_format(&text, "authors = [ %s ];\n",
		                import_draft_quote(arena, signature->author));
	if (signature->subdomains)
		text_add(&text, "subdomains = true;\n");
	if (signature->signer != NULL && strcmp(signature->signer, signature->domain) != 0)
		text_add_format(&text, "sign_as = %s;\n",
		                import_draft_quote(arena, signature->signer));
	text_add_format(&text, "keys = %s;\n", import_draft_quote(arena, keys));
	if (signing->work->keys_folder == NULL && signature->selector != NULL)
		text_add_format(&text, "selector = %s;\n",
		                import_draft_quote(arena, signature->selector));
	add_common(signing, &text);
	if (signature->identity)
		text_add(&text, "identity = true;\n");
	if (signature->go_on)
		text_add(&text, "continue = true;\n");
	return text.bytes;
}

/* Do all entries sign for a domain with the key in its folder, and differ in nothing else? */
static bool are_alike(const struct import_signing *signing)
{
	for (size_t i = 0; i < signing->count; i++) {
		const struct import_signature *one = &signing->items[i];

		if (!one->by_folder || one->author != NULL || one->subdomains || one->identity ||
		    one->go_on || strcmp(one->domain, one->signer) != 0)
			return false;
	}
	return signing->count > ENTRIES_ALIKE &&
	       import_keys_folders(signing->work) <= signing->count;
}

/* Names become parts of paths, so they are checked. */
static bool name_parts(struct arena *arena, struct import_signature *signature,
                       struct problem *problem)
{
	if (strcmp(signature->signer, "*") != 0)
		signature->signer =
		    domain_normalize(arena, signature->signer, strlen(signature->signer));
	if (signature->signer == NULL)
		return problem_say(problem, "the domain to sign as is not a domain name");
	signature->selector =
	    domain_normalize(arena, signature->selector, strlen(signature->selector));
	return signature->selector != NULL ||
	       problem_say(problem, "the selector is not valid (RFC 6376 3.1)");
}

/* One invalid value would make the whole file unreadable. */
static bool values_fit(struct arena *arena, const struct import_signature *signature,
                       struct problem *problem)
{
	const struct {
		const char *setting, *value;
	} rows[] = {{"sign.authors", signature->author},
	            {"sign.keys", signature->is_path ? signature->key : NULL}};
	const char *taken, *wrong;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].value != NULL &&
		    !settings_check_text(rows[i].setting, rows[i].value, arena, &taken, &wrong))
			return problem_say(problem, "%s cannot be \"%.60s\": %s", rows[i].setting,
			                   rows[i].value, wrong);
	return true;
}

/* The entry becomes a comment: shortens a value that may be invalid. */
static void show_only(struct arena *arena, const char **value)
{
	if (*value != NULL)
		*value = import_draft_clean(arena, *value, IMPORT_COMMENT_MAX);
}

/* The path of the key, or NULL: the entry says why. */
static const char *place_key(struct import_signing *signing, struct import_signature *signature,
                             struct import_entry *entry)
{
	struct import_work *work = signing->work;
	struct problem problem = {""};
	const char *path = NULL;

	if (name_parts(work->arena, signature, &problem) &&
	    values_fit(work->arena, signature, &problem))
		path = import_keys_place(work, signature, &problem);
	*entry = (struct import_entry){.comments = signature->comments};
	if (path != NULL)
		return path;
	show_only(work->arena, &signature->author);
	show_only(work->arena, &signature->selector);
	entry->unusable = import_draft_clean(work->arena, problem.message, sizeof problem.message);
	import_draft_omit(work->draft, signature->place, signature->text, IMPORT_MISSED,
	                  "%s; %s defers such mail (451), Assay does not sign it with this",
	                  problem.message, import_program_names[work->options->program]);
	return NULL;
}

static void write_one_for_all(struct import_signing *signing)
{
	struct import_work *work = signing->work;
	struct import_entry entry = {
	    .comments = arena_format(
	        work->arena, "%s:%u and on: %zu domains, each with its folder of keys",
	        signing->items[0].place.file, signing->items[0].place.line, signing->count)};
	struct text text;

	text_begin(&text, work->arena, 1 << 16);
	text_add_format(&text, "keys = %s;\n", import_draft_quote(work->arena, work->keys_folder));
	add_common(signing, &text);
	entry.settings = text.bytes;
	import_draft_entry(work->draft, "sign", &entry);
}

/* Names the options that apply to all entries in the comment above them. */
static void name_options(struct import_work *work)
{
	const char *const *const counting[] = {
	    key_table(work) != NULL ? table_options : single_options, both_options};

	for (size_t i = 0; i < sizeof counting / sizeof counting[0]; i++)
		for (const char *const *name = counting[i]; *name != NULL; name++)
			if (import_work_option(work, *name) != NULL)
				import_draft_entries_from(work->draft, "sign",
				                          import_work_option(work, *name));
}

static void write_all(struct import_signing *signing)
{
	struct import_work *work = signing->work;
	struct import_entry *entries =
	    arena_allocate(work->arena, (signing->count + 1) * sizeof *entries);

	if (signing->count == 0) {
		omit_every_option(
		    work, "no signature can be made of this and the other options of signing");
		return;
	}
	signing->paths = arena_allocate(work->arena, signing->count * sizeof *signing->paths);
	name_options(work);
	signing->canonicalization = canonicalization(work);
	signing->expire_days = expire_days(work);
	signing->headers = import_headers(work);
	for (size_t i = 0; i < signing->count; i++) {
		signing->paths[i] = place_key(signing, &signing->items[i], &entries[i]);
		work->signs = work->signs || signing->paths[i] != NULL;
	}
	for (size_t i = 0; i + 1 < signing->count; i++)
		if (signing->items[i].beside && signing->paths[i + 1] != NULL)
			signing->items[i].go_on = true;
	if (work->keys_folder != NULL)
		import_signing_find_folders(signing);
	if (are_alike(signing)) {
		write_one_for_all(signing);
		return;
	}
	for (size_t i = 0; i < signing->count; i++) {
		const char *path = signing->paths[i] != NULL ? signing->paths[i] : "...";

		entries[i].settings = settings_of(signing, &signing->items[i], path);
		import_draft_entry(work->draft, "sign", &entries[i]);
	}
}

/* Keys in place belong to OpenDKIM's user, which import_carry_user() makes the user of assayd. */
static void warn_unreadable_keys(struct import_work *work)
{
	static const char *const files[] = {"KeyFile", "KeyFileEd25519", NULL};
	const struct import_option *keys = key_table(work);

	for (size_t i = 0; keys == NULL && files[i] != NULL; i++)
		keys = import_work_option(work, files[i]);
	if (keys != NULL && work->signs && work->keys_folder == NULL &&
	    import_work_option(work, "UserID") == NULL)
		import_work_missed(
		    work, keys,
		    "the keys stay where they are, and there is no UserID to read them as: let the "
		    "user of assayd own them, or let --keys copy them");
}

static bool signs(const struct import_work *work)
{
	const struct import_option *mode = import_work_option(work, "Mode");

	return mode == NULL || strchr(mode->value, 's') != NULL;
}

void import_sign(struct import_work *work)
{
	struct import_signing signing = {.work = work};
	const struct import_option *table = import_work_option(work, "SigningTable");
	const struct import_option *several = import_work_option(work, "MultipleSignatures");

	invariant(work->options != NULL && work->options->program <= IMPORT_DKIMPY);
	if (!signs(work)) {
		omit_every_option(work, "Mode has no s, so nothing was signed");
		return;
	}
	if (key_table(work) != NULL) {
		signing.several = several != NULL && several->on;
		if (signing.several)
			import_work_missed(
			    work, several,
			    "where more than two lines match, opendkim makes the first and the "
			    "last signature alone; Assay makes all of them");
		add_tables(&signing, table);
	} else {
		import_work_omit_named(work, table_options, "without a KeyTable it does nothing");
		add_single(&signing);
	}
	write_all(&signing);
	warn_unreadable_keys(work);
}

/*
 * key_new.c - `assay key new DOMAIN`: an RSA and an Ed25519 key, and the records to publish. The
 * first keys of a domain sign from the next reload on; later ones wait as SELECTOR.pending until
 * key_retire.c finds their records in the DNS.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "tool/common/tool.h"
#include "tool/key/key.h"

static const struct kind {
	enum crypto_kind kind;
	char letter; /* ends the selector; a name publishes one key */
} kinds[] = {{CRYPTO_RSA, 'r'}, {CRYPTO_ED25519, 'e'}};

static bool is_taken(const struct key_files *files, const char *selector)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].selector, selector) == 0)
			return true;
	return false;
}

static bool domain_signs(const struct key_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->items[i].state == KEY_SIGNS)
			return true;
	return false;
}

/* 20261122r, or 20261122r2 if that exists. */
static const char *free_selector(const struct key_arguments *arguments,
                                 const struct key_files *files, char letter)
{
	const char *base = arguments->selector == NULL ? key_text_day(arguments->arena, 0, false)
	                                               : arguments->selector;
	const char *selector = arena_format(arguments->arena, "%s%c", base, letter);

	invariant(letter == 'r' || letter == 'e');
	for (unsigned number = 2; is_taken(files, selector); number++)
		selector = arena_format(arguments->arena, "%s%c%u", base, letter, number);
	return selector;
}

static bool make_key(const struct key_arguments *arguments, const struct kind *kind,
                     const char *path, struct problem *problem)
{
	char *text = crypto_private_new(kind->kind, (unsigned)arguments->bits, arguments->arena);
	bool good;

	if (text == NULL)
		return problem_say(problem, "OpenSSL could not make a key");
	good = key_file_write(path, text, arguments->settings->user, problem);
	crypto_private_wipe(text, strlen(text));
	return good;
}

/* assayd works in another folder than the user of this command. */
static const char *from_root(const struct key_arguments *arguments, const char *path)
{
	char *full = realpath(path, NULL);
	const char *kept = arena_string(arguments->arena, full == NULL ? path : full);

	free(full);
	return kept;
}

static void print_next_steps(const struct key_arguments *arguments, const struct key_place *place,
                             bool pending)
{
	printf("\nPublish the records above. To see whether the DNS has them: assay key check %s\n",
	       arguments->domain);
	if (pending) {
		printf("Once it has them, let the new keys sign: assay key retire %s\n",
		       arguments->domain);
		return;
	}
	if (!place->covered)
		printf("Say in assay.conf whom they sign for:\n\tsign: ( { domain = \"%s\"; keys = "
		       "\"%s\"; } );\n",
		       arguments->domain, from_root(arguments, place->path));
	key_text_reload();
}

/* The letter and the number at its end can make the selector or the whole name too long. */
static bool is_publishable(const struct key_arguments *arguments, const char *selector,
                           struct problem *problem)
{
	const char *name =
	    arena_format(arguments->arena, "%s._domainkey.%s", selector, arguments->domain);

	return domain_normalize(arguments->arena, name, strlen(name)) != NULL ||
	       problem_say(problem,
	                   "%s would be no name for the DNS, which takes %d octets between dots "
	                   "and %d in all; choose a shorter --selector",
	                   name, LABEL_MAX, DOMAIN_MAX);
}

/* Both or none: a key made before the disk was full would sign after the next reload, and its
 * record would not have been printed. */
static bool make_all(const struct key_arguments *arguments, const struct key_place *place,
                     const struct key_files *before, struct problem *problem)
{
	const char *ending = domain_signs(before) ? "pending" : "pem";
	const char *paths[sizeof kinds / sizeof kinds[0]];

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const char *selector = free_selector(arguments, before, kinds[i].letter);

		paths[i] =
		    arena_format(arguments->arena, "%s/%s.%s", place->path, selector, ending);
		if (is_publishable(arguments, selector, problem) &&
		    make_key(arguments, &kinds[i], paths[i], problem))
			continue;
		while (i > 0)
			key_file_remove(paths[--i]);
		return false;
	}
	return true;
}

/* Prints what was really written: reads the files again. */
static bool print_new(const struct key_arguments *arguments, const struct key_place *place,
                      const struct key_files *before, struct problem *problem)
{
	struct key_files after;

	if (!key_file_list(place, arguments->settings->user, arguments->arena, &after, problem))
		return false;
	for (size_t i = 0; i < after.count; i++) {
		if (is_taken(before, after.items[i].selector))
			continue;
		if (after.items[i].private == NULL)
			return problem_say(problem, "%s", after.items[i].problem);
		key_text_publish(&after.items[i], arguments->arena, stdout);
	}
	return true;
}

int key_new(const struct key_arguments *arguments)
{
	struct key_place place = key_place_find(arguments);
	struct key_files before;
	struct problem problem;

	if (place.one_file)
		return tool_complain(EX_CONFIG,
		                     "%s is one key file; for a new key \"keys\" of the entry has "
		                     "to name a folder, or --keys FOLDER",
		                     place.path);
	if (!key_file_make_folder(place.path, arguments->settings->user, &problem) ||
	    !key_file_list(&place, arguments->settings->user, arguments->arena, &before,
	                   &problem) ||
	    !make_all(arguments, &place, &before, &problem) ||
	    !print_new(arguments, &place, &before, &problem))
		return tool_complain(EX_CANTCREAT, "%s", problem.message);
	print_next_steps(arguments, &place, domain_signs(&before));
	return EX_OK;
}

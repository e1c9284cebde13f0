/*
 * key_place.c - where the keys of a domain are, or will be: as --keys says, or an entry of "sign",
 * or in ASSAY_KEYS. Called by the verbs of `assay key`.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "settings/arc_keys.h"
#include "tool/key/key.h"

static bool is_folder(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

static bool is_file(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

static bool has_ending(const char *name, const char *ending)
{
	size_t length = strlen(name), wanted = strlen(ending);

	return length > wanted && strcmp(name + length - wanted, ending) == 0;
}

/* Does the folder hold keys itself, and not only folders of domains? */
static bool holds_keys(const char *folder)
{
	DIR *open = opendir(folder);
	const struct dirent *entry;
	bool found = false;

	while (open != NULL && !found && (entry = readdir(open)) != NULL)
		found = entry->d_name[0] != '.' && (has_ending(entry->d_name, ".pem") ||
		                                    has_ending(entry->d_name, ".pending"));
	if (open != NULL)
		closedir(open);
	return found;
}

static bool is_named_after(const char *path, const char *domain)
{
	size_t length = strlen(path);

	while (length > 0 && path[length - 1] == '/')
		length--;
	return length > strlen(domain) && path[length - strlen(domain) - 1] == '/' &&
	       strncmp(path + length - strlen(domain), domain, strlen(domain)) == 0;
}

/* As filter/settings/keys.c does: KEYS/DOMAIN, or KEYS itself if it is the folder of one domain. */
static struct key_place place_in(const char *keys, const char *domain, bool may_be_itself,
                                 struct arena *arena)
{
	const char *below = arena_format(arena, "%s/%s", keys, domain);
	struct key_place place = {.domain = domain, .path = below, .covered = true};

	if (is_file(keys) || (!is_folder(keys) && has_ending(keys, ".pem")))
		place = (struct key_place){
		    .domain = domain, .path = keys, .one_file = true, .covered = true};
	else if (may_be_itself && !is_folder(below) &&
	         (holds_keys(keys) || is_named_after(keys, domain)))
		place.path = keys;
	return place;
}

/* The domain whose keys an entry has under `keys` itself; NULL: of every domain. */
static const char *key_place_domain_of(const struct sign_entry *entry)
{
	if (entry->sign_as[0] != '\0' && !sign_entry_signs_as_author(entry))
		return entry->sign_as;
	if (entry->domain[0] == '\0' || strcmp(entry->domain, "*") == 0)
		return NULL;
	return entry->domain + (entry->domain[0] == '*' ? 2 : 0);
}

static bool entry_has(const struct sign_entry *entry, const char *domain)
{
	const char *own = key_place_domain_of(entry);

	if (own == NULL)
		return !is_file(entry->keys);
	if (domain_equal(own, domain))
		return true;
	return entry->sign_as[0] == '\0' && sign_entry_covers_below(entry) &&
	       domain_within(domain, own);
}

static bool seals_as(const struct settings *settings, const char *domain)
{
	return settings->arc.seal != ARC_SEAL_NEVER && domain_equal(settings->arc.domain, domain);
}

/* Where the key is that seals (ARC). */
static struct key_place seal_place(const struct key_arguments *arguments)
{
	return place_in(arc_keys_place(&arguments->settings->arc), arguments->settings->arc.domain,
	                arguments->settings->arc.keys[0] != '\0', arguments->arena);
}

struct key_place key_place_find(const struct key_arguments *arguments)
{
	const struct setting_list *entries = &arguments->settings->sign.entries;
	struct key_place place;

	invariant(arguments->domain != NULL && arguments->settings != NULL);
	/* behind the entries of "sign": a key of theirs seals too */
	for (size_t i = 0; arguments->keys == NULL && i < entries->count; i++) {
		const struct sign_entry *entry = (const struct sign_entry *)entries->items + i;
		const char *own = key_place_domain_of(entry);

		if (!entry_has(entry, arguments->domain))
			continue;
		place =
		    place_in(entry->keys, arguments->domain,
		             own != NULL && domain_equal(own, arguments->domain), arguments->arena);
		place.selector = entry->selector;
		return place;
	}
	if (arguments->keys == NULL && seals_as(arguments->settings, arguments->domain))
		return seal_place(arguments);
	place = place_in(arguments->keys == NULL ? ASSAY_KEYS : arguments->keys, arguments->domain,
	                 false, arguments->arena);
	place.covered = false;
	return place;
}

struct visit {
	const struct key_arguments *arguments;
	bool (*each)(const struct key_place *place, void *context);
	void *context;
	struct problem *problem;
};

/* Visits the folders of domains in a folder; only those below `above`, unless it is NULL. */
static bool visit_folders(const struct visit *visit, const char *folder, const char *above)
{
	struct dirent **names;
	int count = scandir(folder, &names, NULL, alphasort);
	bool good = true;

	if (count < 0)
		return (errno == ENOENT && visit->arguments->keys == NULL) ||
		       problem_say(visit->problem, "the folder %s cannot be read: %s", folder,
		                   strerror(errno));
	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;
		const char *path = arena_format(visit->arguments->arena, "%s/%s", folder, name);
		const char *domain =
		    name[0] == '.' ? NULL
		                   : domain_normalize(visit->arguments->arena, name, strlen(name));
		bool wanted = good && domain != NULL && is_folder(path) &&
		              (above == NULL ||
		               (domain_within(domain, above) && !domain_equal(domain, above)));

		if (wanted)
			good = visit->each(&(const struct key_place){.domain = domain,
			                                             .path = path,
			                                             .covered = true},
			                   visit->context);
		free(names[i]);
	}
	free(names);
	return good;
}

/* Two entries may have the keys of one domain: for itself, and for names below it that it signs
 * for. */
static bool is_repeated(const struct sign_entry *first, const struct sign_entry *entry)
{
	const char *own = key_place_domain_of(entry);

	for (; first < entry; first++)
		if (key_place_domain_of(first) != NULL &&
		    domain_equal(key_place_domain_of(first), own) &&
		    strcmp(first->keys, entry->keys) == 0 &&
		    strcmp(first->selector, entry->selector) == 0)
			return true;
	return false;
}

static bool visit_entry(const struct visit *visit, const struct sign_entry *entry)
{
	const struct sign_entry *first = visit->arguments->settings->sign.entries.items;
	const char *own = key_place_domain_of(entry);
	struct key_place place;

	if (own == NULL) /* one file for all domains belongs to none of them */
		return is_file(entry->keys) || visit_folders(visit, entry->keys, NULL);
	place = place_in(entry->keys, own, true, visit->arguments->arena);
	place.selector = entry->selector;
	if (!is_repeated(first, entry) && !visit->each(&place, visit->context))
		return false;
	if (entry->sign_as[0] != '\0' || !sign_entry_covers_below(entry) || place.one_file)
		return true;
	return visit_folders(visit, entry->keys, own);
}

/* The key that seals, unless an entry of "sign" has it, or it is among all of ASSAY_KEYS. */
static bool visit_seals(const struct visit *visit)
{
	const struct settings *settings = visit->arguments->settings;
	const struct setting_list *entries = &settings->sign.entries;
	struct key_place place;

	if (settings->arc.seal == ARC_SEAL_NEVER ||
	    (entries->count == 0 && settings->arc.keys[0] == '\0'))
		return true;
	for (size_t i = 0; i < entries->count; i++)
		if (entry_has((const struct sign_entry *)entries->items + i, settings->arc.domain))
			return true;
	place = seal_place(visit->arguments);
	return visit->each(&place, visit->context);
}

bool key_place_each(const struct key_arguments *arguments,
                    bool (*each)(const struct key_place *place, void *context), void *context,
                    struct problem *problem)
{
	const struct setting_list *entries = &arguments->settings->sign.entries;
	const struct visit visit = {arguments, each, context, problem};
	struct key_place place;

	invariant(each != NULL && arguments->settings != NULL);
	problem->message[0] = '\0';
	if (arguments->domain != NULL) {
		place = key_place_find(arguments);
		return each(&place, context);
	}
	if (arguments->keys == NULL && !visit_seals(&visit))
		return false;
	if (arguments->keys != NULL || entries->count == 0)
		return visit_folders(&visit, arguments->keys == NULL ? ASSAY_KEYS : arguments->keys,
		                     NULL);
	for (size_t i = 0; i < entries->count; i++)
		if (!visit_entry(&visit, (const struct sign_entry *)entries->items + i))
			return false;
	return true;
}

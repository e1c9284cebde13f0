/*
 * keys.c - reads signing keys from their files. Called by settings.c when settings are read, while
 * assayd is still root; keys_check.c then tries each.
 */
#include "settings/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/safe_path.h"
#include "base/text.h"
#include "settings/keys_check.h"

enum {
	KEY_FILE_MAX = 64 * 1024
};

static const char ending[] = ".pem";

struct loading {
	struct signing_table *table;
	size_t entry;
	const char *where; /* for people: "setting \"sign\", line 3" */
	struct arena *arena;
	struct problem *problem;
	const char *selector; /* of the one key file; "" its name says it */
};

static bool read_whole(int file, const char *path, char *bytes, size_t *length,
                       struct problem *problem)
{
	ssize_t got;

	*length = 0;
	while ((got = read(file, bytes + *length, KEY_FILE_MAX - *length)) > 0)
		*length += (size_t)got;
	if (got < 0)
		return problem_say(problem, "the key %s cannot be read: %s", path, strerror(errno));
	return *length < KEY_FILE_MAX ||
	       problem_say(problem, "the key %s is too long to be one", path);
}

/* Whoever can read a key can send as its domain. */
static bool is_private(int file, const char *path, struct problem *problem)
{
	struct stat found;

	if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode))
		return problem_say(problem, "the key %s is not a regular file", path);
	if ((found.st_mode & 077) != 0)
		return problem_say(
		    problem, "the key %s is open to group or others (mode %04o): chmod 600 %s",
		    path, (unsigned)found.st_mode & 07777, path);
	return true;
}

struct crypto_private *keys_read(const char *path, struct problem *problem)
{
	int file = safe_path_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct crypto_private *key = NULL;
	char bytes[KEY_FILE_MAX];
	struct problem why;
	size_t length = 0;

	if (file < 0) {
		problem_say(
		    problem, "the key %s cannot be opened: %s%s", path, safe_path_error(errno),
		    errno == EACCES ? "; it has to belong to the user that assayd runs as" : "");
		return NULL;
	}
	if (is_private(file, path, problem) && read_whole(file, path, bytes, &length, problem)) {
		key = crypto_private_read(bytes, length, &why);
		if (key == NULL)
			problem_say(problem, "the key %s %s", path, why.message);
	}
	crypto_private_wipe(bytes, length);
	close(file);
	return key;
}

static bool is_key_file(const char *name)
{
	size_t length = strlen(name);

	return name[0] != '.' && length >= sizeof ending &&
	       strcmp(name + length - (sizeof ending - 1), ending) == 0;
}

/* NULL and a problem where it is none (RFC 6376 3.1). */
static const char *selector_of(const struct loading *loading, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	const char *selector;

	if (loading->selector[0] != '\0') {
		selector =
		    domain_normalize(loading->arena, loading->selector, strlen(loading->selector));
		if (selector == NULL)
			problem_say(loading->problem, "\"%s\" (%s) is not a selector",
			            loading->selector, loading->where);
		return selector;
	}
	if (!is_key_file(name) && access(path, F_OK) != 0) {
		problem_say(loading->problem, "%s: %s (%s); name a folder of keys, or a key", path,
		            strerror(errno), loading->where);
		return NULL;
	}
	if (!is_key_file(name)) {
		problem_say(
		    loading->problem,
		    "the key %s has to be named SELECTOR%s, or \"selector\" has to be given", path,
		    ending);
		return NULL;
	}
	selector = domain_normalize(loading->arena, name, strlen(name) - (sizeof ending - 1));
	if (selector == NULL)
		problem_say(loading->problem,
		            "the name of the key %s is not a selector (RFC 6376 3.1)", path);
	return selector;
}

static bool load_file(const struct loading *loading, const char *domain, const char *path)
{
	const char *selector = selector_of(loading, path);
	struct crypto_private *key;

	if (selector == NULL)
		return false;
	key = keys_read(path, loading->problem);
	if (key == NULL)
		return false;
	log_debug("keys: %s is selector %s of %s, for %s", path, selector, domain, loading->where);
	signing_table_add(loading->table, loading->entry, domain, selector, key, path);
	return true;
}

/* Names of a folder in order, so that the order of keys does not depend on the file system. The
 * caller frees them. */
static int list(const char *folder, struct dirent ***names, struct problem *problem)
{
	int count = scandir(folder, names, NULL, alphasort);

	if (count < 0)
		problem_say(problem, "the folder of keys %s cannot be read: %s", folder,
		            strerror(errno));
	return count;
}

static bool keys_join(char path[PATH_MAX], const char *folder, const char *name)
{
	return (size_t)snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX;
}

static bool is_folder(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

static bool load_folder(const struct loading *loading, const char *domain, const char *folder)
{
	struct dirent **names;
	int count = list(folder, &names, loading->problem);
	bool good = count >= 0;
	char path[PATH_MAX];

	for (int i = 0; i < count; i++) {
		if (good && is_key_file(names[i]->d_name) &&
		    keys_join(path, folder, names[i]->d_name))
			good = load_file(loading, domain, path);
		else if (names[i]->d_name[0] != '.')
			log_debug("keys: %s in %s is skipped, it is not named *%s",
			          names[i]->d_name, folder, ending);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return good;
}

/* `above` NULL: any domain; otherwise one below it. */
static bool load_domain_folder(const struct loading *loading, const char *above, const char *folder,
                               const char *name)
{
	const char *domain =
	    name[0] == '.' ? NULL : domain_normalize(loading->arena, name, strlen(name));
	char path[PATH_MAX];

	if (domain == NULL || !keys_join(path, folder, name) || !is_folder(path)) {
		if (name[0] != '.')
			log_debug("keys: %s in %s is skipped, it is not the folder of a domain",
			          name, folder);
		return true;
	}
	if (above != NULL && (domain_equal(domain, above) || !domain_within(domain, above))) {
		log_debug("keys: %s in %s is skipped, it is not below %s", name, folder, above);
		return true;
	}
	return load_folder(loading, domain, path);
}

static bool load_every_domain(const struct loading *loading, const char *above, const char *folder)
{
	struct dirent **names;
	int count = list(folder, &names, loading->problem);
	bool good = count >= 0;

	for (int i = 0; i < count; i++) {
		good = good && load_domain_folder(loading, above, folder, names[i]->d_name);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return good;
}

static bool load_own(const struct loading *loading, const char *domain, const char *keys)
{
	char path[PATH_MAX];

	if (!is_folder(keys))
		return load_file(loading, domain, keys);
	if (keys_join(path, keys, domain) && is_folder(path))
		return load_folder(loading, domain, path);
	return load_folder(loading, domain, keys);
}

/* An entry without a key is a mistake that nobody would notice, and so an error. For "*.DOMAIN"
 * keys of names below are enough. */
static bool load_known_domain(const struct loading *loading, const struct sign_entry *entry,
                              const char *domain)
{
	size_t before = signing_table_count(loading->table);
	const char *keys = entry->keys;
	bool found;

	if (!load_own(loading, domain, keys))
		return false;
	if (entry->sign_as[0] == '\0' && sign_entry_covers_below(entry) && is_folder(keys) &&
	    !load_every_domain(loading, domain, keys))
		return false;
	found = entry->domain[0] == '*'
	            ? signing_table_count(loading->table) > before
	            : signing_table_find(loading->table, loading->entry, domain) != NULL;
	if (found)
		return true;
	return problem_say(loading->problem,
	                   "%s holds no key for %s (%s); make one with: assay key new %s", keys,
	                   domain, loading->where, domain);
}

/* The internal form of a name in an entry; what stands before it ("*.") stays. */
static bool normalize(const struct loading *loading, const char **name)
{
	size_t stars = strncmp(*name, "*.", 2) == 0 ? 2 : 0;
	const char *domain;

	if ((*name)[0] == '\0' || text_same(*name, "*"))
		return true;
	domain = domain_normalize(loading->arena, *name + stars, strlen(*name) - stars);
	if (domain == NULL)
		return problem_say(loading->problem, "\"%s\" (%s) is not a domain name", *name,
		                   loading->where);
	*name = arena_format(loading->arena, "%.*s%s", (int)stars, "*.", domain);
	return true;
}

static bool load_entry(const struct loading *loading, const struct sign_entry *entry)
{
	const char *domain = entry->domain;

	if ((entry->selector[0] != '\0' || sign_entry_signs_as_author(entry)) &&
	    is_folder(entry->keys))
		return problem_say(
		    loading->problem, "%s: %s goes with one key file, and %s is a folder",
		    loading->where,
		    entry->selector[0] != '\0' ? "\"selector\"" : "\"sign_as\" of \"*\"",
		    entry->keys);
	if (entry->sign_as[0] != '\0')
		return load_known_domain(loading, entry, entry->sign_as);
	if (domain[0] == '\0' || text_same(domain, "*"))
		return load_every_domain(loading, NULL, entry->keys);
	return load_known_domain(loading, entry, domain + (domain[0] == '*' ? 2 : 0));
}

/* Puts the place of the entry in front of the problem. Returns false. */
static bool name_place(const struct setting_list *entries, size_t number, struct problem *problem)
{
	const struct problem why = *problem;

	if (entries->files == NULL)
		return false;
	return problem_say(problem, "%s:%d: %s", entries->files[number], entries->lines[number],
	                   why.message);
}

static bool check_names(const struct loading *loading, struct sign_entry *entry)
{
	if (entry->keys[0] == '\0')
		return problem_say(loading->problem, "%s: \"keys\" has to name a folder",
		                   loading->where);
	if (!normalize(loading, &entry->domain) || !normalize(loading, &entry->sign_as))
		return false;
	if (entry->sign_as[0] == '*' && !sign_entry_signs_as_author(entry))
		return problem_say(loading->problem, "%s: \"sign_as\" has to be one domain",
		                   loading->where);
	return true;
}

static const char *keys_where(const struct sign_settings *settings, size_t entry,
                              struct arena *arena)
{
	if (settings->where != NULL)
		return settings->where;
	return arena_format(arena, "setting \"sign\", line %d", settings->entries.lines[entry]);
}

bool keys_names(struct sign_settings *settings, struct arena *arena, struct problem *problem)
{
	union {
		const void *in;
		struct sign_entry *out;
	} entries = {.in = settings->entries.items};

	for (size_t i = 0; i < settings->entries.count; i++) {
		const struct loading loading = {
		    .where = keys_where(settings, i, arena), .arena = arena, .problem = problem};

		if (!check_names(&loading, &entries.out[i]))
			return name_place(&settings->entries, i, problem);
	}
	return true;
}

bool keys_load(struct sign_settings *settings, struct arena *arena, struct problem *problem)
{
	const struct sign_entry *entries = settings->entries.items;
	bool good = keys_names(settings, arena, problem);

	invariant(settings->table == NULL);
	settings->table = signing_table_new();
	for (size_t i = 0; good && i < settings->entries.count; i++) {
		const struct loading loading = {.table = settings->table,
		                                .entry = i,
		                                .where = keys_where(settings, i, arena),
		                                .arena = arena,
		                                .problem = problem,
		                                .selector = entries[i].selector};

		good =
		    load_entry(&loading, &entries[i]) || name_place(&settings->entries, i, problem);
	}
	log_debug("keys: %zu read, entries of \"sign\": %zu%s",
	          signing_table_count(settings->table), settings->entries.count,
	          good ? "" : ", one could not be read");
	return good && keys_check(settings->table, problem);
}

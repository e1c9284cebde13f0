/*
 * key_file.c - the files of a domain's keys: listed, written, renamed. Called by the verbs of `assay key`.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain.h"
#include "keys.h"
#include "tool/key/key.h"

const char *const key_file_words[] = {
    [KEY_SIGNS] = "signs", [KEY_PENDING] = "pending", [KEY_RETIRED] = "retired", NULL};

static void free_key(void *key)
{
	crypto_private_free(key);
}

/* SELECTOR.pem, SELECTOR.pending or SELECTOR.retired-DAY. */
static bool read_name(const char *name, struct key_file *file, struct arena *arena)
{
	static const struct {
		const char *ending;
		enum key_state state;
	} endings[] = {{".pem", KEY_SIGNS}, {".pending", KEY_PENDING}, {".retired-", KEY_RETIRED}};

	for (size_t i = 0; name[0] != '.' && i < sizeof endings / sizeof endings[0]; i++) {
		const char *ending = endings[i].ending;
		const char *at = strstr(name, ending);

		if (at == NULL || (endings[i].state != KEY_RETIRED && strcmp(at, ending) != 0))
			continue;
		file->state = endings[i].state;
		file->until = file->state == KEY_RETIRED ? arena_string(arena, at + strlen(ending)) : NULL;
		file->selector = domain_normalize(arena, name, (size_t)(at - name));
		return file->selector != NULL;
	}
	return false;
}

/* A file of root's is fine at the start of assayd and no longer at a reload. */
static const char *owner_problem(const char *path, const char *user, struct arena *arena)
{
	const struct passwd *account = getpwnam(user);
	struct stat found;

	if (account == NULL || stat(path, &found) != 0 || found.st_uid == account->pw_uid)
		return NULL;
	return arena_format(arena,
	                    "%s does not belong to the user %s, who has to read it at a reload: chown "
	                    "%s %s",
	                    path, user, user, path);
}

static void read_key(struct key_file *file, const char *user, struct arena *arena)
{
	struct problem problem;

	file->private = keys_read(file->path, &problem);
	if (file->private != NULL)
		arena_on_release(arena, free_key, file->private);
	file->problem = file->private == NULL ? arena_string(arena, problem.words)
	                                      : owner_problem(file->path, user, arena);
}

static bool list_one(const struct key_place *place, const char *user, struct arena *arena,
                     struct key_files *files)
{
	const char *slash = strrchr(place->path, '/');
	struct key_file *file = arena_allocate(arena, sizeof *file);

	file->domain = place->domain;
	file->path = place->path;
	*files = (struct key_files){0, file};
	if (place->selector != NULL && place->selector[0] != '\0')
		file->selector = place->selector;
	else if (!read_name(slash == NULL ? place->path : slash + 1, file, arena))
		return true;
	read_key(file, user, arena);
	files->count = 1;
	return true;
}

bool key_file_list(const struct key_place *place, const char *user, struct arena *arena,
                   struct key_files *files, struct problem *problem)
{
	struct dirent **names;
	int count;

	if (place->one_file)
		return list_one(place, user, arena, files);
	*files = (struct key_files){0, NULL};
	count = scandir(place->path, &names, NULL, alphasort);
	if (count < 0)
		return errno == ENOENT || problem_say(problem, "the folder of keys %s cannot be read: %s",
		                                      place->path, strerror(errno));
	files->items = arena_allocate(arena, ((size_t)count + 1) * sizeof *files->items);
	for (int i = 0; i < count; i++) {
		struct key_file *file = &files->items[files->count];

		file->domain = place->domain;
		file->path = arena_format(arena, "%s/%s", place->path, names[i]->d_name);
		if (read_name(names[i]->d_name, file, arena)) {
			read_key(file, user, arena);
			files->count++;
		}
		free(names[i]);
	}
	free(names);
	return true;
}

static bool write_whole(int file, const char *words)
{
	size_t left = strlen(words);

	while (left > 0) {
		ssize_t done = write(file, words, left);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		words += done;
		left -= (size_t)done;
	}
	return fsync(file) == 0;
}

/* Root makes files for the daemon's user; anybody else for themselves. */
static bool give_away(int file, const char *path, const char *user, struct problem *problem)
{
	const struct passwd *account = geteuid() == 0 ? getpwnam(user) : NULL;

	if (geteuid() != 0)
		return true;
	if (account == NULL)
		return problem_say(
		    problem,
		    "the user \"%s\" (setting \"user\"), who has to own the keys, does not exist; "
		    "make it with: adduser --system --group --no-create-home %s",
		    user, user);
	return fchown(file, account->pw_uid, account->pw_gid) == 0 ||
	       problem_say(problem, "%s cannot be given to %s: %s", path, user, strerror(errno));
}

/* A rename is safe on disk once its folder is. */
static void sync_folder_of(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int file;

	if (slash == NULL || (size_t)(slash - path) >= sizeof folder)
		return;
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	file = open(folder[0] == '\0' ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file < 0)
		return;
	fsync(file);
	close(file);
}

bool key_file_rename(const char *from, const char *to, struct problem *problem)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0)
		return problem_say(problem, "%s cannot become %s: %s", from, to, strerror(errno));
	sync_folder_of(to);
	return true;
}

bool key_file_write(const char *path, const char *words, const char *user, struct problem *problem)
{
	char temporary[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int folder = slash == NULL ? 0 : (int)(slash + 1 - path);
	int file;
	bool good;

	if ((size_t)snprintf(temporary, sizeof temporary, "%.*s.new-XXXXXX", folder, path) >=
	    sizeof temporary)
		return problem_say(problem, "the path of the key is too long");
	file = mkostemp(temporary, O_CLOEXEC);
	if (file < 0)
		return problem_say(problem, "%.*s cannot be written to: %s", folder, path, strerror(errno));
	good = give_away(file, path, user, problem) &&
	       ((fchmod(file, 0600) == 0 && write_whole(file, words)) ||
	        problem_say(problem, "%s cannot be written: %s", path, strerror(errno)));
	close(file);
	good = good && key_file_rename(temporary, path, problem);
	if (!good)
		unlink(temporary);
	return good;
}

static bool make_one_folder(const char *folder, const char *user, struct problem *problem)
{
	int file;
	bool good;

	if (mkdir(folder, 0700) != 0)
		return errno == EEXIST ||
		       problem_say(problem, "the folder %s cannot be made: %s", folder, strerror(errno));
	file = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0)
		return problem_say(problem, "the folder %s cannot be opened: %s", folder, strerror(errno));
	good = give_away(file, folder, user, problem);
	close(file);
	if (!good)
		rmdir(folder);
	return good;
}

bool key_file_make_folder(const char *folder, const char *user, struct problem *problem)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		if ((size_t)(slash - folder) >= sizeof part)
			return problem_say(problem, "the path of the key is too long");
		memcpy(part, folder, (size_t)(slash - folder));
		part[slash - folder] = '\0';
		if (!make_one_folder(part, user, problem))
			return false;
	}
	return make_one_folder(folder, user, problem);
}

/*
 * key_file.c - the files of a domain's keys: listed, written, renamed. Called by the verbs of
 * `assay key`.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/domain.h"
#include "base/full_io.h"
#include "base/invariant.h"
#include "base/safe_path.h"
#include "settings/keys.h"
#include "tool/key/key.h"

enum {
	TEMPORARY_ROOM = 32
};

const char *const key_file_names[] = {
    [KEY_SIGNS] = "signs", [KEY_PENDING] = "pending", [KEY_RETIRED] = "retired", NULL};

static void free_key(void *key)
{
	crypto_private_free(key);
}

/* SELECTOR.pem, SELECTOR.pending or SELECTOR.retired-DAY. */
static bool key_file_read_name(const char *name, struct key_file *file, struct arena *arena)
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
		file->until =
		    file->state == KEY_RETIRED ? arena_string(arena, at + strlen(ending)) : NULL;
		file->selector = domain_normalize(arena, name, (size_t)(at - name));
		return file->selector != NULL;
	}
	return false;
}

/* assayd can read a file of root at its start, but not at a reload. */
static const char *owner_problem(const char *path, const char *user, struct arena *arena)
{
	const struct passwd *account = getpwnam(user);
	struct stat found;

	if (account == NULL || stat(path, &found) != 0 || found.st_uid == account->pw_uid)
		return NULL;
	return arena_format(
	    arena, "%s does not belong to the user %s, who has to read it at a reload: chown %s %s",
	    path, user, user, path);
}

static void key_file_read_key(struct key_file *file, const char *user, struct arena *arena)
{
	struct problem problem;

	file->private = keys_read(file->path, &problem);
	if (file->private != NULL)
		arena_on_release(arena, free_key, file->private);
	file->problem = file->private == NULL ? arena_string(arena, problem.message)
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
	else if (!key_file_read_name(slash == NULL ? place->path : slash + 1, file, arena))
		return true;
	key_file_read_key(file, user, arena);
	files->count = 1;
	return true;
}

bool key_file_list(const struct key_place *place, const char *user, struct arena *arena,
                   struct key_files *files, struct problem *problem)
{
	struct dirent **names;
	int count;

	invariant(place->path != NULL && user != NULL);
	if (place->one_file)
		return list_one(place, user, arena, files);
	*files = (struct key_files){0, NULL};
	count = scandir(place->path, &names, NULL, alphasort);
	if (count < 0)
		return errno == ENOENT ||
		       problem_say(problem, "the folder of keys %s cannot be read: %s", place->path,
		                   strerror(errno));
	files->items = arena_allocate(arena, ((size_t)count + 1) * sizeof *files->items);
	for (int i = 0; i < count; i++) {
		struct key_file *file = &files->items[files->count];

		file->domain = place->domain;
		file->path = arena_format(arena, "%s/%s", place->path, names[i]->d_name);
		if (key_file_read_name(names[i]->d_name, file, arena)) {
			key_file_read_key(file, user, arena);
			files->count++;
		}
		free(names[i]);
	}
	free(names);
	return true;
}

/* As root, files are created for the daemon's user; otherwise they belong to the caller. */
static bool set_owner(int file, const char *path, const char *user, struct problem *problem)
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

bool key_file_rename(const char *from, const char *to, struct problem *problem)
{
	const char *old, *new;
	int folder = safe_path_open_folder_of(from, &old);
	bool good;

	new = strrchr(to, '/') == NULL ? to : strrchr(to, '/') + 1;
	good = folder >= 0 && renameat2(folder, old, folder, new, RENAME_NOREPLACE) == 0;
	if (good)
		fsync(folder); /* makes the rename durable */
	else
		problem_say(problem, "%s cannot become %s: %s", from, to, safe_path_error(errno));
	if (folder >= 0)
		close(folder);
	return good;
}

void key_file_remove(const char *path)
{
	const char *name;
	int folder = safe_path_open_folder_of(path, &name);

	if (folder < 0)
		return;
	unlinkat(folder, name, 0);
	close(folder);
}

/* Creates a file with a random name in the folder; -1 and errno if that fails. */
static int make_temporary(int folder, char name[TEMPORARY_ROOM])
{
	unsigned long long number;

	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		return -1;
	snprintf(name, TEMPORARY_ROOM, ".new-%016llx", number);
	return openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static bool write_in_folder(int folder, const char *name, const char *path, const char *text,
                            const char *user, struct problem *problem)
{
	char temporary[TEMPORARY_ROOM];
	int file = make_temporary(folder, temporary);
	bool good;

	if (file < 0)
		return problem_say(problem, "the folder of %s cannot be written to: %s", path,
		                   strerror(errno));
	good = set_owner(file, path, user, problem) &&
	       ((fchmod(file, 0600) == 0 && full_io_write(file, text, strlen(text)) &&
	         fsync(file) == 0 &&
	         renameat2(folder, temporary, folder, name, RENAME_NOREPLACE) == 0) ||
	        problem_say(problem, "%s cannot be written: %s", path, strerror(errno)));
	close(file);
	if (good)
		fsync(folder);
	else
		unlinkat(folder, temporary, 0);
	return good;
}

bool key_file_write(const char *path, const char *text, const char *user, struct problem *problem)
{
	const char *name;
	int folder = safe_path_open_folder_of(path, &name);
	bool good;

	if (folder < 0)
		return problem_say(problem, "the folder of %s cannot be opened: %s", path,
		                   safe_path_error(errno));
	good = write_in_folder(folder, name, path, text, user, problem);
	close(folder);
	return good;
}

/* `last`: the folder of the keys, which must not be a link. */
static bool make_in_folder(int above, const char *name, const char *folder, const char *user,
                           bool last, struct problem *problem)
{
	bool made = mkdirat(above, name, 0700) == 0;
	int file;
	bool good;

	if (!made && errno != EEXIST)
		return problem_say(problem, "the folder %s cannot be made: %s", folder,
		                   strerror(errno));
	if (!made && !last)
		return true;
	file = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0)
		return problem_say(problem, "%s cannot be opened as a folder: %s", folder,
		                   errno == ENOTDIR || errno == ELOOP
		                       ? "it is a symbolic link or a file; name the folder itself"
		                       : strerror(errno));
	good = !made || set_owner(file, folder, user, problem);
	close(file);
	if (!good)
		unlinkat(above, name, AT_REMOVEDIR);
	return good;
}

static bool make_one_folder(const char *folder, const char *user, bool last,
                            struct problem *problem)
{
	char path[PATH_MAX];
	const char *slash = strrchr(folder, '/');
	const char *name = slash == NULL ? folder : slash + 1;
	int above;
	bool good;

	if (name[0] == '\0')
		return true;
	snprintf(path, sizeof path, "%.*s", slash == NULL ? 1 : (int)(slash - folder + 1),
	         slash == NULL ? "." : folder);
	above = safe_path_open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (above < 0)
		return problem_say(problem, "the folder of %s cannot be opened: %s", folder,
		                   safe_path_error(errno));
	good = make_in_folder(above, name, folder, user, last, problem);
	close(above);
	return good;
}

bool key_file_make_folder(const char *folder, const char *user, struct problem *problem)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(folder + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		if ((size_t)(slash - folder) >= sizeof part)
			return problem_say(problem, "the path of the key is too long");
		memcpy(part, folder, (size_t)(slash - folder));
		part[slash - folder] = '\0';
		if (!make_one_folder(part, user, false, problem))
			return false;
	}
	return make_one_folder(folder, user, true, problem);
}

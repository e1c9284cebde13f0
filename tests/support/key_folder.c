/*
 * key_folder.c - see key_folder.h.
 */
#include "key_folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *where)
{
	(void)found, (void)kind, (void)where;
	return remove(path);
}

static void remove_all(void *folder)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *key_folder_new(struct arena *arena)
{
	const char *base = getenv("TMPDIR") == NULL ? "/tmp" : getenv("TMPDIR");
	char *folder = arena_format(arena, "%s/assay-keys-XXXXXX", base);

	if (mkdtemp(folder) == NULL)
		abort();
	arena_on_release(arena, remove_all, folder);
	return folder;
}

const char *key_folder_write(struct arena *arena, const char *folder, const char *name,
                             const char *words, unsigned mode)
{
	const char *path = arena_format(arena, "%s/%s", folder, name);
	FILE *file;

	for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/'))
		mkdir(arena_format(arena, "%s/%.*s", folder, (int)(slash - name), name), 0700);
	file = fopen(path, "w");
	if (file == NULL)
		abort();
	fputs(words, file);
	fclose(file);
	chmod(path, mode);
	return path;
}

const char *key_folder_key(struct arena *arena, const char *folder, const char *name,
                           enum crypto_kind kind)
{
	return key_folder_write(arena, folder, name, crypto_private_new(kind, 2048, arena), 0600);
}

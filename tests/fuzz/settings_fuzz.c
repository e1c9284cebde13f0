/*
 * settings_fuzz.c - settings files: what is refused is refused in words, and what is taken prints
 * to a file that is taken again and prints the same. Every check of filter/review/ looks at it too.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/review.h"
#include "settings/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* libconfig 1.5 loses a text that it was reading when the syntax went wrong. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

static const char *settings_path(void)
{
	static char path[64];

	snprintf(path, sizeof path, "/tmp/assay-settings-fuzz.%ld", (long)getpid());
	return path;
}

static void remove_file(void)
{
	unlink(settings_path());
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* A machine on which anything is there and nothing is allowed. */

static bool find_account(const char *user, struct review_account *account)
{
	*account = (struct review_account){.name = user, .uid = 1};
	return true;
}

static bool find_group(const char *name, gid_t *gid)
{
	*gid = 1;
	return name[0] != 'x';
}

static enum review_answer may(const struct review_account *account, const char *path, int what)
{
	(void)account;
	return what == 0 || path[0] == '\0' ? REVIEW_MISSING : REVIEW_NO;
}

static enum review_answer open_to_all(const char *folder, bool sticky_protects)
{
	return folder[1] == '\0' || sticky_protects ? REVIEW_NO : REVIEW_YES;
}

static bool yes(void)
{
	return true;
}

static long none(void)
{
	return 0;
}

static void look_at(const struct settings *settings)
{
	static const struct review_world world = {find_account, find_group, may, open_to_all,
	                                          yes,          yes,        none};
	struct arena *arena = arena_new();
	struct review review = review_settings(settings, &world, arena);

	for (size_t i = 0; i < review.count; i++)
		must(review.items[i].text[0] != '\0' && review.items[i].file[0] != '\0');
	arena_free(arena);
}

/* NULL where the file is refused, else what settings_print() writes. */
static char *effective(const void *bytes, size_t length)
{
	int file = open(settings_path(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
	struct problem problem = {.message = ""};
	struct settings *settings;
	char *text = NULL;
	size_t printed;
	FILE *to;

	must(file >= 0 && write(file, bytes, length) == (ssize_t)length && close(file) == 0);
	settings = settings_read(settings_path(), &problem);
	must((settings == NULL) == (problem.message[0] != '\0'));
	if (settings == NULL)
		return NULL;
	to = open_memstream(&text, &printed);
	settings_print(settings, to);
	fclose(to);
	look_at(settings);
	settings_release(settings);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static bool begun;
	char *first, *second;

	if (!begun)
		begun = atexit(remove_file) == 0;
	/* the fuzzer has no business in other files */
	if (memmem(bytes, length, "@include", 8) != NULL)
		return 0;
	first = effective(bytes, length);
	if (first == NULL)
		return 0;
	second = effective(first, strlen(first));
	must(second != NULL && strcmp(first, second) == 0);
	free(first);
	free(second);
	return 0;
}

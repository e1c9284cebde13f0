/*
 * settings_fuzz.c - settings files: what is refused is refused in words, and what is taken prints to a file
 * that is taken again and prints the same.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* NULL where the file is refused, else what settings_print() writes. */
static char *effective(const void *bytes, size_t length)
{
	int file = open(settings_path(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
	struct problem problem = {.words = ""};
	struct settings *settings;
	char *text = NULL;
	size_t printed;
	FILE *to;

	must(file >= 0 && write(file, bytes, length) == (ssize_t)length && close(file) == 0);
	settings = settings_read(settings_path(), &problem);
	must((settings == NULL) == (problem.words[0] != '\0'));
	if (settings == NULL)
		return NULL;
	to = open_memstream(&text, &printed);
	settings_print(settings, to);
	fclose(to);
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

/*
 * import_fuzz.c - files of other programs: whatever they hold, the draft that is made of them can
 * be written, and what it writes is no syntax error to assayd.
 *
 * The first byte chooses the program. What follows a line "===" is a table, and "@/" in the options
 * its path; no other file is opened.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "settings/settings.h"
#include "tool/import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* libconfig 1.5 loses a text that it was reading when the syntax went wrong. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

static const char *table_path(void)
{
	static char path[64];

	snprintf(path, sizeof path, "/tmp/assay-import-fuzz.%ld", (long)getpid());
	return path;
}

static void remove_file(void)
{
	unlink(table_path());
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void write_table(const char *bytes, size_t length)
{
	int file = open(table_path(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);

	must(file >= 0 && write(file, bytes, length) == (ssize_t)length && close(file) == 0);
}

/* The fuzzer has no business in other files: a path is that of the table, or leads nowhere. */
static char *with_paths(struct arena *arena, const char *bytes, size_t length)
{
	size_t room = strlen(table_path()), used = 0;
	char *text = arena_allocate(arena, length * (room + 2) + 1);

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '@' && i + 1 < length && bytes[i + 1] == '/') {
			memcpy(text + used, table_path(), room);
			used += room;
			i++;
		} else {
			text[used++] = bytes[i] == '/' ? '_' : bytes[i] == '\0' ? ' ' : bytes[i];
		}
	}
	return text;
}

static void carry(struct import_work *work)
{
	if (work->options->program <= IMPORT_DKIMPY)
		import_sign(work);
	else if (work->options->program == IMPORT_OPENDMARC)
		import_opendmarc_enforce(work);
	else
		import_policyd_refusals(work);
	for (size_t i = 0; i < work->options->count; i++) {
		const struct import_option *option = &work->options->items[i];

		if (option->known != NULL && option->wrong == NULL && !option->overruled)
			import_work_carry(work, option);
		else
			import_work_missed(work, option, "%s", "left");
	}
}

/* What is written may say too much for one file, but nothing that is no setting. */
static void read_back(const struct import_draft *draft)
{
	struct problem problem = {.message = ""};
	struct settings *settings;
	FILE *to = fopen(table_path(), "w");

	must(to != NULL);
	import_draft_write(draft, to);
	fclose(to);
	settings = settings_read_keyless(table_path(), &problem);
	if (settings == NULL && strstr(problem.message, "too long") == NULL &&
	    strstr(problem.message, "larger than") == NULL) {
		fprintf(stderr, "%s\n", problem.message);
		abort();
	}
	if (settings != NULL)
		settings_release(settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static bool begun;
	static const char mark[] = "\n===\n";
	const char *text = (const char *)bytes + 1, *end = (const char *)bytes + length, *table;
	struct arena *arena;
	struct import_options options = {.program = IMPORT_OPENDKIM};
	struct import_work work = {.options = &options, .base = "/nonexistent"};
	struct problem problem;
	char *first;

	if (!begun)
		begun = atexit(remove_file) == 0;
	if (length < 2 || length > 20000)
		return 0;
	arena = arena_new();
	options.program = (enum import_program)(bytes[0] % IMPORT_PROGRAMS);
	table = memmem(text, (size_t)(end - text), mark, sizeof mark - 1);
	write_table(table == NULL ? "" : table, table == NULL ? 0 : (size_t)(end - table));
	first = with_paths(arena, text, (size_t)((table == NULL ? end : table) - text));
	work.arena = arena;
	work.draft = import_draft_new(arena);
	if (import_options_read(arena, "fuzz.conf", first, strlen(first), &options, &problem)) {
		carry(&work);
		read_back(work.draft);
	}
	arena_free(arena);
	return 0;
}

/*
 * config_set.c - `assay config set NAME VALUE`: one value of the settings file is replaced, or a
 * line for it is added to its group. Called by config.c.
 *
 * The new text is written beside the file, read as settings, and takes the file's place in one step
 * if they are valid.
 */
#include "tool/config/config_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/safe_path.h"
#include "base/text.h"
#include "settings/settings.h"
#include "settings/settings_fill.h"
#include "settings/settings_names.h"
#include "settings/settings_rows.h"
#include "tool/common/tool.h"
#include "tool/config/config_file.h"

enum {
	FILE_MAX = 1 << 20,
	VALUE_MAX = 4096
};

struct config_change {
	const char *path, *name, *value;
	const struct setting *row; /* NULL: there is no such setting */
	struct arena *arena;
};

static bool config_set_visit(void *context, const struct settings_visit *setting)
{
	struct config_change *change = context;

	if (strcmp(setting->name, change->name) == 0)
		change->row = setting->row;
	return change->row == NULL;
}

/* Is it a member of a list such as sign or rules, of which there are several? */
static bool is_in_list(const char *name)
{
	const struct setting *row = settings_rows.rows;
	size_t length = strcspn(name, ".");

	while (row->name != NULL &&
	       (strncmp(row->name, name, length) != 0 || row->name[length] != '\0'))
		row++;
	return row->type == SETTING_LIST;
}

static const char *quoted(struct arena *arena, const char *value)
{
	struct text text;

	if (value[0] == '"')
		return value;
	text_begin(&text, arena, 2 * VALUE_MAX);
	text_add(&text, "\"");
	for (; *value != '\0'; value++) {
		if (strchr("\"\\", *value) != NULL)
			text_add(&text, "\\");
		text_add_bytes(&text, value, 1);
	}
	text_add(&text, "\"");
	return text.bytes;
}

/* "a, b" becomes [ "a", "b" ]. */
static const char *listed(struct arena *arena, const char *value)
{
	struct text text;
	const char *before = " ";

	if (value[0] == '[')
		return value;
	text_begin(&text, arena, 4 * VALUE_MAX);
	text_add(&text, "[");
	while (value += strspn(value, " ,"), *value != '\0') {
		size_t length = strcspn(value, " ,");

		text_add(&text, before);
		text_add(&text, quoted(arena, arena_copy(arena, value, length)));
		before = ", ";
		value += length;
	}
	text_add(&text, " ]");
	return text.bytes;
}

/* The value as it stands in the file. */
static const char *config_set_written(const struct config_change *change)
{
	switch (change->row->type) {
	case SETTING_STRING:
	case SETTING_WORD:
		return quoted(change->arena, change->value);
	case SETTING_STRINGS:
	case SETTING_NETWORKS:
		return listed(change->arena, change->value);
	default:
		return change->value;
	}
}

/* The whole text with the change; there is room for a member, its group and what they need. */
static const char *changed_text(const struct config_change *change, const char *text)
{
	const struct config_file_place place = config_file_find(text, change->name);
	const char *written = config_set_written(change), *dot = strrchr(change->name, '.');
	const char *member = dot == NULL ? change->name : dot + 1;

	if (place.found)
		return arena_format(change->arena, "%.*s%s%s", (int)place.begin, text, written,
		                    text + place.end);
	if (place.has_group)
		return arena_format(change->arena, "%.*s\n\t%s = %s;%s", (int)place.inside, text,
		                    member, written, text + place.inside);
	if (dot == NULL)
		return arena_format(change->arena, "%s%s%s = %s;\n", text,
		                    text[0] == '\0' || text[strlen(text) - 1] == '\n' ? "" : "\n",
		                    member, written);
	return arena_format(change->arena, "%s%s%.*s: {\n\t%s = %s;\n};\n", text,
	                    text[0] == '\0' || text[strlen(text) - 1] == '\n' ? "" : "\n",
	                    (int)(dot - change->name), change->name, member, written);
}

/* What was written has to be read as the value, the whole of it. */
static bool is_one_value(const struct config_change *change, const char *text)
{
	const struct config_file_place place = config_file_find(text, change->name);
	const char *written = config_set_written(change);

	return place.found && place.end - place.begin == strlen(written) &&
	       strncmp(text + place.begin, written, strlen(written)) == 0;
}

static const char *config_set_read(const struct config_change *change, struct stat *about)
{
	int file = safe_path_open(change->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char *text = NULL;
	ssize_t length;

	if (file < 0)
		return NULL;
	if (fstat(file, about) == 0 && S_ISREG(about->st_mode) && about->st_size <= FILE_MAX) {
		text = arena_allocate(change->arena, (size_t)about->st_size + 1);
		length = pread(file, text, (size_t)about->st_size, 0);
		if (length != about->st_size)
			text = NULL;
	}
	close(file);
	return text;
}

/* A new file with the owner and mode of the old one. */
static bool config_set_write(int file, const char *text, const struct stat *about)
{
	size_t length = strlen(text);

	return write(file, text, length) == (ssize_t)length && fchmod(file, about->st_mode) == 0 &&
	       (fchown(file, about->st_uid, about->st_gid) == 0 || geteuid() != 0) &&
	       fsync(file) == 0;
}

/* Settings that cannot be read leave the file as it was. */
static int install(const struct config_change *change, const char *beside)
{
	struct problem problem;
	struct settings *settings = settings_read_keyless(beside, &problem);
	size_t length = strlen(beside);

	if (settings == NULL) {
		const char *message = problem.message;

		if (strncmp(message, beside, length) == 0)
			message =
			    arena_format(change->arena, "%s%s", change->path, message + length);
		return tool_complain(EX_CONFIG, "%s; nothing was changed", message);
	}
	settings_release(settings);
	if (rename(beside, change->path) != 0)
		return tool_complain(EX_CANTCREAT, "%s cannot be replaced: %s", change->path,
		                     strerror(errno));
	printf("%s: %s = %s\nLet assayd read it: systemctl reload assay\n", change->path,
	       change->name, config_set_written(change));
	return EX_OK;
}

static int replace(const struct config_change *change)
{
	struct stat about;
	const char *text = config_set_read(change, &about);
	char *beside = (char *)arena_format(change->arena, "%s.XXXXXX", change->path);
	int file, status;

	if (text != NULL && !is_one_value(change, changed_text(change, text)))
		return tool_complain(EX_USAGE, "%s is not one value; nothing was changed",
		                     change->value);
	if (text == NULL)
		return tool_complain(EX_NOINPUT, "%s cannot be read as a settings file: %s",
		                     change->path, safe_path_error(errno));
	file = mkostemp(beside, O_CLOEXEC);
	if (file < 0)
		return tool_complain(EX_CANTCREAT, "no file can be made beside %s: %s",
		                     change->path, strerror(errno));
	if (config_set_write(file, changed_text(change, text), &about))
		status = install(change, beside);
	else
		status = tool_complain(EX_CANTCREAT, "%s cannot be written: %s", beside,
		                       strerror(errno));
	close(file);
	if (status != EX_OK)
		unlink(beside);
	return status;
}

/* EX_OK where the setting can be set in this file. */
static int check_name(struct config_change *change, const struct settings *settings)
{
	const struct settings_place *place =
	    settings_places_find(settings->places, change->name, PLACES_NO_ENTRY);
	char nearest[SETTINGS_NAME_MAX];

	settings_names_walk(&settings_rows, config_set_visit, change);
	if (change->row == NULL && settings_names_nearest(&settings_rows, change->name, nearest))
		return tool_complain(EX_USAGE, "there is no setting \"%s\"; did you mean \"%s\"?",
		                     change->name, nearest);
	if (change->row == NULL)
		return tool_complain(EX_USAGE, "there is no setting \"%s\"", change->name);
	if (change->row->group != NULL || is_in_list(change->name))
		return tool_complain(EX_USAGE,
		                     "\"%s\" has several values: change it in %s with an editor",
		                     change->name, change->path);
	if (place != NULL && strcmp(place->file, change->path) != 0)
		return tool_complain(EX_USAGE, "%s is set in %s, line %u: change it there",
		                     change->name, place->file, place->line);
	return EX_OK;
}

int config_set(const char *path, const char *name, const char *value)
{
	struct config_change change = {.path = path, .name = name, .value = value};
	struct problem problem;
	struct settings *settings = settings_read_keyless(path, &problem);
	int status;

	invariant(path != NULL && name != NULL && value != NULL);
	if (settings == NULL)
		return tool_complain(EX_CONFIG, "%s", problem.message);
	if (strlen(value) > VALUE_MAX || strpbrk(value, "\n\r") != NULL) {
		settings_release(settings);
		return tool_complain(EX_USAGE, "a value is one line of at most %d octets",
		                     VALUE_MAX);
	}
	change.arena = arena_new();
	status = check_name(&change, settings);
	settings_release(settings);
	if (status == EX_OK)
		status = replace(&change);
	arena_free(change.arena);
	return status;
}

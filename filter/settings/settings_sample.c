/*
 * settings_sample.c - the sample file, made from the rows: every setting stands in it, commented
 * out at its default. Called by `assay config --sample`; a test compares what the sources hold with
 * it.
 */
#include "settings/settings.h"

#include <stdarg.h>
#include <string.h>

#include "settings/settings_fill.h"
#include "settings/settings_rows.h"

enum {
	WIDTH = 95 /* of a comment's words */
};

struct sample {
	FILE *to;
	struct arena *arena;
	int depth;
	bool commented;   /* inside a group that is itself commented out */
	int comment_from; /* the depth of that group */
};

static void write_group(struct sample *sample, const struct setting_group *group);

/* Lines of a group in force are indented before the comment mark, those of a commented one after
 * it. */
static void settings_sample_begin_line(struct sample *sample)
{
	int in_force = sample->commented ? sample->comment_from : sample->depth;

	for (int i = 0; i < in_force; i++)
		fputc('\t', sample->to);
	if (sample->commented)
		fputs("// ", sample->to);
	for (int i = in_force; i < sample->depth; i++)
		fputs("    ", sample->to);
}

static void line(struct sample *sample, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void line(struct sample *sample, const char *format, ...)
{
	va_list arguments;

	settings_sample_begin_line(sample);
	va_start(arguments, format);
	vfprintf(sample->to, format, arguments);
	va_end(arguments);
	fputc('\n', sample->to);
}

/* A comment, broken between words. */
static void settings_sample_comment(struct sample *sample, const char *text)
{
	while (*text != '\0') {
		size_t length = strlen(text), cut = length < WIDTH ? length : WIDTH;

		while (cut < length && cut > 0 && text[cut] != ' ')
			cut--;
		cut = cut == 0 ? length : cut;
		line(sample, "// %.*s", (int)cut, text);
		text += cut;
		text += strspn(text, " ");
	}
}

/* Bounds and words are worth a line; that a text takes a text is not. */
static void write_help(struct sample *sample, const struct setting *row)
{
	settings_sample_comment(sample, row->help);
	if (row->type == SETTING_NUMBER || row->type == SETTING_WORD)
		line(sample, "// (%s)", settings_fill_takes(row, sample->arena));
}

static void write_members(struct sample *sample, const struct setting *row)
{
	line(sample, row->type == SETTING_LIST ? "%s: ( {" : "%s: {", row->name);
	sample->depth++;
	write_group(sample, row->group);
	sample->depth--;
	line(sample, row->type == SETTING_LIST ? "} );" : "};");
}

static void write_row(struct sample *sample, const struct setting *row)
{
	bool commented = sample->commented;

	write_help(sample, row);
	if (row->group == NULL) {
		line(sample, "%s%s = %s;", commented ? "" : "// ", row->name,
		     row->standard == NULL ? "\"...\"" : row->standard);
		return;
	}
	if (!commented)
		sample->comment_from = sample->depth;
	/* an entry of a list would be in force, with all its defaults */
	sample->commented = commented || row->type == SETTING_LIST;
	write_members(sample, row);
	sample->commented = commented;
}

static void write_group(struct sample *sample, const struct setting_group *group)
{
	for (const struct setting *row = group->rows; row->name != NULL; row++) {
		write_row(sample, row);
		if (sample->depth == 0 && row[1].name != NULL)
			fputc('\n', sample->to);
	}
}

void settings_sample(FILE *to)
{
	struct sample sample = {.to = to, .arena = arena_new()};

	fputs("// assay.conf - settings of assayd and assay.\n"
	      "//\n"
	      "// Every setting stands here, commented out, with its default: as it is, this file "
	      "changes nothing.\n"
	      "// `assayd -t` and `assay config` check it; `assay config --explain NAME` explains "
	      "a setting; a running\n"
	      "// daemon reads it again on SIGUSR1. A line @include \"FILE\" takes in another "
	      "file; a relative FILE starts\n"
	      "// at this file's folder.\n\n",
	      to);
	write_group(&sample, &settings_rows);
	arena_free(sample.arena);
}

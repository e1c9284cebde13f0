/*
 * manual_text.c - texts of the tables as mdoc(7). Called by manual_commands.c and
 * manual_settings.c.
 */
#include "tool/manual/manual.h"

#include <stdbool.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

enum {
	COLUMNS = 78
};

/* Paths of this build, and those of a package. */
static const struct {
	const char *built, *usual;
} paths[] = {{ASSAY_SETTINGS, "/etc/assay/assay.conf"}, {ASSAY_KEYS, "/etc/assay/keys"}};

struct lines {
	FILE *to;
	size_t column;
	bool ended;  /* the last word ended a sentence */
	bool quoted; /* inside a pair of backticks */
};

/* The page is the same, with the same line breaks, however the program was configured. */
static const char *replace_built_paths(struct arena *arena, const char *text)
{
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		const char *found = strstr(text, paths[i].built);

		if (found != NULL)
			text = arena_format(arena, "%.*s%s%s", (int)(found - text), text,
			                    paths[i].usual, found + strlen(paths[i].built));
	}
	return text;
}

/* Writes one octet, escaped; `first`: at the start of a word, where a hyphen begins an option. */
static void write_byte(struct lines *lines, char byte, bool first)
{
	if (byte == '\\')
		fputs("\\e", lines->to);
	else if (byte == '`' && (lines->quoted = !lines->quoted))
		fputs("\\(oq", lines->to);
	else if (byte == '`')
		fputs("\\(cq", lines->to);
	else if (byte == '\'')
		fputs("\\(aq", lines->to);
	else if (byte == '-' && first)
		fputs("\\-", lines->to);
	else
		fputc(byte, lines->to);
}

/* Its width with escapes, at most. */
static size_t width_of(const char *word, size_t length)
{
	size_t width = length;

	for (size_t i = 0; i < length; i++)
		width += strchr("`'\\", word[i]) != NULL ? 3 : word[i] == '-';
	return width;
}

static void write_word(struct lines *lines, const char *word, size_t length)
{
	bool hyphens = true; /* at the start, after quotes and brackets */
	size_t width = width_of(word, length);
	bool breaks = lines->column > 0 && (lines->ended || lines->column + 1 + width > COLUMNS);

	if (lines->column > 0)
		fputc(breaks ? '\n' : ' ', lines->to);
	if (breaks)
		lines->column = 0;
	if (lines->column == 0 && word[0] == '.')
		fputs("\\&", lines->to);
	lines->column += width + 1;
	for (size_t i = 0; i < length; i++) {
		write_byte(lines, word[i], hyphens);
		hyphens = hyphens && strchr("-`\"([", word[i]) != NULL;
	}
	lines->ended = length > 1 && strchr(".?!", word[length - 1]) != NULL;
}

void manual_text(FILE *to, const char *text)
{
	struct lines lines = {.to = to};
	struct arena *arena = arena_new();

	text = replace_built_paths(arena, text);
	while (*text != '\0') {
		size_t word = strcspn(text, " \n");

		if (word > 0)
			write_word(&lines, text, word);
		text += word;
		text += strspn(text, " \n");
	}
	fputs(lines.ended ? "\n" : ".\n", to);
	arena_free(arena);
}

static bool is_argument(const char *word, size_t length)
{
	bool letters = false;

	for (size_t i = 0; i < length; i++) {
		if (text_lower_byte(word[i]) != word[i])
			letters = true;
		else if (text_is_letter(word[i]))
			return false;
	}
	return letters;
}

/* The state of a macro line. */
struct usage {
	FILE *to;
	const char *kind; /* of the word before: "Cm", "Ar", "Fl", or "" */
	unsigned depth;   /* of brackets */
	size_t column;
};

/* Long lines are continued, but not inside brackets. */
static void write_macro(struct usage *usage, const char *macro, const char *word, size_t length)
{
	bool breaks = usage->depth == 0 && usage->column > COLUMNS / 2;

	fputs(breaks ? "\n." : " ", usage->to);
	usage->column = breaks ? 0 : usage->column;
	usage->column += strlen(macro) + length + 2;
	fprintf(usage->to, "%s%s%.*s", macro, length > 0 ? " " : "", (int)length, word);
}

/* A macro precedes each run of words of the same kind. */
static void write_usage_word(struct usage *usage, const char *word, size_t length)
{
	const char *wanted = is_argument(word, length) ? "Ar" : "Cm";

	if (word[0] == '-' && length > 1) {
		write_macro(usage, "Fl", word + 1, length - 1);
		usage->kind = "Fl";
	} else if (word[0] == '-') {
		write_macro(usage, "Ar", word, length);
		usage->kind = "";
	} else if (word[0] == '|') { /* a delimiter of mdoc itself */
		fputs(" |", usage->to);
		usage->kind = "";
	} else if (strcmp(usage->kind, wanted) != 0) {
		write_macro(usage, wanted, word, length);
		usage->kind = wanted;
	} else {
		usage->column += (size_t)fprintf(usage->to, " %.*s", (int)length, word);
	}
}

static void write_bracket(struct usage *usage, char bracket)
{
	invariant(bracket == '[' || bracket == ']');
	if (bracket == ']' && usage->depth > 0)
		usage->depth--;
	if (bracket == ']')
		fputs(" Oc", usage->to);
	else
		write_macro(usage, "Oo", "", 0);
	if (bracket == '[')
		usage->depth++;
	usage->kind = "";
}

void manual_text_usage(FILE *to, const char *text)
{
	struct usage usage = {.to = to, .kind = ""};

	while (*text != '\0') {
		size_t length = strcspn(text, " \n[]");

		if (strncmp(text, "...", 3) == 0) {
			fputs(" No ...", to);
			usage.kind = "";
			length = 3;
		} else if (length > 0) {
			write_usage_word(&usage, text, length);
		} else {
			if (*text == '[' || *text == ']')
				write_bracket(&usage, *text);
			length = 1;
		}
		text += length;
	}
}

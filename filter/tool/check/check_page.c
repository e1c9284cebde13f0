/*
 * check_page.c - headings, indented lines and colours of what `assay check` writes for people.
 * Called by check_print.c and check_explain.c.
 */
#include "tool/check/check_page.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/text.h"

enum {
	SHOWN = 4000, /* bytes of one text from outside */
	SHOWN_LINES = 200
};

static const char *const colours[] = {[COLOUR_NONE] = "\033[1m",
                                      [COLOUR_GOOD] = "\033[1;32m",
                                      [COLOUR_DOUBT] = "\033[1;33m",
                                      [COLOUR_BAD] = "\033[1;31m"};

static bool wants_colours(FILE *to)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (no_color != NULL && no_color[0] != '\0') /* no-color.org: set and not empty */
		return false;
	return isatty(fileno(to)) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

/* The locale of the process stays the C one. */
static bool reads_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8 = locale != (locale_t)0 && strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;

	if (locale != (locale_t)0)
		freelocale(locale);
	return utf8;
}

void check_page_begin(struct check_page *page, FILE *to, struct arena *arena)
{
	*page = (struct check_page){.to = to,
	                            .coloured = wants_colours(to),
	                            .ascii = isatty(fileno(to)) && !reads_utf8(),
	                            .arena = arena};
}

void check_page_heading(struct check_page *page, const char *name, const char *result,
                        enum check_colour colour, const char *rest)
{
	const char *begin = page->coloured ? colours[colour] : "",
	           *end = page->coloured ? "\033[0m" : "";

	invariant(page->to != NULL && result != NULL && rest != NULL);
	fprintf(page->to, "%s%s%s%s", page->written ? "\n" : "",
	        page->coloured ? colours[COLOUR_NONE] : "", name, end);
	page->written = true;
	if (result[0] != '\0')
		fprintf(page->to, "  %s%s%s", begin, result, end);
	fprintf(page->to, "%s%s\n", rest[0] == '\0' ? "" : "  ", rest);
}

static void indent_by(struct check_page *page, unsigned indent)
{
	fprintf(page->to, "%*s", (int)(indent < 60 ? indent : 60), "");
}

void check_page_line(struct check_page *page, unsigned indent, const char *format, ...)
{
	va_list arguments;

	indent_by(page, indent);
	va_start(arguments, format);
	vfprintf(page->to, format, arguments);
	va_end(arguments);
	fputc('\n', page->to);
}

/* To a terminal that reads octet by octet, parts of a letter in UTF-8 can be controls (ISO 6429:
 * C1). */
static const char *in_ascii(struct check_page *page, const char *text)
{
	struct text ascii;

	text_begin(&ascii, page->arena, 4 * strlen(text));
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x80)
			text_add_bytes(&ascii, text, 1);
		else
			text_add_format(&ascii, "\\x%02X", (unsigned)(unsigned char)*text);
	}
	return ascii.bytes;
}

/* text_printable() also escapes quotes and backslashes, which are harmless here and frequent in our
 * own sentences. */
static const char *safe_bytes(struct check_page *page, const char *bytes, size_t length)
{
	const char *rest = arena_copy(page->arena, bytes, length < SHOWN ? length : SHOWN);
	struct text safe;

	text_begin(&safe, page->arena, 5 * SHOWN);
	while (*rest != '\0') {
		size_t plain = strcspn(rest, "\"\\");

		if (plain > 0)
			text_add(&safe,
			         text_printable(page->arena, arena_copy(page->arena, rest, plain),
			                        SHOWN));
		if (rest[plain] != '\0')
			text_add_bytes(&safe, rest + plain++, 1);
		rest += plain;
	}
	if (length > SHOWN)
		text_add(&safe, "...");
	return page->ascii ? in_ascii(page, safe.bytes) : safe.bytes;
}

const char *check_page_safe(struct check_page *page, const char *text)
{
	return text == NULL ? "" : safe_bytes(page, text, strlen(text));
}

/* A sentence while it is filled in. */
struct filling {
	struct check_page *page;
	struct text line;
	size_t used, count;
	const char *const *texts;
};

/* The next text; `place` is what stands behind its brace. False: it is needed and NULL. */
static bool fill_text(struct filling *filling, const char *place)
{
	bool needed = *place != '?';
	int width = (int)strtol(place + !needed, NULL, 10);
	const char *text;

	invariant(filling->used < filling->count);
	text = filling->texts[filling->used++];
	text_add_format(&filling->line, "%-*s", width, check_page_safe(filling->page, text));
	return text != NULL || !needed;
}

/* One part of the sentence, up to a ] or its end. False: a text that it needs is NULL. *at moves
 * behind it. */
static bool fill_part(struct filling *filling, const char **at)
{
	bool complete = true;

	while (**at != '\0' && **at != ']') {
		char kind = *(*at)++;

		if (kind == '[') {
			size_t before = filling->line.length;

			if (!fill_part(filling, at))
				filling->line.bytes[filling->line.length = before] = '\0';
		} else if (kind == '{') {
			complete = fill_text(filling, *at) && complete;
			*at = strchr(*at, '}') + 1;
		} else {
			text_add_bytes(&filling->line, &kind, 1);
		}
	}
	*at += **at == ']';
	return complete;
}

void check_page_fill(struct check_page *page, unsigned indent, const char *sentence, size_t count,
                     const char *const *texts)
{
	struct filling filling = {.page = page, .count = count, .texts = texts};

	text_begin(&filling.line, page->arena, (count + 1) * 20 * SHOWN);
	if (!fill_part(&filling, &sentence))
		return;
	indent_by(page, indent);
	fprintf(page->to, "%s\n", filling.line.bytes);
}

void check_page_lines(struct check_page *page, unsigned indent, const char *first, const char *text)
{
	for (unsigned lines = 0; lines < SHOWN_LINES; lines++) {
		size_t length = strcspn(text, "\r\n");

		check_page_line(page, indent, "%s%s", lines == 0 ? first : "",
		                safe_bytes(page, text, length));
		text += length;
		text += strspn(text, "\r\n");
		text += strspn(text, " \t");
		if (*text == '\0')
			return;
		indent += lines == 0 ? 4 : 0;
	}
}

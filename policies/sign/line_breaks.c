/*
 * line_breaks.c - breaks long lines as Postfix does when it sends them. Called by sign.c for the
 * body, before its line ends are looked at, and by sent_fields.c for header fields.
 */
#include "sign/line_breaks.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

static const unsigned char line_break[] = "\r\n ";

static void line_breaks_write(struct line_breaks *lines, const unsigned char *from,
                              const unsigned char *to)
{
	if (from < to)
		lines->write(lines->context, from, (size_t)(to - from));
}

/* Octets of a line without its end, from `at` to `end`; `*given` is up to where all has been given.
 */
static void pass_text(struct line_breaks *lines, const unsigned char *at, const unsigned char *end,
                      const unsigned char **written)
{
	size_t limit = lines->rule.limit;

	while ((size_t)(end - at) > limit - lines->column) {
		lines->has_long_line = true;
		if (!lines->rule.breaks) {
			lines->column = limit;
			return;
		}
		at += limit - lines->column;
		line_breaks_write(lines, *written, at);
		line_breaks_write(lines, line_break, line_break + sizeof line_break - 1);
		*written = at;
		lines->column = 1;
	}
	lines->column += (size_t)(end - at);
}

/* A CR at the end of the chunk before is part of the line, unless LF follows. */
static void pass_held(struct line_breaks *lines, bool ends_line)
{
	static const unsigned char carriage[] = "\r";
	const unsigned char *written = carriage;

	if (!lines->has_held_cr)
		return;
	lines->has_held_cr = false;
	if (!ends_line)
		pass_text(lines, carriage, carriage + 1, &written);
	line_breaks_write(lines, written, carriage + 1);
}

void line_breaks_pass(struct line_breaks *lines, const unsigned char *bytes, size_t length)
{
	const unsigned char *at = bytes, *end = bytes + length, *written = bytes;

	invariant(lines->rule.limit >= 2 && lines->column <= lines->rule.limit);
	if (length == 0)
		return;
	pass_held(lines, *bytes == '\n');
	while (at < end) {
		const unsigned char *feed = memchr(at, '\n', (size_t)(end - at));
		const unsigned char *stop = feed == NULL ? end : feed;
		bool carriage = stop > at && stop[-1] == '\r';

		pass_text(lines, at, stop - carriage, &written);
		lines->has_held_cr = feed == NULL && carriage;
		if (feed != NULL)
			lines->column = 0;
		at = feed == NULL ? end : feed + 1;
	}
	line_breaks_write(lines, written, end - lines->has_held_cr);
}

void line_breaks_finish(struct line_breaks *lines)
{
	pass_held(lines, true);
}

static void into_text(void *context, const unsigned char *bytes, size_t length)
{
	text_add_bytes(context, (const char *)bytes, length);
}

const char *line_breaks_field(struct arena *arena, const struct line_rule *rule, const char *name,
                              const char *value, bool *has_long_line)
{
	size_t length = strlen(value);
	struct text broken;
	struct line_breaks lines = {.rule = *rule, .write = into_text, .context = &broken};

	if (strlen(name) + 1 + length <= rule->limit)
		return value;
	text_begin(&broken, arena, 4 * (length + strlen(name)) + sizeof line_break);
	lines.column = strlen(name) + 1 < rule->limit ? strlen(name) + 1 : rule->limit;
	line_breaks_pass(&lines, (const unsigned char *)value, length);
	line_breaks_finish(&lines);
	*has_long_line = *has_long_line || lines.has_long_line;
	return lines.has_long_line && rule->breaks ? broken.bytes : value;
}

/*
 * zone_text.c - see zone_text.h.
 */
#include "base/zone_text.h"

#include <string.h>

#include "base/text.h"

enum {
	STRING_MAX = 255 /* RFC 1035 3.3 */
};

static void zone_text_add_string(struct text *line, const char *bytes, size_t length)
{
	text_add(line, "\"");
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '"' || bytes[i] == '\\')
			text_add(line, "\\");
		text_add_bytes(line, bytes + i, 1);
	}
	text_add(line, "\"");
}

const char *zone_text_txt(struct arena *arena, const char *name, const char *value)
{
	size_t left = strlen(value);
	struct text line;

	if (left > ZONE_TEXT_MAX)
		return NULL;
	text_begin(&line, arena, 4 * ZONE_TEXT_MAX);
	text_add_format(&line, "%s. IN TXT", name);
	for (size_t piece; left > 0; left -= piece, value += piece) {
		piece = left < STRING_MAX ? left : STRING_MAX;
		text_add(&line, " ");
		zone_text_add_string(&line, value, piece);
	}
	return line.bytes;
}

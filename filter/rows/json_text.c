/*
 * json_text.c - strings as JSON. The daemon uses no JSON library: the DKIM results of a row
 * (row_text.c), on the way of every message, and /status (status_text.c) are written with it. The
 * command's objects are fields_json.c's, which escapes with it what a terminal would obey.
 */
#include "rows/json_text.h"

/* An invisible character of one to three octets; U+FFFD for what is not a character. Returns its
 * length. */
static size_t add_unseen(struct text *text, const char *string)
{
	const unsigned char *bytes = (const unsigned char *)string;
	size_t length = bytes[0] < 0x80 ? 1 : text_utf8_length(string);

	if (length == 0)
		text_add(text, "\xEF\xBF\xBD");
	else
		text_add_format(text, "\\u%04x",
		                length == 1   ? bytes[0]
		                : length == 2 ? (bytes[0] & 0x1Fu) << 6 | (bytes[1] & 0x3Fu)
		                              : (bytes[0] & 0x0Fu) << 12 | (bytes[1] & 0x3Fu) << 6 |
		                                    (bytes[2] & 0x3Fu));
	return length == 0 ? 1 : length;
}

void json_text_add(struct text *text, const char *string)
{
	text_add(text, "\"");
	while (*string != '\0') {
		size_t length = text_shown_length(string);

		if (*string == '"' || *string == '\\')
			text_add(text, "\\");
		if (length > 0)
			text_add_bytes(text, string, length);
		else
			length = add_unseen(text, string);
		string += length;
	}
	text_add(text, "\"");
}

void json_text_add_json(struct text *text, const char *json)
{
	while (*json != '\0') {
		size_t length = text_shown_length(json);

		if (length > 0)
			text_add_bytes(text, json, length);
		else if ((unsigned char)*json < 0x20)
			text_add(text, " ");
		else
			length = add_unseen(text, json);
		json += length > 0 ? length : 1;
	}
}

void json_text_add_member(struct text *text, const char *name, const char *value)
{
	json_text_add(text, name);
	text_add(text, ":");
	json_text_add(text, value);
}

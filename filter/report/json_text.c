/*
 * json_text.c - strings as JSON. row_text.c writes the DKIM results with it, `assay report --json` its rows.
 */
#include "report/json_text.h"

void json_text_add(struct text *text, const char *string)
{
	text_add(text, "\"");
	while (*string != '\0') {
		unsigned char byte = (unsigned char)*string;
		size_t length = byte < 0x80 ? 1 : text_utf8_length(string);

		if (byte < 0x20)
			text_add_format(text, "\\u%04x", byte);
		else if (length == 0)
			text_add(text, "\xEF\xBF\xBD");
		else if (byte == '"' || byte == '\\')
			text_add_format(text, "\\%c", byte);
		else
			text_add_bytes(text, string, length);
		string += length == 0 ? 1 : length;
	}
	text_add(text, "\"");
}

void json_text_add_member(struct text *text, const char *name, const char *value)
{
	json_text_add(text, name);
	text_add(text, ":");
	json_text_add(text, value);
}

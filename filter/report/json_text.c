/*
 * json_text.c - strings as JSON. row_text.c writes the DKIM results with it, `assay report --json` its rows.
 */
#include "report/json_text.h"

void json_text_add(struct text *text, const char *string)
{
	text_add(text, "\"");
	for (; *string != '\0'; string++) {
		unsigned char byte = (unsigned char)*string;

		if (byte < 0x20)
			text_add_format(text, "\\u%04x", byte);
		else
			text_add_format(text, byte == '"' || byte == '\\' ? "\\%c" : "%c", byte);
	}
	text_add(text, "\"");
}

void json_text_add_member(struct text *text, const char *name, const char *value)
{
	json_text_add(text, name);
	text_add(text, ":");
	json_text_add(text, value);
}

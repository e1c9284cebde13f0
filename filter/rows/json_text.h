/*
 * json_text.h - strings as JSON (RFC 8259 7), for the daemon, which writes JSON as text.
 */
#ifndef ASSAY_JSON_TEXT_H
#define ASSAY_JSON_TEXT_H

#include "base/text.h"

/* The string in quotes. What a terminal would obey or a reader would not see (text_shown_length())
 * is escaped. Readers refuse the whole of a text that is not UTF-8, so an octet outside every
 * well-formed sequence becomes U+FFFD. */
void json_text_add(struct text *text, const char *string);

/* A text that is JSON already, made by a library or another program. The same is escaped in its
 * strings; its meaning does not change. */
void json_text_add_json(struct text *text, const char *json);

/* "name":"value" */
void json_text_add_member(struct text *text, const char *name, const char *value);

#endif

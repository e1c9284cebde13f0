/*
 * fields_json.h - structs as JSON and back, by the rows of field.h. The only writer and reader of
 * JSON in the command; fields_json.c alone knows jansson.
 */
#ifndef ASSAY_FIELDS_JSON_H
#define ASSAY_FIELDS_JSON_H

#include <stdio.h>

#include "base/arena.h"
#include "base/field.h"

struct fields_json {
	struct arena *arena;
	/* Makes a text from outside safe for a terminal; NULL: texts stay as they are, and those
	 * that are not UTF-8 are escaped by text_printable(). */
	const char *(*safe)(void *context, const char *text);
	void *context;
	bool compact; /* no blanks in fields_json_line() */
};

/* One object, indented, in ASCII, and a newline. */
void fields_json_print(const struct fields_json *writer, const struct field *rows,
                       const void *object, FILE *to);

/* The same as one line without a newline. What a terminal would obey is escaped
 * (json_text_add_json()). In the writer's arena. */
const char *fields_json_line(const struct fields_json *writer, const struct field *rows,
                             const void *object);

/* One object with each member that is an object or a list on a line of its own. */
void fields_json_print_lines(const struct fields_json *writer, const struct field *rows,
                             const void *object, FILE *to);

/*
 * Reads an object into a struct: texts, flags, decimals, texts in lists and whole numbers. Dots in
 * the name of a row lead into objects in it ("dns.cache.hit"). What is missing or of another type
 * becomes NULL, false or 0, as does a number beyond a quarter of LONG_MAX, so that a few can be
 * added up. Texts are in `arena`. False: the text is not a JSON object, or a text or an object that
 * is needed is missing.
 */
bool fields_json_read(const char *json, const struct field *rows, void *object,
                      struct arena *arena);

/* The same object in one line of ASCII, for free(). NULL: the text is not a JSON object. */
char *fields_json_ascii(const char *json);

const char *fields_json_version(void); /* of jansson */

#endif

/*
 * tag_writer.c - folds the tags of a signature. Called by signature_make.c, and by arc_seal.c for
 * seals.
 */
#include "sign/tag_writer.h"

#include <string.h>

enum {
	LINE_LENGTH_MAX = 76,
	TAB_COLUMNS = 8
};

void tag_writer_begin(struct tag_writer *writer, struct arena *arena, const char *name,
                      size_t limit)
{
	text_begin(&writer->text, arena, limit);
	writer->column = strlen(name) + strlen(": ");
}

static void tag_writer_word(struct tag_writer *writer, const char *word, size_t length)
{
	if (writer->column + length > LINE_LENGTH_MAX) {
		text_add(&writer->text, "\n\t");
		writer->column = TAB_COLUMNS;
	}
	text_add_bytes(&writer->text, word, length);
	writer->column += length;
}

void tag_writer_add(struct tag_writer *writer, const char *tag)
{
	size_t length = strlen(tag);

	if (writer->text.length > 0 && writer->column + length + 1 <= LINE_LENGTH_MAX)
		tag_writer_word(writer, " ", 1);
	tag_writer_word(writer, tag, length);
}

void tag_writer_names(struct tag_writer *writer, const char *names)
{
	tag_writer_add(writer, "h=");
	while (*names != '\0') {
		size_t length = strcspn(names, ":");

		length += names[length] == ':';
		tag_writer_word(writer, names, length);
		names += length;
	}
	tag_writer_word(writer, ";", 1);
}

void tag_writer_base64(struct tag_writer *writer, const char *text, const char *end)
{
	enum {
		PIECE = 4
	};

	for (size_t length; *text != '\0'; text += length) {
		length = strnlen(text, PIECE);
		tag_writer_word(writer, text, length);
	}
	if (*end != '\0')
		tag_writer_word(writer, end, strlen(end));
}

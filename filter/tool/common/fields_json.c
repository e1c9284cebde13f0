/*
 * fields_json.c - structs as JSON and back, by rows of fields. The only file that knows jansson.
 * Called by everything in the command that prints JSON, and by `assay status`, which reads it.
 */
#include "tool/common/fields_json.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "rows/json_text.h"

enum {
	TEXT_MAX = 65536, /* octets of a text that is not UTF-8 */
	GROWTH = 6,       /* octets that one octet becomes at most: \u007f */
	PATH_MAX_OCTETS = 64
};

static json_t *make_object(const struct fields_json *writer, const struct field *rows,
                           const void *object);

static const void *fields_json_member(const struct field *field, const void *object)
{
	return (const char *)object + field->offset;
}

static size_t count_of(const struct field *field, const void *object)
{
	return *(const size_t *)((const char *)object + field->count);
}

static json_int_t integer_of(const struct field *field, const void *object)
{
	const void *member = fields_json_member(field, object);

	switch (field->size) {
	case sizeof(bool):
		return *(const bool *)member;
	case sizeof(unsigned):
		return *(const unsigned *)member;
	default:
		invariant(field->size == sizeof(long));
		return *(const long *)member;
	}
}

static json_t *make_visible(const struct fields_json *writer, const char *text)
{
	json_t *string;

	if (text == NULL)
		return json_null();
	string = json_string(text);
	return string != NULL ? string : json_string(text_printable(writer->arena, text, TEXT_MAX));
}

static json_t *make_text(const struct fields_json *writer, const char *text)
{
	if (text != NULL && writer->safe != NULL)
		text = writer->safe(writer->context, text);
	return make_visible(writer, text);
}

static json_t *write_text(const struct fields_json *writer, const struct field *field,
                          const void *object)
{
	const char *text = *(const char *const *)fields_json_member(field, object);

	if (field->type == FIELD_VISIBLE)
		return make_visible(writer, text);
	if (field->type == FIELD_TEXT_OR_NULL && text != NULL && text[0] == '\0')
		text = NULL;
	return make_text(writer, text);
}

static json_t *write_text_list(const struct fields_json *writer, const struct field *field,
                               const void *object)
{
	const char *text = *(const char *const *)fields_json_member(field, object);
	json_t *list = json_array();

	if (text != NULL)
		json_array_append_new(list, make_text(writer, text));
	return list;
}

static json_t *write_json(const struct fields_json *writer, const struct field *field,
                          const void *object)
{
	const char *text = *(const char *const *)fields_json_member(field, object);
	json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	(void)writer;
	return value == NULL ? json_null() : value;
}

static json_t *write_made(const struct fields_json *writer, const struct field *field,
                          const void *object)
{
	invariant(field->make != NULL);
	return make_text(writer, field->make(object, writer->arena));
}

static json_t *write_name(const struct fields_json *writer, const struct field *field,
                          const void *object)
{
	invariant(field->names != NULL);
	return make_text(writer, field->names[integer_of(field, object)]);
}

static json_t *write_number(const struct fields_json *writer, const struct field *field,
                            const void *object)
{
	json_int_t number = integer_of(field, object);

	(void)writer;
	return number == 0 && field->type == FIELD_NUMBER_OR_NULL ? json_null()
	                                                          : json_integer(number);
}

static json_t *write_decimal(const struct fields_json *writer, const struct field *field,
                             const void *object)
{
	double number = *(const double *)fields_json_member(field, object);

	(void)writer;
	return json_real((double)(long)(number * 10 + 0.5) / 10);
}

static json_t *write_flag(const struct fields_json *writer, const struct field *field,
                          const void *object)
{
	(void)writer;
	return json_boolean(integer_of(field, object) != 0);
}

static json_t *write_texts(const struct fields_json *writer, const struct field *field,
                           const void *object)
{
	const char *const *texts = *(const char *const *const *)fields_json_member(field, object);
	json_t *list = json_array();

	for (size_t i = 0; i < count_of(field, object); i++)
		json_array_append_new(list, make_text(writer, texts[i]));
	return list;
}

static json_t *write_object(const struct fields_json *writer, const struct field *field,
                            const void *object)
{
	return make_object(writer, field->rows, fields_json_member(field, object));
}

static json_t *write_pointer(const struct fields_json *writer, const struct field *field,
                             const void *object)
{
	const void *target = *(const void *const *)fields_json_member(field, object);

	return target == NULL ? json_null() : make_object(writer, field->rows, target);
}

/* A list of an item's values instead of an object. */
static json_t *make_tuple(const struct fields_json *writer, const struct field *rows,
                          const void *item)
{
	json_t *object = make_object(writer, rows, item), *tuple = json_array();

	for (; rows->name != NULL; rows++)
		json_array_append(tuple, json_object_get(object, rows->name));
	json_decref(object);
	return tuple;
}

static json_t *write_list(const struct fields_json *writer, const struct field *field,
                          const void *object)
{
	const void *member = fields_json_member(field, object);
	const char *items = field->type == FIELD_ARRAY ? member : *(const char *const *)member;
	json_t *list = json_array();

	invariant(field->item_size > 0);
	for (size_t i = 0; i < count_of(field, object); i++) {
		const char *item = items + i * field->item_size;

		json_array_append_new(list, field->type == FIELD_TUPLES
		                                ? make_tuple(writer, field->rows, item)
		                                : make_object(writer, field->rows, item));
	}
	return list;
}

static json_t *write_chain(const struct fields_json *writer, const struct field *field,
                           const void *object)
{
	const char *item = *(const char *const *)fields_json_member(field, object);
	json_t *list = json_array();

	for (; item != NULL; item = *(const char *const *)(item + field->next))
		json_array_append_new(list, make_object(writer, field->rows, item));
	return list;
}

typedef json_t *write_function(const struct fields_json *writer, const struct field *field,
                               const void *object);

static write_function *const writers[FIELD_TYPES] = {
    [FIELD_TEXT] = write_text,       [FIELD_TEXT_OR_NULL] = write_text,
    [FIELD_VISIBLE] = write_text,    [FIELD_JSON] = write_json,
    [FIELD_MADE] = write_made,       [FIELD_NAME] = write_name,
    [FIELD_NUMBER] = write_number,   [FIELD_NUMBER_OR_NULL] = write_number,
    [FIELD_DECIMAL] = write_decimal, [FIELD_FLAG] = write_flag,
    [FIELD_TEXTS] = write_texts,     [FIELD_OBJECT] = write_object,
    [FIELD_POINTER] = write_pointer, [FIELD_LIST] = write_list,
    [FIELD_TUPLES] = write_list,     [FIELD_ARRAY] = write_list,
    [FIELD_CHAIN] = write_chain,     [FIELD_TEXT_LIST] = write_text_list};

static json_t *make_value(const struct fields_json *writer, const struct field *field,
                          const void *object)
{
	invariant(field->type < FIELD_TYPES && writers[field->type] != NULL);
	if (field->known != NULL && !field->known(object))
		return json_null();
	return writers[field->type](writer, field, object);
}

static json_t *make_object(const struct fields_json *writer, const struct field *rows,
                           const void *object)
{
	json_t *made = json_object();

	invariant(rows != NULL && object != NULL);
	for (; rows->name != NULL; rows++)
		json_object_set_new(made, rows->name, make_value(writer, rows, object));
	return made;
}

void fields_json_print(const struct fields_json *writer, const struct field *rows,
                       const void *object, FILE *to)
{
	json_t *made = make_object(writer, rows, object);

	json_dumpf(made, to, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9));
	fputc('\n', to);
	json_decref(made);
}

/* The value in one line, without what a terminal would obey. Takes the reference. */
static const char *dump(const struct fields_json *writer, json_t *value)
{
	size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(9);
	char *raw = json_dumps(value, flags | (writer->compact ? JSON_COMPACT : 0));
	struct text line;

	invariant(raw != NULL);
	text_begin(&line, writer->arena, GROWTH * strlen(raw) + 1);
	json_text_add_json(&line, raw);
	free(raw);
	json_decref(value);
	return line.bytes;
}

const char *fields_json_line(const struct fields_json *writer, const struct field *rows,
                             const void *object)
{
	return dump(writer, make_object(writer, rows, object));
}

/* Takes the reference of the list. */
static void print_items(const struct fields_json *writer, json_t *list, FILE *to)
{
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count; i++)
		fprintf(to, "%s\n  %s", i == 0 ? "[" : ", ",
		        dump(writer, json_incref(json_array_get(list, i))));
	fputs(count == 0 ? "[]" : "]", to);
	json_decref(list);
}

void fields_json_print_lines(const struct fields_json *writer, const struct field *rows,
                             const void *object, FILE *to)
{
	const char *before = "{";

	for (; rows->name != NULL; rows++) {
		json_t *value = make_value(writer, rows, object);
		bool has_members = json_is_object(value) || json_is_array(value);

		fprintf(to, "%s\"%s\": ", before, rows->name);
		before = has_members ? "\n, " : ", ";
		if (rows->lines)
			print_items(writer, value, to);
		else
			fputs(dump(writer, value), to);
	}
	fputs("}\n", to);
}

/* The value under a name, in which dots lead into objects. NULL where there is none. */
static const json_t *find_value(const json_t *root, const char *path)
{
	char name[PATH_MAX_OCTETS];
	size_t length;

	for (; *path != '\0'; path += length + (path[length] == '.')) {
		length = strcspn(path, ".");
		invariant(length < sizeof name);
		memcpy(name, path, length);
		name[length] = '\0';
		root = json_object_get(root, name);
	}
	return root;
}

static long read_whole(const json_t *value)
{
	json_int_t number = json_integer_value(value);

	return number < 0 || number > LONG_MAX / 4 ? 0 : (long)number;
}

static void read_texts(const json_t *list, const struct field *field, char *object,
                       struct arena *arena)
{
	size_t count = json_array_size(list);
	const char **texts = arena_allocate(arena, (count + 1) * sizeof *texts);

	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		texts[i] = text == NULL ? "" : arena_string(arena, text);
	}
	*(const char ***)(object + field->offset) = texts;
	*(size_t *)(object + field->count) = count;
}

static void read_member(const json_t *value, const struct field *field, char *object,
                        struct arena *arena)
{
	void *member = object + field->offset;

	switch (field->type) {
	case FIELD_TEXT:
		*(const char **)member = arena_string(arena, json_string_value(value));
		break;
	case FIELD_NUMBER:
		invariant(field->size == sizeof(long));
		*(long *)member = read_whole(value);
		break;
	case FIELD_DECIMAL:
		*(double *)member = json_number_value(value);
		break;
	case FIELD_FLAG:
		*(bool *)member = json_is_true(value);
		break;
	case FIELD_TEXTS:
		read_texts(value, field, object, arena);
		break;
	default:
		invariant(field->type == FIELD_OBJECT); /* needed, but not read */
	}
}

bool fields_json_read(const char *json, const struct field *rows, void *object, struct arena *arena)
{
	json_t *root = json_loads(json, 0, NULL);
	bool good = json_is_object(root);

	for (; good && rows->name != NULL; rows++) {
		const json_t *value = find_value(root, rows->name);

		good = !rows->needed || json_is_string(value) || json_is_object(value);
		read_member(value, rows, object, arena);
	}
	json_decref(root);
	return good;
}

char *fields_json_ascii(const char *json)
{
	json_t *root = json_loads(json, 0, NULL);
	char *ascii =
	    json_is_object(root) ? json_dumps(root, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	json_decref(root);
	return ascii;
}

const char *fields_json_version(void)
{
	return jansson_version_str();
}

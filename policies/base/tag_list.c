/*
 * tag_list.c - reads the tag=value lists of RFC 6376 3.2, strictly. Used by signature_field.c and
 * key_record.c, which then judge the values.
 */
#include "base/tag_list.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

struct tag_list_span {
	const char *at, *end;
};

static void trim(struct tag_list_span *span)
{
	while (span->at < span->end && text_is_space(*span->at))
		span->at++;
	while (span->at < span->end && text_is_space(span->end[-1]))
		span->end--;
}

/* RFC 6376 3.2: tag-name = ALPHA *ALNUMPUNC */
static bool is_name(struct tag_list_span span)
{
	if (span.at == span.end || !text_is_letter(*span.at))
		return false;
	for (; span.at < span.end; span.at++)
		if (!text_is_letter(*span.at) && !text_is_digit(*span.at) && *span.at != '_')
			return false;
	return true;
}

static bool is_value(struct tag_list_span span)
{
	for (; span.at < span.end; span.at++)
		if (((unsigned char)*span.at < 0x21 || *span.at == 0x7F) &&
		    !text_is_space(*span.at))
			return false;
	return true;
}

static bool occurs(const struct tag_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (text_same(list->tags[i].name, name))
			return true;
	return false;
}

/* `text` is where the list begins. */
static const char *tag_list_add(struct arena *arena, struct tag_list *list, const char *text,
                                struct tag_list_span spec)
{
	const char *equals = memchr(spec.at, '=', (size_t)(spec.end - spec.at));
	struct tag_list_span name, value;
	struct tag *tag;

	invariant(list->count <= TAGS_MAX);
	if (equals == NULL)
		return "a tag has no \"=\"";
	name = (struct tag_list_span){spec.at, equals};
	value = (struct tag_list_span){equals + 1, spec.end};
	trim(&name);
	trim(&value);
	if (!is_name(name))
		return "the text before a \"=\" is not a tag name";
	if (!is_value(value))
		return "there is a control character in a value";
	if (list->count == TAGS_MAX)
		return "it has too many tags";
	tag = &list->tags[list->count];
	tag->name = arena_copy(arena, name.at, (size_t)(name.end - name.at));
	tag->value = arena_copy(arena, value.at, (size_t)(value.end - value.at));
	tag->spaced = name.end != equals;
	tag->from = (size_t)(equals + 1 - text);
	tag->to = (size_t)(spec.end - text);
	if (occurs(list, tag->name))
		return arena_format(arena, "the tag %.32s= occurs twice", tag->name);
	list->count++;
	return NULL;
}

const char *tag_list_read(struct arena *arena, const char *text, size_t length,
                          struct tag_list *list)
{
	struct tag_list_span rest = {text, text + length};
	const char *wrong = NULL;

	list->count = list->wrong_at = 0;
	trim(&rest);
	if (rest.at == rest.end)
		return "it is empty";
	while (wrong == NULL && rest.at < rest.end) {
		const char *semicolon = memchr(rest.at, ';', (size_t)(rest.end - rest.at));
		struct tag_list_span spec = {rest.at,
		                             semicolon == NULL ? text + length : semicolon};

		wrong = tag_list_add(arena, list, text, spec);
		list->wrong_at = (size_t)(rest.at - text);
		rest.at = semicolon == NULL ? rest.end : semicolon + 1;
	}
	return wrong;
}

const struct tag *tag_list_find(const struct tag_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->tags[i].name, name) == 0)
			return &list->tags[i];
	return NULL;
}

const char *tag_list_value(const struct tag_list *list, const char *name)
{
	const struct tag *tag = tag_list_find(list, name);

	return tag == NULL ? NULL : tag->value;
}

char *tag_list_squeeze(struct arena *arena, const char *value)
{
	char *squeezed = arena_allocate_raw(arena, strlen(value) + 1);
	size_t length = 0;

	for (; *value != '\0'; value++)
		if (!text_is_space(*value))
			squeezed[length++] = *value;
	squeezed[length] = '\0';
	return squeezed;
}

bool tag_list_has_word(const char *value, const char *word)
{
	size_t length = strlen(word);

	for (;;) {
		struct tag_list_span span = {value, value + strcspn(value, ":")};

		value = span.end;
		trim(&span);
		if ((size_t)(span.end - span.at) == length &&
		    text_same_bytes(span.at, word, length))
			return true;
		if (*value++ == '\0')
			return false;
	}
}

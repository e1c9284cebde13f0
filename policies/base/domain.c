/*
 * domain.c - domain names in one internal form (libidn2 converts U-labels). Called by author, SPF,
 * DKIM, DMARC, rules and whatever compares two names.
 */
#include "base/domain.h"

#include <idn2.h>
#include <stdio.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

static bool is_name_byte(char byte)
{
	return text_is_letter(byte) || text_is_digit(byte) || byte == '-' || byte == '_';
}

/* RFC 1035 2.3.1 with the underscore that service names use; `name` is ASCII without a trailing
 * dot. */
static bool labels_are_sound(const char *name, size_t length)
{
	size_t label = 0;

	if (length == 0 || length > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (name[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (!is_name_byte(name[i]) || ++label > LABEL_MAX) {
			return false;
		}
	}
	return label > 0;
}

static const char *convert(struct arena *arena, const char *bytes, size_t length)
{
	char *text = arena_copy(arena, bytes, length);
	char *converted = NULL;
	const char *name = NULL;

	if (strlen(text) != length)
		return NULL;
	if (idn2_to_ascii_8z(text, &converted, IDN2_NONTRANSITIONAL) == IDN2_OK)
		name = arena_string(arena, converted);
	idn2_free(converted);
	return name;
}

const char *domain_normalize(struct arena *arena, const char *bytes, size_t length)
{
	const char *name = bytes;

	if (length == 0 || length > 4 * (size_t)DOMAIN_MAX)
		return NULL;
	if (!text_is_ascii(bytes, length)) {
		name = convert(arena, bytes, length);
		if (name == NULL)
			return NULL;
		length = strlen(name);
	}
	if (length > 0 && name[length - 1] == '.')
		length--;
	if (!labels_are_sound(name, length))
		return NULL;
	return text_lower(arena, name, length);
}

const char *domain_unicode(struct arena *arena, const char *name)
{
	char *converted = NULL;
	const char *unicode = NULL;

	if (idn2_to_unicode_8z8z(name, &converted, IDN2_NONTRANSITIONAL) == IDN2_OK &&
	    !text_same(name, converted))
		unicode = arena_string(arena, converted);
	idn2_free(converted);
	return unicode;
}

size_t domain_labels(const char *name)
{
	size_t labels = 1;

	for (; *name != '\0'; name++)
		labels += *name == '.';
	return labels;
}

const char *domain_rightmost(const char *name, size_t labels)
{
	size_t have = domain_labels(name);

	invariant(labels > 0);
	for (; have > labels; have--)
		name = strchr(name, '.') + 1;
	return name;
}

const char *domain_parent(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot == NULL ? NULL : dot + 1;
}

bool domain_equal(const char *one, const char *other)
{
	return text_same(one, other);
}

bool domain_within(const char *name, const char *ancestor)
{
	size_t length = strlen(name);
	size_t above = strlen(ancestor);

	if (length < above || !text_same(name + length - above, ancestor))
		return false;
	return length == above || name[length - above - 1] == '.';
}

bool domain_is_near(const char *one, const char *other)
{
	return domain_equal(domain_rightmost(one, 2), domain_rightmost(other, 2));
}

bool domain_matches(const char *pattern, const char *name)
{
	if (strncmp(pattern, "*.", 2) == 0)
		return domain_within(name, pattern + 2) && !domain_equal(name, pattern + 2);
	return domain_equal(name, pattern);
}

void domain_version(char *text, size_t room)
{
	snprintf(text, room, "%s", idn2_check_version(NULL));
}

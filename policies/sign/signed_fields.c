/*
 * signed_fields.c - the lists of header fields that are signed, by default and as an entry of
 * "sign" asks. Called by sign.c for signature_make.c; `assay import` starts from the same lists.
 */
#include "sign/signed_fields.h"

#include <string.h>

#include "base/text.h"

#define ITEM(name) name,
const char *const signed_fields_headers[] = {SIGNED_FIELDS_HEADERS(ITEM) NULL};
static const char *const oversign[] = {SIGNED_FIELDS_OVERSIGN(ITEM) NULL};
static const char *const oversign_present[] = {SIGNED_FIELDS_OVERSIGN_PRESENT(ITEM) NULL};
#undef ITEM

struct signed_fields_building {
	struct signed_field *fields;
	size_t count;
};

static void signed_fields_add(struct signed_fields_building *building, const char *name,
                              enum signed_how how)
{
	for (size_t i = 0; i < building->count; i++)
		if (text_same(building->fields[i].name, name)) {
			if (how > building->fields[i].how)
				building->fields[i].how = how;
			return;
		}
	building->fields[building->count++] = (struct signed_field){name, how};
}

static enum signed_how by_default(const char *name)
{
	if (text_word(oversign, name) >= 0)
		return SIGNED_ONE_MORE;
	return text_word(oversign_present, name) >= 0 ? SIGNED_ONE_MORE_PRESENT : SIGNED_PRESENT;
}

struct signed_fields signed_fields_of(struct arena *arena, const struct strings *headers,
                                      const struct strings *once_more)
{
	size_t standard = sizeof signed_fields_headers / sizeof signed_fields_headers[0];
	size_t count = headers->count > 0 ? headers->count : standard - 1;
	const char *const *names = headers->count > 0 ? headers->items : signed_fields_headers;
	struct signed_fields_building building = {
	    arena_allocate(arena, (count + once_more->count + 1) * sizeof *building.fields), 0};

	signed_fields_add(&building, "from", SIGNED_ONE_MORE);
	for (size_t i = 0; i < count; i++)
		signed_fields_add(&building, names[i], SIGNED_PRESENT);
	for (size_t i = 0; once_more->count == 0 && i < building.count; i++)
		building.fields[i].how = by_default(building.fields[i].name);
	for (size_t i = 0; i < once_more->count; i++)
		signed_fields_add(&building, once_more->items[i], SIGNED_ONE_MORE);
	return (struct signed_fields){building.count, building.fields};
}

bool signed_fields_is_name(const char *name)
{
	for (const char *byte = name; *byte != '\0'; byte++)
		if ((unsigned char)*byte <= ' ' || (unsigned char)*byte >= 0x7F || *byte == ':' ||
		    *byte == ';')
			return false;
	return *name != '\0';
}

bool signed_fields_is_unsound(const char *name)
{
	static const char *const unsound[] = {"return-path",
	                                      "received",
	                                      "comments",
	                                      "keywords",
	                                      "bcc",
	                                      "resent-bcc",
	                                      "dkim-signature",
	                                      "authentication-results",
	                                      "received-spf",
	                                      "arc-seal",
	                                      "arc-message-signature",
	                                      "arc-authentication-results",
	                                      "delivered-to",
	                                      "x-original-to",
	                                      NULL};

	return text_word(unsound, name) >= 0;
}

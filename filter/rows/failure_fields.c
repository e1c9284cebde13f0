/*
 * failure_fields.c - Received, DKIM-Signature, Date and Message-ID written anew for a failure
 * report. The table of failure_header.c has the functions.
 */
#include "rows/failure_fields.h"

#include <stdio.h>
#include <string.h>

#include "base/domain.h"
#include "base/tag_list.h"
#include "base/text.h"

enum {
	LINE = 72,        /* octets after which a long value is folded */
	WORD_MAX = 300,   /* of a field Received; longer ones are no names */
	TAG_MAX = 2000,   /* octets of a tag's value */
	NAME_MAX_H = 100, /* of a field's name in h= */
	FIELD_MAX = 8192
};

/* Day, month, year, time and zone; nothing else that stands there. */
const char *failure_fields_date(const struct failure_field *field, const char *value)
{
	static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
	                                     "aug", "sep", "oct", "nov", "dec", NULL};
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *comma = strchr(value, ',');
	char month[4] = "", sign = '+';
	int day, year, hour, minute, second, zone, at;

	if (comma != NULL && comma - value <= 5)
		value = comma + 1;
	if (sscanf(value, " %2d %3[A-Za-z] %4d %2d:%2d:%2d %c%4d", &day, month, &year, &hour,
	           &minute, &second, &sign, &zone) != 8 ||
	    (sign != '+' && sign != '-'))
		return NULL;
	at = text_word(months, text_lower(field->arena, month, strlen(month)));
	if (at < 0 || day < 0 || year < 0 || hour < 0 || minute < 0 || second < 0 || zone < 0)
		return NULL;
	return arena_format(field->arena, "%02d %.3s %04d %02d:%02d:%02d %c%04d", day,
	                    names + 3 * (ptrdiff_t)at, year, hour, minute, second, sign, zone);
}

const char *failure_fields_message_id(const struct failure_field *field, const char *value)
{
	size_t length = strlen(value);
	const char *address;

	if (length < 3 || value[0] != '<' || value[length - 1] != '>')
		return NULL;
	address = failure_redact_address(
	    field->key, arena_copy(field->arena, value + 1, length - 2), field->arena);
	return address[0] == '\0' ? NULL : arena_format(field->arena, "<%s>", address);
}

/* What was found in a field Received. */
struct received_parts {
	const char *from, *by, *with;
	char address[ADDRESS_TEXT]; /* of the client; "" for none that may be said */
};

/* A host's name of at least two labels: one alone is what somebody calls the own machine. */
static const char *host_name(const struct failure_field *field, const char *word, size_t length)
{
	const char *name = length > WORD_MAX ? NULL : domain_normalize(field->arena, word, length);

	return name != NULL && domain_labels(name) > 1 ? name : NULL;
}

static const char *protocol_name(const struct failure_field *field, const char *word, size_t length)
{
	static const char *const known[] = {"smtp",       "esmtp",    "esmtps",    "esmtpa",
	                                    "esmtpsa",    "lmtp",     "lmtps",     "http",
	                                    "https",      "utf8smtp", "utf8smtps", "utf8smtpa",
	                                    "utf8smtpsa", "utf8lmtp", NULL};
	int at = length > WORD_MAX ? -1 : text_word(known, text_lower(field->arena, word, length));

	return at < 0 ? NULL : known[at];
}

/* "[192.0.2.1]" somewhere in the word, with "IPv6:" or without. */
static void find_address(const struct failure_field *field, const char *word, size_t length,
                         struct received_parts *parts)
{
	const char *open = memchr(word, '[', length);
	const char *close = open == NULL ? NULL : memchr(open, ']', length - (size_t)(open - word));
	struct address address;
	const char *text;

	if (close == NULL || close - open > ADDRESS_TEXT + 6 || parts->address[0] != '\0')
		return;
	text = arena_copy(field->arena, open + 1, (size_t)(close - open - 1));
	if (strncmp(text, "IPv6:", 5) == 0)
		text += 5;
	if (address_parse(text, &address) && !address_in_networks(&address, field->ours))
		address_print(&address, parts->address);
}

static long nesting(const char *word, size_t length)
{
	long depth = 0;

	for (size_t i = 0; i < length; i++)
		depth += (word[i] == '(') - (word[i] == ')');
	return depth;
}

/* The words up to the semicolon; those in comments only for the client's address. */
static void read_received(const struct failure_field *field, const char *value,
                          struct received_parts *parts)
{
	static const char *const clauses[] = {"from", "by", "with", "id", "for", "via", NULL};
	const char *end = value + strcspn(value, ";");
	int clause = -1;
	bool first = false; /* the next word is the clause's value */
	long depth = 0;

	while (value < end) {
		size_t length = strcspn(value, " \t;");
		const char *word = text_lower(field->arena, value, length < 8 ? length : 8);
		int found = depth > 0 || length > 4 ? -1 : text_word(clauses, word);

		if (found >= 0) {
			clause = found;
		} else if (depth == 0 && first) {
			if (clause == 0)
				parts->from = host_name(field, value, length);
			else if (clause == 1)
				parts->by = host_name(field, value, length);
			else if (clause == 2)
				parts->with = protocol_name(field, value, length);
		}
		if (clause == 0)
			find_address(field, value, length, parts);
		first = found >= 0;
		depth += nesting(value, length);
		value += length;
		value += strspn(value, " \t");
	}
}

const char *failure_fields_received(const struct failure_field *field, const char *value)
{
	const char *semicolon = strrchr(value, ';');
	const char *date = semicolon == NULL ? NULL : failure_fields_date(field, semicolon + 1);
	struct received_parts parts = {.from = NULL};
	struct text text;

	read_received(field, value, &parts);
	text_begin(&text, field->arena, FIELD_MAX);
	if (parts.from != NULL || parts.address[0] != '\0')
		text_add_format(&text, "from %s%s%s%s", parts.from == NULL ? "unknown" : parts.from,
		                parts.address[0] == '\0' ? "" : " ([", parts.address,
		                parts.address[0] == '\0' ? "" : "])");
	if (parts.by != NULL)
		text_add_format(&text, "%sby %s", text.length > 0 ? "\n " : "", parts.by);
	if (parts.with != NULL)
		text_add_all(&text, text.length > 0 ? "\n with " : "with ", parts.with, TEXT_END);
	if (text.length == 0)
		return NULL;
	if (date != NULL)
		text_add_format(&text, ";\n %s", date);
	return text.bytes;
}

/* The tags of a signature, the octets that their values are made of, and where a long one may be
 * folded (RFC 6376 3.5): behind this octet, anywhere (0), or not at all (-1). */
static const struct {
	const char *name, *octets;
	int fold;
} tags[] = {{"v", "0123456789", -1},
            {"a", "abcdefghijklmnopqrstuvwxyz0123456789-", -1},
            {"c", "abcdefghijklmnopqrstuvwxyz/", -1},
            {"d", NULL, -1},
            {"s", NULL, -1},
            {"i", NULL, -1},
            {"q", "dns/txt", -1},
            {"l", "0123456789", -1},
            {"t", "0123456789", -1},
            {"x", "0123456789", -1},
            {"h", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:", ':'},
            {"bh", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", 0},
            {"b", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", 0}};

/* NULL where it is not what the tag may hold. */
static const char *tag_value(const struct failure_field *field, size_t tag, const char *given)
{
	const char *value = tag_list_squeeze(field->arena, given);
	size_t length = strlen(value);

	if (length == 0 || length > TAG_MAX)
		return NULL;
	if (tags[tag].octets != NULL)
		return strspn(value, tags[tag].octets) == length ? value : NULL;
	if (strcmp(tags[tag].name, "i") == 0 && value[0] != '@') {
		value = failure_redact_address(field->key, value, field->arena);
		return value[0] == '\0' ? NULL : value;
	}
	if (value[0] == '@')
		value++;
	value = domain_normalize(field->arena, value, strlen(value));
	return value == NULL || strcmp(tags[tag].name, "i") != 0
	           ? value
	           : arena_format(field->arena, "@%s", value);
}

static bool may_fold(size_t tag, const char *at, size_t column)
{
	if (tags[tag].fold < 0)
		return false;
	return column >= LINE && (tags[tag].fold == 0 || at[-1] == tags[tag].fold);
}

/* A tag whose value has a piece too long for a line is left out. */
static void add_tag(struct text *text, size_t tag, const char *value)
{
	size_t column = 0;

	for (const char *at = value; tags[tag].fold == ':' && *at != '\0'; at++) {
		size_t name = strcspn(at, ":");

		if (name > NAME_MAX_H)
			return;
		at += name;
		if (*at == '\0')
			break;
	}
	text_add_format(text, "%s%s=", text->length > 0 ? ";\n\t" : "", tags[tag].name);
	for (const char *at = value; *at != '\0'; at++) {
		if (at > value && may_fold(tag, at, column)) {
			text_add(text, "\n\t ");
			column = 0;
		}
		text_add_bytes(text, at, 1);
		column++;
	}
}

const char *failure_fields_signature(const struct failure_field *field, const char *value)
{
	struct tag_list list;
	struct text text;

	if (tag_list_read(field->arena, value, strlen(value), &list) != NULL)
		return NULL;
	text_begin(&text, field->arena, FIELD_MAX);
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
		const char *given = tag_list_value(&list, tags[i].name);
		const char *found = given == NULL ? NULL : tag_value(field, i, given);

		if (found != NULL)
			add_tag(&text, i, found);
	}
	return text.length > 0 && !text.cut ? text.bytes : NULL;
}

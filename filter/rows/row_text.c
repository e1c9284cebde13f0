/*
 * row_text.c - one row as one line of a journal, and back. recorder_add() writes records, the
 * import reads them, the store asks for the whole row where it has none like it yet.
 */
#include "rows/row_text.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rows/identity.h"
#include "rows/json_text.h"

enum {
	CHECKSUM = 16, /* hexadecimal digits */
	DKIM_FIELDS = 4,
	SEALER_FIELDS = 2
};

#define MEMBER(name) offsetof(struct report_row, name)

const size_t row_text_policy[ROW_TEXT_POLICY] = {
    MEMBER(policy_domain), MEMBER(p),         MEMBER(sp),  MEMBER(np),
    MEMBER(adkim),         MEMBER(aspf),      MEMBER(fo),  MEMBER(testing),
    MEMBER(psd),           MEMBER(discovery), MEMBER(rua), MEMBER(record_error)};

const size_t row_text_row[ROW_TEXT_ROW] = {
    MEMBER(source),        MEMBER(disposition),      MEMBER(dkim_aligned), MEMBER(spf_aligned),
    MEMBER(override_type), MEMBER(override_comment), MEMBER(action),       MEMBER(dmarc),
    MEMBER(header_from),   MEMBER(envelope_from),    MEMBER(envelope_to),  MEMBER(spf_domain),
    MEMBER(spf_scope),     MEMBER(spf_result),       MEMBER(spf_reason)};

static const size_t dkim_members[DKIM_FIELDS] = {
    offsetof(struct row_dkim, domain), offsetof(struct row_dkim, selector),
    offsetof(struct row_dkim, result), offsetof(struct row_dkim, reason)};

/* At the end, where there is a sealer: a row without one is written as ever. */
static const size_t sealer_members[SEALER_FIELDS] = {MEMBER(sealer), MEMBER(sealer_outcome)};

static const char *member(const void *of, size_t offset)
{
	return *(const char *const *)((const char *)of + offset);
}

static void set_member(void *of, size_t offset, const char *value)
{
	*(const char **)((char *)of + offset) = value;
}

static bool plain(unsigned char byte)
{
	return byte >= 0x20 && byte != 0x7F && byte != '\\';
}

static void row_text_add_field(struct text *text, const char *value)
{
	text_add_bytes(text, "\t", 1);
	while (*value != '\0') {
		size_t length = 0;

		while (plain((unsigned char)value[length]))
			length++;
		text_add_bytes(text, value, length);
		value += length;
		if (*value == '\\')
			text_add(text, "\\\\");
		else if (*value != '\0')
			text_add_format(text, "\\x%02X", (unsigned char)*value);
		value += *value != '\0';
	}
}

static void add_members(struct text *text, const void *of, const size_t *offsets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		row_text_add_field(text, member(of, offsets[i]));
}

static void row_text_add_row(struct text *text, const struct report_row *row)
{
	add_members(text, row, row_text_row, ROW_TEXT_ROW);
	text_add(text, "\t");
	text_add_number(text, row->dkim_count);
	for (size_t i = 0; i < row->dkim_count; i++)
		add_members(text, &row->dkim[i], dkim_members, DKIM_FIELDS);
	if (row->sealer[0] != '\0')
		add_members(text, row, sealer_members, SEALER_FIELDS);
}

/* Guards against torn writes, not against people: the key is no secret. */
static void checksum(const char *bytes, size_t length, char digits[CHECKSUM + 1])
{
	static const struct identity key = {"assay's journal"};
	static const char hexadecimal[] = "0123456789abcdef";
	struct identity identity = identity_of(&key, length, bytes, length);

	for (size_t i = 0; i < CHECKSUM; i++)
		digits[i] = hexadecimal[identity.bytes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
	digits[CHECKSUM] = '\0';
}

const char *row_text_write(const struct report_row *row, struct arena *arena, size_t *length)
{
	static const char before[] = "\n                 "; /* room for the checksum, and a space */
	enum {
		BEFORE = 1 + CHECKSUM + 1
	};
	char digits[CHECKSUM + 1];
	struct text text;

	_Static_assert(sizeof before - 1 == BEFORE, "the checksum has its room");
	text_begin(&text, arena, ROW_TEXT_MAX);
	text_add(&text, before);
	text_add_number(&text, row->received > 0 ? (unsigned long)row->received : 0);
	add_members(&text, row, row_text_policy, ROW_TEXT_POLICY);
	row_text_add_row(&text, row);
	if (text.cut || row->dkim_count > ROW_DKIM_MAX)
		return NULL;
	checksum(text.bytes + BEFORE, text.length - BEFORE, digits);
	memcpy(text.bytes + 1, digits, CHECKSUM);
	*length = text.length;
	return text.bytes;
}

/* The place of the `count`-th TAB, or NULL. */
static const char *tab(const char *bytes, const char *end, size_t count)
{
	const char *found = NULL;

	for (; count > 0; count--, bytes = found + 1) {
		found = memchr(bytes, '\t', (size_t)(end - bytes));
		if (found == NULL)
			return NULL;
	}
	return found;
}

/* Digits up to the TAB; the text has no NUL behind it, which strtoimax() may look for. */
static time_t read_time(const char *at)
{
	int64_t seconds = 0;

	for (; text_is_digit(*at) && seconds < INT64_MAX / 100; at++)
		seconds = seconds * 10 + (*at - '0');
	return (time_t)seconds;
}

bool row_text_read(const char *bytes, size_t length, struct row_text *record)
{
	const char *end = bytes + length;
	char digits[CHECKSUM + 1];
	const char *policy, *row;

	if (length < CHECKSUM + 2 || length > ROW_TEXT_MAX || bytes[CHECKSUM] != ' ')
		return false;
	checksum(bytes + CHECKSUM + 1, length - CHECKSUM - 1, digits);
	if (memcmp(digits, bytes, CHECKSUM) != 0)
		return false;
	policy = tab(bytes + CHECKSUM + 1, end, 1);
	row = policy == NULL ? NULL : tab(policy + 1, end, ROW_TEXT_POLICY);
	if (row == NULL)
		return false;
	*record = (struct row_text){.received = read_time(bytes + CHECKSUM + 1),
	                            .policy = policy + 1,
	                            .policy_length = (size_t)(row - policy - 1),
	                            .row = row + 1,
	                            .row_length = (size_t)(end - row - 1)};
	return true;
}

static int hexadecimal(char digit)
{
	return text_is_digit(digit)           ? digit - '0'
	       : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
	                                      : -1;
}

static void unescape(char *field)
{
	char *to = field;

	for (; *field != '\0'; field++) {
		if (field[0] == '\\' && field[1] == 'x' && hexadecimal(field[2]) >= 0 &&
		    hexadecimal(field[3]) >= 0) {
			*to++ = (char)(hexadecimal(field[2]) * 16 + hexadecimal(field[3]));
			field += 3;
		} else {
			field += field[0] == '\\' && field[1] == '\\';
			*to++ = *field;
		}
	}
	*to = '\0';
}

/* Cuts the next field off, in place; NULL where there is none. */
static const char *next_field(char **rest)
{
	char *field = *rest;
	char *end;

	if (field == NULL)
		return NULL;
	end = strchr(field, '\t');
	*rest = end == NULL ? NULL : end + 1;
	if (end != NULL)
		*end = '\0';
	unescape(field);
	return field;
}

static bool read_members(char **rest, void *to, const size_t *offsets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *field = next_field(rest);

		if (field == NULL)
			return false;
		set_member(to, offsets[i], field);
	}
	return true;
}

static bool read_dkim(char **rest, struct report_row *row, struct arena *arena)
{
	const char *field = next_field(rest);
	unsigned long count = field == NULL ? ULONG_MAX : strtoul(field, NULL, 10);
	struct row_dkim *dkim;

	if (count > ROW_DKIM_MAX)
		return false;
	dkim = arena_allocate(arena, count * sizeof *dkim);
	for (size_t i = 0; i < count; i++)
		if (!read_members(rest, &dkim[i], dkim_members, DKIM_FIELDS))
			return false;
	row->dkim = dkim;
	row->dkim_count = count;
	return true;
}

const struct report_row *row_text_parse(const struct row_text *record, struct arena *arena)
{
	struct report_row *row = arena_allocate(arena, sizeof *row);
	char *policy = arena_copy(arena, record->policy, record->policy_length);
	char *rest = arena_copy(arena, record->row, record->row_length);

	row->received = record->received;
	row->sealer = row->sealer_outcome = "";
	if (!read_members(&policy, row, row_text_policy, ROW_TEXT_POLICY) ||
	    !read_members(&rest, row, row_text_row, ROW_TEXT_ROW) || !read_dkim(&rest, row, arena))
		return NULL;
	if (rest != NULL && !read_members(&rest, row, sealer_members, SEALER_FIELDS))
		return NULL;
	return policy == NULL && rest == NULL ? row : NULL;
}

const char *row_text_domain(const struct row_text *record, struct arena *arena)
{
	char *policy = arena_copy(arena, record->policy, record->policy_length);

	return next_field(&policy);
}

struct identity row_text_identity(const struct report_row *row, const struct identity *key,
                                  struct arena *arena)
{
	struct text text;

	text_begin(&text, arena, ROW_TEXT_MAX);
	row_text_add_row(&text, row);
	/* without the TAB that is before the first field */
	return identity_of(key, 0, text.bytes + 1, text.length - 1);
}

const char *row_text_dkim_json(const struct report_row *row, struct arena *arena)
{
	static const char *const names[DKIM_FIELDS] = {"domain", "selector", "result", "reason"};
	struct text text;

	text_begin(&text, arena, (size_t)6 * ROW_TEXT_MAX);
	text_add(&text, "[");
	for (size_t i = 0; i < row->dkim_count; i++) {
		for (size_t field = 0; field < DKIM_FIELDS; field++) {
			text_add(&text, field > 0 ? "," : i > 0 ? ",{" : "{");
			json_text_add_member(&text, names[field],
			                     member(&row->dkim[i], dkim_members[field]));
		}
		text_add(&text, "}");
	}
	text_add(&text, "]");
	return text.bytes;
}

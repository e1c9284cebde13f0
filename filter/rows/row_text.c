/*
 * row_text.c - one row as one line of a journal, and back. recorder_add() writes records, the
 * import reads them, the store asks for the whole row where it has none like it yet.
 */
#include "rows/row_text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "rows/identity.h"
#include "rows/json_text.h"
#include "rows/record_text.h"

enum {
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

static void row_text_add_row(struct text *text, const struct report_row *row)
{
	record_text_add_members(text, row, row_text_row, ROW_TEXT_ROW);
	text_add(text, "\t");
	text_add_number(text, row->dkim_count);
	for (size_t i = 0; i < row->dkim_count; i++)
		record_text_add_members(text, &row->dkim[i], dkim_members, DKIM_FIELDS);
	if (row->sealer[0] != '\0')
		record_text_add_members(text, row, sealer_members, SEALER_FIELDS);
}

const char *row_text_write(const struct report_row *row, struct arena *arena, size_t *length)
{
	struct text text;

	record_text_begin(&text, arena, ROW_TEXT_MAX, "", row->received);
	record_text_add_members(&text, row, row_text_policy, ROW_TEXT_POLICY);
	row_text_add_row(&text, row);
	return row->dkim_count > ROW_DKIM_MAX ? NULL : record_text_end(&text, length);
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

bool row_text_read(const char *bytes, size_t length, struct row_text *record)
{
	const char *end = bytes + length;
	const char *at = length > ROW_TEXT_MAX ? NULL : record_text_check(bytes, length);
	const char *policy, *row;

	if (at == NULL || !text_is_digit(*at))
		return false; /* another kind of record begins with a letter */
	policy = tab(at, end, 1);
	row = policy == NULL ? NULL : tab(policy + 1, end, ROW_TEXT_POLICY);
	if (row == NULL)
		return false;
	*record = (struct row_text){.received = record_text_time(at),
	                            .policy = policy + 1,
	                            .policy_length = (size_t)(row - policy - 1),
	                            .row = row + 1,
	                            .row_length = (size_t)(end - row - 1)};
	return true;
}

static bool read_dkim(char **rest, struct report_row *row, struct arena *arena)
{
	const char *field = record_text_next(rest);
	unsigned long count = field == NULL ? ULONG_MAX : strtoul(field, NULL, 10);
	struct row_dkim *dkim;

	if (count > ROW_DKIM_MAX)
		return false;
	dkim = arena_allocate(arena, count * sizeof *dkim);
	for (size_t i = 0; i < count; i++)
		if (!record_text_read_members(rest, &dkim[i], dkim_members, DKIM_FIELDS))
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
	if (!record_text_read_members(&policy, row, row_text_policy, ROW_TEXT_POLICY) ||
	    !record_text_read_members(&rest, row, row_text_row, ROW_TEXT_ROW) ||
	    !read_dkim(&rest, row, arena))
		return NULL;
	if (rest != NULL && !record_text_read_members(&rest, row, sealer_members, SEALER_FIELDS))
		return NULL;
	return policy == NULL && rest == NULL ? row : NULL;
}

const char *row_text_domain(const struct row_text *record, struct arena *arena)
{
	char *policy = arena_copy(arena, record->policy, record->policy_length);

	return record_text_next(&policy);
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
			                     *(const char *const *)((const char *)&row->dkim[i] +
			                                            dkim_members[field]));
		}
		text_add(&text, "}");
	}
	text_add(&text, "]");
	return text.bytes;
}

/*
 * row_fuzz.c - report rows through the journal: what is written is read again the same, whatever
 * the strings hold; a record that was damaged is refused or read, and never read beyond its end.
 *
 * The input: an octet that chooses what is damaged, one for the number of DKIM results, then
 * strings that each end with a NUL: the members of the row in the order of row_text.h.
 */
#include "fuzz.h"

#include "base/text.h"
#include "report/xml_text.h"
#include "rows/row_text.h"

static const char **member(void *of, size_t offset)
{
	return (const char **)(void *)((char *)of + offset);
}

static void fill(struct report_row *row, struct row_dkim *dkim, size_t count,
                 struct fuzz_input *input, struct arena *arena)
{
	row->received = 1767225600;
	for (size_t i = 0; i < ROW_TEXT_POLICY; i++)
		*member(row, row_text_policy[i]) = fuzz_string(input, arena);
	for (size_t i = 0; i < ROW_TEXT_ROW; i++)
		*member(row, row_text_row[i]) = fuzz_string(input, arena);
	row->sealer = row->sealer_outcome = "";
	if (count % 2 == 1) {
		row->sealer = fuzz_string(input, arena);
		row->sealer_outcome = row->sealer[0] == '\0' ? "" : fuzz_string(input, arena);
	}
	row->dkim = dkim;
	row->dkim_count = count;
	for (size_t i = 0; i < count; i++)
		dkim[i] = (struct row_dkim){fuzz_string(input, arena), fuzz_string(input, arena),
		                            fuzz_string(input, arena), fuzz_string(input, arena)};
}

static void same_members(const struct report_row *one, const struct report_row *other,
                         const size_t *offsets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		must(strcmp(*member((void *)(uintptr_t)one, offsets[i]),
		            *member((void *)(uintptr_t)other, offsets[i])) == 0);
}

static void must_be_same(const struct report_row *one, const struct report_row *other)
{
	must(other != NULL && one->received == other->received &&
	     one->dkim_count == other->dkim_count);
	same_members(one, other, row_text_policy, ROW_TEXT_POLICY);
	same_members(one, other, row_text_row, ROW_TEXT_ROW);
	must(strcmp(one->sealer, other->sealer) == 0);
	must(strcmp(one->sealer_outcome, other->sealer_outcome) == 0);
	for (size_t i = 0; i < one->dkim_count; i++) {
		const struct row_dkim *a = &one->dkim[i], *b = &other->dkim[i];

		must(strcmp(a->domain, b->domain) == 0 && strcmp(a->selector, b->selector) == 0);
		must(strcmp(a->result, b->result) == 0 && strcmp(a->reason, b->reason) == 0);
	}
}

/* A record with one octet changed, or with less of it. */
static void read_damaged(const char *record, size_t length, unsigned how, struct arena *arena)
{
	size_t left = how % 2 == 0 ? length : length * (how % 16) / 16;
	char *copy = malloc(left + 1); /* to its size, so that a sanitizer sees a step beyond */
	struct row_text text;

	must(copy != NULL);
	memcpy(copy, record, left);
	if (left > 0)
		copy[left * how / 256] ^= (char)(how | 1);
	if (row_text_read(copy, left, &text))
		row_text_parse(&text, arena);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct fuzz_input input = {(const char *)bytes, (const char *)bytes + length};
	struct arena *arena = arena_new();
	unsigned how = fuzz_octet(&input);
	struct report_row row;
	struct row_dkim dkim[ROW_DKIM_MAX];
	struct row_text text;
	size_t size;

	fill(&row, dkim, fuzz_octet(&input) % 8, &input, arena);
	const char *record = row_text_write(&row, arena, &size);

	if (record != NULL) {
		must(size > 0 && size <= ROW_TEXT_MAX && record[0] == '\n');
		must(memchr(record + 1, '\n', size - 1) == NULL &&
		     row_text_read(record + 1, size - 1, &text));
		must_be_same(&row, row_text_parse(&text, arena));
		read_damaged(record + 1, size - 1, how, arena);
	}
	for (const char *octet = row_text_dkim_json(&row, arena); *octet != '\0'; octet++)
		must((unsigned char)*octet >= ' ');
	for (const char *octet = xml_text_legal(arena, row.header_from); *octet != '\0'; octet++)
		must((unsigned char)*octet >= ' ' || *octet == '\t' || *octet == '\n');
	arena_free(arena);
	return 0;
}

/*
 * doctor.c - findings and the texts in them. Called by all parts of the examination.
 */
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "base/zone_text.h"
#include "tool/check/check_page.h"
#include "tool/dns/doctor.h"

enum {
	FINDINGS_MAX = 400,        /* in all */
	FINDINGS_OF_CODE_MAX = 20, /* so that many of one kind hide no other */
	SENTENCE_MAX = 8 * DOCTOR_SHOWN,
	BEFORE = 50, /* octets shown before and after a caret */
	AFTER = 25
};

const char *doctor_safe(struct doctor *doctor, const char *bytes, size_t length)
{
	struct check_page page = {.arena = doctor->arena};
	size_t kept = length < DOCTOR_SHOWN ? length : DOCTOR_SHOWN;
	char *copy = arena_copy(doctor->arena, bytes, kept);

	for (size_t i = 0; i < kept; i++)
		if (copy[i] == '\0')
			copy[i] = '\001'; /* escaped like other control octets */
	copy = (char *)check_page_safe(&page, copy);
	return kept < length ? arena_format(doctor->arena, "%s...", copy) : copy;
}

const char *doctor_number(struct doctor *doctor, unsigned long number)
{
	return arena_format(doctor->arena, "%lu", number);
}

/* The sentence of a code with its placeholders filled in. */
static const char *sentence(struct doctor *doctor, const char *text, const char *const *names)
{
	struct text full;

	text_begin(&full, doctor->arena, SENTENCE_MAX);
	while (*text != '\0') {
		const char *place = strstr(text, "{}");

		if (place == NULL || *names == NULL)
			break;
		text_add_bytes(&full, text, (size_t)(place - text));
		text_add(&full, doctor_safe(doctor, *names, strlen(*names)));
		text = place + 2;
		names++;
	}
	text_add(&full, text);
	return full.bytes;
}

static struct doctor_finding *find_same(struct doctor *doctor, enum doctor_code code,
                                        const char *text)
{
	for (size_t i = 0; i < doctor->count; i++)
		if (doctor->findings[i].code == code && strcmp(doctor->findings[i].text, text) == 0)
			return &doctor->findings[i];
	return NULL;
}

struct doctor_finding *doctor_add(struct doctor *doctor, enum doctor_code code, const char *name,
                                  const char *fix, const char *const *names)
{
	const struct doctor_code_row *row = &doctor_codes_rows[code];
	struct doctor_finding *finding;
	const char *text;

	invariant(code < DOCTOR_CODES && row->text != NULL);
	if (doctor->count >= FINDINGS_MAX || doctor->count_by_code[code] >= FINDINGS_OF_CODE_MAX) {
		doctor->left_out++;
		return &doctor->discarded;
	}
	text = sentence(doctor, row->text, names);
	finding = find_same(doctor, code, text);
	if (finding != NULL)
		return finding;
	finding = &ARENA_ADD(doctor->arena, doctor->findings, doctor->count, doctor->room);
	doctor->count_by_code[code]++;
	*finding = (struct doctor_finding){.code = code,
	                                   .level = row->level,
	                                   .name = doctor_safe(doctor, name, strlen(name)),
	                                   .text = text,
	                                   .fix = fix};
	return finding;
}

void doctor_report_left_out(struct doctor *doctor)
{
	const char *number = doctor_number(doctor, doctor->left_out);

	invariant(doctor->left_out > 0);
	if (doctor->count == FINDINGS_MAX)
		doctor->count--;
	doctor_add(doctor, DOMAIN_MORE, doctor->asked->domain, NULL, DOCTOR_WORDS(number));
}

void doctor_report_rows(struct doctor *doctor, const char *name, const struct doctor_row *rows,
                        size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].found)
			doctor_report(doctor, rows[i].code, name, rows[i].texts[0],
			              rows[i].texts[1], rows[i].texts[2]);
}

const char *doctor_txt(struct doctor *doctor, const char *name, const char *value)
{
	const char *line = zone_text_txt(doctor->arena, name, value);

	return line == NULL ? NULL : doctor_safe(doctor, line, strlen(line));
}

const char *doctor_caret(struct doctor *doctor, const char *record, size_t length, size_t at)
{
	size_t from = at > BEFORE ? at - BEFORE : 0;
	size_t to = length - at > AFTER ? at + AFTER : length;
	const char *before, *after;
	size_t column = (from > 0 ? 3 : 0);

	invariant(at <= length);
	before = doctor_safe(doctor, record + from, at - from);
	after = doctor_safe(doctor, record + at, to - at);
	for (const char *byte = before; *byte != '\0'; byte++)
		column += ((unsigned char)*byte & 0xC0) != 0x80;
	return arena_format(doctor->arena, "%s%s%s%s\n%*s^", from > 0 ? "..." : "", before, after,
	                    to < length ? "..." : "", (int)column, "");
}

enum doctor_level doctor_worst(const struct doctor *doctor, enum doctor_area area)
{
	enum doctor_level worst = LEVEL_GOOD;

	invariant(area < AREAS);
	for (size_t i = 0; i < doctor->count; i++)
		if (doctor_codes_rows[doctor->findings[i].code].area == area &&
		    doctor->findings[i].level > worst)
			worst = doctor->findings[i].level;
	return worst;
}

const struct answer *doctor_ask(struct doctor *doctor, const char *name, enum record_type type)
{
	const struct answer *answer = services_lookup(doctor->services, name, type);

	if (answer->status != LOOKUP_FAILED) {
		doctor->answered = true;
		return answer;
	}
	doctor->lookups_failed++;
	doctor_add(doctor, DOMAIN_LOOKUP_FAILED, name, NULL,
	           DOCTOR_WORDS(name, record_type_names[type],
	                        answer->why == NULL ? "no reason given" : answer->why));
	return answer;
}

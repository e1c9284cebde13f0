/*
 * wire.c - the lines between the confined process and its parent: their rows, and writing them.
 */
#include "received/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/invariant.h"
#include "received/reader.h"

enum {
	NUMBER_ROOM = 24
};

#define SECONDS_MAX  INT64_C(253402300799) /* the end of the year 9999 */
#define SESSIONS_MAX INT64_C(1000000000000)

static const char *const dispositions[] = {"none", "quarantine", "reject", "pass", NULL};
static const char *const tls_types[] = {"sts", "tlsa", "no-policy-found", "other", NULL};

#define ROW(kind, structure, member)                                                               \
	.used = true, .type = kind, .offset = offsetof(structure, member)
#define TEXT(structure, member)                                                                    \
	{                                                                                          \
		ROW(WIRE_TEXT, structure, member)                                                  \
	}
#define DOMAIN(structure, member)                                                                  \
	{                                                                                          \
		ROW(WIRE_DOMAIN, structure, member)                                                \
	}
#define NUMBER(structure, member, lowest, highest)                                                 \
	{                                                                                          \
		ROW(WIRE_NUMBER, structure, member), .min = (lowest), .max = (highest)             \
	}
#define END                                                                                        \
	{                                                                                          \
		.used = false                                                                      \
	}

static const struct wire_row text_rows[] = {
    {ROW(WIRE_TEXT, struct wire_text, text), .needed = true}, END};

static const struct wire_row end_rows[] = {END};

static const struct wire_row mail_rows[] = {{ROW(WIRE_FLAG, struct reader_mail, is_mail)},
                                            DOMAIN(struct reader_mail, from),
                                            NUMBER(struct reader_mail, date, 0, SECONDS_MAX),
                                            END};

static const struct wire_row head_rows[] = {
    {ROW(WIRE_KIND, struct received_report, kind), .names = received_kind_names},
    TEXT(struct received_report, organization),
    TEXT(struct received_report, email),
    {ROW(WIRE_TEXT, struct received_report, report_id), .needed = true},
    {ROW(WIRE_DOMAIN, struct received_report, domain), .needed = true},
    NUMBER(struct received_report, begin, 0, SECONDS_MAX),
    NUMBER(struct received_report, end, 0, SECONDS_MAX),
    TEXT(struct received_report, p),
    TEXT(struct received_report, sp),
    TEXT(struct received_report, np),
    TEXT(struct received_report, adkim),
    TEXT(struct received_report, aspf),
    TEXT(struct received_report, pct),
    TEXT(struct received_report, fo),
    TEXT(struct received_report, testing),
    TEXT(struct received_report, discovery),
    TEXT(struct received_report, generator),
    END};

static const struct wire_row record_rows[] = {
    NUMBER(struct received_record, count, 1, RECEIVED_COUNT_MAX),
    {ROW(WIRE_ADDRESS, struct received_record, source), .needed = true},
    {ROW(WIRE_WORD, struct received_record, disposition), .names = dispositions, .needed = true},
    {ROW(WIRE_FLAG, struct received_record, dkim_aligned)},
    {ROW(WIRE_FLAG, struct received_record, spf_aligned)},
    TEXT(struct received_record, override_type),
    TEXT(struct received_record, override_comment),
    DOMAIN(struct received_record, header_from),
    DOMAIN(struct received_record, envelope_from),
    DOMAIN(struct received_record, envelope_to),
    DOMAIN(struct received_record, spf_domain),
    TEXT(struct received_record, spf_scope),
    TEXT(struct received_record, spf_result),
    END};

static const struct wire_row signature_rows[] = {DOMAIN(struct received_signature, domain),
                                                 TEXT(struct received_signature, selector),
                                                 TEXT(struct received_signature, result), END};

static const struct wire_row policy_rows[] = {
    {ROW(WIRE_WORD, struct received_tls_policy, type), .names = tls_types, .needed = true},
    DOMAIN(struct received_tls_policy, domain),
    TEXT(struct received_tls_policy, mx_host),
    NUMBER(struct received_tls_policy, successes, 0, SESSIONS_MAX),
    NUMBER(struct received_tls_policy, failures, 0, SESSIONS_MAX),
    END};

static const struct wire_row failure_rows[] = {
    TEXT(struct received_tls_failure, result_type),
    {ROW(WIRE_ADDRESS, struct received_tls_failure, sending_address)},
    TEXT(struct received_tls_failure, receiving_host),
    {ROW(WIRE_ADDRESS, struct received_tls_failure, receiving_address)},
    NUMBER(struct received_tls_failure, count, 0, SESSIONS_MAX),
    TEXT(struct received_tls_failure, reason),
    END};

static const struct {
	char letter;
	const struct wire_row *rows;
} lines[] = {{WIRE_RECORD, record_rows}, {WIRE_SIGNATURE, signature_rows},
             {WIRE_POLICY, policy_rows}, {WIRE_FAILURE, failure_rows},
             {WIRE_HEAD, head_rows},     {WIRE_REPAIR, text_rows},
             {WIRE_REASON, text_rows},   {WIRE_RESULTS, text_rows},
             {WIRE_MAIL, mail_rows},     {WIRE_DROP, end_rows},
             {WIRE_END, end_rows}};

const struct wire_row *wire_rows(char letter)
{
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		if (lines[i].letter == letter)
			return lines[i].rows;
	return NULL;
}

void wire_flush(struct wire *wire)
{
	wire->put(wire->context, wire->waiting, wire->length);
	wire->length = 0;
}

static void wire_add(struct wire *wire, const char *bytes, size_t length)
{
	if (length > sizeof wire->waiting - wire->length)
		wire_flush(wire);
	invariant(length <= sizeof wire->waiting);
	memcpy(wire->waiting + wire->length, bytes, length);
	wire->length += length;
}

static void add_text(struct wire *wire, const char *text, bool needed)
{
	size_t length = text == NULL ? 0 : strlen(text);

	invariant(length <= RECEIVED_TEXT_MAX && (length > 0 || !needed));
	if (length > 0)
		wire_add(wire, text, length);
}

static void add_number(struct wire *wire, int64_t number)
{
	char digits[NUMBER_ROOM];

	snprintf(digits, sizeof digits, "%" PRId64, number);
	wire_add(wire, digits, strlen(digits));
}

static void wire_value(struct wire *wire, const struct wire_row *row, const void *object)
{
	const char *member = (const char *)object + row->offset;

	switch (row->type) {
	case WIRE_KIND:
		add_text(wire, row->names[*(const enum received_kind *)(const void *)member], true);
		break;
	case WIRE_NUMBER:
		add_number(wire, *(const int64_t *)(const void *)member);
		break;
	case WIRE_FLAG:
		wire_add(wire, *(const bool *)(const void *)member ? "1" : "0", 1);
		break;
	default:
		add_text(wire, *(const char *const *)(const void *)member, row->needed);
	}
}

void wire_write(struct wire *wire, char letter, const void *object)
{
	const struct wire_row *row = wire_rows(letter);

	invariant(row != NULL);
	wire_add(wire, &letter, 1);
	for (; row->used; row++) {
		wire_add(wire, "\t", 1);
		wire_value(wire, row, object);
	}
	wire_add(wire, "\n", 1);
}

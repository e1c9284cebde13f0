/*
 * doctor_key.c - one DKIM key record. dkim/key_record.c decides whether it verifies anything; the
 * rest is examined tag by tag. Called by doctor_dkim.c.
 */
#include "tool/dns/doctor.h"

#include <string.h>

#include "base/invariant.h"
#include "base/tag_list.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "crypto/der.h"
#include "dkim/key_record.h"

enum {
	BITS_MIN = 1024, /* RFC 8301 3.2 */
	BITS_GOOD = 2048,
	RECORD_MAX = 8192,
	EXPONENT_MAX = 8 /* octets that are shown as a number */
};

static void doctor_key_report(struct doctor *doctor, enum doctor_code code,
                              const struct doctor_key *key, const char *more)
{
	doctor_report(doctor, code, key->name, key->name, more);
}

static void report_at(struct doctor *doctor, enum doctor_code code, const struct doctor_key *key,
                      const struct record *record, size_t at, const char *fix)
{
	doctor_add(doctor, code, key->name, fix,
	           DOCTOR_WORDS(key->name, doctor_number(doctor, (unsigned long)at + 1)))
	    ->shown = doctor_caret(doctor, record->text, record->text_length, at);
}

/* Where the tag that the problem names begins, behind blanks; the end where none is named. */
static size_t doctor_key_place_of(const char *problem, const struct record *record)
{
	static const char tags[] = "vhkps";
	const char *equals = strchr(problem, '='), *end = record->text + record->text_length;
	char tag = equals == NULL || equals == problem ? '\0' : equals[-1];

	for (const char *at = record->text; tag != '\0' && strchr(tags, tag) != NULL && at < end;) {
		while (at < end && text_is_space(*at))
			at++;
		if (at < end && *at == tag && at + 1 < end &&
		    (at[1] == '=' || text_is_space(at[1])))
			return (size_t)(at - record->text);
		at = memchr(at, ';', (size_t)(end - at));
		at = at == NULL ? end : at + 1;
	}
	return record->text_length;
}

static void report_broken(struct doctor *doctor, const struct doctor_key *key,
                          const struct record *record, const char *problem)
{
	struct tag_list *tags = arena_allocate(doctor->arena, sizeof *tags);
	struct doctor_finding *finding =
	    doctor_report(doctor, DKIM_BROKEN, key->name, key->name, problem);
	size_t at;

	if (record->text_length > RECORD_MAX)
		return;
	if (tag_list_read(doctor->arena, record->text, record->text_length, tags) != NULL)
		at = tags->wrong_at;
	else
		at = doctor_key_place_of(problem, record);
	while (at < record->text_length && text_is_space(record->text[at]))
		at++;
	finding->shown = doctor_caret(doctor, record->text, record->text_length, at);
}

/* The record without quotes and backslashes, where that makes it valid. */
static const char *without_quotes(struct doctor *doctor, const struct doctor_key *key,
                                  const struct record *record)
{
	struct key_record read;
	struct text clean;

	text_begin(&clean, doctor->arena, RECORD_MAX);
	for (size_t i = 0; i < record->text_length; i++)
		if (strchr("\"\\", record->text[i]) == NULL)
			text_add_bytes(&clean, record->text + i, 1);
	key_record_read(doctor->arena, clean.bytes, clean.length, &read);
	return read.problem != NULL ? NULL : doctor_txt(doctor, key->name, clean.bytes);
}

/* Damage done by web forms and zone files. True where that explains why the record cannot be read.
 */
static bool find_damage(struct doctor *doctor, const struct doctor_key *key,
                        const struct record *record)
{
	const char *quote = memchr(record->text, '"', record->text_length);
	const char *slash = memchr(record->text, '\\', record->text_length);

	if (record->text_length > RECORD_MAX)
		return false;
	if (quote != NULL)
		report_at(doctor, DKIM_QUOTES, key, record, (size_t)(quote - record->text),
		          without_quotes(doctor, key, record));
	else if (slash != NULL)
		report_at(doctor, DKIM_ESCAPED, key, record, (size_t)(slash - record->text),
		          without_quotes(doctor, key, record));
	return quote != NULL || slash != NULL;
}

/* The public exponent of a SubjectPublicKeyInfo (RFC 5280 4.1, RFC 8017 A.1.1), 0 where it is too
 * long to show. */
static unsigned long long exponent_of(const struct crypto_key *key)
{
	struct der whole = {key->bytes, key->length}, algorithm, numbers, modulus, exponent;
	unsigned long long value = 0;

	if (!der_read(&whole, DER_SEQUENCE, &whole) ||
	    !der_read(&whole, DER_SEQUENCE, &algorithm) ||
	    !der_read(&whole, DER_BIT_STRING, &numbers) || numbers.length == 0)
		return 0;
	numbers.bytes++; /* unused bits of the bit string: none */
	numbers.length--;
	if (!der_read(&numbers, DER_SEQUENCE, &numbers) || !der_read_number(&numbers, &modulus) ||
	    !der_read_number(&numbers, &exponent) || exponent.length > EXPONENT_MAX)
		return 0;
	for (size_t i = 0; i < exponent.length; i++)
		value = value << 8 | exponent.bytes[i];
	return value;
}

static void check_strength(struct doctor *doctor, struct doctor_key *key,
                           const struct crypto_key *public)
{
	const char *bits = doctor_number(doctor, public->bits);
	unsigned long long exponent = exponent_of(public);
	const char *shown = exponent == 0 ? "of more than eight octets"
	                                  : arena_format(doctor->arena, "%llu", exponent);
	const struct doctor_row rows[] = {
	    {public->bits < BITS_MIN, DKIM_SHORT, {key->name, bits}},
	    {public->bits >= BITS_MIN && public->bits < BITS_GOOD, DKIM_WEAK, {key->name, bits}},
	    {public->bits > CRYPTO_RSA_BITS_MAX, DKIM_LARGE, {key->name, bits}},
	    {exponent != 65537, DKIM_EXPONENT, {key->name, shown}}};

	if (public->kind != CRYPTO_RSA)
		return;
	doctor_report_rows(doctor, key->name, rows, sizeof rows / sizeof rows[0]);
	if (public->bits < BITS_MIN)
		key->status = "broken";
}

static void check_tags(struct doctor *doctor, const struct doctor_key *key,
                       const struct tag_list *tags)
{
	static const char *const known[] = {"v", "h", "k", "n", "p", "s", "t", "g", NULL};
	const char *hashes = tag_list_value(tags, "h"), *notes = tag_list_value(tags, "n");
	const char *value = tag_list_value(tags, "p"), *name = key->name;
	const struct doctor_row rows[] = {
	    {tag_list_value(tags, "v") == NULL, DKIM_VERSION_MISSING, {name}},
	    {hashes != NULL && tag_list_has_word(hashes, "sha1"), DKIM_SHA1, {name}},
	    {notes != NULL && notes[0] != '\0', DKIM_NOTES, {name, notes}},
	    {value != NULL && strpbrk(value, " \t\r\n") != NULL, DKIM_SPACED, {name}}};

	doctor_report_rows(doctor, name, rows, sizeof rows / sizeof rows[0]);
	for (size_t i = 0; i < tags->count; i++)
		if (text_word(known, tags->tags[i].name) < 0)
			doctor_key_report(doctor, DKIM_UNKNOWN_TAG, key, tags->tags[i].name);
}

static const char *kind_text(struct doctor *doctor, const struct crypto_key *public)
{
	if (public->kind != CRYPTO_RSA)
		return crypto_kind_names[public->kind];
	return arena_format(doctor->arena, "%s of %u bits", crypto_kind_names[public->kind],
	                    public->bits);
}

static void report_outcome(struct doctor *doctor, struct doctor_key *key,
                           const struct key_record *read, const struct record *record)
{
	if (read->revoked) {
		key->status = "revoked";
		doctor_key_report(doctor, DKIM_REVOKED, key, NULL);
		return;
	}
	if (read->problem != NULL) {
		key->status = "broken";
		if (!find_damage(doctor, key, record))
			report_broken(doctor, key, record, read->problem);
		return;
	}
	key->status = "good";
	if (read->testing)
		doctor_key_report(doctor, DKIM_TESTING, key, NULL);
	if (read->same_domain)
		doctor_key_report(doctor, DKIM_SAME_DOMAIN, key, NULL);
}

static void read_one(struct doctor *doctor, struct doctor_key *key, const struct record *record)
{
	struct tag_list *tags = arena_allocate(doctor->arena, sizeof *tags);
	struct key_record read;

	key_record_read(doctor->arena, record->text, record->text_length, &read);
	key->record = doctor_safe(doctor, record->text, record->text_length);
	key->problem = read.problem;
	key->testing = read.testing;
	key->same_domain = read.same_domain;
	report_outcome(doctor, key, &read, record);
	if (record->text_length <= RECORD_MAX &&
	    tag_list_read(doctor->arena, record->text, record->text_length, tags) == NULL)
		check_tags(doctor, key, tags);
	if (!read.has_key)
		return;
	key->kind = crypto_kind_names[read.key.kind];
	key->bits = read.key.bits;
	check_strength(doctor, key, &read.key);
	if (strcmp(key->status, "good") == 0)
		doctor_key_report(doctor, DKIM_GOOD, key, kind_text(doctor, &read.key));
}

void doctor_key_examine(struct doctor *doctor, struct doctor_key *key, const struct answer *answer)
{
	invariant(answer->status == LOOKUP_FOUND && answer->count > 0);
	key->secure = answer->secure;
	if (answer->count == 1) {
		read_one(doctor, key, &answer->records[0]);
		return;
	}
	key->status = "several";
	doctor_report(doctor, DKIM_SEVERAL, key->name, key->name,
	              doctor_number(doctor, answer->count));
}

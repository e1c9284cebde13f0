/*
 * signature_field_fuzz.c - hostile DKIM-Signature fields and key records: the readers keep to their
 * contracts, a message with two such signatures goes all the way through policy_dkim and
 * libopendkim, and where libopendkim may see them, our own hash of the header is the one that it
 * makes.
 *
 * The input is a list of strings, each ended by a NUL: two field values, a key record, another
 * header field's value; the rest is the body.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "dkim/dkim_settings.h"
#include "dkim/header_hash.h"
#include "dkim/key_record.h"
#include "dkim/signature_field.h"
#include "dkim/verifier.h"
#include "policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct input {
	const char *at, *end;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static const char *next(struct arena *arena, struct input *input, size_t *length)
{
	const char *start = input->at;

	*length = strnlen(start, (size_t)(input->end - start));
	input->at = start + *length < input->end ? start + *length + 1 : input->end;
	return arena_copy(arena, start, *length);
}

static bool is_name(struct arena *arena, const char *name)
{
	const char *again = name == NULL ? NULL : domain_normalize(arena, name, strlen(name));

	return again != NULL && strcmp(again, name) == 0;
}

static void check_field(struct arena *arena, const char *value)
{
	struct signature_field field;

	signature_field_read(arena, value, &field);
	must((field.result == RESULT_NONE) == (field.reason == NULL));
	must(field.domain == NULL || is_name(arena, field.domain));
	must((field.name_count == 0) || field.names != NULL);
	must(field.name_count <= SIGNED_NAMES_MAX);
	if (field.result != RESULT_NONE)
		return;
	must(is_name(arena, field.key_name) && is_name(arena, field.selector));
	must(domain_within(field.identity_domain, field.domain));
	must(field.signature_length > 0 && field.body_hash != NULL && field.name_count > 0);
}

static void check_key(struct arena *arena, const char *text, size_t length)
{
	struct key_record record;

	key_record_read(arena, text, length, &record);
	must(record.problem != NULL ||
	     (record.has_key && !record.revoked && record.key.length > 0));
}

static const struct answer *always_the_key(void *context, const char *name, enum record_type type)
{
	must(name != NULL && type == RECORD_TXT);
	return context;
}

static void do_not_prefetch(void *context, const char *name, enum record_type type,
                            prefetched_function *then, void *with)
{
	(void)context, (void)name, (void)type, (void)then, (void)with;
}

static time_t now(void *context)
{
	(void)context;
	return 1767225600;
}

static void *opened(const struct dkim_settings *settings)
{
	static void *state;
	struct problem problem;

	if (state == NULL)
		must(policy_dkim.open(settings, &state, &problem));
	return state;
}

enum {
	SIGNATURES = 2 /* the first fields of the message */
};

static const struct verifier *opened_verifier(void)
{
	static struct verifier *verifier;
	struct problem problem;

	if (verifier == NULL)
		verifier = verifier_open(&problem);
	must(verifier != NULL);
	return verifier;
}

static struct verification *ask_libopendkim(struct arena *arena, const struct message *message)
{
	struct verification *verification = verifier_begin(opened_verifier(), arena, SIGNATURES);

	for (size_t i = 0; i < message->header_count; i++) {
		const struct header *field = &message->headers[i];

		if (i < SIGNATURES)
			verifier_signature(verification, field->name, field->value, true);
		else
			verifier_field(verification, field->name, field->value);
	}
	verifier_end_of_headers(verification);
	verifier_finish(verification);
	return verification;
}

/* To libopendkim vertical tab, form feed and a CR or LF that is no part of a fold are white space;
 * in RFC 6376 2.8 they are not. */
static bool has_odd_white(const char *value)
{
	while (*(value += strcspn(value, "\v\f\r\n")) != '\0') {
		if (strncmp(value, "\r\n ", 3) != 0 && strncmp(value, "\r\n\t", 3) != 0)
			return true;
		value += 3;
	}
	return false;
}

static void hash_alike(struct arena *arena, const struct message *message)
{
	struct signature_field read[SIGNATURES] = {0};
	struct verification *verification;

	for (size_t i = 0; i < message->header_count; i++) {
		if (has_odd_white(message->headers[i].value))
			return;
		if (i < SIGNATURES)
			signature_field_read(arena, message->headers[i].value, &read[i]);
		if (i < SIGNATURES && !read[i].harmless)
			return;
	}
	verification = ask_libopendkim(arena, message);
	for (size_t i = 0; i < SIGNATURES; i++) {
		const unsigned char *theirs = verifier_outcome(verification, i).header_hash;

		if (theirs != NULL && read[i].result == RESULT_NONE)
			must(
			    memcmp(theirs,
			           header_hash_make(arena, message, &message->headers[i], &read[i]),
			           CRYPTO_HASH) == 0);
	}
}

static void verify(struct arena *arena, const struct message *message,
                   const struct services *services, const struct input *body)
{
	static const struct dkim_settings settings = {1024, 10, BODY_LENGTH_PARTIAL, false};
	struct findings findings = {.judged = true};
	void *work = policy_dkim.begin(opened(&settings), message, services, arena);
	size_t length = (size_t)(body->end - body->at), half = length / 2;
	const unsigned char *bytes = (const unsigned char *)body->at;

	for (size_t i = 0; i < message->header_count; i++)
		policy_dkim.header(work, &message->headers[i]);
	policy_dkim.end_of_headers(work);
	if (policy_dkim.body(work, bytes, half))
		policy_dkim.body(work, bytes + half, length - half);
	policy_dkim.judge(work, &findings);
	must(findings.dkim.count == 2 && findings.dkim.beyond_limit == 0);
	for (size_t i = 0; i < 2; i++)
		must((findings.dkim.signatures[i].result == RESULT_PASS) ==
		     (findings.dkim.signatures[i].reason == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	struct input input = {(const char *)bytes, (const char *)bytes + length};
	struct header fields[4] = {
	    {"DKIM-Signature", NULL}, {"DKIM-Signature", NULL}, {"From", NULL}};
	struct message message = {.header_count = 4, .headers = fields};
	struct record records[2];
	struct answer answer = {.status = LOOKUP_FOUND, .count = 2, .records = records};
	struct services services = {
	    .context = &answer, .lookup = always_the_key, .prefetch = do_not_prefetch, .now = now};
	size_t ignored;

	fields[0].value = next(arena, &input, &ignored);
	fields[1].value = next(arena, &input, &ignored);
	records[0].text = next(arena, &input, &records[0].text_length);
	fields[2].value = next(arena, &input, &ignored);
	fields[3] = (struct header){"Subject", fields[2].value};
	records[1] = records[0];
	answer.count = 1 + (length & 1);
	check_field(arena, fields[0].value);
	check_field(arena, fields[1].value);
	check_key(arena, records[0].text, records[0].text_length);
	verify(arena, &message, &services, &input);
	hash_alike(arena, &message);
	arena_free(arena);
	return 0;
}

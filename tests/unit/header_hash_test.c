/*
 * header_hash_test.c - our own hash of a header is the one that libopendkim makes, for every
 * signature of dkim_fixtures.txt that both can read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "dkim/header_hash.h"
#include "dkim/second_opinion.h"
#include "dkim/verifier.h"
#include "fake_dns.h"
#include "run_dkim.h"
#include "signed_messages.h"

enum {
	SIGNATURES_MAX = 20
};

static struct verifier *verifier;

/* The signatures of one message, as they are read. */
struct read {
	struct signature_field field;
	const struct header *header;
	size_t number;
};

/* What libopendkim makes of the header; NULL where it must not see it, or reads it in its own way.
 */
static struct verification *ask_libopendkim(struct arena *arena, const struct message *message,
                                            struct read *read, size_t *count)
{
	struct verification *verification = verifier_begin(verifier, arena, SIGNATURES_MAX);

	for (size_t i = 0; i < message->header_count; i++) {
		const struct header *header = &message->headers[i];
		struct read *one = &read[*count];

		if (strpbrk(header->value, "\v\f") != NULL)
			return NULL;
		if (!message_header_is(header, "DKIM-Signature")) {
			verifier_field(verification, header->name, header->value);
			continue;
		}
		signature_field_read(arena, header->value, &one->field);
		if (!one->field.harmless || *count == SIGNATURES_MAX)
			return NULL;
		one->header = header;
		one->number = verifier_signature(verification, header->name, header->value, true);
		++*count;
	}
	verifier_end_of_headers(verification);
	verifier_finish(verification);
	return verification;
}

static size_t compare(const struct signed_message *fixture)
{
	struct arena *arena = arena_new();
	struct read read[SIGNATURES_MAX + 1];
	struct message message = {.header_count = 0};
	struct verification *verification;
	size_t count = 0, compared = 0;

	run_dkim_split(arena, &message, fixture->raw, fixture->raw + fixture->length);
	verification = ask_libopendkim(arena, &message, read, &count);
	for (size_t i = 0; verification != NULL && i < count; i++) {
		struct verifier_outcome outcome = verifier_outcome(verification, read[i].number);
		const unsigned char *ours;

		if (read[i].field.result != RESULT_NONE || outcome.header_hash == NULL)
			continue;
		ours = header_hash_make(arena, &message, read[i].header, &read[i].field);
		if (memcmp(ours, outcome.header_hash, CRYPTO_HASH) != 0)
			fail_msg("%s, signature %zu", fixture->name, i + 1);
		compared++;
	}
	arena_free(arena);
	return compared;
}

static void it_is_the_hash_that_libopendkim_makes(void **state)
{
	static struct signed_messages fixtures;
	struct problem problem;
	size_t compared = 0;

	(void)state;
	assert_true(signed_messages_read(&fixtures));
	verifier = verifier_open(&problem);
	assert_non_null(verifier);
	for (size_t i = 0; i < fixtures.count; i++)
		compared += compare(&fixtures.messages[i]);
	assert_true(compared > 90);
	verifier_close(verifier);
	arena_free(fixtures.arena);
}

/* A signature that verifies, as `assay check` asks about it. */
static void another_result_of_libopendkim_is_reported(void **state)
{
	static struct signed_messages fixtures;
	const struct signed_message *fixture;
	struct arena *arena = arena_new();
	struct message message = {.header_count = 0};
	struct signature signature = {.result = RESULT_NONE};
	struct problem problem;
	struct second_opinion *opinion;
	struct fake_dns *dns;
	const char *body;

	(void)state;
	assert_true(signed_messages_read(&fixtures));
	fixture = signed_messages_find(&fixtures, "rsa-relaxed/relaxed");
	verifier = verifier_open(&problem);
	assert_non_null(verifier);
	dns = fake_dns_new(arena, fixtures.zone);
	body = run_dkim_split(arena, &message, fixture->raw, fixture->raw + fixture->length);
	signature.header = *message_header(&message, "DKIM-Signature");
	signature_field_read(arena, signature.header.value, &signature.field);
	opinion = second_opinion_begin(verifier, &message, &dns->services, arena, &signature, 1, 1);
	second_opinion_body(opinion, (const unsigned char *)body,
	                    (size_t)(fixture->raw + fixture->length - body));
	signature_key_find(&dns->services, arena, &signature.field, 1024, &signature.key);
	second_opinion_end(opinion);
	assert_null(second_opinion_difference(opinion, 0, VERIFIER_PASS));
	assert_string_equal(second_opinion_difference(opinion, 0, VERIFIER_BODY_DIFFERS),
	                    "libopendkim: pass");
	arena_free(arena); /* with what the library has of the message */
	verifier_close(verifier);
	arena_free(fixtures.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_the_hash_that_libopendkim_makes),
	    cmocka_unit_test(another_result_of_libopendkim_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

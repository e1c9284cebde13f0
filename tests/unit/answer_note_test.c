/*
 * answer_note_test.c - notes kept with answers: whose they are, how much memory they may take, and
 * when they end; and keys that are kept so, used by several threads at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "answer_note.h"
#include "dkim/header_hash.h"
#include "dkim/signature_key.h"
#include "fake_dns.h"
#include "run_dkim.h"
#include "signed_messages.h"

static const char one[] = "one reader", other[] = "another reader";

struct counted {
	struct answer_note note;
	int released;
};

static void count_release(struct answer_note *note)
{
	((struct counted *)note)->released++;
}

static void an_answer_keeps_one_note(void **state)
{
	struct answer_note_budget budget = {.max = 100};
	struct answer_note_place place = {.budget = &budget};
	struct answer answer = {.note_place = &place};
	struct counted first = {{one, 60, count_release}, 0},
	               second = {{other, 10, count_release}, 0};

	(void)state;
	assert_null(answer_note_find(&answer, one));
	assert_true(answer_note_keep(&answer, &first.note));
	assert_ptr_equal(answer_note_find(&answer, one), &first.note);
	assert_null(answer_note_find(&answer, other));
	assert_false(answer_note_keep(&answer, &second.note));
	assert_int_equal(budget.used, 60);
	answer_note_release(&place);
	assert_int_equal(first.released, 1);
	assert_int_equal(second.released, 0);
	assert_int_equal(budget.used, 0);
}

static void notes_have_a_budget(void **state)
{
	struct answer_note_budget budget = {.max = 100};
	struct answer_note_place places[3] = {
	    {.budget = &budget}, {.budget = &budget}, {NULL, NULL}};
	struct counted notes[2] = {{{one, 60, count_release}, 0}, {{one, 41, count_release}, 0}};
	struct answer answers[4] = {{.note_place = &places[0]},
	                            {.note_place = &places[1]},
	                            {.note_place = &places[2]},
	                            {.note_place = NULL}};

	(void)state;
	assert_true(answer_note_keep(&answers[0], &notes[0].note));
	assert_false(answer_note_keep(&answers[1], &notes[1].note));
	assert_int_equal(budget.used, 60);
	notes[1].note.bytes = 40;
	assert_false(answer_note_keep(&answers[2], &notes[1].note));
	assert_false(answer_note_keep(&answers[3], &notes[1].note));
	assert_true(answer_note_keep(&answers[1], &notes[1].note));
	answer_note_release(&places[0]);
	answer_note_release(&places[1]);
	answer_note_release(&places[2]);
	assert_int_equal(budget.used, 0);
}

/* The key of a fixture, as the cache has it. */
struct kept_key {
	struct signed_messages fixtures;
	struct fake_dns *dns;
	struct arena *arena;
	struct answer_note_budget budget;
	struct answer_note_place place;
	struct answer answer;
	struct signature_field field;
	const unsigned char *hash;
};

static void kept_key_begin(struct kept_key *key, const char *fixture)
{
	const struct signed_message *signed_message;
	struct message message = {.header_count = 0};
	const struct header *header;

	assert_true(signed_messages_read(&key->fixtures));
	key->arena = arena_new();
	key->dns = fake_dns_new(key->arena, key->fixtures.zone);
	signed_message = signed_messages_find(&key->fixtures, fixture);
	run_dkim_split(key->arena, &message, signed_message->raw,
	               signed_message->raw + signed_message->length);
	header = message_header(&message, "DKIM-Signature");
	signature_field_read(key->arena, header->value, &key->field);
	key->hash = header_hash_make(key->arena, &message, header, &key->field);
	key->answer = *services_lookup(&key->dns->services, key->field.key_name, RECORD_TXT);
	key->budget.max = 10000;
	key->place.budget = &key->budget;
	key->answer.note_place = &key->place;
}

static void kept_key_end(struct kept_key *key)
{
	answer_note_release(&key->place);
	arena_free(key->arena);
	arena_free(key->fixtures.arena);
}

static void keys_are_read_once(void **state)
{
	static const char *const fixtures[] = {"rsa-relaxed/relaxed", "ed25519-relaxed/relaxed"};

	(void)state;
	for (size_t i = 0; i < sizeof fixtures / sizeof fixtures[0]; i++) {
		static struct kept_key key;
		const struct key_record *first;
		size_t count = 0;

		memset(&key, 0, sizeof key);
		kept_key_begin(&key, fixtures[i]);
		first = key_note_records(key.arena, &key.answer, &count);
		assert_int_equal(count, 1);
		assert_non_null(first->key.opened);
		assert_true(key.budget.used > CRYPTO_PUBLIC_BYTES);
		assert_ptr_equal(first, key_note_records(key.arena, &key.answer, &count));
		assert_true(crypto_verify(&first->key, key.hash, key.field.signature,
		                          key.field.signature_length));
		kept_key_end(&key);
		assert_int_equal(key.budget.used, 0);
	}
}

/* They verify all the same. */
static void without_a_budget_keys_are_read_each_time(void **state)
{
	static struct kept_key key;
	const struct key_record *record;
	size_t count = 0;

	(void)state;
	kept_key_begin(&key, "rsa-relaxed/relaxed");
	key.budget.max = CRYPTO_PUBLIC_BYTES;
	record = key_note_records(key.arena, &key.answer, &count);
	assert_int_equal(count, 1);
	assert_null(record->key.opened);
	assert_int_equal(key.budget.used, 0);
	assert_true(
	    crypto_verify(&record->key, key.hash, key.field.signature, key.field.signature_length));
	kept_key_end(&key);
}

/* Records with an objection have texts, which are the message's. */
static void what_is_no_key_is_not_kept(void **state)
{
	static const char *const texts[] = {"v=DKIM1; p=", "v=DKIM1; p=!",
	                                    "v=DKIM1; k=rsa; p=QUJD"};
	struct answer_note_budget budget = {.max = 100000};
	struct answer_note_place place = {.budget = &budget};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const struct record record = {.text = texts[i], .text_length = strlen(texts[i])};
		const struct answer answer = {.count = 1, .records = &record, .note_place = &place};
		size_t count = 0;

		assert_non_null(key_note_records(arena, &answer, &count)->problem);
		assert_int_equal(count, 1);
		assert_int_equal(budget.used, 0);
	}
	arena_free(arena);
}

static void *verify_often(void *context)
{
	const struct kept_key *key = context;
	struct arena *arena = arena_new();
	size_t good = 0;

	for (int i = 0; i < 50; i++) {
		size_t count = 0;
		const struct key_record *record = key_note_records(arena, &key->answer, &count);

		good += crypto_verify(&record->key, key->hash, key->field.signature,
		                      key->field.signature_length);
	}
	arena_free(arena);
	return good == 50 ? context : NULL;
}

static void threads_share_a_key(void **state)
{
	enum {
		THREADS = 4
	};
	static struct kept_key key;
	pthread_t threads[THREADS];

	(void)state;
	kept_key_begin(&key, "rsa-relaxed/relaxed");
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_often, &key), 0);
	for (int i = 0; i < THREADS; i++) {
		void *good;

		pthread_join(threads[i], &good);
		assert_non_null(good);
	}
	kept_key_end(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_answer_keeps_one_note),
	    cmocka_unit_test(notes_have_a_budget),
	    cmocka_unit_test(keys_are_read_once),
	    cmocka_unit_test(without_a_budget_keys_are_read_each_time),
	    cmocka_unit_test(what_is_no_key_is_not_kept),
	    cmocka_unit_test(threads_share_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

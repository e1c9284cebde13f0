/*
 * arc_test.c - the fields of a chain: their instances, how they are arranged, and what a chain may
 * cost in lookups and hashing. Chains that verify are in tests/messages/arc.yaml.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "arc/chain.h"
#include "fake_dns.h"
#include "run_arc.h"

/* 32 octets in base64. */
#define HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static void instances(void **state)
{
	static const struct {
		const char *value;
		unsigned number; /* 0: it does not begin with one */
		const char *behind;
	} rows[] = {
	    {" i=1; x", 1, " x"},
	    {"i=50;", 50, ""},
	    {" i = 07 ;x", 7, "x"},
	    {"\r\n\ti\r\n = \t9\r\n ;", 9, ""},
	    {" (a) i (b) = (c) 2 (d) ;x", 2, "x"},
	    {" (a (b) \\) ) i=2;x", 2, "x"},
	    {" i=0;", 0, NULL},
	    {" i=51;", 0, NULL},
	    {" i=001;", 0, NULL},
	    {" i=1", 0, NULL},
	    {" i=1 2;", 0, NULL},
	    {" i=;", 0, NULL},
	    {" i=-1;", 0, NULL},
	    {" i=1x;", 0, NULL},
	    {" I=1;", 0, NULL},
	    {" j=1;", 0, NULL},
	    {" mx.example; i=1;", 0, NULL},
	    {" (i=1;", 0, NULL},
	    {" (a (b) i=1;", 0, NULL},
	    {" i=1 (\\", 0, NULL},
	    {" i=4294967297;", 0, NULL},
	    {"", 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		unsigned number = 0;
		const char *behind = instance_read(rows[i].value, &number);

		if (rows[i].number == 0) {
			assert_null(behind);
			continue;
		}
		assert_non_null(behind);
		assert_int_equal(number, rows[i].number);
		assert_string_equal(behind, rows[i].behind);
	}
}

/* Every octet but those of the comments in "i=N;" stays, and where it was. */
static void comments_of_the_instance_become_blanks(void **state)
{
	static const char *const rows[][2] = {
	    {" i=1; a=b (c)", " i=1; a=b (c)"},
	    {" (a;)i(\\))=1(b(c)); d=(e)", "     i    =1      ; d=(e)"},
	    {" a=b; i=1 (c);", " a=b; i=1 (c);"},
	    {" (a i=1;", " (a i=1;"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(instance_without_comments(arena, rows[i][0]), rows[i][1]);
	arena_free(arena);
}

/* The fields of each row are letters: r, m, s for results, message signature and seal, each with
 * the digits of its instance. */
static void structure(void **state)
{
	static const struct {
		const char *fields, *wrong;
	} rows[] = {
	    {"s1m1r1", NULL},
	    {"r1m1s1", NULL},
	    {"s2s1m1r2r1m2", NULL},
	    {"s10s9s8s7s6s5s4s3s2s1m1m2m3m4m5m6m7m8m9m10r10r1r2r3r4r5r6r7r8r9", NULL},
	    {"s1", "set 1 of 1 has no ARC-Authentication-Results"},
	    {"s1r1", "set 1 of 1 has no ARC-Message-Signature"},
	    {"m1r1", "set 1 of 1 has no ARC-Seal"},
	    {"s1m1r1s3m3r3", "set 2 of 3 has no ARC-Authentication-Results"},
	    {"s2m2r2", "set 1 of 2 has no ARC-Authentication-Results"},
	    {"s1m1r1r1", "set 1 has two fields ARC-Authentication-Results"},
	    {"s1m1m1r1", "set 1 has two fields ARC-Message-Signature"},
	    {"s1s1m1r1", "set 1 has two fields ARC-Seal"},
	    {"s1m1r1s0", "i= of ARC-Seal cannot be read"},
	    {"s1m1r1m51", "i= of ARC-Message-Signature cannot be read"},
	    {"s1m1r1r99", "i= of ARC-Authentication-Results cannot be read"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *arena = arena_new();
		struct chain chain = {.arena = arena};
		const char *at = rows[i].fields, *wrong;

		while (*at != '\0') {
			const char *name = chain_part_names[strchr("rms", *at) - "rms"];
			size_t digits = strspn(at + 1, "0123456789");
			struct header header = {
			    name, arena_format(arena, " i=%.*s; a=b", (int)digits, at + 1)};

			assert_non_null(chain_add(&chain, &header));
			at += 1 + digits;
		}
		wrong = chain_arrange(&chain);
		if (rows[i].wrong == NULL) {
			assert_null(wrong);
			assert_int_equal(chain.set_count * 3, chain.seen);
		} else {
			assert_string_equal(wrong, rows[i].wrong);
			assert_int_equal(chain.set_count, 0);
		}
		arena_free(arena);
	}
}

static void other_fields_are_none_of_a_chain(void **state)
{
	static const char *const names[] = {"Authentication-Results", "ARC-Sea", "ARC-Seals", "X",
	                                    "DKIM-Signature",         "A",       ""};
	struct arena *arena = arena_new();
	struct chain chain = {.arena = arena};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_null(chain_add(&chain, &(struct header){names[i], " i=1;"}));
	assert_int_equal(chain.seen, 0);
	assert_non_null(chain_add(&chain, &(struct header){"arc-SEAL \t", " i=1;"}));
	arena_free(arena);
}

/* A run with a chain of `sets`, each with keys of its own, that cannot verify. */
struct trial {
	struct run_arc run;
	struct arena *arena;
	struct fake_dns *dns, *aside;
	struct message message;
	struct header *fields;
};

static void add_field(struct trial *trial, const char *name, const char *value)
{
	trial->fields[trial->message.header_count++] = (struct header){name, value};
}

static struct trial begin(const char *zone, unsigned sets)
{
	struct trial trial = {.arena = arena_new()};

	run_arc_open(&trial.run);
	trial.run.settings.maximum_sets = INSTANCE_MAX;
	trial.dns = fake_dns_new(trial.arena, zone);
	trial.aside = fake_dns_new(trial.arena, zone);
	trial.dns->services.aside = &trial.aside->services;
	trial.fields = arena_allocate(trial.arena, (1 + 3 * sets) * sizeof *trial.fields);
	trial.message.headers = trial.fields;
	add_field(&trial, "From", " a@author.example");
	for (unsigned set = sets; set > 0; set--) {
		add_field(&trial, "ARC-Seal",
		          arena_format(trial.arena,
		                       " i=%u; a=rsa-sha256; cv=%s; d=x.example; s=s%u; b=AAAA",
		                       set, set == 1 ? "none" : "pass", set));
		add_field(&trial, "ARC-Message-Signature",
		          arena_format(trial.arena,
		                       " i=%u; a=rsa-sha256; d=x.example; s=m%u; h=from; bh=" HASH
		                       "; b=AAAA",
		                       set, set));
		add_field(&trial, "ARC-Authentication-Results",
		          arena_format(trial.arena, " i=%u; mx.example; none", set));
	}
	return trial;
}

static struct arc_finding run(struct trial *trial)
{
	static const char body[] = "text\r\n";

	return run_arc_message(&trial->run, trial->arena, &trial->dns->services, &trial->message,
	                       body, sizeof body - 1)
	    .arc;
}

static void end(struct trial *trial)
{
	run_arc_close(&trial->run);
	arena_free(trial->arena);
}

/* Their keys may take the share that is left aside, and nothing of the others'; the header makes a
 * bounded number of lookups, and of the older message signatures none. */
static void keys_are_asked_for_aside(void **state)
{
	struct trial trial = begin("*._domainkey.x.example TXT !fail timed out\n", INSTANCE_MAX);
	struct arc_finding arc = run(&trial);
	size_t prefetched = 0;

	(void)state;
	assert_int_equal(arc.result, RESULT_FAIL);
	assert_int_equal(arc.count, INSTANCE_MAX);
	assert_int_equal(trial.dns->query_count, 0);
	for (size_t i = 0; i < trial.aside->query_count; i++)
		prefetched += trial.aside->queries[i].prefetched;
	assert_int_equal(prefetched, 20);
	assert_int_equal(fake_dns_asked(trial.aside, "s50._domainkey.x.example", RECORD_TXT), 1);
	assert_true(fake_dns_asked(trial.aside, "m50._domainkey.x.example", RECORD_TXT) > 0);
	assert_int_equal(fake_dns_asked(trial.aside, "m49._domainkey.x.example", RECORD_TXT), 0);
	end(&trial);
}

static void a_key_that_cannot_be_had_is_for_now(void **state)
{
	struct trial trial = begin("m1._domainkey.x.example TXT !fail timed out\n", 1);
	struct arc_finding arc = run(&trial);

	(void)state;
	assert_int_equal(arc.result, RESULT_FAIL);
	assert_true(arc.temporary);
	assert_false(arc.only_changed);
	assert_non_null(
	    strstr(arc.reason, "ARC-Message-Signature of set 1, by x.example: the key"));
	assert_int_equal(arc.sets[0].seal, RESULT_NONE);
	assert_int_equal(arc.sets[0].signature, RESULT_FAIL);
	end(&trial);
}

static void a_key_that_is_not_there_is_not_for_now(void **state)
{
	struct trial trial = begin("other.example EXISTS\n", 1);
	struct arc_finding arc = run(&trial);

	(void)state;
	assert_int_equal(arc.result, RESULT_FAIL);
	assert_false(arc.temporary);
	end(&trial);
}

/* Where nothing verifies it there is no need to see it. */
static void a_body_is_hashed_only_for_a_chain_that_may_be_valid(void **state)
{
	static const struct {
		unsigned sets;
		long maximum;
		bool wanted;
	} rows[] = {{0, 20, false}, {2, 20, true}, {21, 20, false}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct trial trial = begin("other.example EXISTS\n", rows[i].sets);
		struct arc_finding arc;

		trial.run.settings.maximum_sets = rows[i].maximum;
		arc = run(&trial);
		assert_int_equal(arc.result, rows[i].sets == 0 ? RESULT_NONE : RESULT_FAIL);
		assert_int_equal(trial.run.dkim.body_wanted, rows[i].wanted);
		if (rows[i].sets == 0)
			assert_int_equal(trial.aside->query_count, 0);
		end(&trial);
	}
}

/* The header was cut: what is missing may be what makes the chain, or breaks it. */
static void a_cut_header_verifies_nothing(void **state)
{
	struct trial trial = begin("other.example EXISTS\n", 1);
	struct arc_finding arc;

	(void)state;
	trial.message.header_cut = true;
	arc = run(&trial);
	assert_int_equal(arc.result, RESULT_FAIL);
	assert_non_null(strstr(arc.reason, "limits.header_bytes"));
	assert_int_equal(arc.count, 0);
	end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(instances),
	    cmocka_unit_test(comments_of_the_instance_become_blanks),
	    cmocka_unit_test(structure),
	    cmocka_unit_test(other_fields_are_none_of_a_chain),
	    cmocka_unit_test(keys_are_asked_for_aside),
	    cmocka_unit_test(a_key_that_cannot_be_had_is_for_now),
	    cmocka_unit_test(a_key_that_is_not_there_is_not_for_now),
	    cmocka_unit_test(a_body_is_hashed_only_for_a_chain_that_may_be_valid),
	    cmocka_unit_test(a_cut_header_verifies_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

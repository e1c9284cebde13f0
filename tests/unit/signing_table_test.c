/*
 * signing_table_test.c - keys are found by entry and domain, RSA before the others, also among
 * thousands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "sign/signing_table.h"

static struct crypto_private *new_key(enum crypto_kind kind, struct arena *arena)
{
	char *pem = crypto_private_new(kind, 1024, arena);
	struct problem problem;
	struct crypto_private *key = crypto_private_read(pem, strlen(pem), &problem);

	assert_non_null(key);
	return key;
}

static void order(void **state)
{
	struct arena *arena = arena_new();
	struct signing_table *table = signing_table_new();
	const struct signing_keys *keys;
	const char *domain;

	(void)state;
	signing_table_add(table, 0, "example.org", "e1", new_key(CRYPTO_ED25519, arena), "/e1.pem");
	signing_table_add(table, 0, "example.org", "r1", new_key(CRYPTO_RSA, arena), "/r1.pem");
	signing_table_add(table, 0, "example.org", "e2", new_key(CRYPTO_ED25519, arena), "/e2.pem");
	signing_table_add(table, 0, "example.org", "r2", new_key(CRYPTO_RSA, arena), "/r2.pem");
	signing_table_add(table, 1, "example.org", "other", new_key(CRYPTO_ED25519, arena),
	                  "/other.pem");
	keys = signing_table_find(table, 0, "example.org");
	assert_non_null(keys);
	assert_int_equal(keys->count, 4);
	assert_string_equal(keys->domain, "example.org");
	assert_string_equal(keys->keys[0].selector, "r1");
	assert_string_equal(keys->keys[1].selector, "r2");
	assert_string_equal(keys->keys[2].selector, "e1");
	assert_string_equal(keys->keys[3].selector, "e2");
	assert_int_equal(signing_table_find(table, 1, "example.org")->count, 1);
	assert_null(signing_table_find(table, 2, "example.org"));
	assert_null(signing_table_find(table, 0, "example.or"));
	assert_null(signing_table_find(table, 0, ""));
	assert_int_equal(signing_table_count(table), 5);
	assert_string_equal(signing_table_key(table, 1, &domain)->file, "/r1.pem");
	assert_string_equal(domain, "example.org");
	signing_table_free(table);
	signing_table_free(NULL);
	arena_free(arena);
}

static void thousands(void **state)
{
	enum {
		MANY = 3000
	};
	struct arena *arena = arena_new();
	struct signing_table *table = signing_table_new();
	char *pem = crypto_private_new(CRYPTO_ED25519, 0, arena);

	(void)state;
	for (int i = 0; i < MANY; i++) {
		struct problem problem;

		signing_table_add(table, (size_t)(i % 3), arena_format(arena, "d%d.example", i),
		                  "s", crypto_private_read(pem, strlen(pem), &problem), "/f");
	}
	assert_int_equal(signing_table_count(table), MANY);
	for (int i = 0; i < MANY; i++) {
		const char *name = arena_format(arena, "d%d.example", i);
		const struct signing_keys *keys = signing_table_find(table, (size_t)(i % 3), name);

		assert_non_null(keys);
		assert_string_equal(keys->domain, name);
		assert_null(signing_table_find(table, (size_t)((i + 1) % 3), name));
	}
	signing_table_free(table);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order),
	    cmocka_unit_test(thousands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

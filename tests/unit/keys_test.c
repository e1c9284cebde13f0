/*
 * keys_test.c - which files an entry of "sign" loads, and what it refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "key_folder.h"
#include "settings/keys.h"

struct bench {
	struct arena *arena;
	const char *folder;
	struct sign_settings settings;
	struct problem problem;
	int line;
};

static int set_up(void **state)
{
	static struct bench bench;

	bench = (struct bench){.arena = arena_new(), .line = 7};
	bench.folder = key_folder_new(bench.arena);
	*state = &bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	signing_table_free(bench->settings.table);
	arena_free(bench->arena);
	return 0;
}

static bool load(struct bench *bench, struct sign_entry entry)
{
	struct sign_entry *kept = arena_allocate(bench->arena, sizeof *kept);

	*kept = entry;
	kept->domain = entry.domain == NULL ? "" : entry.domain;
	kept->sign_as = entry.sign_as == NULL ? "" : entry.sign_as;
	kept->selector = entry.selector == NULL ? "" : entry.selector;
	signing_table_free(bench->settings.table);
	bench->settings =
	    (struct sign_settings){.entries = {.count = 1, .items = kept, .lines = &bench->line}};
	bench->problem.message[0] = '\0';
	return keys_load(&bench->settings, bench->arena, &bench->problem);
}

static size_t keys_of(const struct bench *bench, const char *domain)
{
	const struct signing_keys *keys = signing_table_find(bench->settings.table, 0, domain);

	return keys == NULL ? 0 : keys->count;
}

static void refused(struct bench *bench, struct sign_entry entry, const char *expected)
{
	assert_false(load(bench, entry));
	if (strstr(bench->problem.message, expected) == NULL)
		fail_msg("\"%s\" instead of \"%s\"", bench->problem.message, expected);
}

static void key(struct bench *bench, const char *name)
{
	key_folder_key(bench->arena, bench->folder, name, CRYPTO_ED25519);
}

static void every_domain(void **state)
{
	struct bench *bench = *state;

	key(bench, "example.org/s1.pem");
	key(bench, "example.org/s2.pem");
	key(bench, "EXAMPLE.net/S3.pem");
	key(bench, "b\xc3\xbc"
	           "cher.example/s1.pem");
	key(bench, "example.org/s4.pending");
	key(bench, "example.org/s5.retired-2026-11-29");
	key(bench, "example.org/.hidden.pem");
	key_folder_write(bench->arena, bench->folder, "example.org/README", "not a key", 0644);
	key_folder_write(bench->arena, bench->folder, "notes", "not a folder", 0644);
	key_folder_write(bench->arena, bench->folder, "no domain!/s1.pem", "not looked at", 0644);
	assert_true(load(bench, (struct sign_entry){.keys = bench->folder}));
	assert_int_equal(keys_of(bench, "example.org"), 2);
	assert_int_equal(keys_of(bench, "example.net"), 1);
	assert_int_equal(keys_of(bench, "xn--bcher-kva.example"), 1);
	assert_int_equal(signing_table_count(bench->settings.table), 4);
	assert_true(load(bench, (struct sign_entry){.keys = bench->folder, .domain = "*"}));
	assert_int_equal(signing_table_count(bench->settings.table), 4);
}

static void one_domain(void **state)
{
	struct bench *bench = *state;
	const char *file = arena_format(bench->arena, "%s/example.org/s1.pem", bench->folder);

	key(bench, "example.org/s1.pem");
	key(bench, "shop.example.org/s2.pem");
	key(bench, "other.example/s3.pem");
	assert_true(
	    load(bench, (struct sign_entry){.keys = bench->folder, .domain = "Example.ORG."}));
	assert_int_equal(keys_of(bench, "example.org"), 1);
	assert_int_equal(signing_table_count(bench->settings.table), 1);
	assert_true(load(bench, (struct sign_entry){.keys = file, .domain = "example.org"}));
	assert_int_equal(keys_of(bench, "example.org"), 1);
	assert_true(load(bench, (struct sign_entry){.keys = bench->folder,
	                                            .domain = "example.org",
	                                            .subdomains = true}));
	assert_int_equal(keys_of(bench, "shop.example.org"), 1);
	assert_int_equal(signing_table_count(bench->settings.table), 2);
	assert_true(
	    load(bench, (struct sign_entry){.keys = bench->folder, .sign_as = "other.example"}));
	assert_int_equal(keys_of(bench, "other.example"), 1);
	assert_int_equal(signing_table_count(bench->settings.table), 1);
	assert_true(
	    load(bench, (struct sign_entry){.keys = bench->folder, .domain = "*.example.org"}));
	assert_int_equal(signing_table_count(bench->settings.table), 2);
}

/* SELECTOR.pem in the folder itself, for the one domain of the entry. */
static void plain_folder(void **state)
{
	struct bench *bench = *state;

	key(bench, "s1.pem");
	assert_true(
	    load(bench, (struct sign_entry){.keys = bench->folder, .domain = "example.org"}));
	assert_int_equal(keys_of(bench, "example.org"), 1);
	assert_true(load(bench, (struct sign_entry){.keys = bench->folder}));
	assert_int_equal(signing_table_count(bench->settings.table), 0);
}

static void mistakes(void **state)
{
	struct bench *bench = *state;

	key(bench, "example.org/s1.pem");
	refused(bench, (struct sign_entry){.keys = ""}, "line 7: \"keys\" has to name a folder");
	refused(bench, (struct sign_entry){.keys = "/nonexistent/keys"},
	        "cannot be read: No such file");
	refused(bench, (struct sign_entry){.keys = "/nonexistent/keys", .domain = "example.org"},
	        "/nonexistent/keys: No such file or directory (setting \"sign\", line 7); name a "
	        "folder of keys");
	refused(bench, (struct sign_entry){.keys = bench->folder, .domain = "a..b"},
	        "is not a domain name");
	refused(bench, (struct sign_entry){.keys = bench->folder, .domain = "*."},
	        "is not a domain name");
	refused(
	    bench,
	    (struct sign_entry){.keys = bench->folder, .domain = "example.org", .selector = "s1"},
	    "\"selector\" goes with one key file");
	refused(bench, (struct sign_entry){.keys = bench->folder, .sign_as = "*"},
	        "goes with one key file");
	refused(bench, (struct sign_entry){.keys = bench->folder, .sign_as = "*.example.org"},
	        "\"sign_as\" has to be one domain");
	refused(bench, (struct sign_entry){.keys = bench->folder, .domain = "none.example"},
	        "holds no key for none.example (setting \"sign\", line 7); make one with: assay "
	        "key new");
	refused(bench, (struct sign_entry){.keys = "/nonexistent/s1.pem", .domain = "example.org"},
	        "cannot be opened: No such file or directory");
	key_folder_write(bench->arena, bench->folder, "a..b.pem", "", 0600);
	refused(bench, (struct sign_entry){.keys = bench->folder, .domain = "bad.example"},
	        "is not a selector");
}

static void modes(void **state)
{
	struct bench *bench = *state;
	const char *path = key_folder_key(bench->arena, bench->folder, "s1.pem", CRYPTO_ED25519);
	static const unsigned wrong[] = {0604, 0640, 0644, 0660, 0601, 0610};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		chmod(path, wrong[i]);
		refused(bench, (struct sign_entry){.keys = bench->folder, .domain = "example.org"},
		        arena_format(bench->arena, "(mode %04o): chmod 600 %s", wrong[i], path));
	}
	chmod(path, 0400);
	assert_true(
	    load(bench, (struct sign_entry){.keys = bench->folder, .domain = "example.org"}));
}

static void broken(void **state)
{
	struct bench *bench = *state;
	struct sign_entry entry = {.keys = bench->folder, .domain = "example.org"};
	char *large = arena_allocate(bench->arena, 70001);

	key_folder_write(bench->arena, bench->folder, "s1.pem", "no key", 0600);
	refused(bench, entry, "s1.pem is not a valid private key");
	memset(large, 'x', 70000);
	key_folder_write(bench->arena, bench->folder, "s1.pem", large, 0600);
	refused(bench, entry, "too long to be one");
	unlink(arena_format(bench->arena, "%s/s1.pem", bench->folder));
	mkdir(arena_format(bench->arena, "%s/s1.pem", bench->folder), 0700);
	refused(bench, entry, "is not a regular file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_domain, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(one_domain, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(plain_folder, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(mistakes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(modes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(broken, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

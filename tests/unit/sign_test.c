/*
 * sign_test.c - which key signs which outbound message, which message is not signed and why, and
 * what the signature covers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "fake_dns.h"
#include "key_folder.h"
#include "policy.h"
#include "settings/keys.h"

enum {
	ENTRIES_MAX = 4
};

struct bench {
	struct arena *arena;
	const char *folder;
	struct sign_entry entries[ENTRIES_MAX];
	int lines[ENTRIES_MAX];
	struct sign_settings settings;
	void *policy;
};

static int set_up(void **state)
{
	static struct bench bench;
	static const char *const files[] = {"example.org/r.pem",      "example.org/e.pem",
	                                    "shop.example.org/s.pem", "hoster.example/h.pem",
	                                    "mine.example/m.pem",     "other.example/o.pem"};

	bench = (struct bench){.arena = arena_new()};
	bench.folder = key_folder_new(bench.arena);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		key_folder_key(bench.arena, bench.folder, files[i],
		               i == 0 ? CRYPTO_RSA : CRYPTO_ED25519);
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

static void set_entries(struct bench *bench, size_t count, const struct sign_entry *entries)
{
	struct problem problem = {""};

	for (size_t i = 0; i < count; i++) {
		bench->entries[i] = entries[i];
		if (entries[i].keys == NULL)
			bench->entries[i].keys = bench->folder;
		if (entries[i].domain == NULL)
			bench->entries[i].domain = "";
		if (entries[i].selector == NULL)
			bench->entries[i].selector = "";
		if (entries[i].sign_as == NULL)
			bench->entries[i].sign_as = "";
		bench->lines[i] = (int)i + 1;
	}
	signing_table_free(bench->settings.table);
	bench->settings = (struct sign_settings){
	    .entries = {.count = count, .items = bench->entries, .lines = bench->lines}};
	if (!keys_load(&bench->settings, bench->arena, &problem))
		fail_msg("%s", problem.message);
	assert_true(policy_sign.open(&bench->settings, &bench->policy, &problem));
}

static struct sign_finding sign(struct bench *bench, const struct message *message)
{
	struct findings findings = {.judged = false};
	struct fake_dns *dns = fake_dns_new(bench->arena, "");
	void *work = policy_sign.begin(bench->policy, message, &dns->services, bench->arena);
	bool wanted;

	for (size_t i = 0; i < message->header_count; i++)
		policy_sign.header(work, &message->headers[i]);
	policy_sign.end_of_headers(work);
	wanted = policy_sign.body(work, (const unsigned char *)"hello\r\n", 7);
	policy_sign.judge(work, &findings);
	assert_int_equal(wanted, findings.sign.count > 0);
	assert_non_null(strstr(dns->debug.bytes, findings.sign.count > 0 ? "sign: signed with d="
	                                                                 : "sign: not signed: "));
	return findings.sign;
}

static struct sign_finding sign_from(struct bench *bench, const char *from, const char *login)
{
	struct header field = {"From", from};
	struct message message = {.outbound = true,
	                          .receiver = "mx.example.net",
	                          .auth_user = login,
	                          .received = 1795341600,
	                          .header_count = 1,
	                          .headers = &field,
	                          .mail_from = ""};
	struct header *kept = arena_allocate(bench->arena, sizeof *kept);

	*kept = field;
	message.headers = kept;
	return sign(bench, &message);
}

/* `domain` NULL: not signed, and the reason begins like `selector`. */
static void expect(struct bench *bench, const char *from, const char *login, const char *domain,
                   const char *selector)
{
	struct sign_finding made = sign_from(bench, from, login);

	if (domain == NULL) {
		assert_int_equal(made.count, 0);
		assert_non_null(made.reason);
		if (strncmp(made.reason, selector, strlen(selector)) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", from, made.reason, selector);
		return;
	}
	if (made.count == 0)
		fail_msg("%s is not signed: %s", from, made.reason);
	assert_null(made.reason);
	assert_string_equal(made.signatures[0].domain, domain);
	assert_string_equal(made.signatures[0].selector, selector);
}

static void who_is_signed(void **state)
{
	struct bench *bench = *state;
	static const struct sign_entry entries[] = {{.domain = "example.org"},
	                                            {.domain = "*.hoster.example"},
	                                            {.domain = "mine.example", .subdomains = true}};

	set_entries(bench, 3, entries);
	expect(bench, " joe@example.org", NULL, "example.org", "r");
	expect(bench, " Joe <joe@EXAMPLE.org.>", NULL, "example.org", "r");
	expect(bench, " joe@example.org, ann@example.org", NULL, "example.org", "r");
	expect(bench, " joe@sub.example.org", NULL, NULL, "no key for sub.example.org");
	expect(bench, " joe@badexample.org", NULL, NULL, "no key for badexample.org");
	expect(bench, " joe@hoster.example", NULL, NULL, "no key for hoster.example");
	expect(bench, " joe@a.b.hoster.example", NULL, "hoster.example", "h");
	expect(bench, " joe@mine.example", NULL, "mine.example", "m");
	expect(bench, " joe@a.mine.example", NULL, "mine.example", "m");
	expect(bench, " joe@other.example", NULL, NULL, "no key for other.example");
	assert_int_equal(sign_from(bench, " joe@example.org", NULL).count, 2);
}

static void by_folder(void **state)
{
	struct bench *bench = *state;

	set_entries(bench, 1, &(struct sign_entry){.subdomains = false});
	expect(bench, " a@example.org", NULL, "example.org", "r");
	expect(bench, " a@shop.example.org", NULL, "shop.example.org", "s");
	expect(bench, " a@x.shop.example.org", NULL, NULL, "no key for x.shop.example.org");
	set_entries(bench, 1, &(struct sign_entry){.subdomains = true});
	expect(bench, " a@x.shop.example.org", NULL, "shop.example.org", "s");
	expect(bench, " a@x.example.org", NULL, "example.org", "r");
	set_entries(bench, 1, &(struct sign_entry){.domain = "example.org", .subdomains = true});
	expect(bench, " a@shop.example.org", NULL, "shop.example.org", "s");
	expect(bench, " a@mine.example", NULL, NULL, "no key for mine.example");
}

static void who_may(void **state)
{
	struct bench *bench = *state;
	static const char *const anna[] = {"anna", "*@staff.example"}, *const bob[] = {"bob*"};
	const struct sign_entry entries[] = {{.domain = "example.org", .users = {2, anna}},
	                                     {.domain = "example.org", .users = {1, bob}},
	                                     {.domain = ""},
	                                     {.domain = "", .sign_as = "hoster.example"}};

	set_entries(bench, 2, entries);
	expect(bench, " a@example.org", "anna", "example.org", "r");
	expect(bench, " a@example.org", "ANNA", "example.org", "r");
	expect(bench, " a@example.org", "x.y@staff.example", "example.org", "r");
	expect(bench, " a@example.org", "bobby", "example.org", "r");
	expect(bench, " a@example.org", "annab", NULL, "annab may not send as example.org");
	expect(bench, " a@example.org", "x@staff.example.evil", NULL,
	       "x@staff.example.evil may not send");
	expect(bench, " a@example.org", NULL, NULL,
	       "a client without login may not send as example.org");
	/* the entry for everybody does not undo what those before it refused, another domain may
	 * sign */
	set_entries(bench, 3, entries);
	expect(bench, " a@example.org", "eve", NULL, "eve may not send as example.org");
	expect(bench, " a@mine.example", "eve", "mine.example", "m");
	set_entries(bench, 4, entries);
	expect(bench, " a@example.org", "eve", "hoster.example", "h");
	expect(bench, " a@elsewhere.example", "eve", "hoster.example", "h");
}

static void bad_authors(void **state)
{
	struct bench *bench = *state;
	static const struct {
		const char *reason;
		struct header fields[2];
		size_t count;
	} rows[] = {
	    {"the message has no From field", {{"To", " a@example.org"}}, 1},
	    {"the message has 2 From fields",
	     {{"From", " a@example.org"}, {"From", " a@example.org"}},
	     2},
	    {"the message has 2 From fields",
	     {{"From ", " a@elsewhere.example"}, {"From", " a@example.org"}},
	     2},
	    {"the From field holds addresses of more than one domain",
	     {{"From", " a@example.org, b@elsewhere.example"}},
	     1},
	    {"the From field", {{"From", " nobody"}}, 1},
	    {"the From field", {{"From", ""}}, 1},
	};

	set_entries(bench, 1, &(struct sign_entry){.domain = ""});
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct message message = {.outbound = true,
		                          .header_count = rows[i].count,
		                          .headers = rows[i].fields,
		                          .mail_from = ""};
		struct sign_finding made = sign(bench, &message);

		assert_int_equal(made.count, 0);
		assert_memory_equal(made.reason, rows[i].reason, strlen(rows[i].reason));
	}
}

static void nothing_set_up(void **state)
{
	struct bench *bench = *state;
	struct sign_finding made;

	set_entries(bench, 0, NULL);
	made = sign_from(bench, " a@example.org", NULL);
	assert_int_equal(made.count, 0);
	assert_null(made.reason);
}

/* The value of a tag, without the folds. */
static const char *tag(struct bench *bench, const char *value, const char *name)
{
	char *all = arena_string(bench->arena, value), *to = all, *found;

	for (const char *at = value; *at != '\0'; at++)
		if (*at != '\n' && *at != '\t' && *at != ' ')
			*to++ = *at;
	*to = '\0';
	all = arena_format(bench->arena, ";%s;", all);
	found = strstr(all, arena_format(bench->arena, ";%s=", name));
	if (found == NULL)
		return NULL;
	found += strlen(name) + 2;
	*strchr(found, ';') = '\0';
	return found;
}

static void tags(void **state)
{
	struct bench *bench = *state;
	struct sign_finding made;

	set_entries(bench, 1,
	            &(struct sign_entry){.domain = "example.org",
	                                 .subdomains = true,
	                                 .identity = true,
	                                 .expire_days = 7,
	                                 .canonicalization = SIGN_SIMPLE_RELAXED});
	made = sign_from(bench, " a@x.example.org", NULL);
	assert_int_equal(made.count, 2);
	assert_string_equal(made.signatures[0].algorithm, "rsa-sha256");
	assert_string_equal(made.signatures[1].algorithm, "ed25519-sha256");
	for (size_t i = 0; i < 2; i++) {
		const char *value = made.signatures[i].value;

		assert_string_equal(tag(bench, value, "v"), "1");
		assert_string_equal(tag(bench, value, "a"), made.signatures[i].algorithm);
		assert_string_equal(tag(bench, value, "c"), "simple/relaxed");
		assert_string_equal(tag(bench, value, "d"), "example.org");
		assert_string_equal(tag(bench, value, "i"), "@x.example.org");
		assert_string_equal(tag(bench, value, "t"), "1795341600");
		assert_string_equal(tag(bench, value, "x"), "1795946400");
		assert_null(tag(bench, value, "l"));
		for (const char *line = value; line != NULL; line = strchr(line + 1, '\n'))
			assert_true(strcspn(line + 1, "\n") <= 78);
	}
	set_entries(
	    bench, 1,
	    &(struct sign_entry){.domain = "", .sign_as = "hoster.example", .identity = true});
	made = sign_from(bench, " a@x.example.org", NULL);
	assert_null(tag(bench, made.signatures[0].value, "i"));
	assert_null(tag(bench, made.signatures[0].value, "x"));
}

static void covered_fields(void **state)
{
	struct bench *bench = *state;
	static const struct header fields[] = {
	    {"Received", " x"},
	    {"FROM", " a@example.org"},
	    {"Subject", " one"},
	    {"subject ", " two"},
	    {"X-Other", " x"},
	    {"Date", " Sun, 22 Nov 2026 10:00:00 +0000"},
	    {"Return-Path", " <>"},
	    {"Authentication-Results", " x"},
	    {"List-Unsubscribe-Post", " List-Unsubscribe=One-Click"},
	    {"List-Unsubscribe", " <https://example.org/>"}};
	struct message message = {.outbound = true,
	                          .receiver = "mx.example.net",
	                          .header_count = sizeof fields / sizeof fields[0],
	                          .headers = fields,
	                          .mail_from = ""};
	struct sign_finding made;

	set_entries(bench, 1, &(struct sign_entry){.domain = "example.org"});
	made = sign(bench, &message);
	assert_int_equal(made.count, 2);
	assert_string_equal(
	    tag(bench, made.signatures[0].value, "h"),
	    "from:from:to:cc:subject:subject:subject:date:date:reply-to:in-reply-to:"
	    "references:content-type:content-transfer-encoding:list-unsubscribe:"
	    "list-unsubscribe-post");
}

/* More covered fields than h= can name: a reason, and no signature. */
static void too_many_fields(void **state)
{
	enum {
		MANY = 20000
	};
	struct bench *bench = *state;
	struct header *fields = arena_allocate(bench->arena, MANY * sizeof *fields);
	struct message message = {.outbound = true,
	                          .receiver = "mx.example.net",
	                          .header_count = MANY,
	                          .headers = fields,
	                          .mail_from = ""};
	struct sign_finding made;

	for (size_t i = 0; i < MANY; i++)
		fields[i] = (struct header){"To", " a@example.org"};
	fields[0] = (struct header){"From", " a@example.org"};
	set_entries(bench, 1, &(struct sign_entry){.domain = "example.org"});
	{
		struct findings findings = {.judged = false};
		void *work = policy_sign.begin(bench->policy, &message, NULL, bench->arena);

		policy_sign.header(work, &fields[0]);
		policy_sign.end_of_headers(work);
		policy_sign.judge(work, &findings);
		made = findings.sign;
	}
	assert_int_equal(made.count, 0);
	assert_non_null(strstr(made.reason, "too large"));
}

/* What a signature takes goes with its message; 550 octets lost a message would be half a gigabyte
 * in a million. */
static void memory(void **state)
{
	enum {
		WARM = 50,
		MANY = 1000
	};
	struct bench *bench = *state;
	struct arena *lasting = bench->arena;
	size_t before = 0;

	set_entries(bench, 1, &(struct sign_entry){.domain = "example.org"});
	bench->arena = arena_new();
	for (int i = 0; i < WARM + MANY; i++) {
		if (i == WARM)
			before = mallinfo2().uordblks;
		assert_int_equal(sign_from(bench, " a@example.org", NULL).count, 2);
		arena_reset(bench->arena);
	}
	assert_true(mallinfo2().uordblks < before + (size_t)MANY * 16);
	arena_free(bench->arena);
	bench->arena = lasting;
}

static void patterns_of_authors(void **state)
{
	struct bench *bench = *state;
	static const char *const anna[] = {"anna@*"};
	static const char *const below[] = {"*@*.example.org"};
	static const struct sign_entry entries[] = {
	    {.authors = {1, anna}, .sign_as = "hoster.example"},
	    {.authors = {1, below}, .sign_as = "mine.example"},
	    {.domain = "example.org"}};

	set_entries(bench, 3, entries);
	expect(bench, "Anna <Anna@EXAMPLE.org>", NULL, "hoster.example", "h");
	expect(bench, "anna@x.example, Anna <anna@X.example>", NULL, "hoster.example", "h");
	expect(bench, "anna@x.example, ben@x.example", NULL, NULL, "no key for x.example");
	expect(bench, "ben@x.example, anna@x.example", NULL, NULL, "no key for x.example");
	expect(bench, "ben@a.example.org", NULL, "mine.example", "m");
	expect(bench, "ben@example.org", NULL, "example.org", "r");
	expect(bench, "hanna@example.org", NULL, "example.org", "r");
}

static void one_file(void **state)
{
	struct bench *bench = *state;
	struct sign_entry entry = {
	    .domain = "*.example.org",
	    .keys = arena_format(bench->arena, "%s/mine.example/m.pem", bench->folder),
	    .selector = "Mail.2026",
	    .sign_as = "*"};

	set_entries(bench, 1, &entry);
	expect(bench, "anna@a.example.org", NULL, "a.example.org", "mail.2026");
	expect(bench, "anna@b.a.example.org", NULL, "b.a.example.org", "mail.2026");
	expect(bench, "anna@example.org", NULL, NULL, "no key for example.org");
	entry.domain = "";
	set_entries(bench, 1, &entry);
	expect(bench, "anna@anywhere.example", NULL, "anywhere.example", "mail.2026");
}

/* What a login was refused, no key for whatever domain gives it. */
static void refused_is_refused(void **state)
{
	struct bench *bench = *state;
	static const char *const users[] = {"anna"};
	const struct sign_entry entries[] = {
	    {.domain = "example.org", .users = {1, users}},
	    {.keys = arena_format(bench->arena, "%s/mine.example/m.pem", bench->folder),
	     .sign_as = "*"}};

	set_entries(bench, 2, entries);
	expect(bench, "anna@example.org", "anna", "example.org", "r");
	expect(bench, "anna@example.org", "ben", NULL, "ben may not send as example.org");
	expect(bench, "anna@x.example", "ben", "x.example", "m");
}

static void several_entries(void **state)
{
	struct bench *bench = *state;
	static const struct sign_entry entries[] = {
	    {.domain = "example.org", .canonicalization = SIGN_RELAXED_SIMPLE, .go_on = true},
	    {.domain = "other.example"},
	    {.sign_as = "hoster.example", .go_on = true},
	    {.sign_as = "mine.example"}};
	struct sign_finding made;

	set_entries(bench, 4, entries);
	made = sign_from(bench, "anna@example.org", NULL);
	assert_int_equal(made.count, 4);
	assert_string_equal(made.signatures[0].selector, "r");
	assert_string_equal(made.signatures[1].selector, "e");
	assert_string_equal(made.signatures[2].domain, "hoster.example");
	assert_string_equal(made.signatures[3].domain, "mine.example");
	assert_non_null(strstr(made.signatures[0].value, "c=relaxed/simple"));
	assert_non_null(strstr(made.signatures[3].value, "c=relaxed/relaxed"));
	made = sign_from(bench, "anna@other.example", NULL);
	assert_int_equal(made.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(patterns_of_authors, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(one_file, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(refused_is_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(several_entries, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(who_is_signed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(by_folder, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(who_may, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(bad_authors, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(nothing_set_up, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(tags, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(covered_fields, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(too_many_fields, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * sendmail_addresses_test.c - the form in which Sendmail writes address fields.
 * tests/mta/sendmail_addresses.py asks a real Sendmail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "sign/sendmail_addresses.h"
#include "sign/signature_make.h"

static const struct {
	const char *value;
	enum sendmail_addresses_known known;
	const char *form; /* NULL: as the value */
} cases[] = {
    {" a@b.example", SENDMAIL_CERTAIN, NULL},
    {"a@b.example", SENDMAIL_CERTAIN, NULL},
    {"\t a@b.example \r\n\t", SENDMAIL_CERTAIN, "  a@b.example"},
    {"\r\n a@b.example", SENDMAIL_CERTAIN, "  a@b.example"},
    {" a@b.example,c@d.example", SENDMAIL_CERTAIN, " a@b.example, c@d.example"},
    {" a@b.example ,\r\n\tc@d.example", SENDMAIL_CERTAIN, " a@b.example, c@d.example"},
    {" ,,a@b.example,, c@d.example,", SENDMAIL_CERTAIN, " a@b.example, c@d.example"},
    {" A <a@b.example>,<c@d.example>", SENDMAIL_CERTAIN, " A <a@b.example>, <c@d.example>"},
    {" A  B  < a@b.example\r\n >", SENDMAIL_CERTAIN, " A  B  <a@b.example>"},
    {" A\r\n B <a@b.example>", SENDMAIL_CERTAIN, NULL},
    {" \"A, \\\"B\\\"\" <a@b.example>", SENDMAIL_CERTAIN, NULL},
    {" a@b.example(c)", SENDMAIL_CERTAIN, " a@b.example (c)"},
    {" a@b.example   (c, d) ", SENDMAIL_CERTAIN, " a@b.example (c, d)"},
    {" A <a@b.example>(c)", SENDMAIL_CERTAIN, NULL},
    {" A B. C  <a@b.example>", SENDMAIL_USUAL, " \"A B. C\"  <a@b.example>"},
    {" A'B <a@b.example>", SENDMAIL_USUAL, " \"A'B\" <a@b.example>"},
    {" aaaaaaaaaaaaaaaaaaaa@b.example,bbbbbbbbbbbbbbbbbbbb@b.example,c@b.example", SENDMAIL_CERTAIN,
     " aaaaaaaaaaaaaaaaaaaa@b.example, bbbbbbbbbbbbbbbbbbbb@b.example,\r\n        c@b.example"},
    {"", SENDMAIL_UNKNOWN, NULL},
    {" ,", SENDMAIL_UNKNOWN, NULL},
    {" a", SENDMAIL_UNKNOWN, NULL},
    {" a@b", SENDMAIL_UNKNOWN, NULL},
    {" a@localhost.example", SENDMAIL_UNKNOWN, NULL},
    {" a@b.UUCP", SENDMAIL_UNKNOWN, NULL},
    {" a@b.example.", SENDMAIL_UNKNOWN, NULL},
    {" a..b@c.example", SENDMAIL_UNKNOWN, NULL},
    {" a%b@c.example", SENDMAIL_UNKNOWN, NULL},
    {" a@[192.0.2.1]", SENDMAIL_UNKNOWN, NULL},
    {" \"a b\"@c.example", SENDMAIL_UNKNOWN, NULL},
    {" a@b.example c@d.example", SENDMAIL_UNKNOWN, NULL},
    {" a@b.example (c (d))", SENDMAIL_UNKNOWN, NULL},
    {" a@b.example (c", SENDMAIL_UNKNOWN, NULL},
    {" a@b.example (c\\", SENDMAIL_UNKNOWN, NULL},
    {" (c) a@b.example", SENDMAIL_UNKNOWN, NULL},
    {" \"A\" B. <a@b.example>", SENDMAIL_UNKNOWN, NULL},
    {" \"A <a@b.example>", SENDMAIL_UNKNOWN, NULL},
    {" \"A\\", SENDMAIL_UNKNOWN, NULL},
    {" J\xc3\xbcrgen <a@b.example>", SENDMAIL_UNKNOWN, NULL},
    {" \"J\xc3\xbcrgen\" <a@b.example>", SENDMAIL_UNKNOWN, NULL},
    {" A <a@b.example", SENDMAIL_UNKNOWN, NULL},
    {" A <a@b.example> B", SENDMAIL_UNKNOWN, NULL},
    {" A <<a@b.example>>", SENDMAIL_UNKNOWN, NULL},
    {" A: a@b.example;", SENDMAIL_UNKNOWN, NULL},
    {" a@b.example, x", SENDMAIL_UNKNOWN, NULL},
};

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new();
		const char *form = "";
		enum sendmail_addresses_known known =
		    sendmail_addresses_form(arena, "to", cases[i].value, &form);
		const char *wanted = cases[i].form != NULL ? cases[i].form : cases[i].value;

		if (known != cases[i].known ||
		    (known != SENDMAIL_UNKNOWN && strcmp(form, wanted) != 0))
			fail_msg("\"%s\": %d \"%s\"", cases[i].value, (int)known, form);
		arena_free(arena);
	}
}

/* Sendmail's own output is left as it is: the form of a form is the form. */
static void test_forms_stay(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new();
		const char *once = "", *twice = "";

		if (sendmail_addresses_form(arena, "to", cases[i].value, &once) !=
		    SENDMAIL_UNKNOWN) {
			assert_int_equal(sendmail_addresses_form(arena, "to", once, &twice),
			                 SENDMAIL_CERTAIN);
			assert_string_equal(once, twice);
		}
		arena_free(arena);
	}
}

static void test_a_long_entry_is_unknown(void **state)
{
	struct arena *arena = arena_new();
	char value[400];
	const char *form;

	(void)state;
	memset(value, 'a', sizeof value);
	snprintf(value + 150, sizeof value - 150, " <a@b.example>");
	assert_int_equal(sendmail_addresses_form(arena, "to", value, &form), SENDMAIL_CERTAIN);
	memset(value, 'a', sizeof value);
	snprintf(value + 250, sizeof value - 250, " <a@b.example>");
	assert_int_equal(sendmail_addresses_form(arena, "to", value, &form), SENDMAIL_UNKNOWN);
	arena_free(arena);
}

static struct signature_cover cover(struct arena *arena, const char *from, const char *to,
                                    bool by_sendmail)
{
	const struct header headers[] = {{"From", from}, {"To", to}, {"To", " c@d.example"}};
	const struct message message = {
	    .by_sendmail = by_sendmail, .header_count = 3, .headers = headers};
	static const struct strings standard;
	const struct line_rule rule = {998, true};
	const struct signing signing = {.fields = signed_fields_of(arena, &standard, &standard),
	                                .sent = sent_fields_make(arena, &message, &rule),
	                                .message = &message,
	                                .header_form = CANON_RELAXED,
	                                .body_form = CANON_RELAXED,
	                                .arena = arena};

	return signature_make_cover(&signing);
}

static void test_what_is_covered(void **state)
{
	struct arena *arena = arena_new();
	struct signature_cover other =
	    cover(arena, " A. B <a@b.example>", " x@y.example,c@d.example", false);
	struct signature_cover form =
	    cover(arena, " A. B <a@b.example>", " x@y.example,c@d.example", true);
	struct signature_cover less =
	    cover(arena, " \"A\" B. <a@b.example>", " x@y.example,c", true);

	(void)state;
	assert_non_null(strstr(other.canonical, "from:A. B <a@b.example>\r\n"));
	assert_non_null(strstr(other.canonical, "to:x@y.example,c@d.example\r\n"));
	assert_non_null(strstr(form.canonical, "from:\"A. B\" <a@b.example>\r\n"));
	assert_non_null(
	    strstr(form.canonical, "to:c@d.example\r\nto:x@y.example, c@d.example\r\n"));
	assert_string_equal(other.names, form.names);
	/* of several fields of a name, all are covered or none; From always is */
	assert_non_null(strstr(less.canonical, "from:\"A\" B. <a@b.example>\r\n"));
	assert_null(strstr(less.canonical, "to:"));
	assert_int_equal(
	    strncmp(less.names, "from:from:cc:subject:", strlen("from:from:cc:subject:")), 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_forms_stay),
	    cmocka_unit_test(test_a_long_entry_is_unknown),
	    cmocka_unit_test(test_what_is_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

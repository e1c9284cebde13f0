/*
 * author_test.c - From values and what the author domain is, or why there is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "author.h"
#include "author_row.h"
#include "base/text.h"
#include "mailbox_list.h"

/* RFC 5322 3.4 and its appendix A, and what real mail has */
static const struct author_row ordinary[] = {
    {" jdoe@machine.example", AUTHOR_ONE, "machine.example", NULL},
    {" John Doe <jdoe@machine.example>", AUTHOR_ONE, "machine.example", NULL},
    {" <boss@nil.test>", AUTHOR_ONE, "nil.test", NULL},
    {" \"Joe Q. Public\" <john.q.public@example.com>", AUTHOR_ONE, "example.com", NULL},
    {" \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>", AUTHOR_ONE, "example.net", NULL},
    {" Mary Smith <mary@X.Test>", AUTHOR_ONE, "x.test", NULL},
    {"a@EXAMPLE.com", AUTHOR_ONE, "example.com", NULL},
    {"a@example.com.", AUTHOR_ONE, "example.com", NULL},
    {"A <a@example.com. >", AUTHOR_ONE, "example.com", NULL},
    {"a+b=c/d!e#f$g%h&i*j?k^l_m`n{o|p}q~r@example.com", AUTHOR_ONE, "example.com", NULL},
    {"o'brien@example.com", AUTHOR_ONE, "example.com", NULL},
    {"a@sub_domain.example.com", AUTHOR_ONE, "sub_domain.example.com", NULL},
    {"a@localhost", AUTHOR_ONE, "localhost", NULL},
    {"a@x.com", AUTHOR_ONE, "x.com", NULL},
    {"a@1.example", AUTHOR_ONE, "1.example", NULL},
    {" A\r\n <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {" A\r\n\t<a@example.com>\r\n ", AUTHOR_ONE, "example.com", NULL},
    {"A<a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"\"A\"<a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"< a@example.com >", AUTHOR_ONE, "example.com", NULL},
    {"\"Medtronic, Inc.\" <x@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"\"a@b.example\" <x@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"\"<a@b.example>\" <x@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"\"a\r\n b\" <x@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"\"\" <x@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"\"a\" \"b\" c <x@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"a@example.com, b@example.com", AUTHOR_ONE, "example.com", NULL},
    {"a@example.com, B <b@EXAMPLE.COM>", AUTHOR_ONE, "example.com", NULL},
    {"a@example.com, b@example.net", AUTHOR_SEVERAL, "example.com example.net",
     "example.com, example.net"},
    {"a@example.com, b@example.net, c@example.com", AUTHOR_SEVERAL, "example.com example.net",
     "more than one domain"},
    {"a@example.com, b@sub.example.com", AUTHOR_SEVERAL, "example.com sub.example.com",
     "sub.example.com"},
    {"a@a.example,b@b.example,c@c.example,d@d.example,e@e.example", AUTHOR_SEVERAL,
     "a.example b.example c.example d.example e.example", "d.example and more"},
};

/* local parts: nothing in them names the domain */
static const struct author_row local_parts[] = {
    {"\"a@b.example\"@example.com", AUTHOR_ONE, "example.com", NULL},
    {"\"a <x@evil.example>\"@good.example", AUTHOR_ONE, "good.example", NULL},
    {"\"Someone <x@junk.example>\"@mydomain.example", AUTHOR_ONE, "mydomain.example", NULL},
    {"<\"a>b\"@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"<\"a\\\"@evil.example\\\"\"@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"\"a\\\\\"@example.com", AUTHOR_ONE, "example.com", NULL},
    {"\" \"@example.com", AUTHOR_ONE, "example.com", NULL},
    {"\"\"@example.com", AUTHOR_ONE, "example.com", NULL},
    {"\"a,b\"@example.com", AUTHOR_ONE, "example.com", NULL},
    {"\"a\".b.\"c\"@example.com", AUTHOR_ONE, "example.com", NULL},
    {"a . b @ example.com", AUTHOR_ONE, "example.com", NULL},
    {"a..b@example.com", AUTHOR_ONE, "example.com", NULL},
    {"a.@example.com", AUTHOR_ONE, "example.com", NULL},
    {".a@example.com", AUTHOR_ONE, "example.com", NULL},
    {"bounce=a=b.example@example.com", AUTHOR_ONE, "example.com", NULL},
    {"a%evil.example@example.com", AUTHOR_ONE, "example.com", NULL},
    {"evil.example!a@example.com", AUTHOR_ONE, "example.com", NULL},
    {"gr\xC3\xBC\xC3\x9F@example.com", AUTHOR_ONE, "example.com", NULL},
    {"=?utf-8?q?a=40evil.example?=@example.com", AUTHOR_BROKEN, "example.com",
     "an encoded word stands in"},
    {"<=?utf-8?q?a=40evil.example?=>", AUTHOR_BROKEN, "", "has no @"},
    {"=?utf-8?q?a,b?=@example.com", AUTHOR_BROKEN, "example.com", "has no @"},
    {"a b@example.com", AUTHOR_BROKEN, "example.com", "not a local part: a b"},
    {"\"a\"b@example.com", AUTHOR_BROKEN, "example.com", "not a local part"},
    {"[a]@example.com", AUTHOR_BROKEN, "example.com", "not a local part"},
    {"@example.com", AUTHOR_BROKEN, "example.com", "nothing before its @"},
    {"<@example.com>", AUTHOR_BROKEN, "example.com", "nothing before its @"},
    {"A <@example.com>", AUTHOR_BROKEN, "example.com", "nothing before its @"},
    {"(a)@example.com", AUTHOR_BROKEN, "example.com", "nothing before its @"},
    {".@example.com", AUTHOR_BROKEN, "example.com", "nothing before its @"},
};

/* RFC 5322 3.2.2, 4.4: comments and white space in any place */
static const struct author_row comments[] = {
    {"a@example.com (A. Author)", AUTHOR_ONE, "example.com", NULL},
    {"(x) a@example.com", AUTHOR_ONE, "example.com", NULL},
    {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", AUTHOR_ONE, "silly.test",
     NULL},
    {"a@(x)example.com", AUTHOR_ONE, "example.com", NULL},
    {"a@example(x).com", AUTHOR_ONE, "example.com", NULL},
    {"a@example.(x)com", AUTHOR_ONE, "example.com", NULL},
    {"a@example . com", AUTHOR_ONE, "example.com", NULL},
    {"a@example\r\n .\r\n com", AUTHOR_ONE, "example.com", NULL},
    {"a@(x(y(z)))example.com", AUTHOR_ONE, "example.com", NULL},
    {"(b@evil.example) a@example.com", AUTHOR_ONE, "example.com", NULL},
    {"(<b@evil.example>,) <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"A (x \\( y) <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"A (\"unclosed) <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"\"(\" <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"(x)\"A\"(y)<(z)a(1)@(2)example.com(3)>(4)", AUTHOR_ONE, "example.com", NULL},
    {"a@good.example .evil.example", AUTHOR_ONE, "good.example.evil.example", NULL},
    {"a@exam(x)ple.com", AUTHOR_BROKEN, "exam", "text follows"},
    {"a@example.com (x", AUTHOR_BROKEN, "example.com", "no closing parenthesis"},
    {"(a@example.com", AUTHOR_BROKEN, "", "no closing parenthesis"},
    {"A (x <a@example.com>", AUTHOR_BROKEN, "", "no closing parenthesis"},
    {"(x\\) a@example.com", AUTHOR_BROKEN, "", "no closing parenthesis"},
    {"a@example.com x)", AUTHOR_BROKEN, "example.com", "text follows"},
    {"A) <a@example.com>", AUTHOR_BROKEN, "example.com", "has no @: A"},
    {"(x\\", AUTHOR_BROKEN, "", "no closing parenthesis"},
};

/* display names: sloppy ones pass where they cannot change the domain that is seen */
static const struct author_row display_names[] = {
    {"J. R. Smith <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"J.R.Smith<a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {". <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"M\xFCller <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"M\xC3\xBCller <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"\xE6\x97\xA5\xE6\x9C\xAC <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"[JIRA] A <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"=?utf-8?Q?M=C3=BCller?= <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"=?utf-8?B?TcO8bGxlcg==?= =?utf-8?Q?x?= <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"=?utf-8?Q?a=40evil.example?= <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"=?utf-8?Q?Firm,_Inc.?= <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"=?utf-8?Q?a:b;c[d]?= <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"=?utf-8?Q?A_(B)?= <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"=?utf-8?Q?=3Ca@evil.example=3E?= <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"=?utf-8?Q?x <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"=?x?= <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"\"=?utf-8?Q?a,b?=\" <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"a@example.com <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"a@EXAMPLE.com <b@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"x@evil.example <y@good.example>", AUTHOR_BROKEN, "evil.example good.example",
     "stands unquoted"},
    {"b@x.example, x@evil.example <b@x.example>", AUTHOR_BROKEN, "x.example evil.example",
     "stands unquoted"},
    {"A x@evil.example <y@good.example>", AUTHOR_BROKEN, "evil.example good.example",
     "not a local part"},
    {"Smith, John <j@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"=?utf-8?Q?A, b?= <a@example.com>", AUTHOR_ONE, "example.com", NULL},
    {"A; B <a@example.com>", AUTHOR_BROKEN, "example.com", "has no @: A"},
    {"A\\B <a@example.com>", AUTHOR_BROKEN, "example.com", "has no @: A"},
    {"A \x01 <a@example.com>", AUTHOR_BROKEN, "example.com", "has no @: A"},
    {"Re: A <a@example.com>", AUTHOR_BROKEN, "example.com", "not closed by a semicolon"},
    {"\"A <a@example.com>", AUTHOR_BROKEN, "", "no closing quote"},
    {"A\" <a@example.com>", AUTHOR_BROKEN, "", "no closing quote"},
    {"\"A\\\" <a@example.com>", AUTHOR_BROKEN, "", "no closing quote"},
};

/* angle brackets, routes, list separators */
static const struct author_row brackets[] = {
    {"<@a.example,@b.example:user@c.example>", AUTHOR_ONE, "c.example", NULL},
    {"A <@a.example:user@c.example>", AUTHOR_ONE, "c.example", NULL},
    {"<@a.example, , (x) @b.example : user@c.example>", AUTHOR_ONE, "c.example", NULL},
    {"<,@a.example:user@c.example>", AUTHOR_ONE, "c.example", NULL},
    {",a@example.com", AUTHOR_ONE, "example.com", NULL},
    {"a@example.com,", AUTHOR_ONE, "example.com", NULL},
    {" , ,(x), a@example.com , ,", AUTHOR_ONE, "example.com", NULL},
    {"<@a.example,@b.example>", AUTHOR_BROKEN, "b.example", "nothing before its @"},
    {"<@a.example:>", AUTHOR_BROKEN, "", "has no @"},
    {"<>", AUTHOR_BROKEN, "", "empty"},
    {"A <>", AUTHOR_BROKEN, "", "empty"},
    {"< (x) >", AUTHOR_BROKEN, "", "empty"},
    {"<a>", AUTHOR_BROKEN, "", "has no @: a"},
    {"A <a@example.com", AUTHOR_BROKEN, "example.com", "not closed"},
    {"A <a@example.com, b@example.com>", AUTHOR_BROKEN, "example.com", "not closed"},
    {"a@example.com>", AUTHOR_BROKEN, "example.com", "does not belong there: >"},
    {"A <a@example.com>>", AUTHOR_BROKEN, "example.com", "does not belong there: >"},
    {"<<a@example.com>>", AUTHOR_BROKEN, "example.com", "has no @"},
    {"<a@a.example><b@b.example>", AUTHOR_BROKEN, "a.example b.example", "without a comma"},
    {"a@a.example b@b.example", AUTHOR_BROKEN, "a.example b.example", "without a comma"},
    {"a@a.example\r\n b@b.example", AUTHOR_BROKEN, "a.example b.example", "without a comma"},
    {"a@a.example;b@b.example", AUTHOR_BROKEN, "a.example b.example", "does not belong there: ;"},
    {"<a@a.example>@b.example", AUTHOR_BROKEN, "a.example b.example",
     "without a comma: @b.example"},
    {"a@a.example@b.example", AUTHOR_BROKEN, "a.example b.example", "without a comma"},
    {"<a@a.example@b.example>", AUTHOR_BROKEN, "a.example b.example", "not closed"},
    {"<a@example.com> trailing", AUTHOR_BROKEN, "example.com", "without a comma: trailing"},
    {"<a@example.com> \"x\"", AUTHOR_BROKEN, "example.com", "without a comma"},
    {"mailto:a@example.com", AUTHOR_BROKEN, "example.com", "not closed by a semicolon"},
};

/* RFC 6854 */
static const struct author_row groups[] = {
    {"A Group:a@example.com;", AUTHOR_ONE, "example.com", NULL},
    {"A Group: A <a@example.com>, b@example.com ; (x)", AUTHOR_ONE, "example.com", NULL},
    {"\"G:\": a@example.com;, b@example.com", AUTHOR_ONE, "example.com", NULL},
    {"G: ,,a@example.com,;", AUTHOR_ONE, "example.com", NULL},
    {"G: a@example.com;, H: b@example.net;", AUTHOR_SEVERAL, "example.com example.net",
     "more than one"},
    {"G: a@example.com, b@example.net;", AUTHOR_SEVERAL, "example.com example.net",
     "more than one"},
    {"Undisclosed recipients:;", AUTHOR_BROKEN, "", "holds no address"},
    {"(empty list)(start)Hidden recipients  :(nobody(that I know))  ;", AUTHOR_BROKEN, "",
     "holds no address"},
    {"G:;, a@example.com", AUTHOR_ONE, "example.com", NULL},
    {":a@example.com;", AUTHOR_BROKEN, "example.com", "a group has no name"},
    {"G: H: a@example.com;;", AUTHOR_BROKEN, "example.com", "within a group"},
    {"G: a@example.com; b@example.net", AUTHOR_BROKEN, "example.com example.net",
     "without a comma"},
    {"G: a@example.com", AUTHOR_BROKEN, "example.com", "not closed by a semicolon"},
    {"G: a@example.com;;", AUTHOR_BROKEN, "example.com", "does not belong there: ;"},
};

/* domains: A-labels come out, and nothing that is no name */
static const struct author_row domains[] = {
    {"a@m\xC3\xBCnchen.example", AUTHOR_ONE, "xn--mnchen-3ya.example", NULL},
    {"a@M\xC3\x9CNCHEN.example", AUTHOR_ONE, "xn--mnchen-3ya.example", NULL},
    {"a@xn--mnchen-3ya.example, b@m\xC3\xBCnchen.example", AUTHOR_ONE, "xn--mnchen-3ya.example",
     NULL},
    {"a@fa\xC3\x9F.example", AUTHOR_ONE, "xn--fa-hia.example", NULL},
    {"a@example\xE3\x80\x82"
     "com",
     AUTHOR_ONE, "example.com", NULL},
    {"a@\xD0\xB0pple.example", AUTHOR_ONE, "xn--pple-43d.example", NULL},
    {"a@m\xFCnchen.example", AUTHOR_BROKEN, "", "no valid domain name"},
    {"a@=?utf-8?q?example?=.com", AUTHOR_BROKEN, "", "no valid domain name"},
    {"a@exa$mple.com", AUTHOR_BROKEN, "", "no valid domain name: exa$mple.com"},
    {"a@[192.0.2.1]", AUTHOR_BROKEN, "", "address literal instead"},
    {"A <a@[IPv6:2001:db8::1]>", AUTHOR_BROKEN, "", "address literal instead"},
    {"a@[example.com]", AUTHOR_BROKEN, "", "address literal instead"},
    {"a@[192.0.2.1], b@example.com", AUTHOR_BROKEN, "example.com", "address literal instead"},
    {"a@[192.0.2.1", AUTHOR_BROKEN, "", "no closing bracket"},
    {"a@", AUTHOR_BROKEN, "", "no domain after"},
    {"<a@>", AUTHOR_BROKEN, "", "no domain after"},
    {"a@ , b@example.com", AUTHOR_BROKEN, "example.com", "no domain after"},
    {"a@\"example.com\"", AUTHOR_BROKEN, "", "no domain after"},
    {"a@.example.com", AUTHOR_BROKEN, "", "no domain after"},
    {"a@example..com", AUTHOR_BROKEN, "example", "without a comma"},
    {"a@example.com..", AUTHOR_BROKEN, "example.com", "without a comma"},
    {"a@.", AUTHOR_BROKEN, "", "no domain after"},
    {"a@1234567890123456789012345678901234567890123456789012345678901234.example", AUTHOR_BROKEN,
     "", "no valid domain name"},
    {"", AUTHOR_BROKEN, "", "holds no address"},
    {" \r\n ", AUTHOR_BROKEN, "", "holds no address"},
    {"(only a comment)", AUTHOR_BROKEN, "", "holds no address"},
    {"A", AUTHOR_BROKEN, "", "has no @: A"},
    {"example.com", AUTHOR_BROKEN, "", "has no @"},
    {",", AUTHOR_BROKEN, "", "holds no address"},
    {"@", AUTHOR_BROKEN, "", "nothing before"},
    {"a@example.com\x7F", AUTHOR_BROKEN, "example.com", "does not belong there: \x7F"},
    {"a@example.com\x1B[31m", AUTHOR_BROKEN, "example.com", "\x1B"},
};

static void author_reads_every_row(void **state)
{
	static const struct {
		const struct author_row *rows;
		size_t count;
	} tables[] = {
	    {ordinary, sizeof ordinary / sizeof *ordinary},
	    {local_parts, sizeof local_parts / sizeof *local_parts},
	    {comments, sizeof comments / sizeof *comments},
	    {display_names, sizeof display_names / sizeof *display_names},
	    {brackets, sizeof brackets / sizeof *brackets},
	    {groups, sizeof groups / sizeof *groups},
	    {domains, sizeof domains / sizeof *domains},
	};

	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (size_t j = 0; j < tables[i].count; j++)
			author_row_check(&tables[i].rows[j]);
}

static void author_counts_fields(void **state)
{
	struct arena *arena = arena_new();
	struct author *author = author_begin(arena);

	(void)state;
	author_finish(author, false, arena);
	assert_int_equal(author->state, AUTHOR_MISSING);
	assert_non_null(strstr(author->reason, "no From field"));
	author_field(author, "a@example.com", arena);
	author_field(author, "a@example.com", arena);
	author_finish(author, false, arena);
	assert_int_equal(author->state, AUTHOR_REPEATED);
	assert_non_null(strstr(author->reason, "2 From fields"));
	assert_int_equal(author->domain_count, 1);
	author_field(author, "b@example.net, <", arena);
	author_finish(author, true, arena);
	assert_int_equal(author->state, AUTHOR_REPEATED);
	assert_string_equal(author_row_domains(author, arena), "example.com example.net");
	arena_free(arena);
}

static void author_of_a_long_field_is_unknown(void **state)
{
	static const size_t lengths[] = {20000, 32768, 32769, 100000};

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct arena *arena = arena_new();
		struct author *author = author_begin(arena);

		author_field(author, arena_format(arena, "%-*s", (int)lengths[i], "a@example.com"),
		             arena);
		author_finish(author, false, arena);
		assert_int_equal(author->state, i < 2 ? AUTHOR_ONE : AUTHOR_BROKEN);
		assert_string_equal(author_row_domains(author, arena), "example.com");
		assert_true(i < 2 || strstr(author->reason, "so long") != NULL);
		arena_free(arena);
	}
}

static void author_of_a_cut_header_is_unknown(void **state)
{
	static const char *const values[] = {NULL, "a@example.com", "a@example.com, b@example.net",
	                                     "a@"};

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct arena *arena = arena_new();
		struct author *author = author_begin(arena);

		if (values[i] != NULL)
			author_field(author, values[i], arena);
		author_finish(author, true, arena);
		assert_int_equal(author->state, AUTHOR_BROKEN);
		assert_null(author->domain);
		assert_non_null(strstr(author->reason, "too long"));
		arena_free(arena);
	}
}

/* The contract of AUTHOR_ONE (finding.h) holds also of an author that is settled later. */
static void author_settles_on_the_brackets(void **state)
{
	static const char *const names[] = {"a@mail.example.com", "a@mail.example.com,",
	                                    "a@x.example.com b@mail.example.com",
	                                    "a@mail.example.com B"};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct author *author = author_begin(arena);

		author_field(author, arena_format(arena, "%s <c@example.com>", names[i]), arena);
		author_finish(author, false, arena);
		assert_true(author->state != AUTHOR_ONE && author->bracketed != NULL &&
		            author->readable);
		author_settle(author);
		assert_true(author->state == AUTHOR_ONE && author->local_count == 1 + (i > 0));
		assert_string_equal(author_row_domains(author, arena), "example.com");
		assert_memory_equal(author->locals[author->local_count - 1].bytes, "c", 1);
		assert_true(author->bracketed == NULL && !author->readable &&
		            author->reason == NULL);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(author_reads_every_row),
	    cmocka_unit_test(author_counts_fields),
	    cmocka_unit_test(author_of_a_long_field_is_unknown),
	    cmocka_unit_test(author_of_a_cut_header_is_unknown),
	    cmocka_unit_test(author_settles_on_the_brackets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * answer_test.c - record data from the network, well-formed and not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "dns/answer.h"

/* Data in memory of exactly its size, so that a sanitizer sees every octet that is read beyond it.
 */
static struct answer *answer_from(enum record_type type, const char *octets, size_t length)
{
	unsigned char *exact = malloc(length == 0 ? 1 : length);
	struct record_data data = {exact, length};
	struct answer *answer;

	memcpy(exact, octets, length);
	answer = answer_found(type, &data, 1, true);
	free(exact);
	return answer;
}

#define OCTETS(literal) literal, sizeof(literal) - 1
#define FIFTEEN         "\0170123456789abcde"
#define LABELS_64       FIFTEEN FIFTEEN FIFTEEN FIFTEEN

static void shapes_of_data(void **state)
{
	static const struct {
		enum record_type type;
		const char *octets;
		size_t length;
		const char *expected; /* NULL: malformed */
	} cases[] = {
	    {RECORD_TXT, OCTETS("\3abc"), "abc"},
	    {RECORD_TXT, OCTETS("\3abc\0\2de"), "abcde"},
	    {RECORD_TXT, OCTETS("\0"), ""},
	    {RECORD_TXT, OCTETS(""), NULL},
	    {RECORD_TXT, OCTETS("\4abc"), NULL},
	    {RECORD_TXT, OCTETS("\3abc\377"), NULL},
	    {RECORD_PTR, OCTETS("\3Abc\2de\0"), "abc.de"},
	    {RECORD_PTR, OCTETS("\0"), ""},
	    {RECORD_PTR, OCTETS(""), NULL},
	    {RECORD_PTR, OCTETS("\3abc"), NULL},
	    {RECORD_PTR, OCTETS("\3abc\0x"), NULL},
	    {RECORD_PTR, OCTETS("\300\1a\0"), NULL},
	    {RECORD_PTR,
	     OCTETS("\100aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0"),
	     NULL},
	    {RECORD_PTR, OCTETS("\5a.b\\\0\1c\0"), "a\\046b\\092\\000.c"},
	    {RECORD_PTR, OCTETS(LABELS_64 LABELS_64 LABELS_64 LABELS_64 "\0"), NULL},
	    {RECORD_MX, OCTETS("\1\2\1a\0"), "a"},
	    {RECORD_MX, OCTETS("\0\0\0"), ""},
	    {RECORD_MX, OCTETS("\0\0"), NULL},
	    {RECORD_MX, OCTETS("\0"), NULL},
	    {RECORD_A, OCTETS("\300\0\2"), NULL},
	    {RECORD_A, OCTETS("\300\0\2\1\1"), NULL},
	    {RECORD_AAAA, OCTETS("\300\0\2\1"), NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct answer *answer =
		    answer_from(cases[i].type, cases[i].octets, cases[i].length);
		bool text = cases[i].type == RECORD_TXT;

		assert_int_equal(answer->status,
		                 cases[i].expected == NULL ? LOOKUP_FAILED : LOOKUP_FOUND);
		assert_int_equal(answer->count, cases[i].expected != NULL);
		if (cases[i].expected == NULL)
			assert_non_null(strstr(answer->why, "malformed"));
		else
			assert_string_equal(text ? answer->records[0].text
			                         : answer->records[0].name,
			                    cases[i].expected);
		answer_free(answer);
	}
}

static void values_of_numbers(void **state)
{
	struct answer *answer = answer_from(RECORD_MX, OCTETS("\1\2\1a\0"));
	char text[ADDRESS_TEXT];

	(void)state;
	assert_int_equal(answer->records[0].preference, 258);
	assert_true(answer->secure);
	answer_free(answer);
	answer = answer_from(RECORD_A, OCTETS("\300\0\2\1"));
	assert_string_equal(address_print(&answer->records[0].address, text), "192.0.2.1");
	answer_free(answer);
}

static void what_an_answer_holds_is_bounded(void **state)
{
	static unsigned char octets[300];
	static struct record_data data[ANSWER_RECORDS_MAX + 1];
	struct answer *answer;

	(void)state;
	octets[0] = 255;
	octets[256] = 43;
	for (size_t i = 0; i <= ANSWER_RECORDS_MAX; i++)
		data[i] = (struct record_data){octets, 256};
	answer = answer_found(RECORD_TXT, data, ANSWER_RECORDS_MAX, false);
	assert_int_equal(answer->status, LOOKUP_FOUND);
	assert_int_equal(answer->records[ANSWER_RECORDS_MAX - 1].text_length, 255);
	answer_free(answer);
	answer = answer_found(RECORD_TXT, data, ANSWER_RECORDS_MAX + 1, false);
	assert_int_equal(answer->status, LOOKUP_FAILED);
	answer_free(answer);
	data[7].length = 300;
	answer = answer_found(RECORD_TXT, data, ANSWER_RECORDS_MAX, false);
	assert_int_equal(answer->status, LOOKUP_FAILED);
	answer_free(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shapes_of_data),
	    cmocka_unit_test(values_of_numbers),
	    cmocka_unit_test(what_an_answer_holds_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

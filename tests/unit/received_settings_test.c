/*
 * received_settings_test.c - which recipients are addresses that reports come to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "received/received_settings.h"

static const char *const addresses[] = {"DMARC@example.org", "tls+in@example.org",
                                        "d@xn--bcher-kva.example"};
static const struct received_settings settings = {.addresses = {3, addresses}};

static const struct {
	const char *recipient;
	bool matches;
} cases[] = {
    {"dmarc@example.org", true},
    {"Dmarc@Example.ORG", true},
    {"dmarc@example.org.", true},
    {"dmarc+example.net@example.org", true},
    {"dmarc+@example.org", true},
    {"tls+in@example.org", true},
    {"tls+in+more@example.org", true},
    {"d@b\xC3\xBC"
     "cher.example",
     true},
    {"tls@example.org", false},
    {"tls+other@example.org", false},
    {"dmarc2@example.org", false},
    {"dmarc-x@example.org", false},
    {"marc@example.org", false},
    {"+dmarc@example.org", false},
    {"dmarc@sub.example.org", false},
    {"dmarc@example.org.example.net", false},
    {"dmarc@example.org@example.net", false},
    {"dmarc@", false},
    {"@example.org", false},
    {"dmarc", false},
    {"", false},
    {"@", false},
    {"dmarc@[192.0.2.1]", false},
};

static void addresses_are_found_as_mail_servers_deliver(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (received_settings_match(&settings, cases[i].recipient, arena) !=
		    cases[i].matches)
			fail_msg("%s", cases[i].recipient);
	arena_free(arena);
}

static void without_addresses_nothing_is(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_false(received_settings_match(&(struct received_settings){.after = RECEIVED_DISCARD},
	                                     "dmarc@example.org", arena));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_are_found_as_mail_servers_deliver),
	    cmocka_unit_test(without_addresses_nothing_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

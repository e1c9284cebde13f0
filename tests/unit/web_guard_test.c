/*
 * web_guard_test.c - whom the page answers (web/web_guard.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "web/web_guard.h"

static const struct {
	const char *host;
	bool right;
} hosts[] = {
    {"localhost", true},
    {"localhost:8893", true},
    {"LOCALHOST", true},
    {"127.0.0.1:8893", true},
    {"192.0.2.7", true},
    {"[::1]:8893", true},
    {"[2001:db8::1]", true},
    {"mail.example.org", true},
    {"Mail.Example.ORG.:443", true},
    {NULL, false},
    {"", false},
    {":8893", false},
    {"evil.example", false},
    {"mail.example.org.evil.example", false},
    {"mail.example.orgx", false},
    {"localhost.evil.example", false},
    {"127.0.0.1.evil.example", false},
    {"[::1", false},
    {"[::1]x", false},
    {"[127.0.0.1]", false},
    {"[]", false},
    {"localhost:", false},
    {"localhost:1x", false},
    {"localhost:123456", false},
    {"localhost, evil.example", false},
    {".", false},
};

static void test_hosts(void **state)
{
	const char *const items[] = {"mail.example.org"};
	const struct strings names = {1, items}, none = {0, NULL};

	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
		if (web_guard_host(hosts[i].host, &names) != hosts[i].right)
			fail_msg("Host: %s", hosts[i].host == NULL ? "(none)" : hosts[i].host);
	assert_false(web_guard_host("mail.example.org", &none));
	assert_true(web_guard_host("localhost", &none));
}

static const struct {
	const char *address;
	bool right;
} clients[] = {
    {"127.0.0.1", true},     {"127.9.9.9", true},    {"::1", true},  {"::ffff:127.0.0.1", true},
    {"192.0.2.10", true},    {"192.0.2.11", false},  {"::2", false}, {"10.0.0.1", false},
    {"2001:db8:1::5", true}, {"2001:db8::5", false},
};

static void test_clients(void **state)
{
	struct network items[2];
	const struct networks trusted = {2, items}, none = {0, NULL};
	struct address unknown = {.family = ADDRESS_UNKNOWN}, address;

	(void)state;
	assert_true(network_parse("192.0.2.10", &items[0]) &&
	            network_parse("2001:db8:1::/48", &items[1]));
	for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
		assert_true(address_parse(clients[i].address, &address));
		if (web_guard_client(&address, &trusted) != clients[i].right)
			fail_msg("client %s", clients[i].address);
	}
	assert_true(web_guard_client(&unknown, &none));
	assert_true(address_parse("192.0.2.10", &address));
	assert_false(web_guard_client(&address, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_hosts),
	                                   cmocka_unit_test(test_clients)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

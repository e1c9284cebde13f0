/*
 * rules_test.c - which of the site's rules applies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decision/rules.h"

static struct strings one(const char *const *item)
{
	return (struct strings){1, item};
}

static void first_matching_rule_applies(void **state)
{
	static const char *const below = "*.lists.example", *const exact = "example.org",
	                         *const list = "dev.example.com";
	static const char *const at = "@rcpt.example", *const whole = "Bob@other.example";
	struct network network;
	struct rule rules[] = {
	    {.when = {.from_domain = one(&below)}, .dmarc = RULE_IGNORE, .why = "lists"},
	    {.when = {.from_domain = one(&exact), .mail_from_domain = one(&exact)},
	     .dmarc = RULE_REJECT,
	     .why = "own"},
	    {.when = {.list_id = one(&list)}, .dmarc = RULE_IGNORE, .why = "list id"},
	    {.when = {.recipient = one(&at)}, .dmarc = RULE_QUARANTINE, .why = "domain"},
	    {.when = {.recipient = one(&whole)}, .dmarc = RULE_QUARANTINE, .why = "mailbox"},
	    {.when = {.client = {1, &network}}, .dmarc = RULE_FOLLOW, .why = "client"},
	    {.when = {.helo = one(&exact)}, .dmarc = RULE_FOLLOW, .why = "helo"},
	};
	static const int lines[] = {10, 20, 30, 40, 50, 60, 70};
	static const struct {
		const char *from, *mail_from, *list_id, *recipient, *client, *why, *helo;
	} rows[] = {
	    {"a.lists.example", "x@y.example", NULL, "r@z.example", "192.0.2.1", "lists", NULL},
	    {"lists.example", "x@y.example", NULL, "r@z.example", "192.0.2.1", NULL, NULL},
	    {"evillists.example", "x@y.example", NULL, "r@z.example", "192.0.2.1", NULL, NULL},
	    {"example.org", "x@y.example", NULL, "r@z.example", "192.0.2.1", NULL, NULL},
	    {"example.org", "x@EXAMPLE.org", NULL, "r@z.example", "192.0.2.1", "own", NULL},
	    {"a.example", "", " Dev <dev.example.com>", "r@z.example", "192.0.2.1", "list id",
	     NULL},
	    {"a.example", "", " dev.example.com", "r@z.example", "192.0.2.1", "list id", NULL},
	    {"a.example", "", " <x> <xdev.example.com>", "r@z.example", "192.0.2.1", NULL, NULL},
	    {"a.example", "", NULL, "r@Rcpt.example", "192.0.2.1", "domain", NULL},
	    {"a.example", "", NULL, "r@sub.rcpt.example", "192.0.2.1", NULL, NULL},
	    {"a.example", "", NULL, "bob@other.example", "192.0.2.1", "mailbox", NULL},
	    {"a.example", "", NULL, "r@z.example", "198.51.100.7", "client", NULL},
	    {NULL, "", NULL, "postmaster", "203.0.113.1", "a trusted forwarder", NULL},
	    {NULL, "", NULL, "r@z.example", "192.0.2.1", "helo", "EXAMPLE.org."},
	    {NULL, "", NULL, "r@z.example", "192.0.2.1", NULL, "mail.example.org"},
	    {NULL, "", NULL, "r@z.example", "192.0.2.1", NULL, "[192.0.2.1]"},
	};
	struct setting_list list_of_rules = {.count = 7, .items = rules, .lines = lines};
	struct network forwarder;
	struct networks forwarders = {1, &forwarder};

	(void)state;
	assert_true(network_parse("198.51.100.0/24", &network));
	assert_true(network_parse("203.0.113.0/24", &forwarder));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *arena = arena_new();
		struct message message = {.mail_from = rows[i].mail_from};
		struct findings findings = {.judged = true};
		struct header header = {"List-ID", rows[i].list_id};
		const char *recipients[] = {rows[i].recipient};
		struct rule_match match;

		message.helo = rows[i].helo;
		message.headers = &header;
		message.header_count = rows[i].list_id != NULL;
		message.recipients = recipients;
		message.recipient_count = 1;
		assert_true(address_parse(rows[i].client, &message.client));
		findings.dmarc.author.domain = rows[i].from;
		match = rules_find(&list_of_rules, &forwarders, &message, &findings, arena);
		if (rows[i].why == NULL)
			assert_null(match.why);
		else
			assert_string_equal(match.why, rows[i].why);
		arena_free(arena);
	}
}

/* A List-Id of any length costs its length once, not once a rule. */
static void many_rules_cost_no_more_memory(void **state)
{
	enum {
		RULES = 1000,
		LENGTH = 100000
	};
	static const char *const list = "dev.example.com";
	static struct rule rules[RULES];
	static int lines[RULES];
	static char value[LENGTH + 1];
	struct header header = {"List-Id", value};
	struct message message = {.mail_from = "", .headers = &header, .header_count = 1};
	struct findings findings = {.judged = true};
	struct setting_list all = {.count = RULES, .items = rules, .lines = lines};
	struct networks forwarders = {0, NULL};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < LENGTH; i++)
		value[i] = 'a';
	for (size_t i = 0; i < RULES; i++)
		rules[i].when.list_id = one(&list);
	assert_null(rules_find(&all, &forwarders, &message, &findings, arena).name);
	assert_true(arena_used(arena) < 4 * LENGTH);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_matching_rule_applies),
	    cmocka_unit_test(many_rules_cost_no_more_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * rules_test.c - which of the site's rules applies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

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

/*
 * A slow account of what rules.h promises, without any index: for each author domain and each
 * recipient the first rule that holds for both, and of all these the strictest.
 */
struct reckoning {
	const char *recipients[5];
	const char *domains[3];
	size_t recipient_count, domain_count;
	bool cut;
	struct rule rules[6];
	int strictest; /* -1: none so far */
	bool some_follow;
};

static bool names_recipient(const struct strings *patterns, const char *recipient)
{
	const char *at = recipient == NULL ? NULL : strrchr(recipient, '@');

	for (size_t i = 0; i < patterns->count && recipient != NULL; i++) {
		const char *pattern = patterns->items[i];

		if (strcasecmp(pattern, recipient) == 0 ||
		    (at != NULL && strcasecmp(pattern, at) == 0))
			return true;
	}
	return patterns->count == 0;
}

static void reckon_pair(struct reckoning *reckoning, const char *domain, const char *recipient)
{
	static const int strictness[] = {
	    [RULE_IGNORE] = 0, [RULE_FOLLOW] = 1, [RULE_QUARANTINE] = 2, [RULE_REJECT] = 3};
	int dmarc = RULE_FOLLOW;

	for (size_t i = 0; i < 6; i++) {
		const struct rule_when *when = &reckoning->rules[i].when;

		if (!names_recipient(&when->recipient, recipient) ||
		    (when->from_domain.count > 0 &&
		     strcmp(when->from_domain.items[0], domain) != 0))
			continue;
		dmarc = reckoning->rules[i].dmarc;
		break;
	}
	reckoning->some_follow = reckoning->some_follow || dmarc == RULE_FOLLOW;
	if (reckoning->strictest < 0 || strictness[dmarc] > strictness[reckoning->strictest])
		reckoning->strictest = dmarc;
}

/* The domain that was judged is the first of From; where no rule asks, it makes no difference that
 * the others are asked for too. */
static void reckon(struct reckoning *reckoning)
{
	reckoning->strictest = -1;
	for (size_t d = 0; d < reckoning->domain_count; d++) {
		for (size_t r = 0; r < reckoning->recipient_count; r++)
			reckon_pair(reckoning, reckoning->domains[d], reckoning->recipients[r]);
		if (reckoning->cut || reckoning->recipient_count == 0)
			reckon_pair(reckoning, reckoning->domains[d], NULL);
	}
}

static size_t draw(uint32_t *seed, size_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 16) % below;
}

static void draw_reckoning(struct reckoning *reckoning, uint32_t *seed)
{
	static const char *const recipients[] = {
	    "a@one.example", "A@One.example",  "b@one.example", "a@two.example", "a",
	    "@one.example",  "a@b@two.example"};
	static const char *const patterns[] = {"a@one.example",
	                                       "@one.example",
	                                       "@TWO.example",
	                                       "B@one.example",
	                                       "a@two.example",
	                                       "a",
	                                       "@",
	                                       "a@one.exampl"};
	static const char *const domains[] = {"x.example", "y.example", "z.example"};

	*reckoning = (struct reckoning){.cut = draw(seed, 4) == 0};
	reckoning->recipient_count = draw(seed, 6);
	reckoning->domain_count = 1 + draw(seed, 3);
	for (size_t i = 0; i < reckoning->recipient_count; i++)
		reckoning->recipients[i] = recipients[draw(seed, 7)];
	for (size_t i = 0; i < reckoning->domain_count; i++)
		reckoning->domains[i] = domains[i];
	for (size_t i = 0; i < 6; i++) {
		struct rule *rule = &reckoning->rules[i];
		size_t first = draw(seed, 8);

		rule->dmarc = (int)draw(seed, 4);
		rule->when.recipient = (struct strings){draw(seed, 3), patterns + first};
		if (first == 7 && rule->when.recipient.count == 2)
			rule->when.recipient.count = 1;
		if (draw(seed, 2) == 0)
			rule->when.from_domain = one(&domains[draw(seed, 3)]);
	}
}

static void the_strictest_of_all_pairs_counts(void **state)
{
	static const int lines[] = {1, 2, 3, 4, 5, 6};
	struct networks forwarders = {0, NULL};
	struct arena *arena = arena_new();
	uint32_t seed = 7;

	(void)state;
	for (size_t round = 0; round < 20000; round++) {
		struct reckoning reckoning;
		struct setting_list list = {.count = 6, .items = reckoning.rules, .lines = lines};
		struct findings findings = {.judged = true};
		struct message message = {.mail_from = ""};
		struct rule_match match;

		draw_reckoning(&reckoning, &seed);
		reckon(&reckoning);
		message.recipients = reckoning.recipients;
		message.recipient_count = reckoning.recipient_count;
		message.recipients_cut = reckoning.cut;
		findings.dmarc.author.domain = reckoning.domains[0];
		findings.dmarc.author.domains = reckoning.domains;
		findings.dmarc.author.domain_count = reckoning.domain_count;
		match = rules_find(&list, &forwarders, &message, &findings, arena);
		assert_int_equal(match.dmarc, reckoning.strictest);
		assert_int_equal(match.some_follow, reckoning.some_follow);
		arena_reset(arena);
	}
	arena_free(arena);
}

/* More recipients than a word of the set has bits; the last of them has a rule of its own. */
static void each_of_many_recipients_is_found(void **state)
{
	enum {
		COUNT = 200
	};
	static const char *const first[] = {"@even.example", "@odd.example"};
	static const char *const last = "user-199@odd.example";
	static const int lines[] = {1, 2};
	struct rule rules[] = {
	    {.when = {.recipient = one(&last)}, .dmarc = RULE_REJECT, .why = "last"},
	    {.when = {.recipient = {2, first}}, .dmarc = RULE_IGNORE, .why = "all"},
	};
	struct setting_list list = {.count = 2, .items = rules, .lines = lines};
	struct networks forwarders = {0, NULL};
	struct findings findings = {.judged = true};
	const char *recipients[COUNT];
	struct message message = {.mail_from = "", .recipients = recipients};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		recipients[i] =
		    arena_format(arena, "user-%zu@%s.example", i, i % 2 ? "odd" : "even");
	for (size_t count = 1; count <= COUNT; count++) {
		struct rule_match match;

		message.recipient_count = count;
		match = rules_find(&list, &forwarders, &message, &findings, arena);
		assert_string_equal(match.why, count == COUNT ? "last" : "all");
		assert_false(match.some_follow);
	}
	message.recipients_cut = true;
	message.recipient_count = 64;
	assert_int_equal(rules_find(&list, &forwarders, &message, &findings, arena).dmarc,
	                 RULE_FOLLOW);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_matching_rule_applies),
	    cmocka_unit_test(many_rules_cost_no_more_memory),
	    cmocka_unit_test(the_strictest_of_all_pairs_counts),
	    cmocka_unit_test(each_of_many_recipients_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

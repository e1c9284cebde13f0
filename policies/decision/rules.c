/*
 * rules.c - the site's own exceptions: which rule applies to a message. Called by
 * filter/session/finish.c between the findings and the decision.
 */
#include "decision/rules.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"

const char *const rule_dmarc_names[] = {[RULE_FOLLOW] = "follow",
                                        [RULE_IGNORE] = "ignore",
                                        [RULE_QUARANTINE] = "quarantine",
                                        [RULE_REJECT] = "reject",
                                        NULL};

const char *const override_names[] = {
    [OVERRIDE_NONE] = "",
    [OVERRIDE_LOCAL_POLICY] = "local_policy",
    [OVERRIDE_MAILING_LIST] = "mailing_list",
    [OVERRIDE_OTHER] = "other",
    [OVERRIDE_POLICY_TEST_MODE] = "policy_test_mode",
    [OVERRIDE_TRUSTED_FORWARDER] = "trusted_forwarder",
    NULL,
};

#define ROW(member) offsetof(struct rule_when, member)
static const struct setting when_rows[] = {
    {.name = "client",
     .type = SETTING_NETWORKS,
     .offset = ROW(client),
     .standard = "[ ]",
     .help = "Networks that the client has to be in"},
    {.name = "helo",
     .type = SETTING_STRINGS,
     .offset = ROW(helo),
     .standard = "[ ]",
     .help = "Names that the client gave as HELO; *.example.org for all below it"},
    {.name = "mail_from_domain",
     .type = SETTING_STRINGS,
     .offset = ROW(mail_from_domain),
     .standard = "[ ]",
     .help = "Domains of the envelope sender; *.example.org for all below it"},
    {.name = "recipient",
     .type = SETTING_STRINGS,
     .offset = ROW(recipient),
     .standard = "[ ]",
     .help = "Recipients that it is for: an address, or @domain. A message to several has one "
             "verdict, the strictest that any of them would get, or whoever forges it would only "
             "have to add one: ignore holds only where all of them match, else the policy of the "
             "domain does"},
    {.name = "from_domain",
     .type = SETTING_STRINGS,
     .offset = ROW(from_domain),
     .standard = "[ ]",
     .help = "Author domains; *.example.org for all below it"},
    {.name = "list_id",
     .type = SETTING_STRINGS,
     .offset = ROW(list_id),
     .standard = "[ ]",
     .help = "Values of List-Id without their brackets; *.example.org for all below it"},
    {.name = NULL},
};
#undef ROW
static const struct setting_group when_settings = {"when", when_rows, sizeof(struct rule_when)};

static const struct setting rule_rows[] = {
    {.name = "when",
     .type = SETTING_GROUP,
     .offset = offsetof(struct rule, when),
     .group = &when_settings,
     .help = "Conditions, all of which have to hold"},
    {.name = "dmarc",
     .type = SETTING_WORD,
     .offset = offsetof(struct rule, dmarc),
     .standard = "\"follow\"",
     .names = rule_dmarc_names,
     .help = "What becomes of mail that fails DMARC: what the policy asks for (follow), nothing "
             "(ignore), or this, which then holds too for mail that has neither a policy nor an "
             "aligned pass"},
    {.name = "why",
     .type = SETTING_STRING,
     .offset = offsetof(struct rule, why),
     .standard = "\"\"",
     .help = "The reason, for the log and the aggregate report"},
    {.name = NULL},
};
const struct setting_group rule_settings = {"rules", rule_rows, sizeof(struct rule)};

static bool name_among(const struct strings *patterns, const char *name)
{
	for (size_t i = 0; name != NULL && i < patterns->count; i++)
		if (domain_matches(patterns->items[i], name))
			return true;
	return false;
}

static bool is_among(const struct strings *patterns, const char *recipient)
{
	const char *at = strrchr(recipient, '@');

	for (size_t i = 0; i < patterns->count; i++) {
		const char *pattern = patterns->items[i];

		if (text_same(pattern, pattern[0] == '@' && at != NULL ? at : recipient))
			return true;
	}
	return false;
}

/* What the rules ask about a message, found out once however many rules there are. */
struct facts {
	const struct message *message;
	const struct author *author;
	const char *helo, *mail_from_domain, *list_id; /* NULL for none */
	const char *author_domain; /* of the author who is looked at, NULL for none */
};

static struct facts find_facts(const struct message *message, const struct findings *findings,
                               struct arena *arena)
{
	const char *helo = message->helo;

	return (struct facts){
	    .message = message,
	    .helo = helo == NULL ? NULL : domain_normalize(arena, helo, strlen(helo)),
	    .mail_from_domain = message_address_domain(arena, message->mail_from),
	    .author = &findings->dmarc.author,
	    .list_id = message_list_identifier(message, arena),
	};
}

/* Where nobody was judged, From may hold authors that could not be read: for those there is no
 * exception. */
static bool author_among(const struct rule *rule, const struct facts *facts)
{
	if (rule->dmarc == RULE_IGNORE && facts->author->domain == NULL)
		return false;
	return name_among(&rule->when.from_domain, facts->author_domain);
}

/* Every condition but that of the recipients. */
static bool holds(const struct rule *rule, const struct facts *facts)
{
	const struct rule_when *when = &rule->when;

	if (when->client.count > 0 && !address_in_networks(&facts->message->client, &when->client))
		return false;
	if (when->helo.count > 0 && !name_among(&when->helo, facts->helo))
		return false;
	if (when->mail_from_domain.count > 0 &&
	    !name_among(&when->mail_from_domain, facts->mail_from_domain))
		return false;
	if (when->from_domain.count > 0 && !author_among(rule, facts))
		return false;
	return when->list_id.count == 0 || name_among(&when->list_id, facts->list_id);
}

/*
 * A message has one verdict, but each of its recipients and authors a rule of his own: the first
 * one that holds for him. Who sends the message chooses them, so the strictest of these rules
 * counts.
 */
struct rules_search {
	const struct setting_list *rules;
	const struct networks *forwarders;
	const struct facts *facts;
	struct arena *arena;
	bool *has_rule; /* for each recipient of the message */
	size_t
	    left; /* recipients without a rule; those that are not remembered count as one more */
	bool found;
	struct rule_match match; /* the strictest so far */
};

/* Gives the rule to whoever it is for and has none; false where there is nobody. */
static bool take_recipients(struct rules_search *search, const struct rule_when *when)
{
	const struct message *message = search->facts->message;
	size_t before = search->left;

	if (when->recipient.count == 0)
		search->left = 0;
	for (size_t i = 0; i < message->recipient_count && search->left > 0; i++) {
		if (search->has_rule[i] || !is_among(&when->recipient, message->recipients[i]))
			continue;
		search->has_rule[i] = true;
		search->left--;
	}
	return search->left < before;
}

static void keep_strictest(struct rules_search *search, struct rule_match match)
{
	static const int strictness[] = {
	    [RULE_IGNORE] = 0, [RULE_FOLLOW] = 1, [RULE_QUARANTINE] = 2, [RULE_REJECT] = 3};
	bool some_follow = match.dmarc == RULE_FOLLOW || search->match.some_follow;

	if (!search->found || strictness[match.dmarc] > strictness[search->match.dmarc])
		search->match = match;
	search->match.some_follow = some_follow;
	search->found = true;
}

static struct rule_match without_rule(const struct message *message,
                                      const struct networks *forwarders)
{
	if (address_in_networks(&message->client, forwarders))
		return (struct rule_match){.dmarc = RULE_IGNORE,
		                           .override = OVERRIDE_TRUSTED_FORWARDER,
		                           .name = "networks.forwarders",
		                           .why = "a trusted forwarder"};
	return (struct rule_match){.dmarc = RULE_FOLLOW};
}

static void look_at_author(struct rules_search *search)
{
	const struct message *message = search->facts->message;
	const struct rule *rule = search->rules->items;
	size_t recipients = message->recipient_count;

	memset(search->has_rule, 0, recipients * sizeof *search->has_rule);
	search->left = recipients + (message->recipients_cut || recipients == 0);
	for (size_t i = 0; i < search->rules->count && search->left > 0; i++) {
		if (!holds(&rule[i], search->facts) || !take_recipients(search, &rule[i].when))
			continue;
		keep_strictest(search, (struct rule_match){
		                           .dmarc = (enum rule_dmarc)rule[i].dmarc,
		                           .override = OVERRIDE_LOCAL_POLICY,
		                           .name = arena_format(search->arena, "rule %zu, line %d",
		                                                i + 1, search->rules->lines[i]),
		                           .why = rule[i].why,
		                       });
	}
	if (search->left > 0)
		keep_strictest(search, without_rule(message, search->forwarders));
}

/* Is the author that was judged one of the domains that From names? */
static bool is_listed(const struct author *author)
{
	for (size_t i = 0; i < author->domain_count && author->domain != NULL; i++)
		if (domain_equal(author->domains[i], author->domain))
			return true;
	return author->domain == NULL && author->domain_count > 0;
}

static bool ask_for_authors(const struct setting_list *rules)
{
	const struct rule *rule = rules->items;

	for (size_t i = 0; i < rules->count; i++)
		if (rule[i].when.from_domain.count > 0)
			return true;
	return false;
}

struct rule_match rules_find(const struct setting_list *rules, const struct networks *forwarders,
                             const struct message *message, const struct findings *findings,
                             struct arena *arena)
{
	const struct author *author = &findings->dmarc.author;
	struct rules_search search = {.rules = rules, .forwarders = forwarders, .arena = arena};
	struct facts facts;

	if (rules->count == 0)
		return without_rule(message, forwarders);
	facts = find_facts(message, findings, arena);
	search.facts = &facts;
	search.has_rule =
	    arena_allocate(arena, (message->recipient_count + 1) * sizeof *search.has_rule);
	for (size_t i = 0; i < author->domain_count && ask_for_authors(rules); i++) {
		facts.author_domain = author->domains[i];
		look_at_author(&search);
	}
	if (!search.found || !is_listed(author)) {
		facts.author_domain = author->domain;
		look_at_author(&search);
	}
	return search.match;
}

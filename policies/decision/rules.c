/*
 * rules.c - the site's own exceptions: which rule applies to a message. Called by
 * filter/session/finish.c between the findings and the decision.
 */
#include "decision/rules.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "decision/recipient_set.h"

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

/* What the rules ask about a message, found out once however many rules there are. */
struct rules_facts {
	const struct message *message;
	const struct author *author;
	const char *helo, *mail_from_domain, *list_id; /* NULL for none */
};

static struct rules_facts find_facts(const struct message *message, const struct findings *findings,
                                     struct arena *arena)
{
	const char *helo = message->helo;

	return (struct rules_facts){
	    .message = message,
	    .helo = helo == NULL ? NULL : domain_normalize(arena, helo, strlen(helo)),
	    .mail_from_domain = message_address_domain(arena, message->mail_from),
	    .author = &findings->dmarc.author,
	    .list_id = message_list_identifier(message, arena),
	};
}

/* Every condition but those on authors and recipients. */
static bool message_matches(const struct rule *rule, const struct rules_facts *facts)
{
	const struct rule_when *when = &rule->when;

	if (when->client.count > 0 && !address_in_networks(&facts->message->client, &when->client))
		return false;
	if (when->helo.count > 0 && !name_among(&when->helo, facts->helo))
		return false;
	if (when->mail_from_domain.count > 0 &&
	    !name_among(&when->mail_from_domain, facts->mail_from_domain))
		return false;
	return when->list_id.count == 0 || name_among(&when->list_id, facts->list_id);
}

/* Where nobody was judged, From may hold authors that could not be read: no exception is made for
 * those. */
static bool author_matches(const struct rule *rule, const struct rules_facts *facts,
                           const char *author_domain)
{
	if (rule->when.from_domain.count == 0)
		return true;
	if (rule->dmarc == RULE_IGNORE && facts->author->domain == NULL)
		return false;
	return name_among(&rule->when.from_domain, author_domain);
}

/*
 * A message has one verdict, but a rule for each of its recipients and authors: the first one that
 * applies to them. The sender chooses recipients and authors, so the strictest of these rules
 * counts.
 */
struct rules_outcome {
	bool found;
	enum rule_dmarc dmarc; /* of the strictest, the first of several */
	size_t rule;           /* its index; the count of the rules stands for none of them */
	bool some_follow;
};

struct rules_author {
	const char *domain;             /* NULL for none */
	struct recipient_set remaining; /* recipients without a rule */
	struct rules_outcome outcome;
};

struct rules_search {
	const struct setting_list *rules;
	struct rules_facts facts;
	struct recipient_set_index *recipients;
	struct recipient_set named; /* by the rule at hand */
	size_t author_count;
	struct rules_author *authors;
};

static void keep_strictest(struct rules_outcome *kept, const struct rules_outcome *other)
{
	static const int strictness[] = {
	    [RULE_IGNORE] = 0, [RULE_FOLLOW] = 1, [RULE_QUARANTINE] = 2, [RULE_REJECT] = 3};
	bool some_follow = kept->some_follow || other->some_follow;

	invariant(other->found && other->dmarc <= RULE_REJECT);
	if (!kept->found || strictness[other->dmarc] > strictness[kept->dmarc])
		*kept = *other;
	kept->some_follow = some_follow;
}

static void add_outcome(struct rules_author *author, enum rule_dmarc dmarc, size_t rule)
{
	const struct rules_outcome outcome = {true, dmarc, rule, dmarc == RULE_FOLLOW};

	keep_strictest(&author->outcome, &outcome);
}

static void find_named(struct rules_search *search, const struct rule *rule)
{
	if (rule->when.recipient.count == 0)
		recipient_set_fill(search->recipients, &search->named);
	else
		recipient_set_match(search->recipients, &rule->when.recipient, &search->named);
}

/* Who of the recipients the rule names does not depend on the author: it is found out once. */
static void apply_rule(struct rules_search *search, size_t index)
{
	const struct rule *rule = (const struct rule *)search->rules->items + index;

	if (!message_matches(rule, &search->facts))
		return;
	find_named(search, rule);
	for (size_t i = 0; i < search->author_count; i++) {
		struct rules_author *author = &search->authors[i];

		if (author_matches(rule, &search->facts, author->domain) &&
		    recipient_set_remove(&author->remaining, &search->named))
			add_outcome(author, (enum rule_dmarc)rule->dmarc, index);
	}
}

static bool all_have_a_rule(const struct rules_search *search)
{
	for (size_t i = 0; i < search->author_count; i++)
		if (!recipient_set_is_empty(&search->authors[i].remaining))
			return false;
	return true;
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

static void add_author(struct rules_search *search, const char *domain, struct arena *arena)
{
	struct rules_author *author = &search->authors[search->author_count++];

	author->domain = domain;
	author->remaining = recipient_set_new(search->recipients, arena);
	recipient_set_fill(search->recipients, &author->remaining);
}

/* Each domain of From where a rule asks for it, and the one that was judged. */
static void add_authors(struct rules_search *search, struct arena *arena)
{
	const struct author *author = search->facts.author;

	search->authors =
	    arena_allocate(arena, (author->domain_count + 1) * sizeof *search->authors);
	for (size_t i = 0; i < author->domain_count && ask_for_authors(search->rules); i++)
		add_author(search, author->domains[i], arena);
	if (search->author_count == 0 || !is_listed(author))
		add_author(search, author->domain, arena);
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

static struct rule_match match_rule(const struct setting_list *rules, size_t index,
                                    struct arena *arena)
{
	const struct rule *rule = (const struct rule *)rules->items + index;

	invariant(index < rules->count);
	return (struct rule_match){
	    .dmarc = (enum rule_dmarc)rule->dmarc,
	    .override = OVERRIDE_LOCAL_POLICY,
	    .name = arena_format(arena, "rule %zu, line %d", index + 1, rules->lines[index]),
	    .why = rule->why,
	};
}

/* `none` holds for recipients without a rule. */
static struct rules_outcome strictest_of_all(struct rules_search *search,
                                             const struct rule_match *none)
{
	struct rules_outcome strictest = {.found = false};

	for (size_t i = 0; i < search->author_count; i++) {
		struct rules_author *author = &search->authors[i];

		if (!recipient_set_is_empty(&author->remaining))
			add_outcome(author, none->dmarc, search->rules->count);
		keep_strictest(&strictest, &author->outcome);
	}
	return strictest;
}

struct rule_match rules_find(const struct setting_list *rules, const struct networks *forwarders,
                             const struct message *message, const struct findings *findings,
                             struct arena *arena)
{
	struct rule_match match = without_rule(message, forwarders);
	struct rules_search search = {.rules = rules};
	struct rules_outcome strictest;

	if (rules->count == 0)
		return match;
	search.facts = find_facts(message, findings, arena);
	search.recipients = recipient_set_index_make(message, arena);
	search.named = recipient_set_new(search.recipients, arena);
	add_authors(&search, arena);
	for (size_t i = 0; i < rules->count && !all_have_a_rule(&search); i++)
		apply_rule(&search, i);
	strictest = strictest_of_all(&search, &match);
	if (strictest.rule < rules->count)
		match = match_rule(rules, strictest.rule, arena);
	match.some_follow = strictest.some_follow;
	return match;
}

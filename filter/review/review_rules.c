/*
 * review_rules.c - checks of rules that never apply, have no effect, or trust what can be forged.
 * Rows of the table in review.c.
 *
 * A rule is split into cases: a case has one pattern of each condition of the rule. If every case
 * is inside one of the rules above, the rule never applies. Patterns are compared in the way in
 * which rules.c compares them with a message.
 */
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "review/review_checks.h"

enum {
	CASES_MAX = 5000,    /* of one rule; a rule with more is not checked */
	WORK_MAX = 20000000, /* comparisons of patterns, for all rules together */
	FIELDS = 5,
	REPEATED_MAX = 1000, /* patterns of a list that are compared with each other */
	NAMED_MAX = 3        /* rules that a finding names */
};

/* One case: a pattern for each field, NULL if the rule does not have that condition. */
struct one_case {
	const struct network *client;
	const char *texts[FIELDS];
};

static const struct strings *field_of(const struct rule_when *when, size_t field)
{
	const struct strings *const fields[FIELDS] = {&when->helo, &when->mail_from_domain,
	                                              &when->from_domain, &when->list_id,
	                                              &when->recipient};

	invariant(field < FIELDS);
	return fields[field];
}

static bool is_recipient(size_t field)
{
	return field == FIELDS - 1;
}

/* Does every name that matches `pattern` match `wide` too? */
static bool names_within(const char *pattern, const char *wide)
{
	bool pattern_below = strncmp(pattern, "*.", 2) == 0,
	     wide_below = strncmp(wide, "*.", 2) == 0;

	if (!wide_below)
		return !pattern_below && domain_equal(pattern, wide);
	if (pattern_below)
		return domain_within(pattern + 2, wide + 2);
	return domain_within(pattern, wide + 2) && !domain_equal(pattern, wide + 2);
}

static bool recipients_within(const char *pattern, const char *wide)
{
	const char *at = strrchr(pattern, '@');

	return text_same(pattern, wide) || (wide[0] == '@' && at != NULL && text_same(at, wide));
}

static bool is_inside(size_t field, const char *pattern, const char *wide)
{
	return is_recipient(field) ? recipients_within(pattern, wide) : names_within(pattern, wide);
}

static bool is_inside_any(size_t field, const char *pattern, const struct strings *wide)
{
	for (size_t i = 0; i < wide->count; i++)
		if (is_inside(field, pattern, wide->items[i]))
			return true;
	return false;
}

/* Is the case inside the rule? Not if the rule has a condition that the case does not have. */
static bool case_is_inside(const struct one_case *one, const struct rule_when *when)
{
	if (when->client.count > 0 &&
	    (one->client == NULL || !address_networks_hold(&when->client, one->client)))
		return false;
	for (size_t field = 0; field < FIELDS; field++) {
		const struct strings *wide = field_of(when, field);

		if (wide->count > 0 &&
		    (one->texts[field] == NULL || !is_inside_any(field, one->texts[field], wide)))
			return false;
	}
	return true;
}

static const char *const field_names[FIELDS] = {"rules.when.helo", "rules.when.mail_from_domain",
                                                "rules.when.from_domain", "rules.when.list_id",
                                                "rules.when.recipient"};

/* Of two names that mean the same, reports the later one. */
static void report_repeated_names(struct review_run *run, size_t rule, size_t field,
                                  const struct strings *texts)
{
	for (size_t i = 0; i < texts->count && texts->count <= REPEATED_MAX; i++)
		for (size_t other = 0; other < texts->count; other++) {
			const char *pattern = texts->items[i], *wide = texts->items[other];

			if (i == other || !is_inside(field, pattern, wide) ||
			    (is_inside(field, wide, pattern) && other > i))
				continue;
			review_run_add(
			    run, field_names[field], (long)rule,
			    "\"%s\" in rule %zu is inside \"%s\" of the same list; remove it",
			    pattern, rule + 1, wide);
			break;
		}
}

void review_rules_repeated(struct review_run *run)
{
	const struct setting_list *list = &run->settings->rules;

	for (size_t i = 0; i < list->count; i++)
		for (size_t field = 0; field < FIELDS; field++)
			report_repeated_names(
			    run, i, field,
			    field_of(&((const struct rule *)list->items)[i].when, field));
}

static size_t at_least_one(size_t count)
{
	return count == 0 ? 1 : count;
}

/* 0 if there are more than CASES_MAX. */
static size_t count_cases(const struct rule_when *when)
{
	size_t cases = at_least_one(when->client.count);

	for (size_t field = 0; field < FIELDS && cases <= CASES_MAX; field++)
		cases *= at_least_one(field_of(when, field)->count);
	return cases <= CASES_MAX ? cases : 0;
}

static struct one_case case_number(const struct rule_when *when, size_t number)
{
	size_t clients = at_least_one(when->client.count);
	struct one_case one = {
	    .client = when->client.count == 0 ? NULL : &when->client.items[number % clients]};

	invariant(clients > 0);
	number /= clients;
	for (size_t field = 0; field < FIELDS; field++) {
		const struct strings *texts = field_of(when, field);

		one.texts[field] = texts->count == 0 ? NULL : texts->items[number % texts->count];
		number /= at_least_one(texts->count);
	}
	return one;
}

static size_t count_patterns(const struct rule_when *when)
{
	size_t patterns = when->client.count;

	for (size_t field = 0; field < FIELDS; field++)
		patterns += field_of(when, field)->count;
	return patterns;
}

/* Is every case of a rule inside a rule above it? `used` gets a flag for each rule that is needed
 * for that. */
static bool is_covered(const struct rule *rules, size_t rule, size_t cases, bool *used)
{
	memset(used, 0, rule * sizeof *used);
	for (size_t number = 0; number < cases; number++) {
		struct one_case one = case_number(&rules[rule].when, number);
		size_t above = 0;

		while (above < rule && !case_is_inside(&one, &rules[above].when))
			above++;
		if (above == rule)
			return false;
		used[above] = true;
	}
	return true;
}

static const char *names_of(struct review_run *run, const bool *used, size_t rules)
{
	const char *names = "";
	size_t named = 0;

	for (size_t i = 0; i < rules; i++) {
		if (!used[i] || ++named > NAMED_MAX)
			continue;
		names = arena_format(run->arena, "%s%s%s", names, named == 1 ? "" : ", ",
		                     review_run_entry_name(run, "rule", "rules", i));
	}
	return named > NAMED_MAX ? arena_format(run->arena, "%s and others", names) : names;
}

void review_rules_never(struct review_run *run)
{
	const struct setting_list *list = &run->settings->rules;
	const struct rule *rules = list->items;
	bool *used = arena_allocate(run->arena, (list->count + 1) * sizeof *used);
	size_t work = WORK_MAX, patterns_above = 0;

	for (size_t i = 0; i < list->count; i++) {
		size_t cases = count_cases(&rules[i].when), needed = cases * patterns_above;

		patterns_above += 1 + count_patterns(&rules[i].when);
		if (cases == 0 || needed > work)
			continue;
		work -= needed;
		if (is_covered(rules, i, cases, used))
			review_run_add(
			    run, "rules", (long)i,
			    "rule %zu never applies: every message that it matches is decided by "
			    "%s above it; move it up, or remove it",
			    i + 1, names_of(run, used, i));
	}
}

void review_rules_ours(struct review_run *run)
{
	const struct setting_list *list = &run->settings->rules;

	for (size_t i = 0; i < list->count; i++) {
		const struct networks *clients = &((const struct rule *)list->items)[i].when.client;
		size_t ours = 0;

		while (ours < clients->count &&
		       address_networks_hold(&run->settings->networks.ours, &clients->items[ours]))
			ours++;
		if (ours > 0 && ours == clients->count)
			review_run_add(run, "rules.when.client", (long)i,
			               "rule %zu never applies: all its clients are in "
			               "\"networks.ours\", whose mail is not judged; remove it",
			               i + 1);
	}
}

static bool is_unconditional(const struct rule_when *when)
{
	return count_patterns(when) == 0;
}

/* "follow" without conditions is left to review_rules_last(). */
void review_rules_always(struct review_run *run)
{
	const struct setting_list *list = &run->settings->rules;
	const struct rule *rules = list->items;

	for (size_t i = 0; i < list->count; i++)
		if (is_unconditional(&rules[i].when) && rules[i].dmarc != RULE_FOLLOW)
			review_run_add(
			    run, "rules", (long)i,
			    "rule %zu has no condition in \"when\", so it applies \"%s\" to all "
			    "mail; give it a condition%s",
			    i + 1, rule_dmarc_names[rules[i].dmarc],
			    rules[i].dmarc == RULE_IGNORE
			        ? ", or set \"dmarc.enforce\" to \"monitor\""
			        : "");
}

void review_rules_last(struct review_run *run)
{
	const struct setting_list *list = &run->settings->rules;
	size_t last = list->count;

	if (run->settings->networks.forwarders.count > 0)
		return;
	if (last > 0 && ((const struct rule *)list->items)[last - 1].dmarc == RULE_FOLLOW)
		review_run_add(
		    run, "rules", (long)last - 1,
		    "rule %zu has no effect: its \"dmarc\" is \"follow\", and no rule comes after "
		    "it; set \"dmarc\" to what should happen to the mail, or remove the rule",
		    last);
}

/* A sender chooses the author domain and the list-id, and can write to any mailbox of a domain.
 * Only single mailboxes are a choice of the site: it may want to deliver forged mail to them. */
static bool names_mailboxes(const struct strings *recipients)
{
	for (size_t i = 0; i < recipients->count; i++)
		if (recipients->items[i][0] == '@')
			return false;
	return recipients->count > 0;
}

void review_rules_forgeable(struct review_run *run)
{
	const struct setting_list *list = &run->settings->rules;

	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = (const struct rule *)list->items + i;

		if (rule->dmarc == RULE_IGNORE && rule->when.client.count == 0 &&
		    !names_mailboxes(&rule->when.recipient) && !is_unconditional(&rule->when))
			review_run_add(
			    run, "rules", (long)i,
			    rule->when.recipient.count > 0
			        ? "rule %zu ignores DMARC for everybody who writes to a whole "
			          "domain; add \"client\" with the networks that such mail comes "
			          "from, or name mailboxes"
			        : "rule %zu ignores DMARC for everybody who writes the right names "
			          "into a message; add \"client\" with the networks that such mail "
			          "comes from",
			    i + 1);
	}
}

void review_rules_everybody(struct review_run *run)
{
	const struct setting_list *list = &run->settings->rules;

	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = (const struct rule *)list->items + i;
		const struct network *wide = review_networks_too_wide(run, &rule->when.client);

		if (wide != NULL && rule->dmarc == RULE_IGNORE &&
		    !names_mailboxes(&rule->when.recipient))
			review_run_add(
			    run, "rules.when.client", (long)i,
			    "rule %zu ignores DMARC for more addresses than any site has, with "
			    "\"%s\": forged mail may come from one of them; name the networks that "
			    "such mail comes from",
			    i + 1, review_networks_text(run, wide));
	}
}

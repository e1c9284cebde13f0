/*
 * source_advice.c - see source_advice.h. find_case() decides which of the cases a source is, in a
 * fixed order; the table has the sentence of each.
 *
 * A sentence is for somebody who has not read an RFC: what it is, what happens to its mail, what to
 * do. Numbers are messages of the days that were asked for.
 */
#include "received/source_advice.h"

#include <inttypes.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "received/source_publish.h"
#include "received/source_services.h"

enum {
	ADVICE_MAX = 1000,
	FINE_SHARE = 50 /* one in so many may fail before it is worth a sentence */
};

const char *const source_advice_kind_names[] = {[SOURCE_OURS] = "ours",
                                                [SOURCE_SERVICE] = "service",
                                                [SOURCE_FORWARDER] = "forwarder",
                                                [SOURCE_LIST] = "list",
                                                [SOURCE_SPOOF] = "spoof",
                                                [SOURCE_UNKNOWN] = "unknown",
                                                NULL};

enum source_case {
	CASE_OURS_FINE,
	CASE_OURS_MENDED,
	CASE_OURS_BARE,
	CASE_OURS_ENVELOPE,
	CASE_OURS_BROKEN,
	CASE_OURS_NO_SPF,
	CASE_OURS_NO_DKIM,
	CASE_SERVICE_FINE,
	CASE_SERVICE_NO_DKIM,
	CASE_SERVICE_SIGNER,
	CASE_SERVICE_INCLUDED,
	CASE_SERVICE_ENVELOPE,
	CASE_SERVICE_MISSING,
	CASE_FORWARDER_FINE,
	CASE_FORWARDER_UNSIGNED,
	CASE_LIST,
	CASE_LIST_FINE,
	CASE_SPOOF_STOPPED,
	CASE_SPOOF_IGNORED,
	CASE_SPOOF_DELIVERED,
	CASE_UNKNOWN_SIGNER,
	CASE_UNKNOWN_ENVELOPE,
	CASE_UNKNOWN_BROKEN,
	CASES
};

static const struct {
	enum source_kind kind;
	int weight;
	const char *text;
} cases[CASES] = {
    [CASE_OURS_FINE] = {SOURCE_OURS, 0, "yours, and it passes: nothing to do"},
    [CASE_OURS_MENDED] = {SOURCE_OURS, 10,
                          "yours: {lost} of {messages} failed, but the SPF record of {owner} names "
                          "{address} by now, so it should be over: look again in two days"},
    [CASE_OURS_BARE] = {SOURCE_OURS, 90,
                        "yours, but nothing vouches for it: the SPF record of {owner} does not "
                        "name {address} and nothing signs its mail, so {lost} of {messages} fail: "
                        "let it send through your mail server, or publish this record"},
    [CASE_OURS_ENVELOPE] = {SOURCE_OURS, 85,
                            "yours, but {lost} of {messages} fail: its envelope sender is at "
                            "{spf_domain}, which is not of {domain}, and nothing signs its mail: "
                            "set an envelope sender at {domain}, or sign it with DKIM"},
    [CASE_OURS_BROKEN] = {SOURCE_OURS, 90,
                          "yours, but the DKIM signatures of {domain} on {broken} of {messages} "
                          "do not verify: compare key and DNS with assay key check, and look for "
                          "what changes mail after it is signed"},
    [CASE_OURS_NO_SPF] = {SOURCE_OURS, 45,
                          "yours, and DKIM carries it, but the SPF record of {owner} does not name "
                          "{address}: publish this record, so that its mail passes also where a "
                          "signature breaks"},
    [CASE_OURS_NO_DKIM] = {SOURCE_OURS, 50,
                           "yours, and it passes by SPF alone, so what somebody forwards fails: "
                           "sign its mail with DKIM, or let it send through a server that does"},
    [CASE_SERVICE_FINE] = {SOURCE_SERVICE, 0, "sends for you, and it passes: nothing to do"},
    [CASE_SERVICE_NO_DKIM] = {SOURCE_SERVICE, 40,
                              "sends for you and passes by SPF alone, so what somebody forwards "
                              "fails: turn on DKIM for {domain} in its settings"},
    [CASE_SERVICE_SIGNER] = {SOURCE_SERVICE, 80,
                             "sends for you, but signs as {signer} and not as {domain}, so {lost} "
                             "of {messages} fail: set up DKIM for {domain} in its settings (domain "
                             "authentication) and publish the records that it shows"},
    [CASE_SERVICE_INCLUDED] = {SOURCE_SERVICE, 80,
                               "sends for you, but {lost} of {messages} fail: {term} in your SPF "
                               "record does not help, since its envelope sender is at "
                               "{spf_domain}: set up DKIM for {domain} in its settings and publish "
                               "the records that it shows"},
    [CASE_SERVICE_ENVELOPE] = {SOURCE_SERVICE, 80,
                               "sends for you, but {lost} of {messages} fail: its envelope sender "
                               "is at {spf_domain} and it signs nothing as {domain}: set up DKIM "
                               "for {domain} in its settings and publish the records that it "
                               "shows"},
    [CASE_SERVICE_MISSING] = {SOURCE_SERVICE, 80,
                              "sends for you, but {lost} of {messages} fail: the SPF record of "
                              "{owner} does not name it and it signs nothing as {domain}: publish "
                              "this record, and set up DKIM in its settings"},
    [CASE_FORWARDER_FINE] = {SOURCE_FORWARDER, 0,
                             "forwards mail of yours, and your DKIM signature survives: nothing "
                             "to do"},
    [CASE_FORWARDER_UNSIGNED] = {SOURCE_FORWARDER, 35,
                                 "forwards mail of yours; {lost} of {messages} came without a "
                                 "signature of {domain} that verifies: see that everything you "
                                 "send is signed with DKIM"},
    [CASE_LIST] = {SOURCE_LIST, 30,
                   "a mailing list, or a forwarder that changes mail: your signature breaks there, "
                   "and {lost} of {messages} fail, which you cannot mend: ask its operator to "
                   "write the list's address into From, since p=reject loses such mail where the "
                   "receiver does not trust the list"},
    [CASE_LIST_FINE] = {SOURCE_LIST, 0,
                        "a mailing list that leaves your signature whole: nothing to do"},
    [CASE_SPOOF_STOPPED] = {SOURCE_SPOOF, 0,
                            "not yours: nothing of {domain} is in it, and receivers stopped "
                            "{stopped} of {messages}, as your policy asks: nothing to do"},
    [CASE_SPOOF_IGNORED] = {SOURCE_SPOOF, 0,
                            "not yours: nothing of {domain} is in it; receivers let {through} of "
                            "{messages} through although your policy is p={policy}, which is "
                            "theirs to decide: nothing to do"},
    [CASE_SPOOF_DELIVERED] =
        {SOURCE_SPOOF, 25,
         "not yours: nothing of {domain} is in it, and {through} of {messages} "
         "were let through, since your policy is {asked}: p=reject stops "
         "them"},
    [CASE_UNKNOWN_SIGNER] = {SOURCE_UNKNOWN, 60,
                             "signs {messages} as {signer}, none of them as {domain}: where it "
                             "sends for you, set up DKIM for {domain} in its settings; where you "
                             "do not know it, it is spoofing, which p=reject stops"},
    [CASE_UNKNOWN_ENVELOPE] =
        {SOURCE_UNKNOWN, 55,
         "sends {messages} with an envelope sender at {spf_domain}, none "
         "signed as {domain}: where it sends for you, set up DKIM for "
         "{domain} in its settings; where you do not know it, it is spoofing, "
         "which p=reject stops"},
    [CASE_UNKNOWN_BROKEN] = {SOURCE_UNKNOWN, 20,
                             "a signature of {domain} was on {broken} of {messages} and did not "
                             "verify: a forwarder that changes your mail, or somebody who copied a "
                             "signature of yours: nothing that you can mend"},
};

/* What a case is found by. */
struct evidence {
	const struct source *source;
	const struct source_address *address;
	int64_t lost, passed;
	bool own_envelope; /* MAIL FROM was at the domain's organization */
	bool foreign_pass; /* SPF passed for another one */
	bool names_it;     /* the SPF record of `owner` names the address today */
	const char *owner; /* whose SPF record counts: of MAIL FROM, where that is ours */
};

static bool is_few(int64_t part, int64_t whole)
{
	return part * FINE_SHARE <= whole;
}

static struct evidence gather_evidence(struct source_facts *facts, const struct source *source)
{
	struct evidence found = {.source = source,
	                         .address = source_facts_of(facts, source->address),
	                         .lost = received_numbers_lost(&source->numbers),
	                         .passed = received_numbers_passed(&source->numbers),
	                         .owner = facts->site->domain};
	const char *sender = source->spf_domain;

	invariant(found.address != NULL);
	found.own_envelope = sender[0] != '\0' && domain_within(sender, facts->organization);
	found.foreign_pass =
	    sender[0] != '\0' && !found.own_envelope && strcmp(source->spf_result, "pass") == 0;
	if (found.own_envelope)
		found.owner = sender;
	found.names_it =
	    domain_equal(found.owner, facts->site->domain) && found.address->term != NULL;
	return found;
}

/* The record of a name below the domain is looked up where it matters alone. */
static bool owner_names_it(struct source_facts *facts, const struct evidence *found)
{
	const char *term;

	if (found->names_it || found->address->address.family == ADDRESS_UNKNOWN)
		return found->names_it;
	source_facts_spf(facts, found->owner, &found->address->address, &term);
	return term != NULL;
}

static enum source_case case_of_ours(struct source_facts *facts, const struct evidence *found)
{
	const struct received_numbers *numbers = &found->source->numbers;

	if (is_few(found->lost, numbers->messages)) {
		if (is_few(numbers->both_aligned + numbers->dkim_only, numbers->messages))
			return CASE_OURS_NO_DKIM;
		if (is_few(numbers->both_aligned + numbers->spf_only, numbers->messages) &&
		    !owner_names_it(facts, found))
			return CASE_OURS_NO_SPF;
		return CASE_OURS_FINE;
	}
	if (numbers->broken * 2 > found->lost)
		return CASE_OURS_BROKEN;
	if (found->source->spf_domain[0] != '\0' && !found->own_envelope)
		return CASE_OURS_ENVELOPE;
	return owner_names_it(facts, found) ? CASE_OURS_MENDED : CASE_OURS_BARE;
}

static enum source_case case_of_service(const struct evidence *found)
{
	const struct received_numbers *numbers = &found->source->numbers;

	if (is_few(found->lost, numbers->messages))
		return is_few(numbers->both_aligned + numbers->dkim_only, numbers->messages)
		           ? CASE_SERVICE_NO_DKIM
		           : CASE_SERVICE_FINE;
	if (found->source->signer[0] != '\0')
		return CASE_SERVICE_SIGNER;
	if (found->own_envelope || found->source->spf_domain[0] == '\0')
		return CASE_SERVICE_MISSING;
	return found->source->term != NULL ? CASE_SERVICE_INCLUDED : CASE_SERVICE_ENVELOPE;
}

static enum source_case case_of_spoof(const struct source_facts *facts,
                                      const struct evidence *found)
{
	const struct received_numbers *numbers = &found->source->numbers;

	if ((numbers->rejected + numbers->quarantined) * 2 >= numbers->messages)
		return CASE_SPOOF_STOPPED;
	if (strcmp(facts->policy, "reject") == 0 || strcmp(facts->policy, "quarantine") == 0)
		return CASE_SPOOF_IGNORED;
	return CASE_SPOOF_DELIVERED;
}

static enum source_trade trade_of(const struct source *source)
{
	return source->service == NULL ? TRADE_FORWARDER : source->service->trade;
}

/* Somebody's list is what it passed through: a receiver says so, or our signature was there and
 * broke, and somebody answers for it with a signature or an envelope sender of his own. Without
 * that anybody could copy a signature of ours into a forgery. */
static bool is_list(const struct evidence *found)
{
	const struct received_numbers *numbers = &found->source->numbers;

	if (found->source->service != NULL && found->source->service->trade == TRADE_LIST)
		return true;
	if (numbers->listed == 0 && found->source->signer[0] == '\0' && !found->foreign_pass)
		return false;
	return found->lost > 0 && (numbers->broken + numbers->listed) * 2 > found->lost &&
	       (found->lost * 2 > numbers->messages || numbers->listed > 0);
}

/* It sends for us: the operator or our SPF record says so, what it sent was authorized, or it is a
 * service that nobody gets mail from unless somebody pays for it. */
static bool is_service(const struct evidence *found)
{
	const struct source *source = found->source;
	const struct received_numbers *numbers = &source->numbers;

	if (source->known || source->term != NULL)
		return true;
	if (source->service != NULL && source->service->trade == TRADE_SENDER)
		return true;
	return !is_few(numbers->both_aligned + numbers->spf_only, numbers->messages);
}

static enum source_case find_case(struct source_facts *facts, const struct evidence *found)
{
	const struct source *source = found->source;
	const struct received_numbers *numbers = &source->numbers;

	if (source->kind == SOURCE_OURS)
		return case_of_ours(facts, found);
	if (source->known)
		return case_of_service(found);
	if (is_list(found))
		return is_few(found->lost, numbers->messages) ? CASE_LIST_FINE : CASE_LIST;
	/* what has our signature and no SPF of ours went through somebody's hands, unless these
	 * sign as well, as services do */
	if (numbers->dkim_only * 2 > numbers->messages &&
	    (source->signer[0] == '\0' || trade_of(source) != TRADE_SENDER) && source->term == NULL)
		return is_few(found->lost, numbers->messages) ? CASE_FORWARDER_FINE
		                                              : CASE_FORWARDER_UNSIGNED;
	if (is_service(found))
		return case_of_service(found);
	if (numbers->forwarded * 2 > numbers->messages || found->passed * 2 > numbers->messages)
		return CASE_FORWARDER_UNSIGNED;
	if (source->signer[0] != '\0')
		return CASE_UNKNOWN_SIGNER;
	if (found->foreign_pass)
		return CASE_UNKNOWN_ENVELOPE;
	if (numbers->broken * 2 > found->lost)
		return CASE_UNKNOWN_BROKEN;
	return case_of_spoof(facts, found);
}

static const char *number_text(struct arena *arena, int64_t number)
{
	return arena_format(arena, "%" PRId64, number);
}

/* What stands in braces in a sentence. */
static const char *word_for(const struct source_facts *facts, const struct evidence *found,
                            const char *word, size_t length)
{
	const struct source *source = found->source;
	const struct received_numbers *numbers = &source->numbers;
	const struct {
		const char *word, *text;
	} words[] = {
	    {"domain", facts->site->domain},
	    {"owner", found->owner},
	    {"address", source->address},
	    {"signer", source->signer},
	    {"spf_domain", source->spf_domain},
	    {"term", source->term == NULL ? "" : source->term},
	    {"policy", facts->policy},
	    {"asked", facts->policy[0] == '\0' ? "missing" : "p=none"},
	    {"lost", number_text(facts->arena, found->lost)},
	    {"broken", number_text(facts->arena, numbers->broken)},
	    {"stopped", number_text(facts->arena, numbers->rejected + numbers->quarantined)},
	    {"through", number_text(facts->arena,
	                            numbers->messages - numbers->rejected - numbers->quarantined)},
	    {"messages",
	     text_count(facts->arena, (unsigned long)numbers->messages, "message", "messages")},
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i].word) == length && strncmp(words[i].word, word, length) == 0)
			return words[i].text;
	return NULL;
}

static const char *write_sentence(const struct source_facts *facts, const struct evidence *found,
                                  const char *text)
{
	struct text sentence;

	text_begin(&sentence, facts->arena, ADVICE_MAX);
	while (*text != '\0') {
		size_t plain = strcspn(text, "{"), length;
		const char *word;

		text_add_bytes(&sentence, text, plain);
		text += plain;
		if (*text == '\0')
			break;
		length = strcspn(++text, "}");
		word = word_for(facts, found, text, length);
		invariant(word != NULL);
		text_add(&sentence, text_excerpt(facts->arena, word, DOMAIN_MAX));
		text += length + 1;
	}
	return sentence.bytes;
}

static void add_publish(struct source *source, const char *record)
{
	if (record != NULL)
		source->publish[source->publish_count++] = record;
}

static void publish_keys(struct source_facts *facts, struct source *source)
{
	for (size_t i = 0; source->service != NULL && i < 2; i++) {
		const char *key = source->service->keys[i];
		size_t length = key == NULL ? 0 : strcspn(key, " ");

		if (length > 0)
			add_publish(source,
			            arena_format(facts->arena, "%.*s._domainkey.%s. IN CNAME %s.",
			                         (int)length, key, facts->site->domain,
			                         key + length + 1));
	}
}

static void source_advice_publish(struct source_facts *facts, const struct evidence *found,
                                  enum source_case which, struct source *source)
{
	const char *include = source->service == NULL ? NULL : source->service->include;

	switch (which) {
	case CASE_OURS_BARE:
	case CASE_OURS_NO_SPF:
		add_publish(source,
		            source_publish_spf(facts, found->owner,
		                               source_publish_term(found->address, facts->arena)));
		break;
	case CASE_SERVICE_MISSING:
		add_publish(source, source_publish_spf(
		                        facts, found->owner,
		                        include != NULL
		                            ? arena_format(facts->arena, "include:%s", include)
		                            : source_publish_term(found->address, facts->arena)));
		publish_keys(facts, source);
		break;
	case CASE_SERVICE_SIGNER:
	case CASE_SERVICE_INCLUDED:
	case CASE_SERVICE_ENVELOPE:
	case CASE_SERVICE_NO_DKIM:
		publish_keys(facts, source);
		break;
	default:
		break;
	}
}

void source_advice_give(struct source_facts *facts, struct source *source)
{
	struct evidence found = gather_evidence(facts, source);
	enum source_case which = find_case(facts, &found);

	source->kind = cases[which].kind;
	source->weight = cases[which].weight;
	source->advice = write_sentence(facts, &found, cases[which].text);
	source_advice_publish(facts, &found, which, source);
	services_debug(facts->site->services, "source %s: %s, weight %d", source->address,
	               source_advice_kind_names[source->kind], source->weight);
}

bool source_advice_is_own(const struct source *source)
{
	return source->kind == SOURCE_OURS || source->kind == SOURCE_SERVICE ||
	       source->kind == SOURCE_FORWARDER || source->kind == SOURCE_LIST;
}

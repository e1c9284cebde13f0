/*
 * dmarc.c - the DMARC policy (RFC 9989). Called by evaluate.c after SPF and DKIM. author.c reads
 * From, prefetch.c starts lookups as the header passes, judgement.c judges one author domain.
 */
#include "dmarc/dmarc.h"

#include <stdlib.h>
#include <string.h>

#include "author.h"
#include "base/domain.h"
#include "base/invariant.h"
#include "dmarc/crosscheck.h"
#include "dmarc/judgement.h"
#include "dmarc/prefetch.h"
#include "policy.h"

enum {
	STRICTEST = 3,    /* of unusable_author */
	STRICTEST_MAX = 5 /* author domains that are judged; RFC 9989 5.3.1 allows a limit */
};

static const char *const enforce_names[] = {"monitor", "quarantine", "published", "strict", NULL};
const char *const discovery_names[] = {"treewalk", "psl", NULL};
static const char *const temperror_names[] = {"accept", "tempfail", "auto", NULL};
static const char *const unusable_author_names[] = {"accept", "quarantine", "reject", "strictest",
                                                    NULL};

static const struct setting rows[] = {
    {.name = "enforce",
     .type = SETTING_WORD,
     .offset = offsetof(struct dmarc_settings, enforce),
     .standard = "\"published\"",
     .names = enforce_names,
     .help = "What to do with mail that fails: monitor (nothing, nor where SPF or an unusable From "
             "would refuse it; the log shows what published would do), quarantine (at most), "
             "published (as the domain asks, but quarantine for mail that looks indirect), strict "
             "(always as the domain asks)"},
    {.name = "discovery",
     .type = SETTING_WORD,
     .offset = offsetof(struct dmarc_settings, discovery),
     .standard = "\"treewalk\"",
     .names = discovery_names,
     .help = "How organizational domains are found: treewalk (RFC 9989) or psl (Public Suffix "
             "List, RFC 7489)"},
    {.name = "temperror",
     .type = SETTING_WORD,
     .offset = offsetof(struct dmarc_settings, temperror),
     .standard = "\"auto\"",
     .names = temperror_names,
     .help =
         "What to do where a failed lookup leaves the result open: accept, tempfail (the sender "
         "tries again), or auto: tempfail where a policy of quarantine or reject is at stake, or "
         "none of resolver.servers answers, and accept where the name servers of the domain fail "
         "so that its policy is unknown"},
    {.name = "unusable_author",
     .type = SETTING_WORD,
     .offset = offsetof(struct dmarc_settings, unusable_author),
     .standard = "\"reject\"",
     .names = unusable_author_names,
     .help = "What to do where From is missing, repeated, broken or of several domains: accept, "
             "quarantine, reject, or strictest (judge each readable domain, apply the strictest "
             "policy that fails, and refuse what that leaves open)"},
    {.name = "reply_url",
     .type = SETTING_STRING,
     .offset = offsetof(struct dmarc_settings, reply_url),
     .standard = "\"\"",
     .help = "A page for refused senders, named in the reply"},
    {.name = NULL},
};

const struct setting_group dmarc_settings_group = {"dmarc", rows, sizeof(struct dmarc_settings)};

struct dmarc_state {
	const struct dmarc_settings *settings;
	struct public_suffix_list *suffixes; /* NULL with treewalk */
};

struct dmarc_work {
	const struct dmarc_state *state;
	const struct message *message;
	const struct services *services;
	struct arena *arena;
	struct author *author;
	struct prefetch *prefetch;
	size_t prefetched; /* author domains whose names were prefetched */
};

static bool open_policy(const void *settings, void **opened, struct problem *problem)
{
	struct dmarc_state *state = calloc(1, sizeof *state);

	invariant(settings != NULL);
	if (state == NULL)
		return problem_say(problem, "out of memory");
	state->settings = settings;
	crosscheck_open();
	if (state->settings->discovery == DISCOVERY_PSL) {
		state->suffixes = public_suffix_open(problem);
		if (state->suffixes == NULL) {
			free(state);
			return false;
		}
	}
	*opened = state;
	return true;
}

static void close_policy(void *opened)
{
	struct dmarc_state *state = opened;

	if (state->suffixes != NULL)
		public_suffix_close(state->suffixes);
	free(state);
}

/* Of MAIL FROM, or with the null reverse-path of HELO (RFC 7208 2.4). */
static const char *envelope_domain(const struct message *message, struct arena *arena)
{
	if (message->mail_from != NULL && message->mail_from[0] != '\0')
		return message_address_domain(arena, message->mail_from);
	return message->helo == NULL
	           ? NULL
	           : domain_normalize(arena, message->helo, strlen(message->helo));
}

static void *dmarc_begin(void *state, const struct message *message,
                         const struct services *services, struct arena *arena)
{
	struct dmarc_work *work = arena_allocate(arena, sizeof *work);

	work->state = state;
	work->message = message;
	work->services = services_author(services);
	work->arena = arena;
	work->author = author_begin(arena);
	work->prefetch = prefetch_begin(work->services, work->state->suffixes, arena);
	prefetch_identifier(work->prefetch, envelope_domain(message, arena));
	return work;
}

/* Prefetches the names of the author domains that may be judged. */
static void prefetch_authors(struct dmarc_work *work)
{
	const struct author *author = work->author;
	size_t judged = work->state->settings->unusable_author == STRICTEST ? STRICTEST_MAX : 1;

	for (; work->prefetched < author->domain_count && work->prefetched < judged;
	     work->prefetched++)
		prefetch_author(work->prefetch, author->domains[work->prefetched]);
}

static void dmarc_header(void *context, const struct header *header)
{
	struct dmarc_work *work = context;

	if (message_header_is(header, "From")) {
		author_field(work->author, header->value, work->arena);
		prefetch_authors(work);
	} else if (message_header_is(header, "DKIM-Signature")) {
		prefetch_signature(work->prefetch, header->value);
	}
}

/* Which of several judgements counts: of failures and unknown results the one with the strictest
 * policy, a failure before an unknown result with the same policy; and any unknown result before a
 * failure with the policy none. */
static unsigned weight_of(const struct dmarc_finding *one)
{
	enum {
		NOTHING,
		FAILURE_LET_PASS,
		DOUBT,
		LIMIT, /* unknown because of a limit of ours */
		FAILURE,
		REQUEST /* for each step of what is asked for */
	};

	if (one->result == RESULT_FAIL && one->effective == REQUEST_NONE)
		return FAILURE_LET_PASS;
	if (one->result == RESULT_FAIL)
		return FAILURE + REQUEST * (unsigned)one->effective;
	if (one->result == RESULT_TEMPERROR)
		return (lookup_fault_is_limit(one->fault) ? LIMIT : DOUBT) +
		       REQUEST * (unsigned)one->at_stake;
	return NOTHING;
}

/* Of the domains that could be read; a name of one label does not count (see author.c). */
static bool is_one_organization(const struct organizations *organizations,
                                const struct author *author)
{
	const char *first = author->bracketed;

	if (author->domain_count > STRICTEST_MAX)
		return false;
	for (size_t i = 0; i < author->domain_count; i++) {
		const char *domain = author->domains[i];

		if (domain_labels(domain) < 2)
			continue;
		if (first == NULL)
			first = domain;
		if (!organization_same(organizations, first, domain))
			return false;
	}
	return first != NULL;
}

/*
 * RFC 9989 5.3.1 leaves it open what to do if there is not exactly one author domain. Here each
 * readable one is judged, up to a limit. If none fails, the result is none. If they may not have
 * been all of them, the result stays permerror unless one fails with a policy of quarantine or
 * reject: otherwise a forger could improve his result by adding a domain of his own that fails. If
 * From is malformed, only a pass shows that its domains were all of them.
 */
static void judge_strictest(const struct judgement *judgement, struct dmarc_finding *finding)
{
	const struct author *author = &finding->author;
	bool several = author->state == AUTHOR_SEVERAL;
	bool all = author->domain_count <= STRICTEST_MAX &&
	           (several ||
	            (author->readable && is_one_organization(judgement->organizations, author)));
	struct dmarc_finding weightiest = *finding;
	const char *text = "none of them fails";

	invariant(author->state != AUTHOR_ONE);
	weightiest.result = RESULT_NONE;
	for (size_t i = 0; i < author->domain_count && i < STRICTEST_MAX; i++) {
		struct dmarc_finding one = {.author = *author};

		one.author.domain = author->domains[i];
		judgement_make(judgement, author->domains[i], &one);
		services_debug(judgement->services, "DMARC: %s, author domain %zu of %zu: %s",
		               author->domains[i], i + 1, author->domain_count,
		               result_names[one.result]);
		all = all && (several ? one.result != RESULT_PERMERROR : one.result == RESULT_PASS);
		if (weight_of(&one) <= weight_of(&weightiest))
			continue;
		weightiest = one;
		text = one.reason;
	}
	if (!all && (weightiest.result != RESULT_FAIL || weightiest.effective == REQUEST_NONE))
		return;
	weightiest.reason = arena_format(judgement->arena, "%s; %s", author->reason, text);
	*finding = weightiest;
}

static void dmarc_judge(void *context, struct findings *findings)
{
	struct dmarc_work *work = context;
	struct dmarc_finding finding = {.result = RESULT_PERMERROR, .author_exists = true};
	struct organizations *organizations = arena_allocate(work->arena, sizeof *organizations);
	struct judgement judgement = {.message = work->message,
	                              .findings = findings,
	                              .organizations = organizations,
	                              .services = work->services,
	                              .arena = work->arena};

	*organizations =
	    (struct organizations){.walks = tree_walk_begin(work->services, work->arena),
	                           .suffixes = work->state->suffixes};
	author_finish(work->author, work->message->header_cut, work->arena);
	author_debug(work->author, work->services);
	/* The display name in front of the only address in brackets may contain an address of the
	 * same organization: then there is one author domain after all. */
	if (work->author->bracketed != NULL && is_one_organization(organizations, work->author))
		author_settle(work->author);
	finding.author = *work->author;
	services_debug(work->services, "DMARC: author domain %s, %zu in From",
	               work->author->domain == NULL ? "unusable" : work->author->domain,
	               work->author->domain_count);
	if (work->author->state == AUTHOR_ONE) {
		judgement_make(&judgement, work->author->domain, &finding);
	} else {
		finding.reason = work->author->reason;
		if (work->state->settings->unusable_author == STRICTEST)
			judge_strictest(&judgement, &finding);
	}
	services_debug(work->services, "DMARC: %s: %s", result_names[finding.result],
	               finding.reason == NULL ? "aligned" : finding.reason);
	finding.discovery = discovery_names[work->state->settings->discovery];
	finding.steps = tree_walk_steps(organizations->walks, &finding.step_count);
	finding.organizations = organizations;
	findings->dmarc = finding;
}

static const char *const needs[] = {"spf", "dkim", NULL};

const struct policy policy_dmarc = {
    .name = "dmarc",
    .needs = needs,
    .settings = &dmarc_settings_group,
    .open = open_policy,
    .close = close_policy,
    .begin = dmarc_begin,
    .header = dmarc_header,
    .judge = dmarc_judge,
};

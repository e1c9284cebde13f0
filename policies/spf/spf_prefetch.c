/*
 * spf_prefetch.c - prefetching: looks up early what the evaluation is going to look up.
 *
 * Called by spf.c at MAIL FROM. The names belong to third parties, so the lookups are those of the
 * evaluation: in its order, a few at a time, nothing behind a term that matches or is an error, and
 * no more void lookups than RFC 7208 4.6.4 allows. At most the few lookups that are under way when
 * the evaluation turns out to end earlier are made in vain.
 *
 * The continuations run on the resolver's thread while the message goes on, one after the other.
 * They read the request and the answers, write only to their own struct prefetch, and allocate
 * nothing. If one is never called, because a query was refused, prefetching stops: the evaluation
 * then does its lookups itself.
 */
#include "spf/spf_prefetch.h"

#include <string.h>

#include "base/invariant.h"
#include "spf/spf_match.h"

enum {
	UNANSWERED_MAX = 3,                /* queries at a time: three includes go out at once */
	ADDRESSES_MAX = 2 * SPF_NAMES_MAX, /* of MX and PTR names, in all */
	RECORD_MAX = 4096, /* octets: larger ones wait for the message's own thread */
	WORK_PER_RECORD = 1 << 14,
	LEADS_MAX = SPF_TERMS_MAX + 1
};

enum lead_state {
	LEAD_WAITING,
	LEAD_OPEN, /* its answer is there, and not everything in it has been looked up */
	LEAD_DONE
};

/* One term whose lookup was started. Its answer leads to the terms of a record, or to names. */
struct lead {
	struct prefetch *prefetch;
	struct lead *next; /* in the order of the evaluation */
	/* the lead whose record has the term; NULL for the record of the identity itself */
	struct lead *parent;
	enum lead_state state;
	struct spf_term term;
	enum spf_term_kind kind; /* as the term, but PTR where that has %{p} */

	/* a record; the terms from walk.at on were not looked up yet */
	char domain[DOMAIN_MAX + 1];
	struct spf_walk walk;
	size_t work;
	bool explains; /* not inside an include */
	bool may_fail;

	/* names */
	const struct answer *names;
	const struct record *last; /* the one looked up last */
};

struct prefetch {
	const struct spf_request *request;
	/* in the order of the evaluation; a record follows the terms of it that were looked up */
	struct lead *first;
	unsigned unanswered;
	unsigned doubtful; /* of these, the ones that may turn out to be void lookups */
	unsigned voids;
	unsigned addresses;
	bool busy;
	size_t count;
	struct lead leads[LEADS_MAX]; /* the first `count` are filled in */
};

static void prefetch_continue(const struct services *services, struct prefetch *prefetch);

/* All but the domain and the walk, which open_record() fills in where there is a record. */
static void lead_clear(struct lead *lead)
{
	memset(lead, 0, offsetof(struct lead, domain));
	lead->work = 0;
	lead->explains = lead->may_fail = false;
	lead->names = NULL;
	lead->last = NULL;
}

static void spf_prefetch_start(const struct services *services, struct prefetch *prefetch,
                               const char *name, enum record_type type,
                               prefetched_function *arrived, void *context)
{
	invariant(prefetch->unanswered < UNANSWERED_MAX);
	prefetch->unanswered++;
	services->prefetch(services->context, name, type, arrived, context);
}

static void drop(struct lead *from, const struct lead *end)
{
	for (; from != end; from = from->next)
		from->state = LEAD_DONE;
}

/* No further term of the record is needed. */
static void end_record(struct lead *record, enum result qualifier)
{
	record->walk.at = NULL;
	if (qualifier != RESULT_FAIL)
		record->walk.record.explanation.spec = NULL;
}

/*
 * A term of `record` matches: nothing behind it is needed, in this record and, where it lets an
 * include match, in those above. `from` is the lead of the term; the record itself where it has
 * none.
 */
static void spf_prefetch_conclude(struct lead *from, struct lead *record, enum result qualifier)
{
	for (;;) {
		drop(from, record);
		end_record(record, qualifier);
		while (record->parent != NULL && record->kind == SPF_TERM_REDIRECT)
			record = record->parent;
		if (record->parent == NULL || qualifier != RESULT_PASS)
			return;
		qualifier = record->term.qualifier;
		from = record;
		record = record->parent;
	}
}

/* The next term of the record that looks something up. */
static bool next_term(struct lead *record, struct spf_term *term)
{
	while (spf_walk_next(&record->walk, term)) {
		if (term->kind == SPF_TERM_REDIRECT)
			return true;
		if (term->kind > SPF_TERM_REDIRECT)
			continue;
		record->may_fail = record->may_fail || term->qualifier == RESULT_FAIL;
		if (spf_walk_matches(term, &record->prefetch->request->client))
			spf_prefetch_conclude(record, record, term->qualifier);
		else if (term->kind != SPF_TERM_IP4 && term->kind != SPF_TERM_IP6)
			return true;
	}
	return false;
}

static void address_arrived(const struct services *services, const char *name,
                            const struct answer *answer, void *context)
{
	struct lead *lead = context;
	struct prefetch *prefetch = lead->prefetch;

	(void)name;
	prefetch->unanswered--;
	if (lead->state != LEAD_DONE && lead->kind == SPF_TERM_MX) {
		if (spf_match_holds(prefetch->request, answer, lead->term.bits4, lead->term.bits6))
			spf_prefetch_conclude(lead, lead->parent, lead->term.qualifier);
		else if (answer->status == LOOKUP_FAILED)
			drop(lead, NULL);
	}
	prefetch_continue(services, prefetch);
}

static void explanation_arrived(const struct services *services, const char *name,
                                const struct answer *answer, void *context)
{
	struct prefetch *prefetch = context;

	(void)name;
	(void)answer;
	prefetch->unanswered--;
	prefetch_continue(services, prefetch);
}

/* RFC 7208 4.6.4: with one void lookup too many the evaluation ends, wherever it is. */
static void spf_prefetch_count_void(struct lead *lead, const struct answer *answer)
{
	struct prefetch *prefetch = lead->prefetch;

	prefetch->unanswered--;
	prefetch->doubtful--;
	if (lead->state == LEAD_DONE || !spf_walk_is_void(answer))
		return;
	if (++prefetch->voids > prefetch->request->void_lookups_max)
		drop(prefetch->first, NULL);
}

/* Of an MX or PTR. With more than ten MX records the evaluation ends in an error. */
static void names_arrived(const struct services *services, const char *name,
                          const struct answer *answer, void *context)
{
	struct lead *lead = context;
	bool error = answer->status == LOOKUP_FAILED || answer->count > SPF_NAMES_MAX;

	(void)name;
	spf_prefetch_count_void(lead, answer);
	if (lead->state != LEAD_DONE && lead->kind == SPF_TERM_MX && error) {
		drop(lead, NULL);
	} else if (lead->state != LEAD_DONE) {
		lead->names = answer;
		lead->state = LEAD_OPEN;
	}
	prefetch_continue(services, lead->prefetch);
}

/* Of an `a` or exists. */
static void term_arrived(const struct services *services, const char *name,
                         const struct answer *answer, void *context)
{
	struct lead *lead = context;
	const struct spf_term *term = &lead->term;

	(void)name;
	spf_prefetch_count_void(lead, answer);
	if (lead->state != LEAD_DONE) {
		lead->state = LEAD_DONE;
		if (answer->status == LOOKUP_FAILED)
			drop(lead, NULL);
		else if (answer->count > 0 && (term->kind == SPF_TERM_EXISTS ||
		                               spf_match_holds(lead->prefetch->request, answer,
		                                               term->bits4, term->bits6)))
			spf_prefetch_conclude(lead, lead->parent, term->qualifier);
	}
	prefetch_continue(services, lead->prefetch);
}

/* Without exactly one correct record the evaluation ends in an error at this term. */
static void open_record(struct lead *lead, const char *domain, const struct answer *answer)
{
	enum spf_walk_status status = SPF_WALK_BROKEN;
	size_t length = strlen(domain);

	lead->state = LEAD_DONE;
	if (length <= DOMAIN_MAX) {
		memcpy(lead->domain, domain, length + 1);
		lead->work = WORK_PER_RECORD;
		lead->walk = (struct spf_walk){.request = lead->prefetch->request,
		                               .domain = lead->domain,
		                               .work = &lead->work};
		status = spf_walk_open(&lead->walk, answer, RECORD_MAX);
	}
	if (status == SPF_WALK_FOUND)
		lead->state = LEAD_OPEN;
	else if (status != SPF_WALK_LONG)
		drop(lead, NULL);
}

static void record_arrived(const struct services *services, const char *name,
                           const struct answer *answer, void *context)
{
	struct lead *lead = context;

	lead->prefetch->unanswered--;
	if (lead->state != LEAD_DONE)
		open_record(lead, name, answer);
	prefetch_continue(services, lead->prefetch);
}

static void look_up_lead(const struct services *services, struct lead *lead, const char *name)
{
	static prefetched_function *const arrived[] = {
	    [SPF_TERM_INCLUDE] = record_arrived, [SPF_TERM_A] = term_arrived,
	    [SPF_TERM_MX] = names_arrived,       [SPF_TERM_PTR] = names_arrived,
	    [SPF_TERM_EXISTS] = term_arrived,    [SPF_TERM_REDIRECT] = record_arrived};
	struct prefetch *prefetch = lead->prefetch;
	enum record_type type = spf_walk_type(lead->kind, &prefetch->request->client);

	invariant(arrived[lead->kind] != NULL);
	spf_prefetch_start(services, prefetch, name, type, arrived[lead->kind], lead);
}

static bool may_be_void(enum spf_term_kind kind)
{
	return kind != SPF_TERM_INCLUDE && kind != SPF_TERM_REDIRECT;
}

static enum spf_term_kind kind_looked_up(const struct spf_term *term)
{
	return term->use.validated_name ? SPF_TERM_PTR : term->kind;
}

/* Could the term be void, and the evaluation end before it, because there are too many void lookups
 * already? */
static bool has_to_wait(const struct prefetch *prefetch, const struct spf_term *term)
{
	return may_be_void(kind_looked_up(term)) &&
	       prefetch->voids + prefetch->doubtful > prefetch->request->void_lookups_max;
}

/* In front of its record: what the answer leads to is evaluated before the next term of that. */
static struct lead *add_lead(struct lead *record, const struct spf_term *term)
{
	struct prefetch *prefetch = record->prefetch;
	struct lead *lead = &prefetch->leads[prefetch->count];
	struct lead **at = &prefetch->first;

	invariant(prefetch->count < LEADS_MAX);
	prefetch->count++;
	lead_clear(lead);
	while (*at != record)
		at = &(*at)->next;
	lead->next = record;
	*at = lead;
	lead->prefetch = prefetch;
	lead->parent = record;
	lead->term = *term;
	lead->kind = kind_looked_up(term);
	lead->explains = record->explains && term->kind == SPF_TERM_REDIRECT;
	prefetch->doubtful += may_be_void(lead->kind);
	return lead;
}

/* False where there is nothing to ask for. */
static bool look_up_term_early(const struct services *services, struct lead *record,
                               const struct spf_term *term)
{
	struct prefetch *prefetch = record->prefetch;
	char name[DOMAIN_MAX + 1];

	if (prefetch->count == LEADS_MAX)
		return false;
	if (kind_looked_up(term) == SPF_TERM_PTR)
		address_reverse_name(&prefetch->request->client, name);
	else if (!spf_walk_target(&record->walk, term, NULL, name))
		return false;
	look_up_lead(services, add_lead(record, term), name);
	return true;
}

/* What exp= leads to, where the result may be a fail. Asks once. */
static bool look_up_explanation(const struct services *services, struct lead *record)
{
	struct prefetch *prefetch = record->prefetch;
	struct spf_term explanation = record->walk.record.explanation;
	char name[DOMAIN_MAX + 1];

	record->walk.record.explanation.spec = NULL;
	if (explanation.spec == NULL || !record->explains || !record->may_fail ||
	    explanation.use.validated_name ||
	    !spf_walk_target(&record->walk, &explanation, NULL, name))
		return false;
	spf_prefetch_start(services, prefetch, name, RECORD_TXT, explanation_arrived, prefetch);
	return true;
}

/* Starts the next lookup of a record, or ends the record. False: it has to wait for an answer. */
static bool step_record(const struct services *services, struct lead *record)
{
	const char *before = record->walk.at;
	struct spf_term term;

	while (next_term(record, &term)) {
		if (has_to_wait(record->prefetch, &term)) {
			record->walk.at = before;
			return false;
		}
		if (look_up_term_early(services, record, &term))
			return true;
		before = record->walk.at;
	}
	if (!look_up_explanation(services, record))
		record->state = LEAD_DONE;
	return true;
}

/* Starts the lookup of the next name of an MX or PTR answer, or ends it. */
static void step_names(const struct services *services, struct lead *lead)
{
	struct prefetch *prefetch = lead->prefetch;
	const struct record *next = spf_walk_next_name(lead->kind, lead->names, lead->last);

	if (next == NULL || prefetch->addresses == ADDRESSES_MAX) {
		lead->state = LEAD_DONE;
		return;
	}
	lead->last = next;
	if (next->name[0] == '\0')
		return;
	prefetch->addresses++;
	spf_prefetch_start(services, prefetch, next->name,
	                   services_address_type(&prefetch->request->client), address_arrived,
	                   lead);
}

static struct lead *first_open(const struct prefetch *prefetch)
{
	struct lead *lead = prefetch->first;

	while (lead != NULL && lead->state != LEAD_OPEN)
		lead = lead->next;
	return lead;
}

/* Starts lookups as long as that is allowed. An answer that is in the cache arrives within this
 * function; `busy` leaves what follows to the outer call. */
static void prefetch_continue(const struct services *services, struct prefetch *prefetch)
{
	struct lead *lead;
	bool waits = false;

	if (prefetch->busy)
		return;
	prefetch->busy = true;
	while (!waits && prefetch->unanswered < UNANSWERED_MAX &&
	       (lead = first_open(prefetch)) != NULL) {
		if (may_be_void(lead->kind))
			step_names(services, lead);
		else
			waits = !step_record(services, lead);
	}
	prefetch->busy = false;
}

void spf_prefetch(const struct spf_request *request)
{
	struct prefetch *prefetch = arena_allocate_raw(request->arena, sizeof *prefetch);
	struct lead *lead = prefetch->leads;

	invariant(request->domain != NULL);
	services_debug(request->services, "SPF: prefetching for %s", request->domain);
	memset(prefetch, 0, offsetof(struct prefetch, leads));
	prefetch->request = request;
	prefetch->first = lead;
	prefetch->count = 1;
	lead_clear(lead);
	lead->prefetch = prefetch;
	lead->kind = SPF_TERM_REDIRECT;
	lead->explains = true;
	spf_prefetch_start(request->services, prefetch, request->domain, RECORD_TXT, record_arrived,
	                   lead);
}

/*
 * arc.c - policy_arc: is the chain of a message valid (RFC 8617 5.2), and who sealed it?
 *
 * Each ARC field is read as it arrives (chain.c), and its key is prefetched. At the end of the
 * header the fields are arranged into sets, and what can be seen in them is checked; at the end of
 * the message the signatures are (chain_check.c). The body is hashed together with that of DKIM.
 * For a message without such fields only the first letters of the names of fields are compared.
 *
 * Keys have the share of time that is left aside: whatever they cost, the lookups of SPF, DKIM and
 * the author domain have the rest of it.
 */
#include "arc/arc.h"

#include <string.h>

#include "arc/chain_check.h"
#include "base/invariant.h"
#include "policy.h"
#include "policy_settings.h"

enum {
	PREFETCH_MAX = 20 /* names of keys; those of longer chains are looked up one by one */
};

struct arc_work {
	struct chain chain; /* first, as policy_arc_seal.c gets it */
	const struct arc_settings *settings;
	const struct message *message;
	const struct services *services;
	struct arena *arena;
	struct shared_body *body;
	struct chain_check check;
	const char *keys[PREFETCH_MAX]; /* prefetched */
	size_t key_count;
	unsigned newest; /* the highest instance of a message signature so far */
};

static void *arc_begin(void *state, const struct message *message, const struct services *services,
                       struct arena *arena)
{
	struct arc_work *work = arena_allocate(arena, sizeof *work);

	work->settings = state;
	work->message = message;
	work->services = services_aside(services);
	work->arena = work->chain.arena = arena;
	return work;
}

static void arc_join(void *context, void *const *needed)
{
	invariant(needed[0] != NULL);
	((struct arc_work *)context)->body = needed[0];
}

/* The keys of all seals are needed, but of the message signatures only that of the newest, which
 * nearly always stands on top. */
static void arc_prefetch(struct arc_work *work, const struct chain_field *field)
{
	const char *key = field->signature.field.key_name;

	if (field->part == CHAIN_MESSAGE && field->instance <= work->newest)
		return;
	if (field->part == CHAIN_MESSAGE)
		work->newest = field->instance;
	for (size_t i = 0; i < work->key_count; i++)
		if (strcmp(work->keys[i], key) == 0)
			return;
	if (work->key_count == PREFETCH_MAX)
		return;
	work->keys[work->key_count++] = key;
	services_prefetch(work->services, key, RECORD_TXT);
}

static void arc_header(void *context, const struct header *header)
{
	struct arc_work *work = context;
	const struct chain_field *field = chain_add(&work->chain, header);

	if (field == NULL)
		return;
	services_debug(work->services, "ARC: %s, set %u", chain_part_names[field->part],
	               field->instance);
	if (field->part != CHAIN_RESULTS && field->instance > 0 &&
	    field->signature.result == RESULT_NONE)
		arc_prefetch(work, field);
}

/* What is wrong with the chain before anything is verified, or NULL. */
static const char *arc_arrange(struct arc_work *work)
{
	const char *wrong;

	if (work->message->header_cut)
		return "the header is longer than limits.header_bytes, so that no chain can be "
		       "verified";
	wrong = chain_arrange(&work->chain);
	if (wrong == NULL && work->chain.set_count > (size_t)work->settings->maximum_sets)
		wrong = arena_format(work->arena,
		                     "there are %zu sets, more than are looked at "
		                     "(arc.maximum_sets)",
		                     work->chain.set_count);
	return wrong;
}

static void arc_end_of_headers(void *context)
{
	struct arc_work *work = context;

	if (work->chain.seen == 0)
		return;
	work->check = (struct chain_check){.chain = &work->chain,
	                                   .message = work->message,
	                                   .services = work->services,
	                                   .body = work->body,
	                                   .reason = arc_arrange(work)};
	if (work->check.reason == NULL)
		chain_check_fields(&work->check);
	services_debug(work->services, "ARC: %zu fields, %zu sets: %s", work->chain.seen,
	               work->chain.set_count,
	               work->check.reason == NULL ? "to be verified" : work->check.reason);
}

static const struct arc_set *arc_sets(const struct arc_work *work)
{
	const struct chain *chain = &work->chain;
	struct arc_set *sets = arena_allocate(work->arena, chain->set_count * sizeof *sets);

	for (size_t i = 0; i < chain->set_count; i++) {
		const struct chain_set *set = &chain->sets[i];
		const struct signature_field *seal = &set->parts[CHAIN_SEAL]->signature.field;

		sets[i] = (struct arc_set){
		    .instance = (unsigned)i + 1,
		    .domain = seal->domain,
		    .selector = seal->selector,
		    .ams_domain = set->parts[CHAIN_MESSAGE]->signature.field.domain,
		    .cv = chain_status(set),
		    .seal = work->check.seals[i],
		    .signature = i + 1 == chain->set_count ? work->check.signature : RESULT_NONE,
		    .results = set->parts[CHAIN_RESULTS]->results};
	}
	return sets;
}

static void arc_judge(void *context, struct findings *findings)
{
	struct arc_work *work = context;
	const struct chain_check *check = &work->check;
	struct arc_finding *finding = &findings->arc;

	if (work->chain.seen == 0)
		return; /* none */
	chain_check_signatures(&work->check);
	invariant(!check->changed || check->reason != NULL);
	*finding = (struct arc_finding){.result = check->reason == NULL ? RESULT_PASS : RESULT_FAIL,
	                                .count = work->chain.set_count,
	                                .sets = arc_sets(work),
	                                .temporary = check->temporary,
	                                .fault = check->fault,
	                                .only_changed = check->changed,
	                                .reason = check->reason};
	services_debug(work->services, "ARC: %s: %s", result_names[finding->result],
	               finding->reason == NULL ? "the chain is valid" : finding->reason);
}

static const char *const needs[] = {"dkim", NULL};

const struct policy policy_arc = {
    .name = "arc",
    .needs = needs,
    .settings = &arc_settings_group,
    .open = policy_settings_open,
    .begin = arc_begin,
    .join = arc_join,
    .header = arc_header,
    .end_of_headers = arc_end_of_headers,
    .judge = arc_judge,
};

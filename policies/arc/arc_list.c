/*
 * arc_list.c - policy_arc_list: mail that a list server on our own networks sends gets the next set
 * of the chain that the message came in with (RFC 8617 5.1).
 *
 * The list has changed the message, so that the newest message signature no longer verifies. Nobody
 * else had it in between: it left by the same servers by which it came. So the chain goes on with
 * cv=pass where all seals verify, and our own Authentication-Results say how it was on arrival:
 * that it passed, or the same as the newest set, which is our own and was made then. A chain that
 * was broken on arrival is left as it is.
 *
 * Clients that log in are no list servers, and are left alone.
 */
#include "arc/arc.h"

#include <string.h>

#include "arc/arc_seal.h"
#include "arc/chain_check.h"
#include "base/domain.h"
#include "base/text.h"
#include "fields/results_reader.h"
#include "policy.h"
#include "policy_settings.h"

struct arc_list_work {
	const struct arc_settings *settings;
	const struct message *message;
	const struct services *services;
	struct arena *arena;
	bool watches; /* the settings ask for it, and the client may be a list server */
	struct chain chain;
	struct chain_check check;
	struct shared_body body;
	struct arc_seal *seal; /* NULL: not to be sealed */
	const char *reason;
};

static void *arc_list_begin(void *state, const struct message *message,
                            const struct services *services, struct arena *arena)
{
	struct arc_list_work *work = arena_allocate(arena, sizeof *work);

	work->settings = state;
	work->message = message;
	work->services = services == NULL ? NULL : services_aside(services);
	work->arena = work->chain.arena = work->body.arena = arena;
	work->watches = work->settings->key != NULL && work->settings->lists &&
	                message->auth_user == NULL && services != NULL;
	return work;
}

static void arc_list_header(void *context, const struct header *header)
{
	struct arc_list_work *work = context;

	if (work->watches)
		chain_add(&work->chain, header);
}

/* NULL, or why the chain cannot be continued, as far as the fields show. */
static const char *arc_list_objection(struct arc_list_work *work)
{
	const char *wrong =
	    work->message->header_cut ? "its header is too long" : chain_arrange(&work->chain);

	if (wrong != NULL)
		return wrong;
	if (work->chain.set_count > (size_t)work->settings->maximum_sets)
		return "its chain has more sets than arc.maximum_sets";
	if (work->chain.set_count == INSTANCE_MAX)
		return "its chain has 50 sets, and cannot have more";
	chain_check_fields(&work->check);
	return work->check.reason;
}

static void arc_list_end_of_headers(void *context)
{
	struct arc_list_work *work = context;

	if (!work->watches || work->chain.seen == 0)
		return;
	work->body.settings = work->settings->dkim;
	work->check = (struct chain_check){.chain = &work->chain,
	                                   .message = work->message,
	                                   .services = work->services,
	                                   .body = &work->body};
	work->reason = arc_list_objection(work);
	if (work->reason == NULL)
		work->seal =
		    arc_seal_begin(work->arena, work->settings, work->message, work->services);
}

static bool arc_list_body(void *context, const unsigned char *bytes, size_t length)
{
	struct arc_list_work *work = context;

	if (work->seal == NULL)
		return false;
	arc_seal_body(work->seal, bytes, length);
	shared_body_add(&work->body, bytes, length);
	return true;
}

static bool is_own(const struct arc_list_work *work)
{
	const struct chain_set *newest = &work->chain.sets[work->chain.set_count - 1];
	const char *sealer = newest->parts[CHAIN_SEAL]->signature.field.domain;
	const char *signer = newest->parts[CHAIN_MESSAGE]->signature.field.domain;

	return sealer != NULL && signer != NULL && domain_equal(sealer, work->settings->domain) &&
	       domain_equal(signer, work->settings->domain);
}

/* What our own Authentication-Results fields say of the chain. */
struct arc_list_results {
	unsigned passes, others;
	bool unreadable;
	bool sealed; /* one of them is what the newest set has */
};

static void arc_list_method(void *context, const char *method, const char *result)
{
	struct arc_list_results *results = context;

	if (strcmp(method, "arc") != 0)
		return;
	if (strcmp(result, "pass") == 0)
		results->passes++;
	else
		results->others++;
}

static void arc_list_property(void *context, const char *name, const char *value)
{
	(void)context;
	(void)name;
	(void)value;
}

/* List servers fold fields anew. */
static bool same_but_for_space(const char *one, const char *other)
{
	for (;; one++, other++) {
		while (text_is_space(*one))
			one++;
		while (text_is_space(*other))
			other++;
		if (*one != *other)
			return false;
		if (*one == '\0')
			return true;
	}
}

static void read_own(const struct arc_list_work *work, const struct header *header,
                     struct arc_list_results *results)
{
	const struct chain_set *newest = &work->chain.sets[work->chain.set_count - 1];
	const struct results_sink sink = {results, arc_list_method, arc_list_property};
	struct results_owner owner = results_reader_owner(work->arena, header->value);

	if (!owner.readable ||
	    !results_reader_names(work->arena, owner.id, work->message->receiver))
		return;
	if (!results_reader_read(work->arena, header->value, &sink))
		results->unreadable = true;
	if (same_but_for_space(header->value, newest->parts[CHAIN_RESULTS]->results))
		results->sealed = true;
}

/*
 * Fields in our name are removed when a message comes in from outside, so these are ours. One that
 * is in the newest set shows that the set was made when this message came in: a set that somebody
 * took from another message was found broken then, and the field says so.
 */
static bool was_good_on_arrival(const struct arc_list_work *work)
{
	struct arc_list_results results = {.passes = 0};

	for (size_t i = 0; i < work->message->header_count; i++)
		if (message_header_is(&work->message->headers[i], "Authentication-Results"))
			read_own(work, &work->message->headers[i], &results);
	if (results.unreadable)
		return false;
	return (results.passes > 0 && results.others == 0) || (is_own(work) && results.sealed);
}

/* NULL: the chain goes on. */
static const char *arc_list_decide(const struct arc_list_work *work)
{
	const struct chain_check *check = &work->check;

	if (check->reason == NULL)
		return is_own(work) ? "its newest set is ours, and nothing was changed since"
		                    : NULL;
	if (!check->changed)
		return check->reason;
	return was_good_on_arrival(work)
	           ? NULL
	           : "it was changed, and nothing of ours says that its chain was good on arrival";
}

static void arc_list_judge(void *context, struct findings *findings)
{
	struct arc_list_work *work = context;

	if (work->seal != NULL) {
		shared_body_finish(&work->body);
		chain_check_signatures(&work->check);
		work->reason = arc_list_decide(work);
	}
	findings->seal = (struct seal_finding){.reason = work->reason};
	if (work->seal != NULL && work->reason == NULL) {
		findings->arc.result = RESULT_PASS;
		arc_seal_end(work->seal, &work->chain, (unsigned)work->chain.set_count + 1, "pass",
		             &findings->seal);
	} else if (work->reason != NULL) {
		services_debug(work->services, "ARC: not sealed: %s", work->reason);
	}
}

const struct policy policy_arc_list = {
    .name = "arc_list",
    .settings = &arc_settings_group,
    .outbound = true,
    .open = policy_settings_open,
    .begin = arc_list_begin,
    .header = arc_list_header,
    .end_of_headers = arc_list_end_of_headers,
    .body = arc_list_body,
    .judge = arc_list_judge,
};

/*
 * iprev.c - the iprev policy (RFC 8601 3): does a name of the client's address lead back to that
 * address?
 *
 * Called by evaluate.c: begin() at MAIL FROM prefetches the PTR records and, as they arrive, the
 * addresses of their names; judge() fills in findings.iprev. The result goes into
 * Authentication-Results and the output for people, and never changes the decision. Unless the
 * settings ask for it, it is off and costs nothing.
 */
#include "iprev.h"

#include "base/invariant.h"
#include "policy.h"
#include "policy_settings.h"

enum {
	NAMES_MAX = 10 /* RFC 8601 3 leaves the number open and points at SPF's (RFC 7208 4.6.4) */
};

static const struct setting rows[] = {
    {.name = "check",
     .type = SETTING_FLAG,
     .offset = offsetof(struct iprev_settings, check),
     .standard = "false",
     .help = "Look whether a name of the client's address leads back to it, for "
             "Authentication-Results; never changes the verdict"},
    {.name = NULL},
};

const struct setting_group iprev_settings_group = {"iprev", rows, sizeof(struct iprev_settings)};

struct iprev_work {
	const struct services *services;
	struct arena *arena;
	struct address client;
	enum record_type forward; /* A or AAAA */
	char reverse[ADDRESS_REVERSE_NAME];
};

/* May run on the resolver's thread: reads what begin() has written, and the answer. */
static void names_arrived(const struct services *services, const char *name,
                          const struct answer *answer, void *context)
{
	const struct iprev_work *work = context;

	(void)name;
	for (size_t i = 0; i < answer->count && i < NAMES_MAX; i++)
		services_prefetch(services, answer->records[i].name, work->forward);
}

static void *iprev_begin(void *state, const struct message *message,
                         const struct services *services, struct arena *arena)
{
	const struct iprev_settings *settings = state;
	struct iprev_work *work;

	/* mail that was handed in on the host itself came over no connection */
	if (!settings->check || message->client.family == ADDRESS_UNKNOWN)
		return NULL;
	work = arena_allocate(arena, sizeof *work);
	work->services = services_aside(services);
	work->arena = arena;
	work->client = message->client;
	work->forward = services_address_type(&message->client);
	address_reverse_name(&work->client, work->reverse);
	work->services->prefetch(work->services->context, work->reverse, RECORD_PTR, names_arrived,
	                         work);
	return work;
}

static void iprev_conclude(struct iprev_finding *finding, enum result result, const char *reason)
{
	invariant((result == RESULT_PASS) == (reason == NULL));
	finding->result = result;
	finding->reason = reason;
}

static bool leads_back(const struct iprev_work *work, const struct answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		if (address_equal(&answer->records[i].address, &work->client))
			return true;
	return false;
}

/* A name that leads back outweighs what could not be looked up; that outweighs names that lead
 * elsewhere. */
static void judge_names(const struct iprev_work *work, const struct answer *pointers,
                        struct iprev_finding *finding)
{
	const char *failed = NULL;

	for (size_t i = 0; i < pointers->count && i < NAMES_MAX; i++) {
		const char *name = pointers->records[i].name;
		const struct answer *answer = services_lookup(work->services, name, work->forward);

		services_debug(work->services, "iprev: %s has %zu addresses of the family%s", name,
		               answer->count, leads_back(work, answer) ? ", the client's too" : "");
		if (leads_back(work, answer)) {
			finding->name = name;
			iprev_conclude(finding, RESULT_PASS, NULL);
			return;
		}
		if (answer->status == LOOKUP_FAILED && failed == NULL)
			failed = arena_format(work->arena, "the lookup of %s failed: %s", name,
			                      answer->why);
	}
	if (failed != NULL)
		iprev_conclude(finding, RESULT_TEMPERROR, failed);
	else if (pointers->count == 1)
		iprev_conclude(finding, RESULT_FAIL,
		               arena_format(work->arena, "%s does not lead back to the address",
		                            pointers->records[0].name));
	else if (pointers->count <= NAMES_MAX)
		iprev_conclude(finding, RESULT_FAIL,
		               arena_format(work->arena,
		                            "none of %zu names leads back to the address",
		                            pointers->count));
	else
		iprev_conclude(
		    finding, RESULT_FAIL,
		    arena_format(work->arena,
		                 "none of the first %d of %zu names leads back to the address",
		                 (int)NAMES_MAX, pointers->count));
}

static void iprev_judge(void *context, struct findings *findings)
{
	const struct iprev_work *work = context;
	struct iprev_finding *finding = &findings->iprev;
	const struct answer *pointers;

	if (work == NULL)
		return;
	finding->checked = true;
	finding->address = work->client;
	pointers = services_lookup(work->services, work->reverse, RECORD_PTR);
	if (pointers->status == LOOKUP_FAILED)
		iprev_conclude(finding, RESULT_TEMPERROR,
		               arena_format(work->arena, "the lookup of %s failed: %s",
		                            work->reverse, pointers->why));
	else if (pointers->status != LOOKUP_FOUND)
		iprev_conclude(finding, RESULT_PERMERROR, "the address has no name (PTR)");
	else
		judge_names(work, pointers, finding);
	services_debug(work->services, "iprev: %s is %s: %s", work->reverse,
	               result_names[finding->result],
	               finding->reason == NULL ? finding->name : finding->reason);
}

const struct policy policy_iprev = {
    .name = "iprev",
    .settings = &iprev_settings_group,
    .open = policy_settings_open,
    .begin = iprev_begin,
    .judge = iprev_judge,
};

/*
 * query_log.c - what the log says about the lookups of a message. Called by query_session.c, which
 * knows when; the formatting is here.
 */
#include "dns/query_log.h"

#include "base/invariant.h"

void query_log_note_failure(struct query_failures *failures, const char *name,
                            enum record_type type, const struct answer *answer, struct arena *arena)
{
	invariant(answer->status == LOOKUP_FAILED);
	if (failures->count < QUERY_FAILURES_MAX)
		failures->items[failures->count] = (struct query_failure){
		    .name = arena_string(arena, name),
		    .type = type,
		    .why = answer->why == NULL ? "no reason given" : answer->why,
		    .fault = answer->fault,
		};
	failures->count++;
}

void query_log_answer(const struct services *services, const struct query_log_answer *answered)
{
	const struct answer *answer = answered->answer;
	bool failed = answer->status == LOOKUP_FAILED;

	services_debug(services, "dns %s %s: %s, %zu %s%s, %.1f ms%s, %s for %s%s%s%s%s",
	               record_type_names[answered->type], answered->name,
	               lookup_names[answer->status], answer->count,
	               answer->count == 1 ? "record" : "records", answer->secure ? ", secure" : "",
	               answered->milliseconds, answered->cached ? ", cached" : "",
	               answered->prefetched ? "prefetch" : "lookup", answered->purpose,
	               failed ? ", fault of " : "", failed ? lookup_fault_names[answer->fault] : "",
	               failed ? ": " : "",
	               failed ? (answer->why == NULL ? "no reason given" : answer->why) : "");
}

void query_log_refusal(const struct services *services, const char *name, enum record_type type,
                       const char *purpose, const struct answer *answer)
{
	invariant(answer->status == LOOKUP_FAILED && answer->why != NULL);
	services_debug(services, "dns %s %s: not answered, for %s, fault of %s: %s",
	               record_type_names[type], name, purpose, lookup_fault_names[answer->fault],
	               answer->why);
}

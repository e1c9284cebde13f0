/*
 * query_refusal.c - the answers to lookups that query_session.c does not pass on: a limit of the
 * message, of its client or of the resolver is reached.
 */
#include "dns/query_refusal.h"

const struct answer query_refusal_late = {.status = LOOKUP_FAILED,
                                          .why = "no answer from the name servers in time"};

const struct answer query_refusal_by_fault[LOOKUP_FAULTS] = {
    [LOOKUP_FAULT_RESOLVER] = {.status = LOOKUP_FAILED,
                               .fault = LOOKUP_FAULT_RESOLVER,
                               .why = "no memory for a DNS lookup"},
    [LOOKUP_FAULT_MESSAGE_TIME] = {.status = LOOKUP_FAILED,
                                   .fault = LOOKUP_FAULT_MESSAGE_TIME,
                                   .why = "the message's time for DNS answers is used up "
                                          "(limits.message_ms)"},
    [LOOKUP_FAULT_MESSAGE_LOOKUPS] = {.status = LOOKUP_FAILED,
                                      .fault = LOOKUP_FAULT_MESSAGE_LOOKUPS,
                                      .why = "too many DNS lookups for one message"},
    [LOOKUP_FAULT_CLIENT_LOOKUPS] = {.status = LOOKUP_FAILED,
                                     .fault = LOOKUP_FAULT_CLIENT_LOOKUPS,
                                     .why = "too many DNS lookups of one client are under way "
                                            "(resolver.in_flight)"},
    [LOOKUP_FAULT_IN_FLIGHT] = {.status = LOOKUP_FAILED,
                                .fault = LOOKUP_FAULT_IN_FLIGHT,
                                .why = "too many DNS lookups are under way (resolver.in_flight)"},
};

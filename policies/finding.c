/*
 * finding.c - the names of what policies conclude (finding.h) and for what the DNS answers
 * (services.h).
 */
#include "finding.h"

const char *const result_names[] = {
    [RESULT_NONE] = "none",           [RESULT_PASS] = "pass",           [RESULT_FAIL] = "fail",
    [RESULT_SOFTFAIL] = "softfail",   [RESULT_NEUTRAL] = "neutral",     [RESULT_POLICY] = "policy",
    [RESULT_TEMPERROR] = "temperror", [RESULT_PERMERROR] = "permerror", NULL,
};

const char *const spf_scope_names[] = {
    [SPF_SCOPE_HELO] = "helo", [SPF_SCOPE_MAILFROM] = "mailfrom", NULL};

const char *const request_names[] = {[REQUEST_NONE] = "none",
                                     [REQUEST_QUARANTINE] = "quarantine",
                                     [REQUEST_REJECT] = "reject",
                                     NULL};

const char *const unsigned_kind_names[] = {[UNSIGNED_NOTHING_SET_UP] = "nothing_set_up",
                                           [UNSIGNED_AUTHOR] = "author",
                                           [UNSIGNED_NO_KEY] = "no_key",
                                           [UNSIGNED_LOGIN] = "login",
                                           [UNSIGNED_NOT_PASSED] = "not_passed",
                                           [UNSIGNED_ALREADY] = "already_signed",
                                           [UNSIGNED_FAILURE] = "failure",
                                           NULL};

const char *const long_lines_names[] = {[LONG_LINES_NONE] = "none",
                                        [LONG_LINES_BROKEN] = "broken",
                                        [LONG_LINES_UNBROKEN] = "unbroken",
                                        [LONG_LINES_UNKNOWN] = "unknown",
                                        NULL};

const char *const record_type_names[] = {
    [RECORD_A] = "A",       [RECORD_PTR] = "PTR",     [RECORD_MX] = "MX",  [RECORD_TXT] = "TXT",
    [RECORD_AAAA] = "AAAA", [RECORD_CNAME] = "CNAME", [RECORD_SPF] = "SPF"};

const char *const lookup_fault_names[] = {[LOOKUP_FAULT_DOMAIN] = "domain",
                                          [LOOKUP_FAULT_RESOLVER] = "resolver",
                                          [LOOKUP_FAULT_MESSAGE_TIME] = "message_time",
                                          [LOOKUP_FAULT_MESSAGE_LOOKUPS] = "message_lookups",
                                          [LOOKUP_FAULT_CLIENT_LOOKUPS] = "client_lookups",
                                          [LOOKUP_FAULT_IN_FLIGHT] = "in_flight",
                                          NULL};

const char *const lookup_names[] = {[LOOKUP_FOUND] = "found",
                                    [LOOKUP_NO_DATA] = "no data",
                                    [LOOKUP_NO_NAME] = "no such name",
                                    [LOOKUP_FAILED] = "failed",
                                    NULL};

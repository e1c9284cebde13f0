/*
 * received_report.c - the names of what received_report.h has.
 */
#include "rows/received_report.h"

const char *const received_kind_names[] = {
    [RECEIVED_DMARC] = "dmarc", [RECEIVED_TLS] = "tls", [RECEIVED_FAILURE] = "failure", NULL};

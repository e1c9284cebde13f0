/*
 * status.h - what the files of `assay status` share: status.c (arguments), status_fetch_curl.c
 * (asks the daemon), status_print.c (reads its answer and prints it).
 */
#ifndef ASSAY_STATUS_H
#define ASSAY_STATUS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/problem.h"
#include "metrics/listen_address.h"

enum {
	STATUS_BYTES_MAX = 256 * 1024
};

/* The page /status, for free(). NULL and a problem, which is the reason alone: "Connection
 * refused". */
char *status_fetch(const struct listen_address *place, struct arena *arena,
                   struct problem *problem);

/* Prints the page for people. False: it is not the answer of an assayd of this version. */
bool status_print(const char *json, struct arena *arena);

#endif

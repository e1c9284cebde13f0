/*
 * shared.h - what all connections of a process share. main.c fills it in before the first
 * connection; `assay check` has one with a resolver alone.
 *
 * The services are safe from any thread and outlive every connection.
 */
#ifndef ASSAY_SHARED_H
#define ASSAY_SHARED_H

#include <stdatomic.h>
#include <stdbool.h>

struct capture_folder;
struct metrics;
struct recorder;
struct resolver;
struct slots;

struct shared {
	struct resolver *resolver;
	struct recorder *recorder; /* NULL: no rows are kept */
	/* copies of mail to received.addresses; NULL: none are kept */
	struct capture_folder *captures;
	struct metrics *metrics; /* NULL: nothing is counted */
	struct slots *slots;     /* of messages under way */
	atomic_long connections; /* open at present */
	atomic_ulong sessions;   /* opened so far: the number of the last one */
	atomic_bool stopping;    /* no new messages are taken */
};

#endif

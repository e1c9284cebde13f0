/*
 * capture.h - a copy of a message to an address of received.addresses, written while the message
 * arrives. session/ makes one; `assay report read --captured` takes it from the folder
 * (capture_folder.h).
 *
 * The copy is a file of STORE.received/tmp, 0600, and locked (flock) while it is written: what a
 * killed daemon leaves there has no lock and is removed. At the end of the message its first block
 * is written (capture_facts.h), the file is brought to the disk (fsync) and gets its place in
 * STORE.received/new by one rename. Once capture_finish() has returned CAPTURE_KEPT the copy
 * outlives the process and a power cut.
 *
 * Whatever the disk does, the message goes on: a copy that fails is given up, and that is logged
 * once as long as the trouble lasts. The functions for one capture are called one after the other,
 * on changing threads.
 */
#ifndef ASSAY_CAPTURE_H
#define ASSAY_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "received/capture_facts.h"
#include "received/capture_folder.h"

enum {
	CAPTURE_MESSAGE_MAX = 25 * 1024 * 1024 /* octets of a message */
};

enum capture_outcome {
	CAPTURE_KEPT,
	CAPTURE_TOO_LARGE,
	CAPTURE_FULL, /* the folder has as much as it may have */
	CAPTURE_FAILED,
	CAPTURE_OUTCOMES
};

struct capture;

/* Begins a file; it goes with the arena unless it is kept. Never NULL: one that fails takes
 * everything and says so at the end. */
struct capture *capture_begin(struct capture_folder *folder, struct arena *arena);

/* A header field as in struct header, the end of the header, octets of the body. */
void capture_field(struct capture *capture, const struct header *field);
void capture_end_of_headers(struct capture *capture);

/* False: no more is wanted. */
bool capture_body(struct capture *capture, const unsigned char *bytes, size_t length);

/* Once, at the end of the message. */
enum capture_outcome capture_finish(struct capture *capture, const struct capture_facts *facts,
                                    struct arena *arena);

/* The octets of the message that were written so far. */
size_t capture_octets(const struct capture *capture);

#endif

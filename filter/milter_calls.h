/*
 * milter_calls.h - what milter_io.c asks the system for, under names that are not its own.
 *
 * Times are in milliseconds, less than 0 for ever. Errors are those of errno(3).
 */
#ifndef ASSAY_MILTER_CALLS_H
#define ASSAY_MILTER_CALLS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* poll(2) itself. */
int milter_calls_poll(struct pollfd *polled, nfds_t count, int timeout);

/* Sends all of it, or returns false. The connection may not take octets for `patience` at a time;
 * then the error is ETIMEDOUT. */
bool milter_calls_send(int descriptor, int patience, const unsigned char *bytes, size_t length);

/* read(2) of a socket that blocks, whatever its own time of waiting (SO_RCVTIMEO) is. */
ssize_t milter_calls_read(int descriptor, void *to, size_t length);

#endif

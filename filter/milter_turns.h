/*
 * milter_turns.h - which connections wait for a thread of libmilter.
 *
 * libmilter gives a connection that is ready to a thread that it believes idle, and makes a new one
 * where it knows of none. A thread counts as idle until it runs, so of two connections that become
 * ready at once one may get no thread: it waits until any thread comes back, which threads with
 * busy connections do not do for seconds. So milter_io.c tells it of one connection at a time, and
 * of the next when the one before has its thread; where that takes long all the same, a thread
 * between two packets goes back.
 *
 * From any thread.
 */
#ifndef ASSAY_MILTER_TURNS_H
#define ASSAY_MILTER_TURNS_H

#include <stdbool.h>

/* libmilter hears that one more is ready; and a thread has begun with one, or it was closed. */
void milter_turns_ready(void);
void milter_turns_picked(void);

/* Returns when all have been picked, or after a millisecond. */
void milter_turns_wait(void);

/* One has waited for too long, and this thread should go back for it. With N that wait, it is said
 * once in an Nth of five milliseconds, so that threads do not all change places. */
bool milter_turns_help(void);

#endif

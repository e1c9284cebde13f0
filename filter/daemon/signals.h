/*
 * signals.h - signals become messages that the main thread waits for.
 *
 * libmilter waits for HUP, TERM and INT in a thread of its own and would stop at once. So it gets a
 * sigwait(3) of ours, which never returns; every thread but the main one is made with these signals
 * blocked.
 */
#ifndef ASSAY_SIGNALS_H
#define ASSAY_SIGNALS_H

#include <stdbool.h>

enum signal_word {
	SIGNAL_STOP,
	SIGNAL_RELOAD,
	SIGNAL_ENDED
};

/* Before the first thread: blocks them for all threads to come. False where the system has no pipe
 * left. */
bool signals_prepare(void);

/* On the main thread, after the threads were made. */
void signals_accept(void);

/* Waits for the next word. SIGNAL_ENDED was said by signals_say(). */
enum signal_word signals_wait(void);

/* From any thread. */
void signals_say(enum signal_word word);

#endif

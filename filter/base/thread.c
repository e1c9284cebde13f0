/*
 * thread.c - starts threads that work beside the main thread: the recorder's writer, the one that
 * talks to libunbound, the one that watches, the one that serves pages, the one that has reports
 * sent.
 */
#include "base/thread.h"

#include <errno.h>
#include <signal.h>

#include "base/invariant.h"

bool thread_start(pthread_t *thread, void *(*run)(void *context), void *context)
{
	sigset_t all, before;

	invariant(thread != NULL && run != NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	errno = pthread_create(thread, NULL, run, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return errno == 0;
}

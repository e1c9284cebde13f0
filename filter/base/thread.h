/*
 * thread.h - threads that work beside the main thread.
 */
#ifndef ASSAY_THREAD_H
#define ASSAY_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread that no signal meets, nor any thread that it starts: they are for the main
 * thread. False: errno says why. */
bool thread_start(pthread_t *thread, void *(*run)(void *context), void *context);

#endif

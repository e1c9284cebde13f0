/*
 * signals.c - signals become messages that the main thread waits for; signals.h says why.
 */
#include "daemon/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/invariant.h"

static int wake_pipe[2];

void signals_say(enum signal_word word)
{
	const char byte = (char)word;
	ssize_t written;

	invariant(word <= SIGNAL_ENDED);
	do
		written = write(wake_pipe[1], &byte, 1);
	while (written < 0 && errno == EINTR);
}

static void on_signal(int number)
{
	int before = errno;

	signals_say(number == SIGUSR1 || number == SIGHUP ? SIGNAL_RELOAD : SIGNAL_STOP);
	errno = before;
}

static void handled_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR1);
}

bool signals_prepare(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	sigset_t set;

	if (pipe2(wake_pipe, O_CLOEXEC) != 0)
		return false;
	handled_signals(&set);
	action.sa_mask = set;
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file size limit is a write that fails, like a full disk */
	return true;
}

/*
 * libmilter's thread calls this instead of the C library's, and is the only one in the process that
 * does. Where the real one waits for TERM or HUP, the kernel gives it that signal whenever the main
 * thread still has another one to handle, and libmilter stops in the middle of messages.
 */
__attribute__((visibility("default"))) int sigwait(const sigset_t *restrict set,
                                                   int *restrict number)
{
	(void)set;
	(void)number;
	for (;;)
		pause();
}

void signals_accept(void)
{
	sigset_t set;

	handled_signals(&set);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

enum signal_word signals_wait(void)
{
	struct pollfd ready = {.fd = wake_pipe[0], .events = POLLIN};
	char byte;

	/* The thread sanitizer runs handlers during poll(2), not during read(2). */
	while (poll(&ready, 1, -1) != 1 || read(wake_pipe[0], &byte, 1) != 1)
		if (errno != EINTR)
			return SIGNAL_ENDED;
	invariant((unsigned char)byte <= SIGNAL_ENDED);
	return (enum signal_word)byte;
}

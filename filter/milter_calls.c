/*
 * milter_calls.c - system calls on the connections of the mail server.
 */
#include "milter_calls.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>

int milter_calls_poll(struct pollfd *polled, nfds_t count, int timeout)
{
	const struct timespec time = {timeout / 1000, timeout % 1000 * 1000000L};

	return ppoll(polled, count, timeout < 0 ? NULL : &time, NULL);
}

bool milter_calls_send(int descriptor, int patience, const unsigned char *bytes, size_t length)
{
	while (length > 0) {
		struct pollfd writable = {.fd = descriptor, .events = POLLOUT};
		ssize_t sent = send(descriptor, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent >= 0) {
			bytes += sent;
			length -= (size_t)sent;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			int ready = milter_calls_poll(&writable, 1, patience);

			if (ready == 0)
				errno = ETIMEDOUT;
			if (ready == 0 || (ready < 0 && errno != EINTR))
				return false;
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

ssize_t milter_calls_read(int descriptor, void *to, size_t length)
{
	for (;;) {
		struct pollfd readable = {.fd = descriptor, .events = POLLIN};
		ssize_t got = recv(descriptor, to, length, 0);

		if (got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
			return got;
		if (milter_calls_poll(&readable, 1, -1) < 0)
			return -1;
	}
}

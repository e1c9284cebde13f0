/*
 * milter_io.c - a buffer between libmilter and each connection of the mail server.
 */
#include "milter_io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "milter_calls.h"
#include "milter_turns.h"

enum {
	DESCRIPTORS = 65536, /* a connection with a higher number has no buffer */
	INPUT = 16384,
	DIRECT = 4096, /* from so much on, octets go where libmilter wants them, without a copy */
	OUTPUT = 8192,
	LINGER_MS = 400,
	LINGERING = 256, /* threads at once */
	HEAD = 5,        /* of a packet: its length in four octets, its command */
	PAUSE_MS = 100,  /* between attempts while no file descriptor is left */
	WARN_AGAIN_S = 5 * 60
};

struct wire {
	unsigned char *input, *output; /* NULL while empty */
	size_t from, to;               /* of `input`: what libmilter has not had yet */
	size_t held;                   /* of `output` */
	int patience;                  /* milliseconds that libmilter gives a packet to leave */
	bool pending;                  /* ready, but no thread has begun with it */
	bool ended;
	int error; /* of what ended it; 0 is that the server closed it */
};

static _Atomic(struct wire *) milter_wires[DESCRIPTORS];
static atomic_int milter_lingering;

static struct wire *wire_of(int descriptor)
{
	return descriptor < 0 || descriptor >= DESCRIPTORS
	           ? NULL
	           : atomic_load_explicit(&milter_wires[descriptor], memory_order_acquire);
}

static struct wire *wire_exchanged(int descriptor, struct wire *wire)
{
	return descriptor < 0 || descriptor >= DESCRIPTORS
	           ? NULL
	           : atomic_exchange(&milter_wires[descriptor], wire);
}

static void wire_free(struct wire *wire)
{
	if (wire == NULL)
		return;
	if (wire->pending)
		milter_turns_picked();
	free(wire->input);
	free(wire->output);
	free(wire);
}

static bool at_hand(const struct wire *wire)
{
	return wire->from < wire->to || wire->ended;
}

/* libmilter hears that it has octets, or may have. */
static void wire_ready(struct wire *wire)
{
	if (!wire->pending)
		milter_turns_ready();
	wire->pending = true;
}

static void wire_picked(struct wire *wire)
{
	if (wire->pending)
		milter_turns_picked();
	wire->pending = false;
}

/* Writing */

static void wire_break(struct wire *wire, int error)
{
	wire->ended = true;
	wire->error = error;
}

/* What was held leaves; where it cannot, libmilter hears so from its next call. */
static bool milter_io_flush(int descriptor, struct wire *wire)
{
	bool sent = true;

	if (wire->held > 0) {
		sent = milter_calls_send(descriptor, wire->patience, wire->output, wire->held);
		wire->held = 0;
		free(wire->output);
		wire->output = NULL;
	}
	if (!sent)
		wire_break(wire, errno);
	return sent;
}

/* One whole packet that changes the message, behind which an answer always follows. */
static bool is_change(const struct iovec *parts, int count, size_t length)
{
	const unsigned char *head;
	uint32_t said;

	if (count < 1 || parts[0].iov_len != HEAD || length > OUTPUT)
		return false;
	head = parts[0].iov_base;
	memcpy(&said, head, sizeof said);
	return ntohl(said) == length - (HEAD - 1) && head[HEAD - 1] != '\0' &&
	       strchr("+-2ehimq", head[HEAD - 1]) != NULL;
}

static size_t whole_length(const struct iovec *parts, int count)
{
	size_t length = 0;

	for (int i = 0; i < count; i++)
		length += parts[i].iov_len;
	return length;
}

static void hold(struct wire *wire, const struct iovec *parts, int count)
{
	for (int i = 0; i < count; i++) {
		invariant(wire->held + parts[i].iov_len <= OUTPUT);
		memcpy(wire->output + wire->held, parts[i].iov_base, parts[i].iov_len);
		wire->held += parts[i].iov_len;
	}
}

static bool send_parts(int descriptor, struct wire *wire, const struct iovec *parts, int count)
{
	for (int i = 0; i < count; i++)
		if (!milter_calls_send(descriptor, wire->patience, parts[i].iov_base,
		                       parts[i].iov_len))
			return false;
	return true;
}

static ssize_t wire_write(int descriptor, struct wire *wire, const struct iovec *parts, int count)
{
	size_t length = whole_length(parts, count);
	bool sent = length <= OUTPUT - wire->held || milter_io_flush(descriptor, wire);

	if (sent && length <= OUTPUT && wire->output == NULL)
		wire->output = malloc(OUTPUT);
	if (sent && length <= OUTPUT && wire->output != NULL) {
		hold(wire, parts, count);
		sent = is_change(parts, count, length) || milter_io_flush(descriptor, wire);
	} else if (sent) {
		sent = send_parts(descriptor, wire, parts, count);
	}
	return sent ? (ssize_t)length : -1;
}

ssize_t milter_io_writev(int descriptor, const struct iovec *parts, int count)
{
	struct wire *wire = wire_of(descriptor);

	return wire == NULL ? pwritev2(descriptor, parts, count, -1, 0)
	                    : wire_write(descriptor, wire, parts, count);
}

/* Reading */

/* Takes what the kernel has. `flags` 0 waits for LINGER_MS. False: nothing came, errno says why. */
static bool receive(int descriptor, struct wire *wire, int flags)
{
	ssize_t got = recv(descriptor, wire->input, INPUT, flags);

	invariant(wire->from == wire->to);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return false;
	wire->from = 0;
	wire->to = got > 0 ? (size_t)got : 0;
	if (got <= 0)
		wire_break(wire, got < 0 ? errno : 0);
	return true;
}

/* As receive(); the milliseconds that it may have waited: none where many threads do. */
static int linger(int descriptor, struct wire *wire, bool *came)
{
	bool few = atomic_fetch_add(&milter_lingering, 1) < LINGERING;
	int why;

	*came = receive(descriptor, wire, few ? 0 : MSG_DONTWAIT);
	why = errno;
	atomic_fetch_sub(&milter_lingering, 1);
	errno = why;
	return few ? LINGER_MS : 0;
}

/* A connection that rests keeps no memory. */
static void rest(struct wire *wire)
{
	free(wire->input);
	wire->input = NULL;
}

/* poll(2), then what came. */
static int wait_and_receive(int descriptor, struct wire *wire, int timeout)
{
	struct pollfd readable = {.fd = descriptor, .events = POLLIN};
	int ready = milter_calls_poll(&readable, 1, timeout);

	if (ready > 0 && !receive(descriptor, wire, MSG_DONTWAIT)) {
		errno = EINTR; /* nothing after all: libmilter asks again */
		return -1;
	}
	return ready;
}

static int wait_for_more(int descriptor, struct wire *wire, int timeout)
{
	bool came;
	int waited = linger(descriptor, wire, &came);

	if (came)
		return 1;
	if (errno == EINTR)
		return -1;
	if (timeout >= 0 && timeout <= waited)
		return 0;
	return wait_and_receive(descriptor, wire, timeout < 0 ? timeout : timeout - waited);
}

/* poll(2) for octets of one connection, but what came is in the buffer already. */
static int wire_wait(int descriptor, struct wire *wire, struct pollfd *polled, int timeout)
{
	int ready = at_hand(wire) || !milter_io_flush(descriptor, wire) ? 1 : 0;

	wire_picked(wire);
	if (ready == 0 && timeout >= 0 && timeout <= LINGER_MS && milter_turns_help())
		return polled->revents = 0;
	if (ready == 0 && wire->input == NULL)
		wire->input = malloc(INPUT);
	if (ready == 0 && wire->input == NULL) /* then as without a buffer */
		return milter_calls_poll(polled, 1, timeout);
	if (ready == 0)
		ready = wait_for_more(descriptor, wire, timeout);
	polled->revents = ready > 0 ? POLLIN : 0;
	if (ready == 0)
		rest(wire);
	return ready;
}

/* Of the connections that are ready one is told, another each time; the others are found ready
 * again. Returns how many descriptors remain. */
static int tell_one(struct pollfd *polled, nfds_t count, int ready)
{
	static atomic_uint turn;
	nfds_t first = atomic_fetch_add(&turn, 1) % count;
	bool told = false;

	for (nfds_t i = 0; i < count; i++) {
		struct pollfd *one = &polled[(first + i) % count];
		struct wire *wire = one->revents == 0 ? NULL : wire_of(one->fd);

		if (wire == NULL)
			continue;
		if (told) {
			one->revents = 0;
			ready--;
		} else {
			wire_ready(wire);
		}
		told = true;
	}
	return ready;
}

/* How many of them are connections; `some` is whether octets of one are at hand. */
static size_t count_wires(const struct pollfd *polled, nfds_t count, bool *some)
{
	size_t wires = 0;

	*some = false;
	for (nfds_t i = 0; i < count; i++) {
		const struct wire *wire = wire_of(polled[i].fd);

		wires += wire != NULL;
		*some =
		    *some || (wire != NULL && at_hand(wire) && (polled[i].events & POLLIN) != 0);
	}
	return wires;
}

/* Several connections, or descriptors of others. */
static int poll_all(struct pollfd *polled, nfds_t count, int timeout)
{
	bool some;
	int ready;

	if (count_wires(polled, count, &some) == 0)
		return milter_calls_poll(polled, count, timeout);
	milter_turns_wait();
	ready = milter_calls_poll(polled, count, some ? 0 : timeout);
	for (nfds_t i = 0; i < count && some && ready >= 0; i++) {
		const struct wire *wire = wire_of(polled[i].fd);

		if (wire == NULL || !at_hand(wire) || (polled[i].events & POLLIN) == 0)
			continue;
		ready += polled[i].revents == 0;
		polled[i].revents |= POLLIN;
	}
	return ready > 0 ? tell_one(polled, count, ready) : ready;
}

int milter_io_poll(struct pollfd *polled, nfds_t count, int timeout)
{
	struct wire *wire = count == 1 ? wire_of(polled->fd) : NULL;

	if (wire != NULL && polled->events == POLLOUT) {
		wire->patience = timeout;
		polled->revents = POLLOUT;
		return 1; /* writing waits itself */
	}
	if (wire != NULL && (polled->events & ~(POLLIN | POLLPRI)) == 0)
		return wire_wait(polled->fd, wire, polled, timeout);
	return poll_all(polled, count, timeout);
}

int milter_io_poll_checked(struct pollfd *polled, nfds_t count, int timeout, size_t room)
{
	if (count > room / sizeof *polled)
		abort();
	return milter_io_poll(polled, count, timeout);
}

static size_t take(struct wire *wire, void *to, size_t length)
{
	size_t count = wire->to - wire->from;

	count = length < count ? length : count;
	if (count == 0) /* there may be no buffer yet */
		return 0;
	memcpy(to, wire->input + wire->from, count);
	wire->from += count;
	return count;
}

/* The rest of a large packet, as far as it has come, and in the same call what stands behind. */
static size_t take_directly(int descriptor, struct wire *wire, unsigned char *to, size_t length)
{
	struct iovec parts[] = {{to, length}, {wire->input, INPUT}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	ssize_t got = recvmsg(descriptor, &message, MSG_DONTWAIT);

	if (got <= 0) /* the next call hears the same */
		return 0;
	if ((size_t)got <= length)
		return (size_t)got;
	wire->from = 0;
	wire->to = (size_t)got - length;
	return length;
}

static ssize_t wire_read(int descriptor, struct wire *wire, void *to, size_t length)
{
	size_t count = take(wire, to, length);

	if (count > 0 && length - count >= DIRECT)
		count +=
		    take_directly(descriptor, wire, (unsigned char *)to + count, length - count);
	if (count > 0 || length == 0)
		return (ssize_t)count;
	if (wire->ended) {
		errno = wire->error;
		return wire->error == 0 ? 0 : -1;
	}
	return milter_io_flush(descriptor, wire) ? milter_calls_read(descriptor, to, length) : -1;
}

ssize_t milter_io_read(int descriptor, void *to, size_t length)
{
	struct wire *wire = wire_of(descriptor);
	const struct iovec part = {to, length};

	return wire == NULL ? readv(descriptor, &part, 1) : wire_read(descriptor, wire, to, length);
}

ssize_t milter_io_read_checked(int descriptor, void *to, size_t length, size_t room)
{
	if (length > room)
		abort();
	return milter_io_read(descriptor, to, length);
}

/* Begin and end */

/* Without memory for it, a connection has no buffer. */
static void wire_attach(int connection)
{
	const struct timeval wait = {.tv_usec = LINGER_MS * 1000L};
	struct wire *wire = calloc(1, sizeof *wire);

	if (wire == NULL || connection >= DESCRIPTORS ||
	    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0) {
		log_debug("connection %d has no buffer, it is slower", connection);
		free(wire);
		wire = NULL;
	} else {
		wire->patience = -1;
		wire_ready(wire);
	}
	wire_free(wire_exchanged(connection, wire));
}

static void warn_no_files(void)
{
	static time_t warned;
	time_t now = clock_monotonic_seconds();

	if (warned != 0 && now - warned < WARN_AGAIN_S)
		return;
	warned = now;
	log_warning("no file descriptor is left, so connections of the mail server wait: raise "
	            "LimitNOFILE of the service");
}

int milter_io_accept(int listener, struct sockaddr *address, socklen_t *length)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	int connection;

	milter_turns_wait();
	connection = accept4(listener, address, length, SOCK_CLOEXEC);

	if (connection >= 0) {
		wire_attach(connection);
	} else if (errno == EMFILE || errno == ENFILE) {
		warn_no_files();
		nanosleep(&pause, NULL);
		errno = EINTR; /* what every version of libmilter takes for "ask again" */
	}
	return connection;
}

int milter_io_close(int descriptor)
{
	struct wire *wire = wire_exchanged(descriptor, NULL);

	if (wire != NULL && wire->held > 0)
		send(descriptor, wire->output, wire->held, MSG_DONTWAIT | MSG_NOSIGNAL);
	wire_free(wire);
	return (int)syscall(SYS_close, descriptor);
}

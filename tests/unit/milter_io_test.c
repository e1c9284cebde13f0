/*
 * milter_io_test.c - what stands between libmilter and a connection: the same octets however they
 * come, times, ends, what waits and what leaves, and that other descriptors are left alone. The
 * calls of poll, read, writev, accept and close in this file are the ones under test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "milter_io.h"

enum {
	STREAM = 300000,
	FOR_EVER = 7210000 /* what libmilter waits for a packet, in milliseconds */
};

static int listener;
static struct sockaddr_un listening = {.sun_family = AF_UNIX};

/* A connection of the mail server, and its other end. */
struct pair {
	int ours, server;
};

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int set_up(void **state)
{
	socklen_t length = sizeof listening;

	(void)state;
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* the kernel finds a name */
	return bind(listener, (struct sockaddr *)&listening, sizeof listening.sun_family) == 0 &&
	               getsockname(listener, (struct sockaddr *)&listening, &length) == 0 &&
	               listen(listener, 8) == 0
	           ? 0
	           : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return close(listener);
}

static struct pair connected(void)
{
	struct pair pair = {.server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};

	/* a name that the kernel found has five digits behind a NUL */
	assert_int_equal(connect(pair.server, (struct sockaddr *)&listening,
	                         offsetof(struct sockaddr_un, sun_path) + 6),
	                 0);
	pair.ours = accept(listener, NULL, NULL);
	assert_true(pair.ours >= 0);
	return pair;
}

static void disconnect(struct pair pair)
{
	assert_int_equal(close(pair.ours), 0);
	if (pair.server >= 0)
		close(pair.server);
}

static int ready(int descriptor, short events, int timeout)
{
	struct pollfd polled = {.fd = descriptor, .events = events, .revents = -1};
	int found = poll(&polled, 1, timeout);

	assert_true(found <= 0 || (polled.revents & events) != 0);
	return found;
}

static void send_text(int descriptor, const char *text)
{
	assert_int_equal(send(descriptor, text, strlen(text), 0), strlen(text));
}

static void reads(int descriptor, const char *text)
{
	char got[100];
	size_t length = strlen(text);

	assert_int_equal(ready(descriptor, POLLIN, FOR_EVER), 1);
	assert_int_equal(read(descriptor, got, length), length);
	assert_memory_equal(got, text, length);
}

/* What the server's end has got, "" where nothing has come. */
static const char *arrived(int server)
{
	static char got[200];
	ssize_t length = recv(server, got, sizeof got - 1, MSG_DONTWAIT);

	got[length < 0 ? 0 : length] = '\0';
	return got;
}

/* The stream: octets by their place, sent in pieces of any size and read so, by two threads in turn
 * as libmilter does. */

struct stream {
	struct pair pair;
	unsigned seed;
	size_t piece; /* at most so much at once */
	pthread_mutex_t turn;
	size_t read;
	bool wrong;
};

static unsigned char octet_at(size_t place)
{
	return (unsigned char)(place * 2654435761u >> 13);
}

static void *send_stream(void *with)
{
	struct stream *stream = with;
	unsigned char *octets = malloc(STREAM);
	unsigned seed = stream->seed;

	for (size_t at = 0; octets != NULL && at < STREAM; at++)
		octets[at] = octet_at(at);
	for (size_t at = 0, length; octets != NULL && at < STREAM; at += length) {
		length = 1 + (size_t)rand_r(&seed) % stream->piece;
		length = length < STREAM - at ? length : STREAM - at;
		if (send(stream->pair.server, octets + at, length, 0) != (ssize_t)length)
			break;
	}
	free(octets);
	shutdown(stream->pair.server, SHUT_WR);
	return NULL;
}

/* False at the end. */
static bool read_some(struct stream *stream, unsigned *seed, unsigned char *to)
{
	size_t length = rand_r(seed) % 4 == 0 ? 65535 : 1 + (size_t)rand_r(seed) % 9;
	struct pollfd polled = {.fd = stream->pair.ours, .events = POLLIN | POLLPRI};
	ssize_t got;

	if (poll(&polled, 1, rand_r(seed) % 3 == 0 ? 1 : FOR_EVER) == 0)
		return true;
	got = read(stream->pair.ours, to, length);
	for (ssize_t at = 0; at < got; at++)
		stream->wrong = stream->wrong || to[at] != octet_at(stream->read++);
	return got > 0;
}

static void *read_stream(void *with)
{
	struct stream *stream = with;
	unsigned seed = stream->seed + 1;
	unsigned char *to = malloc(65535);

	for (bool more = to != NULL; more;) {
		pthread_mutex_lock(&stream->turn);
		for (int times = rand_r(&seed) % 5; times >= 0 && more; times--)
			more = read_some(stream, &seed, to);
		pthread_mutex_unlock(&stream->turn);
	}
	free(to);
	return NULL;
}

static void octets_are_the_same_however_they_come(void **state)
{
	static const size_t pieces[] = {1, 9, 5000, 70000, STREAM};

	(void)state;
	for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
		struct stream stream = {.pair = connected(),
		                        .seed = (unsigned)i,
		                        .piece = pieces[i],
		                        .turn = PTHREAD_MUTEX_INITIALIZER};
		pthread_t threads[3];

		pthread_create(&threads[0], NULL, send_stream, &stream);
		pthread_create(&threads[1], NULL, read_stream, &stream);
		pthread_create(&threads[2], NULL, read_stream, &stream);
		for (size_t thread = 0; thread < 3; thread++)
			pthread_join(threads[thread], NULL);
		assert_false(stream.wrong);
		assert_int_equal(stream.read, STREAM);
		disconnect(stream.pair);
	}
}

/* Times and ends */

static void a_wait_lasts_as_long_as_asked_for(void **state)
{
	struct pair pair = connected();
	double began = milliseconds();

	(void)state;
	assert_int_equal(ready(pair.ours, POLLIN, 600), 0);
	assert_true(milliseconds() - began >= 595);
	assert_true(milliseconds() - began < 20000);
	began = milliseconds();
	assert_int_equal(ready(pair.ours, POLLIN, 1), 0); /* up to 400 ms */
	assert_true(milliseconds() - began < 20000);
	send_text(pair.server, "late");
	reads(pair.ours, "late");
	disconnect(pair);
}

static void the_end_comes_behind_the_last_octet(void **state)
{
	struct pair pair = connected();
	char octet;

	(void)state;
	send_text(pair.server, "first");
	reads(pair.ours, "fi");
	send_text(pair.server, "last");
	close(pair.server);
	pair.server = -1;
	reads(pair.ours, "rst");
	reads(pair.ours, "last");
	for (int times = 0; times < 3; times++) {
		assert_int_equal(ready(pair.ours, POLLIN, FOR_EVER), 1);
		assert_int_equal(read(pair.ours, &octet, 1), 0);
	}
	disconnect(pair);
}

static void octets_at_hand_count_among_several(void **state)
{
	struct pair quiet = connected(), busy = connected();
	struct pollfd polled[] = {{.fd = quiet.ours, .events = POLLIN},
	                          {.fd = busy.ours, .events = POLLIN},
	                          {.fd = listener, .events = POLLIN}};

	(void)state;
	assert_int_equal(poll(polled, 3, 0), 0);
	send_text(busy.server, "ab");
	reads(busy.ours, "a"); /* "b" is not in the kernel any more */
	assert_int_equal(poll(polled, 3, FOR_EVER), 1);
	assert_int_equal(polled[0].revents, 0);
	assert_int_equal(polled[1].revents, POLLIN);
	reads(busy.ours, "b");
	assert_int_equal(poll(polled, 3, 0), 0);
	disconnect(quiet);
	disconnect(busy);
}

/* Writing */

static ssize_t write_packet(int descriptor, char command, const char *data, size_t length)
{
	unsigned char head[5] = {0};
	uint32_t size = htonl((uint32_t)length + 1);
	char *copy = length == 0 ? NULL : malloc(length);
	struct iovec parts[] = {{head, sizeof head}, {copy, length}};
	ssize_t written;

	memcpy(head, &size, sizeof size);
	head[4] = (unsigned char)command;
	if (copy != NULL)
		memcpy(copy, data, length);
	assert_int_equal(ready(descriptor, POLLOUT, 300), 1);
	written = writev(descriptor, parts, length == 0 ? 1 : 2);
	free(copy);
	return written;
}

static void what_changes_a_message_leaves_with_the_answer(void **state)
{
	static const char changes[] = "+-2ehimq", others[] = "acdprtyslO4";
	struct pair pair = connected();

	(void)state;
	for (size_t i = 0; changes[i] != '\0'; i++) {
		assert_int_equal(write_packet(pair.ours, changes[i], "ab", 2), 7);
		assert_string_equal(arrived(pair.server), "");
	}
	assert_int_equal(write_packet(pair.ours, 'c', "", 0), 5);
	assert_int_equal(recv(pair.server, (char[200]){0}, 200, MSG_DONTWAIT),
	                 7 * (sizeof changes - 1) + 5);
	for (size_t i = 0; others[i] != '\0'; i++) {
		assert_int_equal(write_packet(pair.ours, others[i], "", 0), 5);
		assert_int_equal(recv(pair.server, (char[200]){0}, 200, MSG_DONTWAIT), 5);
	}
	disconnect(pair);
}

static void nothing_waits_while_we_wait(void **state)
{
	struct pair pair = connected();
	char got[8];

	(void)state;
	write_packet(pair.ours, 'i', "ab", 2);
	assert_int_equal(ready(pair.ours, POLLIN, 1), 0);
	assert_int_equal(recv(pair.server, got, sizeof got, MSG_DONTWAIT), 7);
	write_packet(pair.ours, 'h', "ab", 2);
	assert_int_equal(close(pair.ours), 0);
	assert_int_equal(recv(pair.server, got, sizeof got, MSG_DONTWAIT), 7);
	assert_int_equal(recv(pair.server, got, sizeof got, MSG_DONTWAIT), 0);
	close(pair.server);
}

static void order_stays_with_large_packets(void **state)
{
	struct pair pair = connected();
	char *large = calloc(1, 20000);
	unsigned char got[21000];

	(void)state;
	assert_non_null(large);
	for (int round = 0; round < 3; round++) { /* more changes than are held */
		assert_int_equal(write_packet(pair.ours, 'm', large, 5000), 5005);
		assert_int_equal(recv(pair.server, got, sizeof got, MSG_DONTWAIT),
		                 round == 0 ? -1 : 5005);
	}
	assert_int_equal(write_packet(pair.ours, 'y', large, 20000 - 5005), 20000 - 5000);
	assert_int_equal(recv(pair.server, got, 20005, MSG_WAITALL), 20005);
	assert_int_equal(got[4], 'm');
	assert_int_equal(got[5005 + 4], 'y');
	free(large);
	disconnect(pair);
}

static void a_server_that_takes_nothing_is_given_up(void **state)
{
	struct pair pair = connected();
	double began = milliseconds();
	char *large = calloc(1, 60000);
	ssize_t written = 0;

	(void)state;
	for (int times = 0; times < 1000 && written >= 0; times++)
		written = write_packet(pair.ours, 'p', large, 60000);
	assert_int_equal(written, -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_true(milliseconds() - began >= 295);
	free(large);
	disconnect(pair);
}

static void what_cannot_leave_is_heard_of(void **state)
{
	struct pair pair = connected();
	char octet;

	(void)state;
	write_packet(pair.ours, 'i', "ab", 2);
	close(pair.server);
	pair.server = -1;
	assert_int_equal(ready(pair.ours, POLLIN, FOR_EVER), 1);
	assert_int_equal(read(pair.ours, &octet, 1), -1);
	assert_int_equal(errno, EPIPE);
	disconnect(pair);
}

/* Others */

static void other_descriptors_are_left_alone(void **state)
{
	struct iovec parts[] = {{(char[]){"ab"}, 2}, {(char[]){"cd"}, 2}};
	char name[] = "/tmp/milter_io_XXXXXX", got[8];
	int pipes[2] = {-1, -1}, file = mkstemp(name);

	(void)state;
	assert_true(file >= 0 && pipe(pipes) == 0);
	unlink(name);
	assert_int_equal(ready(pipes[0], POLLIN, 0), 0);
	assert_int_equal(writev(pipes[1], parts, 2), 4);
	assert_int_equal(ready(pipes[0], POLLIN, 0), 1);
	assert_int_equal(read(pipes[0], got, sizeof got), 4);
	assert_int_equal(writev(file, parts, 2), 4);
	assert_int_equal(writev(file, parts, 1), 2); /* behind, not over it */
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	assert_int_equal(read(file, got, sizeof got), 6);
	assert_memory_equal(got, "abcdab", 6);
	assert_int_equal(read(file, got, sizeof got), 0);
	assert_int_equal(close(file) + close(pipes[0]) + close(pipes[1]), 0);
	assert_int_equal(close(file), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(read(-1, got, 1), -1);
	assert_int_equal(errno, EBADF);
}

static void a_number_used_again_has_nothing_of_the_connection(void **state)
{
	struct pair pair = connected();
	int pipes[2] = {-1, -1};
	char got[8];

	(void)state;
	send_text(pair.server, "left over");
	reads(pair.ours, "l");
	disconnect(pair);
	assert_int_equal(pipe(pipes), 0);
	assert_true(pipes[0] == pair.ours || pipes[1] == pair.ours);
	assert_int_equal(write(pipes[1], "new", 3), 3);
	assert_int_equal(read(pipes[0], got, sizeof got), 3);
	assert_memory_equal(got, "new", 3);
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(octets_are_the_same_however_they_come),
	    cmocka_unit_test(a_wait_lasts_as_long_as_asked_for),
	    cmocka_unit_test(the_end_comes_behind_the_last_octet),
	    cmocka_unit_test(octets_at_hand_count_among_several),
	    cmocka_unit_test(what_changes_a_message_leaves_with_the_answer),
	    cmocka_unit_test(nothing_waits_while_we_wait),
	    cmocka_unit_test(order_stays_with_large_packets),
	    cmocka_unit_test(a_server_that_takes_nothing_is_given_up),
	    cmocka_unit_test(what_cannot_leave_is_heard_of),
	    cmocka_unit_test(other_descriptors_are_left_alone),
	    cmocka_unit_test(a_number_used_again_has_nothing_of_the_connection),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

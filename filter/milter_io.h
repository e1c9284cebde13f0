/*
 * milter_io.h - what libmilter reads and writes, with few system calls.
 *
 * libmilter asks the system three to five times for each packet, and a message of 2 kB has twenty.
 * milter_io.c has the functions poll, read, writev, accept and close that libmilter calls, under
 * the names of the C library: the program's own come first, for libmilter as a shared library and
 * as an archive alike. For a connection of the mail server they take as many octets at once as the
 * kernel has, and hand them over in pieces; for every other descriptor they are the system call.
 *
 * What libmilter sees is the same stream of octets, cut in another way:
 * - Reading. Octets come in their order, each once; the end and an error of the connection come
 *   behind the last of them. A connection over a Unix socket that the server has closed lets
 *   libmilter take what arrived before, as over TCP.
 * - Writing. What a message is changed by waits for the answer behind it, and leaves with it; every
 *   other packet leaves at once. Nothing waits while libmilter waits.
 * - Time. A wait ends after the time that libmilter gives, with one exception: after an answer it
 *   asks for a millisecond whether more has come, and passes the connection to another thread where
 *   not. Such a question waits for up to 400 ms while few others do, which is cheaper, or not at
 *   all where another connection waits for a thread. Of several connections that are ready at once,
 *   libmilter hears of one after the other (milter_turns.h).
 *
 * Threads: a connection belongs to one thread at a time, and libmilter's lock lies between one and
 * the next. Memory: 16 kB while octets of a connection are at hand, some 100 while it rests.
 */
#ifndef ASSAY_MILTER_IO_H
#define ASSAY_MILTER_IO_H

#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#define MILTER_IO_AS(name) __asm__(name) __attribute__((visibility("default")))

/* In the place of the C library's functions of the names on the right, with their contracts. */
int milter_io_poll(struct pollfd *polled, nfds_t count, int timeout) MILTER_IO_AS("poll");
ssize_t milter_io_read(int descriptor, void *to, size_t length) MILTER_IO_AS("read");
ssize_t milter_io_writev(int descriptor, const struct iovec *parts, int count)
    MILTER_IO_AS("writev");
int milter_io_close(int descriptor) MILTER_IO_AS("close");

/* What a compiler makes of poll and read where it knows the room that `to` has (_FORTIFY_SOURCE);
 * whoever asks for more aborts. */
int milter_io_poll_checked(struct pollfd *polled, nfds_t count, int timeout, size_t room)
    MILTER_IO_AS("__poll_chk");
ssize_t milter_io_read_checked(int descriptor, void *to, size_t length, size_t room)
    MILTER_IO_AS("__read_chk");

/*
 * libmilter's thread is the only one in the process that calls it: what it returns is a connection
 * of the mail server. While no file descriptor is left, libmilter would ask again at once and take
 * a whole processor, or give up; it waits here instead.
 */
int milter_io_accept(int listener, struct sockaddr *address, socklen_t *length)
    MILTER_IO_AS("accept");

#endif

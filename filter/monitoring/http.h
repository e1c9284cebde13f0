/*
 * http.h - a small HTTP server for a few pages: http_microhttpd.c, or http_none.c where
 * libmicrohttpd was missing at build time.
 *
 * One thread at the lowest priority serves all, so that requests take nothing from mail. Few
 * connections are open at a time, and a new one ends the oldest; each is for one request and for a
 * few seconds, with little memory for what the client sends.
 */
#ifndef ASSAY_HTTP_H
#define ASSAY_HTTP_H

#include "base/address.h"
#include "base/problem.h"

struct http;

/* What a client asks for, with GET or HEAD. Its texts are those of a stranger, of any octets but
 * NUL, together below 16 kB, and valid during the call. */
struct http_request {
	const char *path;      /* percent-decoded, without the question mark and what follows */
	const char *host;      /* the field Host; NULL where there is none */
	struct address client; /* ADDRESS_UNKNOWN behind a UNIX socket */
	void *connection;      /* for http_argument() */
};

/* The value behind ?NAME=, percent-decoded; NULL where there is none. */
const char *http_argument(const struct http_request *request, const char *name);

/* A header field of the answer. Tables end with one without name. */
struct http_field {
	const char *name, *value;
};

struct http_page {
	unsigned status; /* 200, 404, 503 */
	const char *type;
	const char *body;                /* valid until the next call */
	const struct http_field *fields; /* constant; NULL: none */
};

/* Fills in the page. Called on the server's thread alone. */
typedef void http_answer_function(void *context, const struct http_request *request,
                                  struct http_page *page);

/* Starts the thread. Owns the listening socket from now on, also if it fails: NULL and a
 * problem. */
struct http *http_start(int socket, http_answer_function *answer, void *context,
                        struct problem *problem);

/* Ends the thread, closes the socket and all connections. NULL is allowed. */
void http_stop(struct http *http);

#endif

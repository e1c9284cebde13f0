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

#include "base/problem.h"

struct http;

struct http_page {
	unsigned status; /* 200, 404, 503 */
	const char *type;
	const char *body; /* valid until the next call */
};

/* Fills in the page for a path, for GET and HEAD. Called on the server's thread alone. */
typedef void http_answer_function(void *context, const char *path, struct http_page *page);

/* Starts the thread. Owns the listening socket from now on, also if it fails: NULL and a
 * problem. */
struct http *http_start(int socket, http_answer_function *answer, void *context,
                        struct problem *problem);

/* Ends the thread, closes the socket and all connections. NULL is allowed. */
void http_stop(struct http *http);

#endif

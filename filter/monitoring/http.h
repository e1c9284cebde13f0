/*
 * http.h - a small HTTP server for a few pages: http_microhttpd.c, or, built without libmicrohttpd,
 * http_none.c.
 *
 * One thread serves all, at the lowest priority, so that nobody who asks for pages takes anything
 * from mail: few connections at once, of which the oldest gives way to a new one, each for one
 * request and a few seconds at most, and little memory for what it sends.
 */
#ifndef ASSAY_HTTP_H
#define ASSAY_HTTP_H

#include "base/problem.h"

struct http;

struct http_page {
	unsigned status; /* 200, 404, 503 */
	const char *type;
	const char *body; /* stays until the next call */
};

/* Answers GET and HEAD for a path; on the server's thread alone. */
typedef void http_answer_function(void *with, const char *path, struct http_page *page);

/* Takes over the listening socket, also where it fails. NULL and a problem. */
struct http *http_start(int socket, http_answer_function *answer, void *with,
                        struct problem *problem);

/* Closes the socket and all connections. NULL is allowed. */
void http_stop(struct http *http);

#endif

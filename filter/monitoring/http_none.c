/*
 * http_none.c - takes the place of http_microhttpd.c where libmicrohttpd was missing at build time.
 */
#include <unistd.h>

#include "monitoring/http.h"

struct http *http_start(int socket, http_answer_function *answer, void *context,
                        struct problem *problem)
{
	(void)answer;
	(void)context;
	close(socket);
	problem_say(problem, "this program was built without libmicrohttpd");
	return NULL;
}

const char *http_argument(const struct http_request *request, const char *name)
{
	(void)request;
	(void)name;
	return NULL;
}

void http_stop(struct http *http)
{
	(void)http;
}

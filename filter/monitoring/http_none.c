/*
 * http_none.c - in place of http_microhttpd.c where libmicrohttpd was not there when this was
 * built.
 */
#include <unistd.h>

#include "monitoring/http.h"

struct http *http_start(int socket, http_answer_function *answer, void *with,
                        struct problem *problem)
{
	(void)answer;
	(void)with;
	close(socket);
	problem_say(problem, "this assayd was built without libmicrohttpd");
	return NULL;
}

void http_stop(struct http *http)
{
	(void)http;
}

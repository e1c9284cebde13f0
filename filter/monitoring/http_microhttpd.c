/*
 * http_microhttpd.c - the HTTP server (http.h): libmicrohttpd's parser, driven by one thread of
 * ours. The only file that knows libmicrohttpd.
 *
 * The library's own time limit counts from the last octet, so that a client who sends one now and
 * then could stay for hours: the thread ends each connection when its time is over, whatever it
 * does, and the oldest one at once where a new one would be one too many. So nobody who holds
 * connections keeps others out.
 */
#include "monitoring/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"

enum {
	CONNECTIONS_MAX = 32,
	/* the library takes up to ten at once, and at its own limit it looks for no more until much
	 * later */
	PLACES = CONNECTIONS_MAX + 16,
	CONNECTION_BYTES = 16 * 1024, /* for the request line, the header and the answer's */
	IDLE_S = 5,
	LIFE_S = 10,
	PAUSE_MS = 100,
	LOWEST_PRIORITY = 19
};

/* One place for each connection that may be. */
struct life {
	int socket;          /* -1: free */
	unsigned long began; /* how many began before it */
	time_t ends;
	bool ended; /* the library has yet to let go of it */
};

struct http {
	struct MHD_Daemon *daemon;
	http_answer_function *answer;
	void *with;
	pthread_t thread;
	int wake; /* eventfd: the thread is to end */

	/* the thread's alone */
	struct life lives[PLACES];
	unsigned long begun;
};

static struct life *find_life(struct http *http, int socket)
{
	for (size_t i = 0; i < PLACES; i++)
		if (http->lives[i].socket == socket)
			return &http->lives[i];
	return NULL;
}

/* The library sees the end of the connection and lets go of it. */
static void end_life(struct life *life)
{
	shutdown(life->socket, SHUT_RDWR);
	life->ended = true;
}

static void http_microhttpd_make_room(struct http *http)
{
	struct life *oldest = NULL;
	size_t count = 0;

	for (size_t i = 0; i < PLACES; i++) {
		struct life *life = &http->lives[i];

		if (life->socket < 0 || life->ended)
			continue;
		count++;
		if (oldest == NULL || life->began < oldest->began)
			oldest = life;
	}
	if (count > CONNECTIONS_MAX)
		end_life(oldest);
}

static void on_connection(void *with, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	bool started = code == MHD_CONNECTION_NOTIFY_STARTED;
	struct http *http = with;
	struct life *life;

	(void)context;
	life = info == NULL ? NULL : find_life(http, started ? -1 : info->connect_fd);
	if (life == NULL)
		return;
	*life = (struct life){started ? info->connect_fd : -1, http->begun++,
	                      clock_monotonic_seconds() + LIFE_S, false};
	http_microhttpd_make_room(http);
}

static enum MHD_Result send_page(struct MHD_Connection *connection, const struct http_page *page,
                                 const char *allow)
{
	union {
		const char *in;
		void *out;
	} body = {.in = page->body};
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(strlen(page->body), body.out, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result sent;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, page->type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (allow != NULL)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
	sent = MHD_queue_response(connection, page->status, response);
	MHD_destroy_response(response);
	return sent;
}

static enum MHD_Result on_request(void *with, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
	static const struct http_page refused = {405, "text/plain; charset=utf-8",
	                                         "only GET and HEAD\n"};
	struct http *http = with;
	struct http_page page;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)context;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return send_page(connection, &refused, "GET, HEAD");
	http->answer(http->with, path, &page);
	return send_page(connection, &page, NULL);
}

static void end_old_ones(struct http *http)
{
	time_t now = clock_monotonic_seconds();

	for (size_t i = 0; i < PLACES; i++) {
		struct life *life = &http->lives[i];

		if (life->socket >= 0 && !life->ended && life->ends <= now)
			end_life(life);
	}
}

static bool is_busy(const struct http *http)
{
	for (size_t i = 0; i < PLACES; i++)
		if (http->lives[i].socket >= 0)
			return true;
	return false;
}

/*
 * Milliseconds until something is due: what the library says, a second while anybody is connected.
 * When the last has gone it has to run once more: where it was full, only then it looks for new
 * connections again.
 */
static int time_left(struct http *http, bool was_busy)
{
	MHD_UNSIGNED_LONG_LONG most;
	int left = -1;

	if (is_busy(http))
		left = 1000;
	else if (was_busy)
		left = 0;
	if (MHD_get_timeout(http->daemon, &most) == MHD_YES && (left < 0 || most < 1000))
		left = most < 1000 ? (int)most : 1000;
	return left;
}

static void *http_microhttpd_serve(void *with)
{
	struct http *http = with;
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd files[] = {{.fd = info->epoll_fd, .events = POLLIN},
	                         {.fd = http->wake, .events = POLLIN}};
	bool busy = false;

	/* of this thread alone, on Linux */
	setpriority(PRIO_PROCESS, 0, LOWEST_PRIORITY);
	while (files[1].revents == 0) {
		poll(files, 2, time_left(http, busy));
		busy = is_busy(http);
		MHD_run(http->daemon);
		end_old_ones(http);
		/* somebody knocks who cannot be let in, for want of files: the library would try
		 * without end
		 */
		if (files[0].revents != 0 && !busy && !is_busy(http))
			poll(&files[1], 1, PAUSE_MS);
	}
	return NULL;
}

static struct MHD_Daemon *start_daemon(struct http *http, int socket)
{
	return MHD_start_daemon(
	    MHD_USE_EPOLL, 0, NULL, NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET, socket,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)PLACES, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_END);
}

static void http_free(struct http *http)
{
	if (http->daemon != NULL)
		MHD_stop_daemon(http->daemon);
	if (http->wake >= 0)
		close(http->wake);
	free(http);
}

struct http *http_start(int socket, http_answer_function *answer, void *with,
                        struct problem *problem)
{
	struct http *http = calloc(1, sizeof *http);

	if (http == NULL) {
		close(socket);
		problem_say(problem, "no memory");
		return NULL;
	}
	http->answer = answer;
	http->with = with;
	for (size_t i = 0; i < PLACES; i++)
		http->lives[i].socket = -1;
	http->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	http->daemon = start_daemon(http, socket);
	if (http->daemon == NULL)
		close(socket);
	if (http->daemon != NULL && http->wake >= 0 &&
	    thread_start(&http->thread, http_microhttpd_serve, http))
		return http;
	problem_say(problem, "libmicrohttpd does not start: %s", strerror(errno));
	http_free(http);
	return NULL;
}

void http_stop(struct http *http)
{
	if (http == NULL)
		return;
	eventfd_write(http->wake, 1);
	pthread_join(http->thread, NULL);
	http_free(http);
}

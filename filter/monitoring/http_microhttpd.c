/*
 * http_microhttpd.c - the HTTP server (http.h): libmicrohttpd in a thread started here. The only
 * file that knows libmicrohttpd.
 *
 * The library's time limit counts from the last octet, so a client that sends one now and then
 * could stay for hours: the thread ends each connection when its time is over, and the oldest one
 * if there are too many. So nobody can keep others out by holding connections.
 */
#include "monitoring/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
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
#include "base/invariant.h"
#include "base/log.h"
#include "base/thread.h"

enum {
	CONNECTIONS_MAX = 32,
	/* the library accepts up to ten at a time, and having reached its own limit, it accepts no
	 * more for a long time */
	SLOTS = CONNECTIONS_MAX + 16,
	CONNECTION_BYTES =
	    16 * 1024, /* for the request line, the header, and the header of the answer */
	IDLE_S = 5,    /* without an octet */
	CONNECTION_S = 10,
	PAUSE_MS = 100,
	LOWEST_PRIORITY = 19
};

/* One slot for each connection that may be open. */
struct http_connection {
	int socket;           /* -1: free */
	unsigned long number; /* in the order of opening */
	time_t ends;
	bool ended; /* the library has not closed it yet */
};

struct http {
	struct MHD_Daemon *daemon;
	http_answer_function *answer;
	void *context;
	pthread_t thread;
	int wake; /* eventfd, written when the thread is to end */

	/* for the thread alone */
	struct http_connection connections[SLOTS];
	unsigned long opened;
};

static struct http_connection *find_connection(struct http *http, int socket)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (http->connections[i].socket == socket)
			return &http->connections[i];
	return NULL;
}

/* The library sees the end of the connection and closes it. */
static void end_connection(struct http_connection *connection)
{
	shutdown(connection->socket, SHUT_RDWR);
	connection->ended = true;
}

static void end_oldest_if_full(struct http *http)
{
	struct http_connection *oldest = NULL;
	size_t count = 0;

	for (size_t i = 0; i < SLOTS; i++) {
		struct http_connection *connection = &http->connections[i];

		if (connection->socket < 0 || connection->ended)
			continue;
		count++;
		if (oldest == NULL || connection->number < oldest->number)
			oldest = connection;
	}
	if (count <= CONNECTIONS_MAX)
		return;
	invariant(oldest != NULL);
	log_debug("HTTP: too many connections, the oldest one is ended");
	end_connection(oldest);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **unused,
                          enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	bool started = code == MHD_CONNECTION_NOTIFY_STARTED;
	struct http *http = context;
	struct http_connection *slot;

	(void)unused;
	slot = info == NULL ? NULL : find_connection(http, started ? -1 : info->connect_fd);
	if (slot == NULL)
		return;
	*slot = (struct http_connection){started ? info->connect_fd : -1, http->opened++,
	                                 clock_monotonic_seconds() + CONNECTION_S, false};
	end_oldest_if_full(http);
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
	for (const struct http_field *field = page->fields; field != NULL && field->name != NULL;
	     field++)
		MHD_add_response_header(response, field->name, field->value);
	sent = MHD_queue_response(connection, page->status, response);
	MHD_destroy_response(response);
	return sent;
}

const char *http_argument(const struct http_request *request, const char *name)
{
	invariant(request->connection != NULL);
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

static struct address client_address(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	union {
		const struct sockaddr *any;
		const struct sockaddr_in *four;
		const struct sockaddr_in6 *six;
	} from = {.any = info == NULL ? NULL : info->client_addr};

	if (from.any != NULL && from.any->sa_family == AF_INET)
		return address_ipv4((const unsigned char *)&from.four->sin_addr);
	if (from.any != NULL && from.any->sa_family == AF_INET6)
		return address_ipv6(from.six->sin6_addr.s6_addr);
	return (struct address){.family = ADDRESS_UNKNOWN};
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *upload, size_t *upload_size, void **unused)
{
	static const struct http_page refused = {405, "text/plain; charset=utf-8",
	                                         "only GET and HEAD\n", NULL};
	struct http *http = context;
	struct http_request request = {.path = path, .connection = connection};
	struct http_page page;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)unused;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return send_page(connection, &refused, "GET, HEAD");
	request.host =
	    MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
	request.client = client_address(connection);
	http->answer(http->context, &request, &page);
	invariant(page.status != 0 && page.type != NULL && page.body != NULL);
	log_debug("HTTP: %s %.100s: %u", method, path, page.status);
	return send_page(connection, &page, NULL);
}

static void end_overdue(struct http *http)
{
	time_t now = clock_monotonic_seconds();

	for (size_t i = 0; i < SLOTS; i++) {
		struct http_connection *connection = &http->connections[i];

		if (connection->socket < 0 || connection->ended || connection->ends > now)
			continue;
		log_debug("HTTP: a connection is ended after %d s", CONNECTION_S);
		end_connection(connection);
	}
}

static bool is_busy(const struct http *http)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (http->connections[i].socket >= 0)
			return true;
	return false;
}

/*
 * Milliseconds until the library or a time limit is due: at most a second while a connection is
 * open. After the last connection has ended the library has to run once more: if it was full, it
 * accepts connections again only then.
 */
static int time_left(struct http *http, bool was_busy)
{
	MHD_UNSIGNED_LONG_LONG due;
	int left = -1;

	if (is_busy(http))
		left = 1000;
	else if (was_busy)
		left = 0;
	if (MHD_get_timeout(http->daemon, &due) == MHD_YES && (left < 0 || due < 1000))
		left = due < 1000 ? (int)due : 1000;
	return left;
}

static void *http_run(void *context)
{
	struct http *http = context;
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd files[] = {{.fd = info->epoll_fd, .events = POLLIN},
	                         {.fd = http->wake, .events = POLLIN}};
	bool busy = false;

	/* on Linux, of this thread alone */
	setpriority(PRIO_PROCESS, 0, LOWEST_PRIORITY);
	while (files[1].revents == 0) {
		poll(files, 2, time_left(http, busy));
		busy = is_busy(http);
		MHD_run(http->daemon);
		end_overdue(http);
		/* A connection is waiting that cannot be accepted, because no file descriptor is
		 * left: without a pause the library would try again and again. */
		if (files[0].revents != 0 && !busy && !is_busy(http))
			poll(&files[1], 1, PAUSE_MS);
	}
	return NULL;
}

static struct MHD_Daemon *start_daemon(struct http *http, int socket)
{
	return MHD_start_daemon(
	    MHD_USE_EPOLL, 0, NULL, NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET, socket,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)SLOTS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
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

struct http *http_start(int socket, http_answer_function *answer, void *context,
                        struct problem *problem)
{
	struct http *http = calloc(1, sizeof *http);

	if (http == NULL) {
		close(socket);
		problem_say(problem, "no memory for the HTTP server");
		return NULL;
	}
	http->answer = answer;
	http->context = context;
	for (size_t i = 0; i < SLOTS; i++)
		http->connections[i].socket = -1;
	http->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	http->daemon = start_daemon(http, socket);
	if (http->daemon == NULL)
		close(socket);
	if (http->daemon != NULL && http->wake >= 0 && thread_start(&http->thread, http_run, http))
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

/*
 * listener.c - opens the socket on which metrics are served. Called by monitoring.c;
 * http_microhttpd.c accepts connections from it.
 */
#include "monitoring/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/invariant.h"

enum {
	BACKLOG = 1024,  /* so that the kernel refuses none of many connections at a time */
	FREE_PORT = 1024 /* the first port that does not need root */
};

static int fail(int file, struct problem *problem, const char *text)
{
	problem_say(problem, "%s", text);
	if (file >= 0)
		close(file);
	return -1;
}

/* Does a program listen on the socket? EAGAIN: yes, its backlog is full; it is not waited for,
 * because that would stop the main thread. */
static bool is_listened_on(const struct sockaddr_un *address)
{
	int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool connected =
	    file >= 0 && (connect(file, (const struct sockaddr *)address, sizeof *address) == 0 ||
	                  errno == EAGAIN);

	if (file >= 0)
		close(file);
	return connected;
}

/* Until chmod(2) the mode of the folder protects the socket: the folder is the daemon's. */
static int open_unix(const char *path, struct problem *problem)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat found;
	int file;

	if (strlen(path) >= sizeof address.sun_path)
		return fail(-1, problem, "the path is too long");
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (lstat(path, &found) == 0 && !S_ISSOCK(found.st_mode))
		return fail(-1, problem, "there is a file that is not a socket");
	if (is_listened_on(&address))
		return fail(-1, problem, "another program listens there");
	unlink(path);
	file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (file < 0 || bind(file, (const struct sockaddr *)&address, sizeof address) != 0 ||
	    chmod(path, 0660) != 0 || listen(file, BACKLOG) != 0)
		return fail(file, problem, strerror(errno));
	return file;
}

static int open_found(const struct addrinfo *found, struct problem *problem)
{
	int file = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int yes = 1;

	if (file < 0)
		return fail(file, problem, strerror(errno));
	setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (found->ai_family == AF_INET6)
		setsockopt(file, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
	if (bind(file, found->ai_addr, found->ai_addrlen) != 0 || listen(file, BACKLOG) != 0)
		return fail(file, problem, strerror(errno));
	return file;
}

int listener_open(const struct listen_address *place, struct problem *problem)
{
	const struct addrinfo wanted = {.ai_family =
	                                    place->family == ADDRESS_IPV6 ? AF_INET6 : AF_INET,
	                                .ai_socktype = SOCK_STREAM,
	                                .ai_flags = AI_NUMERICSERV | AI_PASSIVE};
	struct addrinfo *found;
	int error, file;

	invariant(place->path != NULL || (place->host != NULL && place->port != NULL));
	if (place->path != NULL)
		return open_unix(place->path, problem);
	error = getaddrinfo(place->host, place->port, &wanted, &found);
	if (error != 0)
		return fail(-1, problem, gai_strerror(error));
	file = open_found(found, problem);
	freeaddrinfo(found);
	return file;
}

bool listener_needs_root(const struct listen_address *place)
{
	return place->path == NULL && strtol(place->port, NULL, 10) < FREE_PORT;
}

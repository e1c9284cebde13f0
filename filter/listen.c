/*
 * listen.c - the file of a UNIX socket. Called by main.c around milter_open(), which removes a left-over
 * socket file without asking whether somebody still listens there.
 */
#include "listen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char made[sizeof((struct sockaddr_un *)0)->sun_path]; /* our socket; "" while there is none */

const char *listen_path(const char *listen)
{
	if (strncmp(listen, "unix:", 5) == 0)
		return listen + 5;
	return strncmp(listen, "local:", 6) == 0 ? listen + 6 : NULL;
}

/* EAGAIN: somebody listens, and has not taken those that came before, however long we wait. */
static bool answers(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool connected;

	if (descriptor < 0)
		return false;
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	connected =
	    connect(descriptor, (const struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
	close(descriptor);
	return connected;
}

bool listen_prepare(const char *listen, const struct identity *identity, struct problem *problem)
{
	const char *path = listen_path(listen);
	struct stat found;

	if (path == NULL)
		return true;
	if (!privileges_make_folder(path, identity, problem))
		return false;
	if (lstat(path, &found) == 0 && !S_ISSOCK(found.st_mode))
		return problem_say(problem, "%s (setting \"listen\") exists and is not a socket", path);
	if (answers(path))
		return problem_say(problem,
		                   "another program listens on %s (setting \"listen\"); stop it first", path);
	return true;
}

bool listen_permit(const char *listen, const char *mode, const struct identity *identity,
                   struct problem *problem)
{
	const char *path = listen_path(listen);

	if (path == NULL)
		return true;
	snprintf(made, sizeof made, "%s", path);
	if (chown(path, identity->uid, identity->socket_group) != 0)
		return problem_say(problem,
		                   "cannot give the socket %s to its group (setting \"socket.group\"): %s; "
		                   "let the user of assayd be a member of it (under systemd: "
		                   "SupplementaryGroups=), or leave the setting empty",
		                   path, strerror(errno));
	if (chmod(path, (mode_t)strtoul(mode, NULL, 8)) != 0)
		return problem_say(problem, "cannot set the mode of the socket %s: %s", path,
		                   strerror(errno));
	return true;
}

void listen_remove(void)
{
	if (made[0] != '\0')
		unlink(made);
	made[0] = '\0';
}

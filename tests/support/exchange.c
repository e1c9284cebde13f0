/*
 * exchange.c - loaded into assayd by LD_PRELOAD: right after bind() somebody who may write in the
 * folder puts another file in the place of the socket. wire_starts.py compiles it.
 *
 * EXCHANGE_FOR names a file; EXCHANGE_BY is "symbolic" or "hard", the kind of link to it.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void exchange(const char *path)
{
	const char *other = getenv("EXCHANGE_FOR"), *by = getenv("EXCHANGE_BY");
	char aside[256];
	int status;

	snprintf(aside, sizeof aside, "%s.aside", path);
	if (fork() == 0) {
		/* a kernel that protects hard links would not let the folder's owner make one */
		_exit(seteuid(0) != 0 || rename(path, aside) != 0 ||
		      (strcmp(by, "hard") == 0 ? link(other, path) : symlink(other, path)) != 0);
	}
	if (wait(&status) < 0 || status != 0)
		abort();
}

int bind(int descriptor, const struct sockaddr *address, socklen_t length)
{
	int (*next)(int, const struct sockaddr *, socklen_t) =
	    (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "bind");
	int result = next(descriptor, address, length);

	if (result == 0 && address->sa_family == AF_UNIX)
		exchange(((const struct sockaddr_un *)address)->sun_path);
	return result;
}

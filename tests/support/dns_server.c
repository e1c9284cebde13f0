/*
 * dns_server.c - a child process with dns_server.py, its port read from its first line.
 */
#include "dns_server.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ARGUMENTS_MAX = 24
};

static void __attribute__((noreturn)) give_up(const char *what)
{
	perror(what);
	exit(99);
}

static const char *path_in(const struct dns_server *server, const char *name, char path[128])
{
	snprintf(path, 128, "%s/%s", server->folder, name);
	return path;
}

static void write_zone(const struct dns_server *server, const char *zone)
{
	char path[128];
	FILE *file = fopen(path_in(server, "zone", path), "w");

	if (file == NULL || fputs(zone, file) == EOF || fclose(file) != 0)
		give_up(path);
}

static void run(const struct dns_server *server, const char *const *options)
{
	static char script[1024], zone[128], log[128];
	const char *source = getenv("srcdir");
	char *arguments[ARGUMENTS_MAX] = {script, strdup("--zone"),      zone, strdup("--log"),
	                                  log,    strdup("--with-stdin")};
	size_t count = 6;

	snprintf(script, sizeof script, "%s/tests/support/dns_server.py",
	         source == NULL ? "." : source);
	path_in(server, "zone", zone);
	path_in(server, "log", log);
	while (options != NULL && *options != NULL && count < ARGUMENTS_MAX - 1)
		arguments[count++] = strdup(*options++);
	execv(script, arguments);
	give_up(script);
}

void dns_server_start(struct dns_server *server, const char *zone, const char *const *options)
{
	int input[2], output[2];
	int port = 0;
	FILE *lines;

	strcpy(server->folder, "/tmp/assay-dns.XXXXXX");
	if (mkdtemp(server->folder) == NULL || pipe2(input, O_CLOEXEC) != 0 ||
	    pipe2(output, O_CLOEXEC) != 0)
		give_up("dns_server");
	write_zone(server, zone);
	server->process = fork();
	if (server->process == 0) {
		dup2(input[0], STDIN_FILENO);
		dup2(output[1], STDOUT_FILENO);
		run(server, options);
	}
	close(input[0]);
	close(output[1]);
	server->input = input[1];
	lines = fdopen(output[0], "r");
	if (server->process < 0 || lines == NULL || fscanf(lines, "port %d", &port) != 1)
		give_up("dns_server.py");
	fclose(lines);
	snprintf(server->address, sizeof server->address, "127.0.0.1@%d", port);
}

void dns_server_stop(struct dns_server *server)
{
	char path[128];

	close(server->input);
	waitpid(server->process, NULL, 0);
	unlink(path_in(server, "zone", path));
	unlink(path_in(server, "log", path));
	rmdir(server->folder);
}

size_t dns_server_asked(const struct dns_server *server, const char *name, const char *type)
{
	char path[128], line[2048], wanted[1200];
	FILE *file = fopen(path_in(server, "log", path), "r");
	size_t asked = 0;

	if (file == NULL)
		return 0;
	snprintf(wanted, sizeof wanted, " %s %s\n", name, type);
	while (fgets(line, sizeof line, file) != NULL) {
		const char *rest = strchr(line, ' ');

		rest = rest == NULL ? NULL : strchr(rest + 1, ' ');
		asked += rest != NULL && strcmp(rest, wanted) == 0;
	}
	fclose(file);
	return asked;
}

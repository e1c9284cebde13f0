/*
 * dns_server.h - starts tests/support/dns_server.py for a test program.
 *
 * The server ends with the program that started it. Its zone has the format that dns_server.py
 * describes.
 */
#ifndef ASSAY_DNS_SERVER_H
#define ASSAY_DNS_SERVER_H

#include <stddef.h>
#include <sys/types.h>

struct dns_server {
	char address[32]; /* "127.0.0.1@PORT", as resolver.servers wants it */
	char folder[64];  /* a temporary one, with the zone and the log */
	pid_t process;
	int input;
};

/* `options`: more arguments, ended by NULL; or NULL. Ends the program where it does not start. */
void dns_server_start(struct dns_server *server, const char *zone, const char *const *options);
void dns_server_stop(struct dns_server *server);

/* How many queries came for a name (lower case, no trailing dot) and type ("TXT"), TCP counted as
 * well. */
size_t dns_server_asked(const struct dns_server *server, const char *name, const char *type);

#endif

/*
 * review_values.c - values that contradict each other or do nothing. Rows of the table in review.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/listen.h"
#include "review/review_checks.h"

enum {
	USUAL_RSA_BITS = 2048
};

void review_values_authserv_id(struct review_run *run)
{
	const char *name = run->settings->authserv_id;

	if (strchr(name, '.') != NULL)
		return;
	if (review_given(run, "authserv_id"))
		review_add(run, "authserv_id", PLACES_NO_ENTRY,
		           "setting \"authserv_id\" is \"%s\", which other hosts may be called "
		           "too; give a full name such as \"mx.example.net\"",
		           name);
	else
		review_add(
		    run, "authserv_id", PLACES_NO_ENTRY,
		    "this host has no full name, so Authentication-Results would name \"%s\"; set "
		    "\"authserv_id\" to a full name such as \"mx.example.net\"",
		    name);
}

void review_values_socket(struct review_run *run)
{
	static const char *const settings[] = {"socket.mode", "socket.group", NULL};

	if (listen_path(run->settings->listen) == NULL)
		review_useless(run, settings, "\"listen\" is no unix socket; remove it");
}

void review_values_socket_mode(struct review_run *run)
{
	const struct settings *settings = run->settings;
	unsigned long mode = strtoul(settings->socket.mode, NULL, 8);

	if (listen_path(settings->listen) == NULL)
		return;
	if ((mode & 0002) != 0 && settings->sign.entries.count > 0)
		review_add(run, "socket.mode", PLACES_NO_ENTRY,
		           "setting \"socket.mode\" is \"%s\": every user of this host can have "
		           "mail signed; use \"0660\" and \"socket.group\"",
		           settings->socket.mode);
	if ((mode & 0022) == 0 && settings->socket.group[0] != '\0')
		review_add(run, "socket.mode", PLACES_NO_ENTRY,
		           "setting \"socket.mode\" is \"%s\", so that the group \"%s\" cannot "
		           "connect; use \"0660\"",
		           settings->socket.mode, settings->socket.group);
}

/* "inet:8891@0.0.0.0" and "inet6:8891@[::]" */
static bool is_everywhere(const char *listen)
{
	const char *at = strchr(listen, '@');

	return at != NULL && listen_path(listen) == NULL &&
	       strspn(at + 1, "[]0:.") == strlen(at + 1);
}

void review_values_listen(struct review_run *run)
{
	const struct settings *settings = run->settings;

	if (settings->sign.entries.count > 0 && is_everywhere(settings->listen))
		review_add(run, "listen", PLACES_NO_ENTRY,
		           "setting \"listen\" is \"%s\": whoever reaches this port can have mail "
		           "signed; listen on the address that the mail server uses, or close the "
		           "port to others",
		           settings->listen);
}

void review_values_metrics(struct review_run *run)
{
	const struct settings *settings = run->settings;
	const char *listen = settings->metrics.listen;

	if (strcmp(listen, settings->listen) == 0)
		review_add(run, "metrics.listen", PLACES_NO_ENTRY,
		           "setting \"metrics.listen\" is \"%s\" like \"listen\", and one of the "
		           "two gets it; choose another port or file for the metrics",
		           listen);
	else if (is_everywhere(listen))
		review_add(run, "metrics.listen", PLACES_NO_ENTRY,
		           "setting \"metrics.listen\" is \"%s\": whoever reaches this port can "
		           "read how much mail comes in; listen on the address that asks, or close "
		           "the port to others",
		           listen);
}

void review_values_quarantine(struct review_run *run)
{
	static const char *const settings[] = {"quarantine.address", NULL};
	const struct quarantine_settings *quarantine = &run->settings->quarantine;

	if (quarantine->action != QUARANTINE_REDIRECT && quarantine->address[0] != '\0')
		review_useless(run, settings,
		               "only the \"quarantine.action\" \"redirect\" uses it; set that "
		               "action or remove the address");
}

void review_values_timeouts(struct review_run *run)
{
	const struct settings *settings = run->settings;

	if (settings->resolver.timeout_ms > settings->limits.message_ms)
		review_add(run,
		           review_given(run, "resolver.timeout_ms") ? "resolver.timeout_ms"
		                                                    : "limits.message_ms",
		           PLACES_NO_ENTRY,
		           "setting \"resolver.timeout_ms\" is %ld, but a message waits %ld ms for "
		           "all its lookups together (\"limits.message_ms\"); make the first the "
		           "smaller one",
		           settings->resolver.timeout_ms, settings->limits.message_ms);
}

void review_values_in_flight(struct review_run *run)
{
	const struct settings *settings = run->settings;

	if (settings->resolver.in_flight < settings->limits.messages)
		review_add(
		    run,
		    review_given(run, "resolver.in_flight") ? "resolver.in_flight"
		                                            : "limits.messages",
		    PLACES_NO_ENTRY,
		    "setting \"resolver.in_flight\" is %ld, but %ld messages may be under way "
		    "(\"limits.messages\"), each with several queries; those beyond it fail at "
		    "once",
		    settings->resolver.in_flight, settings->limits.messages);
}

void review_values_sessions(struct review_run *run)
{
	const struct settings *settings = run->settings;
	long sessions = run->world->mail_sessions();

	if (settings->limits.messages < sessions)
		review_add(run, "limits.messages", PLACES_NO_ENTRY,
		           "setting \"limits.messages\" is %ld, but Postfix allows %ld SMTP "
		           "sessions in each service (\"default_process_limit\" in main.cf): "
		           "strangers that begin messages and do not go on can use it up; make it "
		           "the larger one",
		           settings->limits.messages, sessions);
}

void review_values_rsa_bits(struct review_run *run)
{
	long bits = run->settings->dkim.minimum_rsa_bits;

	if (bits > USUAL_RSA_BITS)
		review_add(run, "dkim.minimum_rsa_bits", PLACES_NO_ENTRY,
		           "setting \"dkim.minimum_rsa_bits\" is %ld: signatures of %d bits, the "
		           "usual ones, never pass; set it to %d or less",
		           bits, USUAL_RSA_BITS, USUAL_RSA_BITS);
}

void review_values_trust_anchor(struct review_run *run)
{
	static const char *const settings[] = {"resolver.trust_anchor", NULL};

	if (!run->settings->resolver.dnssec)
		review_useless(run, settings,
		               "\"resolver.dnssec\" is false; set that to true or remove it");
}

/* No host has such an address: all zeros, multicast, IPv4 class E and broadcast. */
static bool nobody_has(const struct address *address)
{
	static const unsigned char zeros[16];
	size_t length = address->family == ADDRESS_IPV4 ? 4 : 16;

	if (memcmp(address->bytes, zeros, length) == 0)
		return true;
	return address->bytes[0] >= (address->family == ADDRESS_IPV4 ? 224 : 255);
}

void review_values_servers(struct review_run *run)
{
	const struct strings *servers = &run->settings->resolver.servers;

	for (size_t i = 0; i < servers->count; i++) {
		const char *server = servers->items[i];
		struct address address;

		if (address_parse(arena_copy(run->arena, server, strcspn(server, "@")), &address) &&
		    nobody_has(&address))
			review_add(
			    run, "resolver.servers", PLACES_NO_ENTRY,
			    "setting \"resolver.servers\" holds \"%s\", an address that no server "
			    "has; name one that answers",
			    server);
	}
	if (servers->count == 0 && !run->world->has_name_servers())
		review_add(run, "resolver.servers", PLACES_NO_ENTRY,
		           "/etc/resolv.conf names no name server; name one there or in "
		           "\"resolver.servers\"");
}

/*
 * review_values.c - checks of values that contradict each other or have no effect. Rows of the
 * table in review.c.
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
	if (review_run_is_set(run, "authserv_id"))
		review_run_add(run, "authserv_id", PLACES_NO_ENTRY,
		               "setting \"authserv_id\" is \"%s\", which can be the name of other "
		               "hosts too; give a full name such as \"mx.example.net\"",
		               name);
	else
		review_run_add(
		    run, "authserv_id", PLACES_NO_ENTRY,
		    "this host has no full name, so Authentication-Results would say \"%s\"; set "
		    "\"authserv_id\" to a full name such as \"mx.example.net\"",
		    name);
}

void review_values_socket(struct review_run *run)
{
	static const char *const settings[] = {"socket.mode", "socket.group", NULL};

	if (listen_path(run->settings->listen) == NULL)
		review_run_no_effect(run, settings, "\"listen\" is not a unix socket; remove it");
}

void review_values_socket_mode(struct review_run *run)
{
	const struct settings *settings = run->settings;
	unsigned long mode = strtoul(settings->socket.mode, NULL, 8);

	if (listen_path(settings->listen) == NULL)
		return;
	if ((mode & 0002) != 0 && settings->sign.entries.count > 0)
		review_run_add(
		    run, "socket.mode", PLACES_NO_ENTRY,
		    "setting \"socket.mode\" is \"%s\": every user of this host can have mail "
		    "signed; use \"0660\" and \"socket.group\"",
		    settings->socket.mode);
	if ((mode & 0022) == 0 && settings->socket.group[0] != '\0')
		review_run_add(run, "socket.mode", PLACES_NO_ENTRY,
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
		review_run_add(
		    run, "listen", PLACES_NO_ENTRY,
		    "setting \"listen\" is \"%s\": everybody who reaches this port can have mail "
		    "signed; listen on the address that the mail server uses, or close the port to "
		    "others",
		    settings->listen);
}

void review_values_metrics(struct review_run *run)
{
	const struct settings *settings = run->settings;
	const char *listen = settings->metrics.listen;

	if (strcmp(listen, settings->listen) == 0)
		review_run_add(run, "metrics.listen", PLACES_NO_ENTRY,
		               "setting \"metrics.listen\" is \"%s\", the same as \"listen\"; "
		               "choose another port or file for the metrics",
		               listen);
	else if (is_everywhere(listen))
		review_run_add(
		    run, "metrics.listen", PLACES_NO_ENTRY,
		    "setting \"metrics.listen\" is \"%s\": everybody who reaches this port can "
		    "read how much mail comes in; listen on an address that only your monitoring "
		    "reaches, or close the port to others",
		    listen);
}

void review_values_quarantine(struct review_run *run)
{
	static const char *const settings[] = {"quarantine.address", NULL};
	const struct quarantine_settings *quarantine = &run->settings->quarantine;

	if (quarantine->action != QUARANTINE_REDIRECT && quarantine->address[0] != '\0')
		review_run_no_effect(
		    run, settings,
		    "only the \"quarantine.action\" \"redirect\" uses it; set that action or "
		    "remove the address");
}

void review_values_timeouts(struct review_run *run)
{
	const struct settings *settings = run->settings;

	if (settings->resolver.timeout_ms > settings->limits.message_ms)
		review_run_add(
		    run,
		    review_run_is_set(run, "resolver.timeout_ms") ? "resolver.timeout_ms"
		                                                  : "limits.message_ms",
		    PLACES_NO_ENTRY,
		    "setting \"resolver.timeout_ms\" is %ld, but a message waits %ld ms for all "
		    "its lookups together (\"limits.message_ms\"); make the first the smaller one",
		    settings->resolver.timeout_ms, settings->limits.message_ms);
}

void review_values_in_flight(struct review_run *run)
{
	const struct settings *settings = run->settings;

	if (settings->resolver.in_flight < settings->limits.messages)
		review_run_add(
		    run,
		    review_run_is_set(run, "resolver.in_flight") ? "resolver.in_flight"
		                                                 : "limits.messages",
		    PLACES_NO_ENTRY,
		    "setting \"resolver.in_flight\" is %ld, but %ld messages may be under way "
		    "(\"limits.messages\"), each with several queries; those beyond the limit fail "
		    "at once",
		    settings->resolver.in_flight, settings->limits.messages);
}

void review_values_sessions(struct review_run *run)
{
	const struct settings *settings = run->settings;
	long sessions = run->world->mail_sessions();

	if (settings->limits.messages < sessions)
		review_run_add(run, "limits.messages", PLACES_NO_ENTRY,
		               "setting \"limits.messages\" is %ld, but Postfix allows %ld SMTP "
		               "sessions in each service (\"default_process_limit\" in main.cf): "
		               "clients that begin messages and do not finish them can use up the "
		               "limit; make it the larger of the two",
		               settings->limits.messages, sessions);
}

void review_values_rsa_bits(struct review_run *run)
{
	long bits = run->settings->dkim.minimum_rsa_bits;

	if (bits > USUAL_RSA_BITS)
		review_run_add(
		    run, "dkim.minimum_rsa_bits", PLACES_NO_ENTRY,
		    "setting \"dkim.minimum_rsa_bits\" is %ld: signatures of %d bits, the usual "
		    "size, never pass; set it to %d or less",
		    bits, USUAL_RSA_BITS, USUAL_RSA_BITS);
}

void review_values_trust_anchor(struct review_run *run)
{
	static const char *const settings[] = {"resolver.trust_anchor", NULL};

	if (!run->settings->resolver.dnssec)
		review_run_no_effect(run, settings,
		                     "\"resolver.dnssec\" is false; set that to true or remove it");
}

/* All zeros, multicast, IPv4 class E and broadcast. */
static bool is_no_host(const struct address *address)
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
		    is_no_host(&address))
			review_run_add(
			    run, "resolver.servers", PLACES_NO_ENTRY,
			    "setting \"resolver.servers\" has \"%s\", an address that no host can "
			    "have; name a server that answers",
			    server);
	}
	if (servers->count == 0 && !run->world->has_name_servers())
		review_run_add(run, "resolver.servers", PLACES_NO_ENTRY,
		               "/etc/resolv.conf names no name server; name one there or in "
		               "\"resolver.servers\"");
}

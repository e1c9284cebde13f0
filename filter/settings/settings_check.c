/*
 * settings_check.c - what a value has to look like beyond its type. Called by settings_fill.c for
 * each text that it takes, and by settings.c when all are there.
 */
#include "settings/settings_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/domain.h"
#include "base/text.h"
#include "settings/settings_places.h"
#include "sign/signed_fields.h"

enum {
	PLACE_MAX = 600
};

static bool is_port(const char *text, size_t length)
{
	long port = 0;

	if (length == 0 || length > 5)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!text_is_digit(text[i]))
			return false;
		port = port * 10 + (text[i] - '0');
	}
	return port >= 1 && port <= 65535;
}

static bool is_domain(const char *text, size_t length, struct arena *arena)
{
	return domain_normalize(arena, text, length) != NULL;
}

static const char *check_authserv_id(const char *text, struct arena *arena)
{
	return text[0] == '\0' || is_domain(text, strlen(text), arena)
	           ? NULL
	           : "it has to be a domain name";
}

static const char *check_unix(const char *path)
{
	static const struct sockaddr_un longest;

	if (path[0] != '/')
		return "the path of the socket has to begin with /";
	return strlen(path) < sizeof longest.sun_path ? NULL : "the path of the socket is too long";
}

/* The address or host after the @; libmilter takes addresses with and without brackets. */
static const char *check_host(const char *host, enum address_family family, struct arena *arena)
{
	size_t length = strlen(host);
	bool bracketed = length > 2 && host[0] == '[' && host[length - 1] == ']';
	struct address address;

	if (address_parse(bracketed ? arena_copy(arena, host + 1, length - 2) : host, &address))
		return address.family == family
		           ? NULL
		           : "inet takes an IPv4 address, inet6 an IPv6 address";
	if (bracketed)
		return "there is no IP address between the brackets";
	return is_domain(host, length, arena)
	           ? NULL
	           : "after the @ has to come an address or the name of a host";
}

static const char *check_listen(const char *text, struct arena *arena)
{
	const char *at = strchr(text, '@'), *colon = strchr(text, ':');
	bool inet = strncmp(text, "inet:", 5) == 0, inet6 = strncmp(text, "inet6:", 6) == 0;

	if (strncmp(text, "unix:", 5) == 0 || strncmp(text, "local:", 6) == 0)
		return check_unix(colon + 1);
	if ((!inet && !inet6) || at == NULL)
		return "write unix:/PATH, inet:PORT@ADDRESS or inet6:PORT@[ADDRESS]";
	if (!is_port(colon + 1, (size_t)(at - colon - 1)))
		return "the port has to be a number from 1 to 65535";
	return check_host(at + 1, inet ? ADDRESS_IPV4 : ADDRESS_IPV6, arena);
}

static const char *check_optional_listen(const char *text, struct arena *arena)
{
	return text[0] == '\0' ? NULL : check_listen(text, arena);
}

static const char *check_mode(const char *text, struct arena *arena)
{
	size_t length = strspn(text, "01234567");

	(void)arena;
	if (text[length] == '\0' && ((length == 4 && text[0] == '0') || length == 3))
		return NULL;
	return "write three or four octal digits such as \"0660\"";
}

static const char *check_path(const char *text, struct arena *arena)
{
	(void)arena;
	return text[0] == '\0' || text[0] == '/' ? NULL : "the path has to begin with /";
}

static const char *check_server(const char *text, struct arena *arena)
{
	const char *at = strchr(text, '@');
	struct address address;

	if (at != NULL && !is_port(at + 1, strlen(at + 1)))
		return "the port after the @ has to be a number from 1 to 65535";
	if (address_parse(at == NULL ? text : arena_copy(arena, text, (size_t)(at - text)),
	                  &address))
		return NULL;
	return "write the ADDRESS of a DNS server, or ADDRESS@PORT";
}

static const char *check_url(const char *text, struct arena *arena)
{
	(void)arena;
	if (text[0] == '\0')
		return NULL;
	if (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0)
		return "it has to begin with https:// or http://";
	for (const char *byte = text; *byte != '\0'; byte++)
		if (*byte <= ' ' || *byte > '~' || *byte == '"' || *byte == '<' || *byte == '>')
			return "it holds what no URL can hold";
	return strlen(text) <= 200 ? NULL : "it is longer than 200 characters";
}

static const char *check_mailbox(const char *text, struct arena *arena)
{
	const char *at = strrchr(text, '@');

	if (text[0] == '\0' ||
	    (at != NULL && at > text && is_domain(at + 1, strlen(at + 1), arena) &&
	     strpbrk(text, " \t<>,;") == NULL))
		return NULL;
	return "it has to be a mail address, LOCAL@DOMAIN";
}

/* Of a mailbox that was found right; "" stays. received_settings.c compares the domain in internal
 * form. */
static const char *convert_mailbox(const char *text, struct arena *arena)
{
	const char *at = strrchr(text, '@');

	return at == NULL ? text
	                  : arena_format(arena, "%.*s@%s", (int)(at - text), text,
	                                 domain_normalize(arena, at + 1, strlen(at + 1)));
}

/* As a browser sends it: without port, in lower case. */
static const char *check_web_host(const char *text, struct arena *arena)
{
	return is_domain(text, strlen(text), arena) ? NULL : "it has to be the name of a host";
}

static const char *convert_web_host(const char *text, struct arena *arena)
{
	return domain_normalize(arena, text, strlen(text));
}

static const char *check_required_mailbox(const char *text, struct arena *arena)
{
	return text[0] == '\0' ? "it has to be a mail address, LOCAL@DOMAIN"
	                       : check_mailbox(text, arena);
}

static const char *check_name(const char *text, struct arena *arena)
{
	(void)arena;
	return text[0] != '\0' && strlen(text) <= 100 ? NULL : "it takes 1 to 100 characters";
}

static size_t wildcard_length(const char *text)
{
	return strncmp(text, "*.", 2) == 0 ? 2 : 0;
}

static const char *check_pattern(const char *text, struct arena *arena)
{
	const char *domain = text + wildcard_length(text);

	return is_domain(domain, strlen(domain), arena)
	           ? NULL
	           : "write a domain, or *.DOMAIN for all below it";
}

/* rules.c compares with names in internal form. */
static const char *convert_pattern(const char *text, struct arena *arena)
{
	size_t wildcard = wildcard_length(text);
	const char *domain = domain_normalize(arena, text + wildcard, strlen(text + wildcard));

	return wildcard > 0 ? arena_format(arena, "*.%s", domain) : domain;
}

static const char *check_failure_domain(const char *text, struct arena *arena)
{
	return strcmp(text, "*") == 0 ? NULL : check_pattern(text, arena);
}

static const char *convert_failure_domain(const char *text, struct arena *arena)
{
	return strcmp(text, "*") == 0 ? text : convert_pattern(text, arena);
}

/* A client or an author domain. */
static const char *check_trace(const char *text, struct arena *arena)
{
	struct network network;

	return network_parse(text, &network) || check_pattern(text, arena) == NULL
	           ? NULL
	           : "write an address, a network, a domain, or *.DOMAIN for all below it";
}

static const char *convert_trace(const char *text, struct arena *arena)
{
	struct network network;

	return network_parse(text, &network) ? text : convert_pattern(text, arena);
}

static const char *check_recipient(const char *text, struct arena *arena)
{
	const char *at = strrchr(text, '@');

	return at != NULL && is_domain(at + 1, strlen(at + 1), arena)
	           ? NULL
	           : "write LOCAL@DOMAIN or @DOMAIN";
}

static const char *check_skip(const char *text, struct arena *arena)
{
	const char *at = strrchr(text, '@');
	const char *domain = at == NULL ? text : at + 1;

	return at != text && is_domain(domain, strlen(domain), arena)
	           ? NULL
	           : "write DOMAIN or LOCAL@DOMAIN";
}

static const char *convert_domain(const char *text, struct arena *arena)
{
	return text[0] == '\0' ? text : domain_normalize(arena, text, strlen(text));
}

/* A recipient, or a domain of recipients. */
static const char *check_forward(const char *text, struct arena *arena)
{
	const char *at = strrchr(text, '@');

	return at != text && check_pattern(at == NULL ? text : at + 1, arena) == NULL &&
	               (at == NULL || at[1] != '*')
	           ? NULL
	           : "write LOCAL@DOMAIN, DOMAIN, or *.DOMAIN for all below it";
}

static const char *convert_forward(const char *text, struct arena *arena)
{
	const char *at = strrchr(text, '@');

	if (at == NULL)
		return convert_pattern(text, arena);
	return arena_format(arena, "%.*s%s", (int)(at + 1 - text), text,
	                    domain_normalize(arena, at + 1, strlen(at + 1)));
}

/* Text that could break a line of the log, a header field or a reply. */
static const char *check_any(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7F)
			return "it holds a control character";
	return length <= 1024 ? NULL : "it is longer than 1024 bytes";
}

static const char *check_field_name(const char *text, struct arena *arena)
{
	(void)arena;
	return signed_fields_is_name(text)
	           ? NULL
	           : "write the name of a header field such as \"subject\", without a colon";
}

/* signature_make.c writes them so. */
static const char *convert_field_name(const char *text, struct arena *arena)
{
	return text_lower(arena, text, strlen(text));
}

static const struct {
	const char *name;
	const char *(*check)(const char *text, struct arena *arena);
	const char *(*convert)(const char *text,
	                       struct arena *arena); /* of a text that was found right */
} checks[] = {
    {"authserv_id", check_authserv_id, NULL},
    {"listen", check_listen, NULL},
    {"log.trace", check_trace, convert_trace},
    {"socket.mode", check_mode, NULL},
    {"metrics.listen", check_optional_listen, NULL},
    {"pid_file", check_path, NULL},
    {"resolver.servers", check_server, NULL},
    {"resolver.trust_anchor", check_path, NULL},
    {"dmarc.reply_url", check_url, NULL},
    {"arc.trusted", check_pattern, convert_pattern},
    {"arc.domain", check_authserv_id, convert_domain},
    {"arc.keys", check_path, NULL},
    {"arc.forward", check_forward, convert_forward},
    {"sign.keys", check_path, NULL},
    {"sign.headers", check_field_name, convert_field_name},
    {"sign.oversign", check_field_name, convert_field_name},
    {"quarantine.address", check_mailbox, NULL},
    {"reports.store", check_path, NULL},
    {"reports.email", check_mailbox, NULL},
    {"reports.skip", check_skip, NULL},
    {"reports.only", check_pattern, convert_pattern},
    {"reports.except", check_pattern, convert_pattern},
    {"failures.domains", check_failure_domain, convert_failure_domain},
    {"reports.copy", check_mailbox, NULL},
    {"reports.sendmail", check_path, NULL},
    {"reports.envelope_sender", check_mailbox, NULL},
    {"received.addresses", check_required_mailbox, convert_mailbox},
    {"received.known.name", check_name, NULL},
    {"received.geo", check_path, NULL},
    {"web.listen", check_listen, NULL},
    {"web.hosts", check_web_host, convert_web_host},
    {"rules.when.from_domain", check_pattern, convert_pattern},
    {"rules.when.mail_from_domain", check_pattern, convert_pattern},
    {"rules.when.helo", check_pattern, convert_pattern},
    {"rules.when.recipient", check_recipient, NULL},
};

bool settings_check_text(const char *name, const char *text, struct arena *arena,
                         const char **taken, const char **wrong)
{
	*taken = text;
	*wrong = check_any(text);
	for (size_t i = 0; i < sizeof checks / sizeof checks[0] && *wrong == NULL; i++) {
		if (strcmp(checks[i].name, name) != 0)
			continue;
		*wrong = checks[i].check(text, arena);
		if (*wrong == NULL && checks[i].convert != NULL)
			*taken = checks[i].convert(text, arena);
	}
	return *wrong == NULL;
}

/* "FILE:LINE" of a setting, or the file of all where it has its default. */
static const char *settings_check_place_of(const struct settings *settings, const char *name,
                                           char text[PLACE_MAX])
{
	const struct settings_place *place =
	    settings_places_find(settings->places, name, PLACES_NO_ENTRY);

	if (place == NULL)
		snprintf(text, PLACE_MAX, "%s", settings->path);
	else
		snprintf(text, PLACE_MAX, "%s:%u", place->file, place->line);
	return text;
}

bool settings_check_together(const struct settings *settings, struct problem *problem)
{
	char where[PLACE_MAX];

	if (settings->quarantine.action == QUARANTINE_REDIRECT &&
	    settings->quarantine.address[0] == '\0')
		return problem_say(problem,
		                   "%s: setting \"quarantine.action\" is \"redirect\", and "
		                   "\"quarantine.address\" does not say to whom; give an address",
		                   settings_check_place_of(settings, "quarantine.action", where));
	if (settings->arc.seal != ARC_SEAL_NEVER && settings->arc.domain[0] == '\0')
		return problem_say(problem,
		                   "%s: setting \"arc.seal\" is not \"never\", and "
		                   "\"arc.domain\" does not say who seals; give a domain",
		                   settings_check_place_of(settings, "arc.seal", where));
	if (24 % settings->reports.period_hours != 0)
		return problem_say(
		    problem,
		    "%s: setting \"reports.period_hours\" is %ld, and a day is not a multiple of "
		    "that; give 1, 2, 3, 4, 6, 8, 12 or 24",
		    settings_check_place_of(settings, "reports.period_hours", where),
		    settings->reports.period_hours);
	return true;
}

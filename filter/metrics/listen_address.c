/*
 * listen_address.c - reads the setting "metrics.listen". settings_check.c has checked its form
 * before.
 */
#include "metrics/listen_address.h"

#include <string.h>

#include "base/text.h"

static const char *without_brackets(const char *host, struct arena *arena)
{
	size_t length = strlen(host);

	if (length > 2 && host[0] == '[' && host[length - 1] == ']')
		return arena_copy(arena, host + 1, length - 2);
	return arena_string(arena, host);
}

bool listen_address_read(const char *listen, struct arena *arena, struct listen_address *place)
{
	const char *colon = strchr(listen, ':'), *at = strchr(listen, '@');
	bool six = strncmp(listen, "inet6:", 6) == 0;

	*place = (struct listen_address){.family = six ? ADDRESS_IPV6 : ADDRESS_IPV4};
	if (colon == NULL)
		return false;
	if (strncmp(listen, "unix:", 5) == 0 || strncmp(listen, "local:", 6) == 0) {
		place->path = arena_string(arena, colon + 1);
		return true;
	}
	if (at == NULL || (!six && strncmp(listen, "inet:", 5) != 0))
		return false;
	place->port = arena_copy(arena, colon + 1, (size_t)(at - colon - 1));
	place->host = without_brackets(at + 1, arena);
	return true;
}

bool listen_address_is_local(const struct listen_address *place)
{
	struct network loopback;
	struct address address;

	if (place->path != NULL || text_same(place->host, "localhost"))
		return true;
	if (!address_parse(place->host, &address))
		return false;
	network_parse(address.family == ADDRESS_IPV4 ? "127.0.0.0/8" : "::1/128", &loopback);
	return address_in_network(&address, &loopback.address, loopback.bits);
}

bool listen_address_is_any(const struct listen_address *place)
{
	struct network any;
	struct address address;

	if (place->path != NULL || !address_parse(place->host, &address))
		return false;
	network_parse(address.family == ADDRESS_IPV4 ? "0.0.0.0/32" : "::/128", &any);
	return address_in_network(&address, &any.address, any.bits);
}

/*
 * web_guard.c - see web_guard.h.
 */
#include "web/web_guard.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"

enum {
	PORT_DIGITS = 5
};

/* "" or ":8893". */
static bool is_port_or_nothing(const char *text)
{
	size_t digits;

	if (text[0] == '\0')
		return true;
	digits = text[0] == ':' ? strspn(text + 1, "0123456789") : 0;
	return digits > 0 && digits <= PORT_DIGITS && text[1 + digits] == '\0';
}

static bool is_bracketed_address(const char *host)
{
	const char *end = strchr(host, ']');
	char text[ADDRESS_TEXT] = "";
	struct address address;
	size_t length;

	if (end == NULL)
		return false;
	length = (size_t)(end - host - 1);
	if (length >= sizeof text)
		return false;
	memcpy(text, host + 1, length);
	return address_parse(text, &address) && address.family == ADDRESS_IPV6 &&
	       is_port_or_nothing(end + 1);
}

/* A name with a dot at its end is the same name. */
static bool is_named(const char *host, const struct strings *names)
{
	size_t length = strlen(host);

	if (length > 1 && host[length - 1] == '.')
		length--;
	for (size_t i = 0; i < names->count; i++)
		if (strlen(names->items[i]) == length &&
		    text_same_bytes(names->items[i], host, length))
			return true;
	return length == strlen("localhost") && text_same_bytes(host, "localhost", length);
}

bool web_guard_host(const char *host, const struct strings *names)
{
	char name[DOMAIN_MAX + 2] = "";
	struct address address;
	size_t length;

	if (host == NULL)
		return false;
	if (host[0] == '[')
		return is_bracketed_address(host);
	length = strcspn(host, ":");
	if (length == 0 || length >= sizeof name || !is_port_or_nothing(host + length))
		return false;
	memcpy(name, host, length);
	return address_parse(name, &address) || is_named(name, names);
}

bool web_guard_client(const struct address *client, const struct networks *trusted)
{
	static const struct address here = {ADDRESS_IPV4, {127}},
	                            here6 = {ADDRESS_IPV6, {[15] = 1}};

	return client->family == ADDRESS_UNKNOWN || address_in_network(client, &here, 8) ||
	       address_equal(client, &here6) || address_in_networks(client, trusted);
}

/*
 * address.c - IP addresses and networks. Used by connection (who is ours), SPF, rules and report
 * rows.
 */
#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

static const unsigned char mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

struct address address_ipv4(const unsigned char bytes[4])
{
	struct address address = {.family = ADDRESS_IPV4};

	memcpy(address.bytes, bytes, 4);
	return address;
}

struct address address_ipv6(const unsigned char bytes[16])
{
	struct address address = {.family = ADDRESS_IPV6};

	if (memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0)
		return address_ipv4(bytes + 12);
	memcpy(address.bytes, bytes, 16);
	return address;
}

bool address_parse(const char *text, struct address *address)
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1) {
		*address = address_ipv4(bytes);
		return true;
	}
	if (inet_pton(AF_INET6, text, bytes) == 1) {
		*address = address_ipv6(bytes);
		return true;
	}
	return false;
}

/* Each message prints its client four times, and inet_ntop() formats each octet with printf. */
static const char *print_ipv4(const unsigned char bytes[4], char *text)
{
	char *at = text;

	for (size_t i = 0; i < 4; i++) {
		if (bytes[i] >= 100)
			*at++ = (char)('0' + bytes[i] / 100);
		if (bytes[i] >= 10)
			*at++ = (char)('0' + bytes[i] / 10 % 10);
		*at++ = (char)('0' + bytes[i] % 10);
		*at++ = '.';
	}
	at[-1] = '\0';
	return text;
}

const char *address_print(const struct address *address, char text[ADDRESS_TEXT])
{
	if (address->family == ADDRESS_UNKNOWN)
		return strcpy(text, "unknown");
	if (address->family == ADDRESS_IPV4)
		return print_ipv4(address->bytes, text);
	inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT);
	return text;
}

void address_reverse_name(const struct address *address, char name[ADDRESS_REVERSE_NAME])
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = address->bytes;

	if (address->family == ADDRESS_IPV4) {
		snprintf(name, ADDRESS_REVERSE_NAME, "%u.%u.%u.%u.in-addr.arpa", bytes[3], bytes[2],
		         bytes[1], bytes[0]);
		return;
	}
	for (size_t i = 16; i > 0; i--, name += 4) {
		name[0] = digits[bytes[i - 1] & 0xF];
		name[1] = '.';
		name[2] = digits[bytes[i - 1] >> 4];
		name[3] = '.';
	}
	strcpy(name, "ip6.arpa");
}

bool address_equal(const struct address *one, const struct address *other)
{
	return one->family == other->family &&
	       memcmp(one->bytes, other->bytes, sizeof one->bytes) == 0;
}

unsigned address_bits(const struct address *address)
{
	return address->family == ADDRESS_IPV4 ? 32 : 128;
}

bool address_in_network(const struct address *address, const struct address *network, unsigned bits)
{
	unsigned whole = bits / 8;
	unsigned rest = bits % 8;

	if (address->family != network->family || address->family == ADDRESS_UNKNOWN)
		return false;
	if (memcmp(address->bytes, network->bytes, whole) != 0)
		return false;
	return rest == 0 || (address->bytes[whole] ^ network->bytes[whole]) >> (8 - rest) == 0;
}

static bool parse_bits(const char *text, unsigned max, unsigned *bits)
{
	unsigned value = 0;
	size_t length = strlen(text);

	if (length == 0 || length > 3)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!text_is_digit(text[i]))
			return false;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	*bits = value;
	return value <= max;
}

bool network_parse(const char *text, struct network *network)
{
	const char *slash = strchr(text, '/');
	char host[ADDRESS_TEXT + 1];
	size_t length = slash == NULL ? strlen(text) : (size_t)(slash - text);
	bool mapped, is_ipv6;

	if (length >= sizeof host)
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	if (!address_parse(host, &network->address))
		return false;
	is_ipv6 = strchr(host, ':') != NULL;
	mapped = is_ipv6 && network->address.family == ADDRESS_IPV4;
	network->bits = address_bits(&network->address);
	if (slash == NULL)
		return true;
	if (!parse_bits(slash + 1, is_ipv6 ? 128 : 32, &network->bits))
		return false;
	if (mapped && network->bits < 96)
		return false;
	network->bits -= mapped ? 96 : 0;
	return true;
}

bool address_in_networks(const struct address *address, const struct networks *networks)
{
	for (size_t i = 0; i < networks->count; i++)
		if (address_in_network(address, &networks->items[i].address,
		                       networks->items[i].bits))
			return true;
	return false;
}

bool address_network_within(const struct network *inner, const struct network *outer)
{
	return inner->bits >= outer->bits &&
	       address_in_network(&inner->address, &outer->address, outer->bits);
}

bool address_network_halve(const struct network *network, struct network halves[2])
{
	unsigned bit = network->bits;
	unsigned char mask = (unsigned char)(0x80 >> bit % 8);

	if (bit >= address_bits(&network->address))
		return false;
	halves[0] = halves[1] = (struct network){network->address, bit + 1};
	halves[0].address.bytes[bit / 8] &= (unsigned char)~mask;
	halves[1].address.bytes[bit / 8] |= mask;
	return true;
}

struct address address_network_first(const struct network *network)
{
	struct address first = network->address;

	for (unsigned bit = network->bits; bit < address_bits(&first); bit++)
		first.bytes[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
	return first;
}

/* A network is split only where one of them lies inside it. Each split leaves one half pending, so
 * there are never more of these than an address has bits. */
bool address_networks_hold(const struct networks *networks, const struct network *network)
{
	struct network pending[2 * 128 + 2];
	size_t count = 0;

	pending[count++] = *network;
	while (count > 0) {
		struct network one = pending[--count];
		bool is_covered = false, is_split = false;

		for (size_t i = 0; i < networks->count && !is_covered; i++) {
			is_covered = address_network_within(&one, &networks->items[i]);
			is_split = is_split || address_network_within(&networks->items[i], &one);
		}
		if (is_covered)
			continue;
		invariant(count + 2 <= sizeof pending / sizeof pending[0]);
		if (!is_split || !address_network_halve(&one, &pending[count]))
			return false;
		count += 2;
	}
	return true;
}

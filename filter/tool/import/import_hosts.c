/*
 * import_hosts.c - lists of hosts become networks. Called by the functions of the tables.
 *
 * OpenDKIM and OpenDMARC look an address up as text: itself first, then the network of each shorter prefix,
 * each time with "!" in front and then without. So the longest prefix decides, and a "!" cuts a hole, which
 * Assay's networks have no word for: what is left around it is written out.
 */
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "tool/import/import.h"

enum {
	NETWORKS_MOST = 4096,
	HOLES_MOST = 256
};

struct hosts {
	struct import_work *work;
	const char *name; /* of the setting */
	const struct import_option *option;
	struct network holes[HOLES_MOST];
	size_t hole_count;
	size_t written;
};

static unsigned width(const struct network *network)
{
	return network->address.family == ADDRESS_IPV4 ? 32 : 128;
}

/* 255.255.255.0 as a number of bits; -1 where it is no mask. */
static int mask_bits(const char *text)
{
	struct address mask;
	int bits = 0;

	if (strchr(text, '.') == NULL || !address_parse(text, &mask) || mask.family != ADDRESS_IPV4)
		return -1;
	while (bits < 32 && (mask.bytes[bits / 8] & (0x80 >> bits % 8)) != 0)
		bits++;
	for (int bit = bits; bit < 32; bit++)
		if ((mask.bytes[bit / 8] & (0x80 >> bit % 8)) != 0)
			return -1;
	return bits;
}

/* "192.0.2.0/24", "[2001:db8::1]", "192.0.2.0/255.255.255.0" */
static bool parse(struct arena *arena, const char *words, struct network *network)
{
	char *plain = arena_string(arena, words);
	char *slash;

	if (plain[0] == '[' && strchr(plain, ']') != NULL) {
		char *close = strchr(plain, ']');

		memmove(close, close + 1, strlen(close));
		plain++;
	}
	slash = strchr(plain, '/');
	if (slash != NULL && mask_bits(slash + 1) >= 0)
		plain = arena_format(arena, "%.*s/%d", (int)(slash - plain), plain, mask_bits(slash + 1));
	return network_parse(plain, network);
}

static void clear_bit(struct address *address, unsigned bit)
{
	address->bytes[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
}

/* The address of a network with nothing behind its prefix. */
static struct address first_of(const struct network *network)
{
	struct address address = network->address;

	for (unsigned bit = network->bits; bit < width(network); bit++)
		clear_bit(&address, bit);
	return address;
}

static bool lies_in(const struct network *inner, const struct network *outer)
{
	return inner->bits >= outer->bits &&
	       address_in_network(&inner->address, &outer->address, outer->bits);
}

static void write_network(struct hosts *hosts, const struct network *network, const struct import_pair *pair,
                          const char *words)
{
	char text[ADDRESS_TEXT];
	const char *value = address_print(&network->address, text);

	if (network->bits < width(network))
		value = arena_format(hosts->work->arena, "%s/%u", value, network->bits);
	else
		value = arena_string(hosts->work->arena, value);
	hosts->written++;
	import_draft_item(hosts->work->draft, hosts->name, value, pair->place, words);
}

/* What is left of a network once the holes are cut out. Recursion ends at single addresses. */
static void write_around(struct hosts *hosts, const struct network *network, const struct import_pair *pair,
                         const char *words)
{
	struct network half = *network;
	bool touched = false;

	for (size_t i = 0; i < hosts->hole_count; i++) {
		if (lies_in(&hosts->holes[i], network) && hosts->holes[i].bits == network->bits)
			return;
		touched = touched || lies_in(&hosts->holes[i], network);
	}
	if (hosts->written >= NETWORKS_MOST)
		return;
	if (!touched) {
		write_network(hosts, network, pair, words);
		return;
	}
	half.bits++;
	write_around(hosts, &half, pair, words);
	half.address.bytes[network->bits / 8] |= (unsigned char)(0x80 >> network->bits % 8);
	write_around(hosts, &half, pair, words);
}

static void leave(const struct hosts *hosts, const struct import_pair *pair, const char *why)
{
	import_draft_leave(hosts->work->draft, pair->place,
	                   arena_format(hosts->work->arena, "%s: %s", hosts->option->name, pair->key),
	                   IMPORT_MISSED, "%s", why);
}

static void take_name(struct hosts *hosts, const struct import_pair *pair)
{
	static const char *const loopback[] = {"127.0.0.1", "::1"};
	struct network network;

	if (text_same(pair->key, "localhost")) {
		for (size_t i = 0; i < 2; i++)
			if (network_parse(loopback[i], &network))
				write_network(hosts, &network, pair, "localhost");
		return;
	}
	leave(hosts, pair,
	      "Assay knows clients by their addresses, which a name does not prove; give the addresses of "
	      "these "
	      "hosts instead");
}

static void take_host(struct hosts *hosts, const struct import_pair *pair)
{
	struct network network;
	struct address first;

	if (pair->key[0] == '!') {
		if (!parse(hosts->work->arena, pair->key + 1, &network))
			leave(hosts, pair,
			      "Assay knows clients by their addresses, so no name can be left out; see that "
			      "its addresses are in no network of this list");
		return;
	}
	if (!parse(hosts->work->arena, pair->key, &network)) {
		take_name(hosts, pair);
		return;
	}
	first = first_of(&network);
	if (!address_equal(&first, &network.address)) {
		leave(hosts, pair,
		      "the address is not the first of its network, so that it has never matched; write it "
		      "with zeros at its end, or without the length of the network");
		return;
	}
	write_around(hosts, &network, pair, NULL);
}

static void find_holes(struct hosts *hosts, const struct import_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct import_pair *pair = &set->items[i];

		if (pair->key[0] != '!' ||
		    !parse(hosts->work->arena, pair->key + 1, &hosts->holes[hosts->hole_count]))
			continue;
		if (++hosts->hole_count < HOLES_MOST)
			continue;
		hosts->hole_count--;
		leave(hosts, pair, "there are too many exceptions with ! to be written out");
	}
}

void import_hosts(struct import_work *work, const char *name, const struct import_option *option,
                  const struct import_set *set)
{
	struct hosts hosts = {.work = work, .name = name, .option = option};

	find_holes(&hosts, set);
	for (size_t i = 0; i < set->count; i++)
		take_host(&hosts, &set->items[i]);
	if (hosts.written >= NETWORKS_MOST)
		import_draft_leave_option(
		    work->draft, option, IMPORT_MISSED,
		    "the exceptions with ! leave more than %d networks; the rest is not there",
		    NETWORKS_MOST);
}

void import_hosts_forward(struct import_work *work, const struct import_option *option,
                          const struct import_set *set)
{
	import_draft_list(
	    work->draft, "networks.forwarders", option,
	    "mail from here is judged, and accepted all the same. What only your users send from "
	    "belongs to networks.ours");
	import_hosts(work, "networks.forwarders", option, set);
}

/*
 * import_hosts.c - lists of hosts become networks. Called by the functions of the tables.
 *
 * OpenDKIM and OpenDMARC look an address up as text: itself first, then the network of each shorter
 * prefix, each time with "!" in front and then without. So the longest prefix decides, and a "!"
 * cuts a hole, which Assay's networks cannot express: the networks around it are written instead.
 */
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "tool/import/import.h"

enum {
	NETWORKS_MAX = 4096,
	COMPARED_MAX = 200000, /* networks and parts of them, each compared with all holes */
	HOLES_MAX = 256
};

struct hosts {
	struct import_work *work;
	const char *name;      /* of the setting */
	const char *without;   /* what becomes of mail from elsewhere */
	const char *everybody; /* what follows where everybody is in the list */
	const char *remark;    /* for the comment above the setting */
	const struct import_option *option;
	const struct import_set *set;
	struct network holes[HOLES_MAX];
	size_t hole_count;
	size_t written, compared;
	bool cut; /* some networks are not written for NETWORKS_MAX or COMPARED_MAX */
};

/* 255.255.255.0 as a number of bits; -1 if it is not a mask. */
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
static bool parse(struct arena *arena, const char *message, struct network *network)
{
	char *plain = arena_string(arena, message);
	char *slash;

	if (plain[0] == '[' && strchr(plain, ']') != NULL) {
		char *close = strchr(plain, ']');

		memmove(close, close + 1, strlen(close));
		plain++;
	}
	slash = strchr(plain, '/');
	if (slash != NULL && mask_bits(slash + 1) >= 0)
		plain = arena_format(arena, "%.*s/%d", (int)(slash - plain), plain,
		                     mask_bits(slash + 1));
	return network_parse(plain, network);
}

/* Does opendkim find a client by this entry? It looks for the address as text, in the form of
 * inet_ntop(3), also in brackets, and for its networks with the length after a slash. Other
 * programs find all. */
static bool is_found(const struct hosts *hosts, const struct import_pair *pair, const char *message,
                     const struct network *network)
{
	bool patterns = hosts->set->type == IMPORT_SET_PATTERNS;
	bool whole = network->bits == address_bits(&network->address);
	struct arena *arena = hosts->work->arena;
	char text[ADDRESS_TEXT];

	if (hosts->work->options->program != IMPORT_OPENDKIM)
		return true;
	address_print(&network->address, text);
	if (pair->indented && patterns)
		return false;
	if (whole && (text_same(message, text) ||
	              (!patterns && text_same(message, arena_format(arena, "[%s]", text)))))
		return true;
	return text_same(message, arena_format(arena, "%s/%u", text, network->bits));
}

/* The text of the list becomes a comment if it differs. */
static void write_network(struct hosts *hosts, const struct network *network,
                          const struct import_pair *pair)
{
	char text[ADDRESS_TEXT];
	const char *value = address_print(&network->address, text);

	invariant(network->bits <= address_bits(&network->address));
	if (network->bits < address_bits(&network->address))
		value = arena_format(hosts->work->arena, "%s/%u", value, network->bits);
	else
		value = arena_string(hosts->work->arena, value);
	hosts->written++;
	import_draft_item(hosts->work->draft, hosts->name, value, pair->place,
	                  strcmp(value, pair->key) == 0 ? NULL : pair->key);
}

/* Writes what is left of a network without its holes. Recursion ends at single addresses. */
static void write_around(struct hosts *hosts, const struct network *network,
                         const struct import_pair *pair)
{
	struct network halves[2];
	bool touched = false;

	for (size_t i = 0; i < hosts->hole_count; i++) {
		if (network->bits == hosts->holes[i].bits &&
		    address_network_within(network, &hosts->holes[i]))
			return;
		touched = touched || address_network_within(&hosts->holes[i], network);
	}
	if (hosts->compared++ >= COMPARED_MAX || hosts->written >= NETWORKS_MAX) {
		hosts->cut = true;
		return;
	}
	if (!touched || !address_network_halve(network, halves)) {
		write_network(hosts, network, pair);
		return;
	}
	for (size_t i = 0; i < 2; i++)
		write_around(hosts, &halves[i], pair);
}

static void import_hosts_add_name(struct hosts *hosts, const struct import_pair *pair)
{
	static const char *const loopback[] = {"127.0.0.1", "::1"};
	struct network network;

	if (text_same(pair->key, "localhost")) {
		for (size_t i = 0; i < 2; i++)
			if (network_parse(loopback[i], &network))
				write_network(hosts, &network, pair);
		return;
	}
	import_work_missed_pair(
	    hosts->work, hosts->option->name, pair,
	    "Assay knows clients by their addresses, which a name does not prove: "
	    "until the addresses of these hosts stand in %s, mail from there %s",
	    hosts->name, hosts->without);
}

static void add_host(struct hosts *hosts, const struct import_pair *pair)
{
	struct network network;
	struct address first;

	if (pair->key[0] == '!') {
		if (!parse(hosts->work->arena, pair->key + 1, &network))
			import_work_missed_pair(
			    hosts->work, hosts->option->name, pair,
			    "Assay knows clients by their addresses, so no name can be left out; "
			    "see that its addresses are in no network of this list");
		return;
	}
	if (!parse(hosts->work->arena, pair->key, &network)) {
		import_hosts_add_name(hosts, pair);
		return;
	}
	if (!is_found(hosts, pair, pair->key, &network)) {
		import_work_missed_pair(
		    hosts->work, hosts->option->name, pair,
		    "opendkim compares addresses as text, and has never matched this form (a blank "
		    "before it in a refile:, a mask in place of a length, brackets, ::ffff:); if "
		    "it is yours, write it as 192.0.2.1, 192.0.2.0/24 or 2001:db8::1");
		return;
	}
	first = address_network_first(&network);
	if (!address_equal(&first, &network.address)) {
		import_work_missed_pair(
		    hosts->work, hosts->option->name, pair,
		    "the address is not the first of its network, so that it has never matched; "
		    "write it with zeros at its end, or without the length of the network");
		return;
	}
	if (network.bits == 0)
		import_work_missed_pair(hosts->work, hosts->option->name, pair,
		                        "it is every address there is, so that in Assay "
		                        "%s; name your own networks in %s",
		                        hosts->everybody, hosts->name);
	write_around(hosts, &network, pair);
}

static void find_holes(struct hosts *hosts, const struct import_set *set)
{
	invariant(hosts->hole_count == 0);
	for (size_t i = 0; i < set->count; i++) {
		const struct import_pair *pair = &set->items[i];
		struct network hole;

		if (pair->key[0] != '!' || !parse(hosts->work->arena, pair->key + 1, &hole) ||
		    !is_found(hosts, pair, pair->key + 1, &hole))
			continue;
		if (hosts->hole_count < HOLES_MAX)
			hosts->holes[hosts->hole_count++] = hole;
		else
			import_work_missed_pair(
			    hosts->work, hosts->option->name, pair,
			    "there are too many exceptions with ! to be written "
			    "out; its network is not parted for this one");
	}
}

/* Networks of a list of hosts become items of the setting. */
static void add_all_hosts(struct hosts *hosts, const struct import_set *set)
{
	hosts->set = set;
	find_holes(hosts, set);
	for (size_t i = 0; i < set->count; i++)
		add_host(hosts, &set->items[i]);
	if (hosts->cut)
		import_work_missed(
		    hosts->work, hosts->option,
		    "with what its exceptions (!) leave, these are too many networks: the first "
		    "%zu are in %s, the others are not; name larger networks there",
		    hosts->written, hosts->name);
}

static const struct hosts lists[] = {
    [IMPORT_OURS] = {.name = "networks.ours",
                     .without = "is judged and not signed",
                     .everybody = "no mail is judged, and everybody's is signed",
                     .remark = "mail from here is ours: signed, and not judged"},
    [IMPORT_FORWARDERS] = {
        .name = "networks.forwarders",
        .without = "is treated like that of strangers",
        .everybody = "no DMARC failure is enforced",
        .remark = "mail from here is judged, and accepted all the same. What only your users send "
                  "from belongs to networks.ours"}};

void import_hosts_add(struct import_work *work, const struct import_option *option,
                      enum import_hosts list, const struct import_set *set)
{
	struct hosts hosts;

	invariant(list < sizeof lists / sizeof lists[0]);
	hosts = lists[list];
	hosts.hole_count = 0;
	hosts.work = work;
	hosts.option = option;
	import_draft_list(work->draft, hosts.name, option, hosts.remark);
	add_all_hosts(&hosts, set);
}

void import_hosts_ours(struct import_work *work, const struct import_option *option)
{
	struct import_set set;

	if (import_set_read(work, option, &set))
		import_hosts_add(work, option, IMPORT_OURS, &set);
}

void import_hosts_forward(struct import_work *work, const struct import_option *option)
{
	struct import_set set;

	if (import_set_read(work, option, &set))
		import_hosts_add(work, option, IMPORT_FORWARDERS, &set);
}

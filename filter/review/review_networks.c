/*
 * review_networks.c - checks of networks.ours and networks.forwarders: networks that are too large,
 * repeated, or in both lists. Rows of the table in review.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "review/review_checks.h"

enum {
	/* the largest networks that a site has, alone or as the sum of several */
	PUBLIC_IPV4_BITS = 8,
	PUBLIC_IPV6_BITS = 16,
	REPEATED_MAX = 1000 /* networks of a list that are compared with each other */
};

const char *review_networks_text(struct review_run *run, const struct network *network)
{
	char text[ADDRESS_TEXT];

	return arena_format(run->arena, "%s/%u", address_print(&network->address, text),
	                    network->bits);
}

/* Not routed on the Internet (RFC 6890, RFC 6598, RFC 4193). */
static const char *const private_networks[] = {"10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",
                                               "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
                                               "fc00::/7",       "fe80::/10",     NULL};

/* The part of all addresses that a network with a prefix of so many bits has. */
static double share(unsigned bits)
{
	double held = 1;

	invariant(bits <= 128);
	while (bits-- > 0)
		held /= 2;
	return held;
}

/* The same, without private addresses. */
static double public_share(const struct network *network)
{
	double all = share(network->bits);

	for (const char *const *text = private_networks; *text != NULL; text++) {
		struct network private;

		if (!network_parse(*text, &private))
			continue;
		if (address_network_within(network, &private))
			return 0;
		if (address_network_within(&private, network))
			all -= share(private.bits);
	}
	return all;
}

/* Orders by family and address, wider networks first: a network comes before what is inside it. */
static int by_address(const void *one, const void *other)
{
	const struct network *a = one, *b = other;
	int order;

	if (a->address.family != b->address.family)
		return a->address.family < b->address.family ? -1 : 1;
	order =
	    memcmp(a->address.bytes, b->address.bytes, a->address.family == ADDRESS_IPV4 ? 4 : 16);
	return order != 0 ? order : (a->bits > b->bits) - (a->bits < b->bits);
}

const struct network *review_networks_too_wide(struct review_run *run,
                                               const struct networks *networks)
{
	struct network *sorted = arena_allocate(run->arena, (networks->count + 1) * sizeof *sorted);
	const struct network *last = NULL;
	double sums[2] = {0, 0}; /* IPv4, IPv6 */

	if (networks->count > 0)
		memcpy(sorted, networks->items, networks->count * sizeof *sorted);
	qsort(sorted, networks->count, sizeof *sorted, by_address);
	for (size_t i = 0; i < networks->count; i++) {
		bool ipv4 = sorted[i].address.family == ADDRESS_IPV4;

		if (last != NULL && address_network_within(&sorted[i], last))
			continue;
		last = &sorted[i];
		sums[!ipv4] += public_share(last);
		if (sums[!ipv4] > share(ipv4 ? PUBLIC_IPV4_BITS : PUBLIC_IPV6_BITS))
			return last;
	}
	return NULL;
}

static void report_everybody(struct review_run *run, const char *setting,
                             const struct networks *networks, const char *effect)
{
	const struct network *wide = review_networks_too_wide(run, networks);

	if (wide != NULL)
		review_run_add(
		    run, setting, PLACES_NO_ENTRY,
		    "setting \"%s\" has more addresses than any site, with \"%s\": %s; name only "
		    "your own networks",
		    setting, review_networks_text(run, wide), effect);
}

void review_networks_everybody(struct review_run *run)
{
	report_everybody(run, "networks.ours", &run->settings->networks.ours,
	                 "no mail is judged, and all mail is signed");
	report_everybody(run, "networks.forwarders", &run->settings->networks.forwarders,
	                 "no DMARC failure is enforced");
}

static void report_repeated_networks(struct review_run *run, const char *setting,
                                     const struct networks *networks)
{
	for (size_t i = 0; i < networks->count && networks->count <= REPEATED_MAX; i++)
		for (size_t other = 0; other < networks->count; other++) {
			bool same = networks->items[i].bits == networks->items[other].bits;

			if (i == other ||
			    !address_network_within(&networks->items[i], &networks->items[other]) ||
			    (same && other > i))
				continue;
			review_run_add(
			    run, setting, PLACES_NO_ENTRY,
			    "setting \"%s\" has \"%s\", which is inside \"%s\" of the same list; "
			    "remove it",
			    setting, review_networks_text(run, &networks->items[i]),
			    review_networks_text(run, &networks->items[other]));
			break;
		}
}

void review_networks_repeated(struct review_run *run)
{
	report_repeated_networks(run, "networks.ours", &run->settings->networks.ours);
	report_repeated_networks(run, "networks.forwarders", &run->settings->networks.forwarders);
}

void review_networks_forwarders(struct review_run *run)
{
	const struct network_settings *networks = &run->settings->networks;

	for (size_t i = 0; i < networks->forwarders.count; i++)
		if (address_networks_hold(&networks->ours, &networks->forwarders.items[i]))
			review_run_add(
			    run, "networks.forwarders", PLACES_NO_ENTRY,
			    "setting \"networks.forwarders\" has \"%s\", which is in "
			    "\"networks.ours\" too: its mail is not judged, but signed; remove it "
			    "from one of the two",
			    review_networks_text(run, &networks->forwarders.items[i]));
}

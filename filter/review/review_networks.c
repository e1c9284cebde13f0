/*
 * review_networks.c - who is ours and who forwards: networks that hold everybody, or nobody that would count.
 * Rows of the table in review.c.
 */
#include <string.h>

#include "review/review_checks.h"

static unsigned bits_of(const struct address *address)
{
	return address->family == ADDRESS_IPV4 ? 32 : 128;
}

static bool is_within(const struct network *network, const struct network *other)
{
	return network->bits >= other->bits &&
	       address_in_network(&network->address, &other->address, other->bits);
}

/* Both halves of a network; false for a single address. */
static bool halve(const struct network *network, struct network halves[2])
{
	unsigned bit = network->bits;

	if (bit >= bits_of(&network->address))
		return false;
	for (int i = 0; i < 2; i++) {
		halves[i] = *network;
		halves[i].bits = bit + 1;
		halves[i].address.bytes[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
	}
	halves[1].address.bytes[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
	return true;
}

/* Several can hold together what none holds alone. A network is parted only where one of them lies inside, so
 * the work is bounded by their number times the length of an address. */
bool review_networks_hold(const struct networks *networks, const struct network *network)
{
	struct network waiting[2 * 128 + 2];
	size_t count = 0;

	waiting[count++] = *network;
	while (count > 0) {
		struct network one = waiting[--count];
		bool held = false, parted = false;

		for (size_t i = 0; i < networks->count && !held; i++) {
			held = is_within(&one, &networks->items[i]);
			parted = parted || is_within(&networks->items[i], &one);
		}
		if (held)
			continue;
		if (!parted || !halve(&one, &waiting[count]))
			return false;
		count += 2;
	}
	return true;
}

static const char *text_of(struct review_run *run, const struct network *network)
{
	char text[ADDRESS_TEXT];

	return arena_format(run->arena, "%s/%u", address_print(&network->address, text), network->bits);
}

static void tell_everybody(struct review_run *run, const char *setting, const struct networks *networks,
                           const char *what)
{
	for (size_t i = 0; i < networks->count; i++)
		if (networks->items[i].bits == 0)
			review_add(
			    run, setting, PLACES_NO_ENTRY,
			    "setting \"%s\" holds \"%s\", every address there is: %s; name your own networks",
			    setting, text_of(run, &networks->items[i]), what);
}

void review_networks_everybody(struct review_run *run)
{
	tell_everybody(run, "networks.ours", &run->settings->networks.ours,
	               "no mail is judged, and everybody's is signed");
	tell_everybody(run, "networks.forwarders", &run->settings->networks.forwarders,
	               "no DMARC failure is enforced");
}

static void tell_repeated(struct review_run *run, const char *setting, const struct networks *networks)
{
	for (size_t i = 0; i < networks->count && networks->count <= 1000; i++)
		for (size_t other = 0; other < networks->count; other++) {
			bool same = networks->items[i].bits == networks->items[other].bits;

			if (i == other || !is_within(&networks->items[i], &networks->items[other]) ||
			    (same && other > i))
				continue;
			review_add(
			    run, setting, PLACES_NO_ENTRY,
			    "setting \"%s\" holds \"%s\", which lies in \"%s\" of the same list; remove it",
			    setting, text_of(run, &networks->items[i]),
			    text_of(run, &networks->items[other]));
			break;
		}
}

void review_networks_repeated(struct review_run *run)
{
	tell_repeated(run, "networks.ours", &run->settings->networks.ours);
	tell_repeated(run, "networks.forwarders", &run->settings->networks.forwarders);
}

void review_networks_forwarders(struct review_run *run)
{
	const struct network_settings *networks = &run->settings->networks;

	for (size_t i = 0; i < networks->forwarders.count; i++)
		if (review_networks_hold(&networks->ours, &networks->forwarders.items[i]))
			review_add(run, "networks.forwarders", PLACES_NO_ENTRY,
			           "setting \"networks.forwarders\" holds \"%s\", which is in "
			           "\"networks.ours\" too: its mail "
			           "is not judged at all, but signed; remove it from one of the two",
			           text_of(run, &networks->forwarders.items[i]));
}

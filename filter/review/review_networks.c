/*
 * review_networks.c - who is ours and who forwards: networks that hold everybody, or nobody that would count.
 * Rows of the table in review.c.
 */
#include "review/review_checks.h"

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

			if (i == other ||
			    !address_network_within(&networks->items[i], &networks->items[other]) ||
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
		if (address_networks_hold(&networks->ours, &networks->forwarders.items[i]))
			review_add(run, "networks.forwarders", PLACES_NO_ENTRY,
			           "setting \"networks.forwarders\" holds \"%s\", which is in "
			           "\"networks.ours\" too: its mail "
			           "is not judged at all, but signed; remove it from one of the two",
			           text_of(run, &networks->forwarders.items[i]));
}

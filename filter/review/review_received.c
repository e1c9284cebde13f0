/*
 * review_received.c - checks of the group "received": settings without effect, mail of people that
 * would be discarded, sources that cannot be. Rows of the table in review.c.
 */
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "review/review_checks.h"

void review_received_store(struct review_run *run)
{
	static const char *const settings[] = {"received.addresses",     "received.after",
	                                       "received.keep_days",     "received.geo",
	                                       "received.keep_failures", NULL};

	if (run->settings->reports.store[0] == '\0')
		review_run_no_effect(run, settings,
		                     "\"reports.store\" is empty, so that no report can be stored; "
		                     "name a file there");
}

void review_received_addresses(struct review_run *run)
{
	static const char *const settings[] = {"received.after", NULL};

	if (run->settings->reports.store[0] != '\0' && run->settings->received.addresses.count == 0)
		review_run_no_effect(run, settings,
		                     "\"received.addresses\" is empty, so that no mail is read as "
		                     "a report; name the addresses there");
}

/* The names of RFC 2142 that people write to, and those that are somebody's everywhere. */
static bool is_role(const char *address)
{
	static const char *const roles[] = {
	    "postmaster", "hostmaster", "webmaster", "abuse", "security", "noc", "info",
	    "support",    "sales",      "marketing", "admin", "root",     NULL};
	const char *at = strrchr(address, '@');

	for (size_t i = 0; roles[i] != NULL; i++)
		if (strlen(roles[i]) == (size_t)(at - address) &&
		    text_same_bytes(address, roles[i], strlen(roles[i])))
			return true;
	return false;
}

/* What else this address is, as a clause; NULL: nothing that is known here. */
static const char *other_use(struct review_run *run, const char *address)
{
	const struct settings *settings = run->settings;
	const struct {
		const char *address, *setting;
	} others[] = {
	    {settings->reports.email, "reports.email"},
	    {settings->reports.copy, "reports.copy"},
	    {settings->reports.envelope_sender, "reports.envelope_sender"},
	    {settings->quarantine.address, "quarantine.address"},
	};

	if (is_role(address))
		return "people write there too";
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (text_same(others[i].address, address))
			return arena_format(run->arena, "it is \"%s\" too", others[i].setting);
	return NULL;
}

void review_received_discard(struct review_run *run)
{
	const struct received_settings *received = &run->settings->received;

	for (size_t i = 0; received->after == RECEIVED_DISCARD && i < received->addresses.count;
	     i++) {
		const char *use = other_use(run, received->addresses.items[i]);

		if (use != NULL)
			review_run_add(
			    run, "received.after", PLACES_NO_ENTRY,
			    "setting \"received.after\" is \"discard\", so that no mail to <%s> "
			    "(\"received.addresses\") is delivered, and %s; have reports sent to "
			    "an address of their own",
			    received->addresses.items[i], use);
	}
}

void review_received_known(struct review_run *run)
{
	const struct setting_list *list = &run->settings->received.known;
	const struct received_known *known = list->items;

	for (size_t i = 0; i < list->count; i++) {
		const struct network *wide = review_networks_too_wide(run, &known[i].networks);

		if (known[i].networks.count == 0)
			review_run_add(run, "received.known", (long)i,
			               "%s of \"received.known\" has no networks, so that no "
			               "source is called \"%s\"; name its addresses",
			               review_run_entry_name(run, "entry", "received.known", i),
			               known[i].name);
		if (wide != NULL)
			review_run_add(run, "received.known", (long)i,
			               "%s of \"received.known\" has more addresses than any site, "
			               "with \"%s\": whoever forges your mail is called \"%s\" "
			               "too; name only the networks of that service",
			               review_run_entry_name(run, "entry", "received.known", i),
			               review_networks_text(run, wide), known[i].name);
	}
}

void review_received_geo(struct review_run *run)
{
	const char *file = run->settings->received.geo;
	enum review_answer answer;

	if (file[0] == '\0' || run->account == NULL)
		return;
	answer = run->world->may(run->account, file, R_OK);
	if (answer == REVIEW_NO || answer == REVIEW_MISSING)
		review_run_add(
		    run, "received.geo", PLACES_NO_ENTRY,
		    "%s (setting \"received.geo\") %s, so that it names no source; give the path "
		    "of an .mmdb file that the user \"%s\" may read, or remove the setting",
		    file, answer == REVIEW_NO ? "cannot be read" : "does not exist",
		    run->account->name);
}

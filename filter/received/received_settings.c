/*
 * received_settings.c - the rows of the settings group "received", and which recipients it names.
 */
#include "received/received_settings.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"

#define ROW(member) offsetof(struct received_settings, member)

static const char *const after_names[] = {
    [RECEIVED_DELIVER] = "deliver", [RECEIVED_DISCARD] = "discard", NULL};

static const struct setting known_rows[] = {
    {.name = "networks",
     .type = SETTING_NETWORKS,
     .offset = offsetof(struct received_known, networks),
     .help = "Addresses that it sends from"},
    {.name = "name",
     .type = SETTING_STRING,
     .offset = offsetof(struct received_known, name),
     .help = "What the reports call it, such as \"Newsletter service\""},
    {.name = NULL},
};

static const struct setting_group known_group = {"known", known_rows,
                                                 sizeof(struct received_known)};

static const struct setting received_rows[] = {
    {.name = "addresses",
     .type = SETTING_STRINGS,
     .offset = ROW(addresses),
     .standard = "[ ]",
     .help = "Addresses of yours that others send reports to, as your DMARC (rua) and TLS-RPT "
             "records name them: mail from outside to one of them is read as a report, whatever "
             "else becomes of it. LOCAL+DETAIL@DOMAIN is LOCAL@DOMAIN"},
    {.name = "after",
     .type = SETTING_WORD,
     .offset = ROW(after),
     .standard = "\"deliver\"",
     .names = after_names,
     .help = "Whether such mail goes to its mailbox as well. discard: mail to these addresses "
             "alone, whatever it is, is not delivered once it is kept to be read; mail that others "
             "get too is delivered"},
    {.name = "keep_days",
     .type = SETTING_NUMBER,
     .offset = ROW(keep_days),
     .standard = "400",
     .minimum = 2,
     .maximum = 3650,
     .help = "How long reports of others are stored, from the end of the days that they are about"},
    {.name = "geo",
     .type = SETTING_STRING,
     .offset = ROW(geo),
     .standard = "\"\"",
     .help = "File of MaxMind's format (.mmdb) that names the networks or countries of sources; "
             "empty: none"},
    {.name = "keep_failures",
     .type = SETTING_FLAG,
     .offset = ROW(keep_failures),
     .standard = "false",
     .help = "Keep mail with failure reports, which quote mail of people, in "
             "STORE.received/failures; otherwise only their number is stored"},
    {.name = "known",
     .type = SETTING_LIST,
     .offset = ROW(known),
     .group = &known_group,
     .help = "Services that send as your domains with your consent, by their addresses"},
    {.name = NULL}};

const struct setting_group received_settings_group = {
    .name = "received", .rows = received_rows, .size = sizeof(struct received_settings)};

/* Is it this address, or this address with a detail? `at` is the @ of the recipient. */
static bool is_local_part(const char *address, const char *recipient, const char *at)
{
	size_t wanted = (size_t)(strrchr(address, '@') - address), given = (size_t)(at - recipient);

	return given >= wanted && text_same_bytes(recipient, address, wanted) &&
	       (given == wanted || recipient[wanted] == '+');
}

bool received_settings_match(const struct received_settings *settings, const char *recipient,
                             struct arena *arena)
{
	const char *at = strrchr(recipient, '@'), *domain = NULL;

	for (size_t i = 0; at != NULL && i < settings->addresses.count; i++) {
		const char *address = settings->addresses.items[i];

		invariant(strchr(address, '@') != NULL);
		if (!is_local_part(address, recipient, at))
			continue;
		if (domain == NULL)
			domain = domain_normalize(arena, at + 1, strlen(at + 1));
		if (domain == NULL)
			return false;
		if (domain_equal(strrchr(address, '@') + 1, domain))
			return true;
	}
	return false;
}

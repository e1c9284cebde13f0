/*
 * sign_entry.c - which authors an entry of "sign" is for, and its keys for them. Called by
 * sign_choice.c for each message, and by whatever reviews or fills in the settings.
 */
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "sign/sign.h"

bool sign_entry_signs_as_author(const struct sign_entry *entry)
{
	return strcmp(entry->sign_as, "*") == 0;
}

bool sign_entry_covers(const struct sign_entry *entry, const char *author)
{
	const char *domain = entry->domain;

	if (domain[0] == '\0' || text_same(domain, "*"))
		return true;
	return domain_matches(domain, author) ||
	       (entry->subdomains && domain_within(author, domain));
}

bool sign_entry_covers_below(const struct sign_entry *entry)
{
	return entry->subdomains || strncmp(entry->domain, "*.", 2) == 0;
}

/* The table has no names above the entry's. */
const struct signing_keys *sign_entry_keys(const struct sign_settings *settings, size_t index,
                                           const char *author)
{
	const struct sign_entry *entry = (const struct sign_entry *)settings->entries.items + index;
	const struct signing_table *table = settings->table;
	const struct signing_keys *keys;

	invariant(index < settings->entries.count);
	if (entry->sign_as[0] != '\0')
		return signing_table_find(table, index, entry->sign_as);
	keys = signing_table_find(table, index, author);
	while (keys == NULL && sign_entry_covers_below(entry) &&
	       (author = domain_parent(author)) != NULL)
		keys = signing_table_find(table, index, author);
	return keys;
}

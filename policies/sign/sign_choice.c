/*
 * sign_choice.c - chooses the entries of "sign" that sign a message. Called by sign.c at the end of
 * the header.
 */
#include "sign/sign_choice.h"

#include "author.h"
#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"

struct sign_choosing {
	const struct sign_settings *settings;
	const struct message *message;
	const struct author *author;
	const char *const *addresses; /* of the author, once they are needed */
	const struct services *services;
	struct arena *arena;
	struct sign_choice *choice;
	bool refused; /* an entry refused the login */
	bool done;
};

static bool user_may(const struct sign_entry *entry, const char *login)
{
	if (entry->users.count == 0)
		return true;
	for (size_t i = 0; login != NULL && i < entry->users.count; i++)
		if (text_matches(entry->users.items[i], login))
			return true;
	return false;
}

static bool matches_any(const struct strings *patterns, const char *address)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (text_matches(patterns->items[i], address))
			return true;
	return false;
}

/* May the entry sign for these authors? Each mailbox stands for the message, so all have to match.
 */
static bool is_for_all_authors(struct sign_choosing *choosing, const struct sign_entry *entry)
{
	const struct author *author = choosing->author;

	if (entry->authors.count == 0)
		return true;
	for (size_t i = 0; i < author->local_count; i++)
		if (choosing->addresses[i] == NULL ||
		    !matches_any(&entry->authors, choosing->addresses[i]))
			return false;
	return author->local_count > 0;
}

/* Does the entry close the message to a login that it refuses? One mailbox is enough, so that
 * adding another does not get around it; a mailbox whose address cannot be compared may be any. */
static bool is_for_any_author(struct sign_choosing *choosing, const struct sign_entry *entry)
{
	const struct author *author = choosing->author;

	for (size_t i = 0; i < author->local_count; i++)
		if (choosing->addresses[i] == NULL ||
		    matches_any(&entry->authors, choosing->addresses[i]))
			return true;
	return entry->authors.count == 0 || author->local_count == 0;
}

/* What an entry means for the message. */
enum sign_role {
	ROLE_NOTHING, /* it is for others */
	ROLE_SIGNS,
	ROLE_CLOSES /* the login may not send as an author */
};
static const char *const role_descriptions[] = {
    [ROLE_NOTHING] = "not for this message",
    [ROLE_SIGNS] = "may sign",
    [ROLE_CLOSES] = "closed to this login",
};

/* Of an entry that covers the domain of the authors, or one above it whose keys would sign for
 * them. */
static enum sign_role role_of(struct sign_choosing *choosing, const struct sign_entry *entry)
{
	if (choosing->addresses == NULL)
		choosing->addresses = author_addresses(choosing->author, choosing->arena);
	if (!user_may(entry, choosing->message->auth_user))
		return is_for_any_author(choosing, entry) ? ROLE_CLOSES : ROLE_NOTHING;
	return is_for_all_authors(choosing, entry) ? ROLE_SIGNS : ROLE_NOTHING;
}

/* After an entry refused the login, the author's domain is only for logins that an entry names;
 * another domain may still sign the mail. */
static bool is_open_to(const struct sign_entry *entry, const char *author, bool refused)
{
	return !refused || entry->users.count > 0 ||
	       (entry->sign_as[0] != '\0' && !sign_entry_signs_as_author(entry) &&
	        !domain_within(author, entry->sign_as));
}

/* The entry above this one that closes the domain of its keys to the login, though it is not for
 * the author, a name below that domain; `index` for none. A signature for the domain would pass
 * for the whole of it. */
static size_t closing_entry(struct sign_choosing *choosing, size_t index,
                            const struct signing_keys *keys)
{
	const struct sign_entry *entries = choosing->settings->entries.items;
	size_t i = entries[index].users.count > 0 ? index : 0;

	while (i < index && (!sign_entry_covers(&entries[i], keys->domain) ||
	                     !domain_within(choosing->author->domain, keys->domain) ||
	                     role_of(choosing, &entries[i]) != ROLE_CLOSES))
		i++;
	return i;
}

static void refuse_login(struct sign_choosing *choosing, const char *domain, size_t index)
{
	const char *login = choosing->message->auth_user;

	choosing->choice->kind = UNSIGNED_LOGIN;
	choosing->choice->reason =
	    arena_format(choosing->arena, "%s may not send as %s (setting \"sign\", line %d)",
	                 login == NULL ? "a client without login" : login, domain,
	                 choosing->settings->entries.lines[index]);
	services_debug(choosing->services, "sign: not by entry %zu: %s", index + 1,
	               choosing->choice->reason);
}

static void choose_entry(struct sign_choosing *choosing, size_t index,
                         const struct signing_keys *keys)
{
	const struct sign_entry *entry =
	    (const struct sign_entry *)choosing->settings->entries.items + index;
	struct sign_choice *choice = choosing->choice;

	invariant(choice->count < SIGN_CHOICE_MAX && keys->count > 0);
	choice->entries[choice->count++] = (struct sign_chosen){entry, keys, 0};
	choosing->done = !entry->go_on || choice->count == SIGN_CHOICE_MAX;
	services_debug(choosing->services,
	               "sign: by entry %zu, line %d, with %zu of the keys of %s", index + 1,
	               choosing->settings->entries.lines[index], keys->count, keys->domain);
}

static void consider_entry(struct sign_choosing *choosing, size_t index)
{
	const char *author = choosing->author->domain;
	const struct sign_entry *entry =
	    (const struct sign_entry *)choosing->settings->entries.items + index;
	const struct signing_keys *keys = NULL;
	enum sign_role role;
	size_t closing;

	if (!sign_entry_covers(entry, author))
		return;
	role = role_of(choosing, entry);
	if (role != ROLE_NOTHING)
		keys = sign_entry_keys(choosing->settings, index, author);
	services_debug(choosing->services, "sign: entry %zu: %s, %zu keys", index + 1,
	               role_descriptions[role], keys == NULL ? (size_t)0 : keys->count);
	if (keys == NULL || !is_open_to(entry, author, choosing->refused))
		return;
	closing = closing_entry(choosing, index, keys);
	if (closing < index) {
		refuse_login(choosing, keys->domain, closing);
	} else if (role == ROLE_CLOSES) {
		refuse_login(choosing, author, index);
		choosing->refused = true;
	} else {
		choose_entry(choosing, index, keys);
	}
}

void sign_choice_make(struct sign_choice *choice, const struct sign_settings *settings,
                      const struct message *message, const struct author *author,
                      const struct services *services, struct arena *arena)
{
	struct sign_choosing choosing = {.settings = settings,
	                                 .message = message,
	                                 .author = author,
	                                 .services = services,
	                                 .arena = arena,
	                                 .choice = choice};

	invariant(author->state == AUTHOR_ONE && author->domain != NULL);
	choice->count = 0;
	choice->kind = UNSIGNED_NO_KEY;
	choice->reason = arena_format(arena, "no key for %s (setting \"sign\")", author->domain);
	for (size_t i = 0; i < settings->entries.count && !choosing.done; i++)
		consider_entry(&choosing, i);
	services_debug(services, "sign: author domain %s, %zu entries sign", author->domain,
	               choice->count);
}

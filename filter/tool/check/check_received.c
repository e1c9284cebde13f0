/*
 * check_received.c - the client of a message that was saved from a mailbox: the Received field that
 * this host wrote names it. Called by check.c where --ip does not.
 *
 * Postfix writes "from HELO (NAME [ADDRESS]) by HOST", Sendmail the same. A field of our own name
 * that another program of this host has written (LMTP, a content filter) stands above that one and
 * names an address of ours; fields of other hosts below say nothing that can be believed.
 */
#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "tool/check/check.h"

#define IPV6_PREFIX "IPv6:"

/* What stands behind a word of the clause that is not inside a comment; NULL where it does not
 * occur. */
static const char *behind_word(const char *value, const char *word)
{
	size_t length = strlen(word), depth = 0;

	for (const char *at = value; *at != '\0'; at++) {
		depth += *at == '(';
		depth -= *at == ')' && depth > 0;
		if (depth == 0 && (at == value || text_is_space(at[-1])) &&
		    text_same_bytes(at, word, length) && text_is_space(at[length]))
			return at + length + strspn(at + length, " \t\r\n");
	}
	return NULL;
}

static const char *word_at(const char *at, struct arena *arena)
{
	return arena_copy(arena, at, strcspn(at, " \t\r\n;()"));
}

static bool is_by_us(const char *value, const char *own_name, struct arena *arena)
{
	const char *by = behind_word(value, "by");
	const char *name = by == NULL ? NULL : word_at(by, arena);

	return name != NULL && text_same(name, own_name);
}

/* The address in brackets of the comment behind "from HELO". */
static bool read_client(const char *value, struct check_client *client, struct arena *arena)
{
	const char *from = behind_word(value, "from"), *by = behind_word(value, "by");
	const char *open = from == NULL ? NULL : strchr(from, '(');
	const char *bracket = open == NULL ? NULL : strchr(open, '[');
	const char *text;

	if (bracket == NULL || by == NULL || bracket > by)
		return false;
	bracket++;
	if (text_same_bytes(bracket, IPV6_PREFIX, strlen(IPV6_PREFIX)))
		bracket += strlen(IPV6_PREFIX);
	text = arena_copy(arena, bracket, strcspn(bracket, "] \t\r\n"));
	client->helo = word_at(from, arena);
	return address_parse(text, &client->address);
}

/* This host itself, whatever networks.ours says. */
static bool check_received_is_loopback(const struct address *address)
{
	static const char *const own[] = {"127.0.0.0/8", "::1/128"};
	struct network network;

	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (network_parse(own[i], &network) &&
		    address_in_network(address, &network.address, network.bits))
			return true;
	return false;
}

bool check_received_client(const struct check_message *message, const struct settings *settings,
                           struct check_client *client, struct arena *arena)
{
	for (size_t i = 0; i < message->field_count; i++) {
		const char *value = message->fields[i].value;
		struct check_client found;

		if (!text_same(message->fields[i].name, "Received"))
			continue;
		if (!is_by_us(value, settings->authserv_id, arena))
			return false;
		if (!read_client(value, &found, arena) ||
		    check_received_is_loopback(&found.address) ||
		    address_in_networks(&found.address, &settings->networks.ours))
			continue;
		*client = found;
		return true;
	}
	return false;
}

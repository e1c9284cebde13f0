/*
 * message.c - finds fields and addresses in a message. Called by the policies.
 */
#include "message.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"

bool message_header_is(const struct header *header, const char *name)
{
	size_t length = strlen(name);

	if (strnlen(header->name, length) < length || !text_same_bytes(header->name, name, length))
		return false;
	return header->name[length + strspn(header->name + length, " \t")] == '\0';
}

const struct header *message_header(const struct message *message, const char *name)
{
	for (size_t i = 0; i < message->header_count; i++)
		if (message_header_is(&message->headers[i], name))
			return &message->headers[i];
	return NULL;
}

size_t message_header_count(const struct message *message, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < message->header_count; i++)
		count += message_header_is(&message->headers[i], name);
	return count;
}

const char *message_unfold(struct arena *arena, const char *value)
{
	size_t length = strlen(value);
	size_t kept = 0;
	char *line;

	while (length > 0 && text_is_space(value[length - 1]))
		length--;
	while (length > 0 && text_is_space(*value)) {
		value++;
		length--;
	}
	line = arena_allocate_raw(arena, length + 1);
	for (size_t i = 0; i < length; i++)
		if (value[i] != '\r' && value[i] != '\n')
			line[kept++] = value[i];
	line[kept] = '\0';
	return line;
}

const char *message_address_domain(struct arena *arena, const char *address)
{
	const char *at;

	invariant(address != NULL);
	at = strrchr(address, '@');

	return at == NULL ? NULL : domain_normalize(arena, at + 1, strlen(at + 1));
}

const char *message_list_identifier(const struct message *message, struct arena *arena)
{
	const struct header *header = message_header(message, "List-Id");
	const char *value, *open, *close;

	if (header == NULL)
		return NULL;
	value = message_unfold(arena, header->value);
	open = strrchr(value, '<');
	close = open == NULL ? NULL : strchr(open, '>');
	return close == NULL ? value : arena_copy(arena, open + 1, (size_t)(close - open - 1));
}

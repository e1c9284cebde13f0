/*
 * signed_messages.c - reads tests/unit/dkim_fixtures.txt.
 */
#include "signed_messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static char *unescape(struct arena *arena, const char *from, size_t *length)
{
	char *bytes = arena_allocate(arena, strlen(from) + 1);

	for (*length = 0; *from != '\0'; from++) {
		unsigned octet = (unsigned char)*from;

		if (octet == '\\') {
			from++;
			octet = *from == 'r' ? '\r' : *from == 'n' ? '\n' : '\\';
			if (*from == 'x' && sscanf(from + 1, "%2x", &octet) == 1)
				from += 2;
		}
		bytes[(*length)++] = (char)octet;
	}
	return bytes;
}

static void read_line(struct signed_messages *all, struct text *zone, char *line)
{
	char *name = strchr(line, ' ') + 1;
	char *text = strchr(name, ' ') + 1;
	struct signed_message *message;

	text[strcspn(text, "\n")] = '\0';
	text[-1] = '\0';
	if (strncmp(line, "key", 3) == 0) {
		text_add_format(zone, "%s TXT %s\n", name, text);
		return;
	}
	message = &all->messages[all->count++];
	message->name = arena_string(all->arena, name);
	message->raw = unescape(all->arena, text, &message->length);
}

bool signed_messages_read(struct signed_messages *all)
{
	const char *folder = getenv("srcdir");
	char path[4096], *line = NULL;
	struct text zone;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof path, "%s/tests/unit/dkim_fixtures.txt",
	         folder == NULL ? "." : folder);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	all->arena = arena_new();
	all->count = 0;
	text_begin(&zone, all->arena, 1 << 20);
	while (all->count < sizeof all->messages / sizeof all->messages[0] &&
	       getline(&line, &size, file) > 0)
		read_line(all, &zone, line);
	free(line);
	fclose(file);
	all->zone = zone.bytes;
	return true;
}

const struct signed_message *signed_messages_find(const struct signed_messages *all,
                                                  const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->messages[i].name, name) == 0)
			return &all->messages[i];
	return NULL;
}

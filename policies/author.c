/*
 * author.c - the author domain of a message: exactly one, or why not. Called by dmarc.c as From fields pass;
 * the grammar is mailbox_list.c's.
 */
#include "author.h"

#include <string.h>

#include "mailbox_list.h"
#include "text.h"

enum {
	NAMED = 4,        /* domains named in a reason */
	FIELDS_READ = 20, /* further From fields are only counted */
	FIELD_MAX = 32768 /* octets; Postfix shows a milter 60000 of them, and delivers all */
};

struct reading {
	struct author author; /* first: the caller holds a pointer to it */
	size_t fields;
	struct mailbox_list list;
};

struct author *author_begin(struct arena *arena)
{
	struct reading *reading = arena_allocate(arena, sizeof *reading);

	reading->author.state = AUTHOR_MISSING;
	reading->author.domains = reading->list.domains;
	return &reading->author;
}

void author_field(struct author *author, const char *value, struct arena *arena)
{
	struct reading *reading = (struct reading *)author;

	if (reading->fields++ < FIELDS_READ)
		mailbox_list_read(&reading->list, value, arena);
	if (reading->list.problem == NULL && strlen(value) > FIELD_MAX)
		reading->list.problem = "it is so long that a mail server may not have shown all of it";
	author->domain_count = reading->list.domain_count;
}

static const char *several(const struct mailbox_list *list, struct arena *arena)
{
	struct text words;

	text_begin(&words, arena, 2000);
	text_add(&words, "the From field holds addresses of more than one domain: ");
	for (size_t i = 0; i < list->domain_count && i < NAMED; i++)
		text_add_format(&words, "%s%s", i == 0 ? "" : ", ", list->domains[i]);
	if (list->domain_count > NAMED)
		text_add(&words, " and more");
	return words.bytes;
}

static enum author_state state_of(const struct reading *reading, bool header_cut)
{
	if (reading->fields > 1)
		return AUTHOR_REPEATED;
	if (header_cut)
		return AUTHOR_BROKEN;
	if (reading->fields == 0)
		return AUTHOR_MISSING;
	if (reading->list.problem != NULL || reading->list.domain_count == 0)
		return AUTHOR_BROKEN;
	return reading->list.domain_count > 1 ? AUTHOR_SEVERAL : AUTHOR_ONE;
}

static const char *broken(const struct reading *reading, bool header_cut, struct arena *arena)
{
	if (header_cut)
		return "the header is too long to be read whole, and a From field may lie beyond what was "
		       "read";
	if (reading->list.problem != NULL)
		return arena_format(arena, "the From field is malformed: %s", reading->list.problem);
	return "the From field holds no address";
}

void author_finish(struct author *author, bool header_cut, struct arena *arena)
{
	const struct reading *reading = (const struct reading *)author;

	author->state = state_of(reading, header_cut);
	switch (author->state) {
	case AUTHOR_ONE:
		author->domain = author->domains[0];
		author->local = reading->list.local;
		author->local_length = reading->list.local_length;
		break;
	case AUTHOR_MISSING:
		author->reason = "the message has no From field";
		break;
	case AUTHOR_REPEATED:
		author->reason = arena_format(arena, "the message has %zu From fields", reading->fields);
		break;
	case AUTHOR_SEVERAL:
		author->reason = several(&reading->list, arena);
		break;
	case AUTHOR_BROKEN:
		author->reason = broken(reading, header_cut, arena);
		break;
	}
}

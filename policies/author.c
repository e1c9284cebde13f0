/*
 * author.c - the author domain of a message: exactly one, or why not. Called by dmarc.c as From
 * fields pass; the grammar is mailbox_list.c's.
 */
#include "author.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "local_part.h"
#include "mailbox_list.h"

enum {
	NAMED_MAX = 4,   /* domains named in a reason */
	FIELDS_MAX = 20, /* further From fields are only counted */
	LOCAL_MAX = 512, /* octets without comments; a longer local part cannot be compared */
	/* octets: Postfix shows a milter some 60000 of a field and delivers all, Sendmail has 32768
	 * for the header */
	FIELD_MAX = 32768
};

struct author_reading {
	struct author author; /* first: the caller holds a pointer to it */
	size_t fields;
	struct mailbox_list list;
};

struct author *author_begin(struct arena *arena)
{
	struct author_reading *reading = arena_allocate(arena, sizeof *reading);

	reading->author.state = AUTHOR_MISSING;
	reading->author.domains = reading->list.domains;
	return &reading->author;
}

/* Nobody knows what follows in a field of this length. */
static void note_hidden_end(struct mailbox_list *list)
{
	list->obscure = true;
	if (list->problem == NULL)
		list->problem = "it is so long that a mail server may not have shown all of it";
}

void author_field(struct author *author, const char *value, struct arena *arena)
{
	struct author_reading *reading = (struct author_reading *)author;

	if (reading->fields++ < FIELDS_MAX)
		mailbox_list_read(&reading->list, value, arena);
	if (strlen(value) > FIELD_MAX)
		note_hidden_end(&reading->list);
	author->domain_count = reading->list.domain_count;
}

static const char *describe_several(const struct mailbox_list *list, struct arena *arena)
{
	struct text text;

	text_begin(&text, arena, 2000);
	text_add(&text, "the From field holds addresses of more than one domain: ");
	for (size_t i = 0; i < list->domain_count && i < NAMED_MAX; i++)
		text_add_format(&text, "%s%s", i == 0 ? "" : ", ", list->domains[i]);
	if (list->domain_count > NAMED_MAX)
		text_add(&text, " and more");
	return text.bytes;
}

/*
 * The only address in angle brackets, with nothing behind it, is what readers take for the
 * author's, even where the display name before it should have been quoted ("Meier, Anna <a@x>",
 * "Anna @ Acme <a@x>"). So its domain counts, unless the display name contains addresses of other
 * domains; a name of one label does not count as one.
 */
static bool has_bracketed(const struct mailbox_list *list)
{
	return !list->obscure && list->brackets == 1 && list->bracket_is_last &&
	       list->bracketed != NULL;
}

static bool names_other_domains(const struct mailbox_list *list)
{
	for (size_t i = 0; i < list->domain_count; i++)
		if (domain_labels(list->domains[i]) > 1 &&
		    !domain_equal(list->domains[i], list->bracketed))
			return true;
	return false;
}

static enum author_state state_of(const struct author_reading *reading, bool header_cut)
{
	if (reading->fields > 1)
		return AUTHOR_REPEATED;
	if (header_cut)
		return AUTHOR_BROKEN;
	if (reading->fields == 0)
		return AUTHOR_MISSING;
	if (has_bracketed(&reading->list) && !names_other_domains(&reading->list))
		return AUTHOR_ONE;
	if (reading->list.problem != NULL || reading->list.domain_count == 0)
		return AUTHOR_BROKEN;
	return reading->list.domain_count > 1 ? AUTHOR_SEVERAL : AUTHOR_ONE;
}

static const char *describe_broken(const struct author_reading *reading, bool header_cut,
                                   struct arena *arena)
{
	if (header_cut)
		return "the header is too long to be read whole, and a From field may lie beyond "
		       "what was read";
	if (reading->list.problem != NULL)
		return arena_format(arena, "the From field is malformed: %s",
		                    reading->list.problem);
	return "the From field holds no address";
}

/* Where text stands before the only address in brackets, that address is the one that counts. */
static void set_single(struct author *author, const struct mailbox_list *list)
{
	bool bracketed = has_bracketed(list) && (list->problem != NULL || list->domain_count > 1);

	invariant(bracketed || list->domain_count > 0);
	author->domain = bracketed ? list->bracketed : list->domains[0];
	author->local_count = list->local_count;
	author->locals = list->locals;
	author->domains = &author->domain;
	author->domain_count = 1;
	author->reason = NULL;
	author->bracketed = NULL;
	author->readable = false;
}

void author_finish(struct author *author, bool header_cut, struct arena *arena)
{
	const struct author_reading *reading = (const struct author_reading *)author;

	author->state = state_of(reading, header_cut);
	switch (author->state) {
	case AUTHOR_ONE:
		set_single(author, &reading->list);
		break;
	case AUTHOR_MISSING:
		author->reason = "the message has no From field";
		break;
	case AUTHOR_REPEATED:
		author->reason =
		    arena_format(arena, "the message has %zu From fields", reading->fields);
		break;
	case AUTHOR_SEVERAL:
		author->reason = describe_several(&reading->list, arena);
		break;
	case AUTHOR_BROKEN:
		author->reason = describe_broken(reading, header_cut, arena);
		break;
	}
	if (author->state == AUTHOR_ONE)
		return;
	author->readable = reading->fields == 1 && !header_cut && !reading->list.obscure;
	if (author->readable && has_bracketed(&reading->list))
		author->bracketed = reading->list.bracketed;
}

void author_debug(const struct author *author, const struct services *services)
{
	const struct author_reading *reading = (const struct author_reading *)author;

	for (size_t i = 0; author->domain_count > 1 && i < author->domain_count; i++)
		services_debug(services, "author: From names the domain %s", author->domains[i]);
	services_debug(services, "author: %zu From fields, %zu addresses, %zu domains: %s",
	               reading->fields, reading->list.mailboxes, reading->list.domain_count,
	               author->state == AUTHOR_ONE ? author->domain : author->reason);
}

void author_settle(struct author *author)
{
	const struct author_reading *reading = (const struct author_reading *)author;

	invariant(author->state != AUTHOR_ONE && author->bracketed != NULL);
	author->state = AUTHOR_ONE;
	set_single(author, &reading->list);
}

const char *const *author_addresses(const struct author *author, struct arena *arena)
{
	const char **addresses =
	    arena_allocate(arena, (author->local_count + 1) * sizeof *addresses);

	invariant(author->state == AUTHOR_ONE);
	for (size_t i = 0; i < author->local_count; i++) {
		const struct mailbox_local *local = &author->locals[i];
		const char *bare = local_part_bare(arena, local->bytes, local->length);

		if (strlen(bare) <= LOCAL_MAX)
			addresses[i] = arena_format(arena, "%s@%s", bare, author->domain);
	}
	return addresses;
}

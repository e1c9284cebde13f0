/*
 * check_mta.c - a mail server that does nothing and remembers what it was asked to do.
 * finish_message() talks to it in `assay check`.
 */
#include "base/invariant.h"
#include "tool/check/check.h"

static bool remove_header(void *context, const char *name, unsigned index)
{
	struct check_mta *mta = context;

	ARENA_ADD(mta->arena, mta->removed, mta->removed_count, mta->removed_room) =
	    (struct check_removed){.name = arena_string(mta->arena, name), .index = index};
	return true;
}

static bool insert_header(void *context, const char *name, const char *value)
{
	struct check_mta *mta = context;

	ARENA_ADD(mta->arena, mta->added, mta->added_count, mta->added_room) =
	    (struct check_field){arena_string(mta->arena, name), arena_string(mta->arena, value)};
	return true;
}

/* The verdict holds the reply too. */
static bool set_reply(void *context, const char *code, const char *enhanced, const char *text)
{
	(void)context;
	(void)code;
	(void)enhanced;
	(void)text;
	return true;
}

static bool quarantine(void *context, const char *reason)
{
	struct check_mta *mta = context;

	mta->held = arena_string(mta->arena, reason);
	return true;
}

static bool remove_recipient(void *context, const char *recipient)
{
	(void)context;
	(void)recipient;
	return true;
}

static bool add_recipient(void *context, const char *recipient)
{
	struct check_mta *mta = context;

	mta->redirected = arena_string(mta->arena, recipient);
	return true;
}

/* No copies are kept here, so that nothing is discarded. */
static void discard(void *context)
{
	(void)context;
}

static const char *queue_id(void *context)
{
	(void)context;
	return NULL;
}

void check_mta_begin(struct check_mta *mta, struct arena *arena)
{
	invariant(arena != NULL);
	*mta = (struct check_mta){.arena = arena};
	mta->mta = (struct mta){.context = mta,
	                        .remove_header = remove_header,
	                        .insert_header = insert_header,
	                        .set_reply = set_reply,
	                        .quarantine = quarantine,
	                        .remove_recipient = remove_recipient,
	                        .add_recipient = add_recipient,
	                        .discard = discard,
	                        .queue_id = queue_id};
}

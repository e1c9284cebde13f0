/*
 * readiness.c - see readiness.h.
 */
#include "received/readiness.h"

#include <inttypes.h>
#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "received/source_advice.h"

const char *const readiness_names[] = {[READINESS_ALREADY] = "already",
                                       [READINESS_READY] = "ready",
                                       [READINESS_NOT_YET] = "not_yet",
                                       [READINESS_TOO_LITTLE] = "too_little",
                                       NULL};

static void add_up(struct readiness *readiness, const struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->items[i];
		int64_t lost = received_numbers_lost(&source->numbers);

		if (source->kind == SOURCE_SPOOF) {
			readiness->spoofed += lost;
			continue;
		}
		if (!source_advice_is_own(source)) {
			readiness->unknown += source->numbers.messages;
			continue;
		}
		readiness->messages += source->numbers.messages;
		readiness->passed += received_numbers_passed(&source->numbers);
		readiness->lost += lost;
	}
}

static enum readiness_state state_of(const struct readiness *readiness, const char *policy)
{
	if (strcmp(policy, "reject") == 0)
		return READINESS_ALREADY;
	if (readiness->days < READINESS_DAYS || readiness->reporters < READINESS_REPORTERS ||
	    readiness->messages == 0)
		return READINESS_TOO_LITTLE;
	if (readiness->lost * READINESS_LOST > readiness->messages ||
	    readiness->unknown * READINESS_UNKNOWN > readiness->messages)
		return READINESS_NOT_YET;
	return READINESS_READY;
}

/* The source that most of what would be lost, or what nobody knows, comes from. */
static const struct source *worst_of(const struct sources *sources)
{
	const struct source *worst = NULL;

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->items[i];

		if (source->kind != SOURCE_SPOOF &&
		    (worst == NULL || received_numbers_lost(&source->numbers) >
		                          received_numbers_lost(&worst->numbers)))
			worst = source;
	}
	return worst;
}

static const char *seen_text(const struct readiness *readiness, struct arena *arena)
{
	return arena_format(
	    arena, "on %s %s saw %s of yours, and %.1f%% passed",
	    text_count(arena, readiness->days, "day", "days"),
	    text_count(arena, readiness->reporters, "reporter", "reporters"),
	    text_count(arena, (unsigned long)readiness->messages, "message", "messages"),
	    received_numbers_percent(readiness->passed, readiness->messages));
}

static const char *not_yet_text(const struct readiness *readiness, const struct sources *sources,
                                struct arena *arena)
{
	const struct source *worst = worst_of(sources);
	const char *name = worst == NULL            ? ""
	                   : worst->name[0] == '\0' ? worst->address
	                                            : worst->name;

	return arena_format(
	    arena,
	    "not ready for p=reject: %s; %" PRId64 " would be lost%s, most of them "
	    "from %s: see to that first",
	    seen_text(readiness, arena), readiness->lost,
	    readiness->unknown == 0
	        ? ""
	        : arena_format(arena, ", and %" PRId64 " are from sources that nobody knows",
	                       readiness->unknown),
	    text_excerpt(arena, name, DOMAIN_MAX));
}

static const char *readiness_text(const struct readiness *readiness, const struct sources *sources,
                                  struct arena *arena)
{
	switch (readiness->state) {
	case READINESS_ALREADY:
		return arena_format(arena, "p=reject is published: %s",
		                    seen_text(readiness, arena));
	case READINESS_READY:
		return arena_format(arena,
		                    "ready for p=reject: %s; %" PRId64
		                    " would be lost, and %" PRId64 " of others stopped",
		                    seen_text(readiness, arena), readiness->lost,
		                    readiness->spoofed);
	case READINESS_NOT_YET:
		return not_yet_text(readiness, sources, arena);
	case READINESS_TOO_LITTLE:
		break;
	}
	return arena_format(
	    arena,
	    "too early to say whether it is ready for p=reject: %s; it takes %d days "
	    "and %d reporters",
	    seen_text(readiness, arena), READINESS_DAYS, READINESS_REPORTERS);
}

struct readiness readiness_judge(const struct sources *sources, unsigned long days,
                                 unsigned long reporters, struct arena *arena)
{
	struct readiness readiness = {.days = days, .reporters = reporters};

	add_up(&readiness, sources);
	readiness.state = state_of(&readiness, sources->policy);
	readiness.text = readiness_text(&readiness, sources, arena);
	if (readiness.state == READINESS_READY)
		readiness.publish = sources->reject;
	return readiness;
}

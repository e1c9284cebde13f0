/*
 * recipient_set.h - which recipients of a message the patterns of a rule name. For rules.c.
 *
 * The sender chooses the recipients and the site writes the patterns; both may be many. So the
 * recipients are sorted once per message, and each pattern is searched for among them.
 */
#ifndef ASSAY_RECIPIENT_SET_H
#define ASSAY_RECIPIENT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/setting.h"
#include "message.h"

struct recipient_set_index;

/*
 * A set of recipients, one bit each. Those that the message does not list (over limits.recipients,
 * or none given at all) are one member more, which no pattern names.
 */
struct recipient_set {
	size_t word_count;
	uint64_t *words;
};

/* Takes n * log(n) comparisons, in the arena with what it points to. */
struct recipient_set_index *recipient_set_index_make(const struct message *message,
                                                     struct arena *arena);

struct recipient_set recipient_set_new(const struct recipient_set_index *index,
                                       struct arena *arena);

/* Makes `set` everybody. */
void recipient_set_fill(const struct recipient_set_index *index, struct recipient_set *set);

/* Makes `set` whom one of the patterns names: an address, or "@domain"; without case (ASCII). */
void recipient_set_match(const struct recipient_set_index *index, const struct strings *patterns,
                         struct recipient_set *set);

bool recipient_set_is_empty(const struct recipient_set *set);

/* Removes the members of `removed` from `set`; was any of them in it? */
bool recipient_set_remove(struct recipient_set *set, const struct recipient_set *removed);

#endif

/*
 * selection.h - which header fields the signatures of a message cover (RFC 6376 5.4.2).
 */
#ifndef ASSAY_SELECTION_H
#define ASSAY_SELECTION_H

#include "base/arena.h"
#include "message.h"

/* The h= of one signature, in lower case. */
struct selection_names {
	size_t count;
	const char *const *names;
};

/*
 * A flag for each header field: does any of the signatures cover it? A name that occurs n times in
 * an h= covers the last n fields of that name. So for each name the last n fields are selected, n
 * being the maximum over all h=, and every signature finds the same fields among them as in the
 * whole header. Time grows with the number of fields, not with fields times names.
 */
const bool *selection_make(struct arena *arena, const struct message *message,
                           const struct selection_names *signatures, size_t count);

#endif

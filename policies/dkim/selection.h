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
 * One flag a header field: does any of the signatures cover it? A name that stands n times in an h=
 * covers the last n fields of that name; so of each name the last n fields are kept, n being the
 * most that any h= asks for, and every signature finds in what is kept exactly what it would find
 * in the whole header. The work grows with the fields, not with fields times names.
 */
const bool *selection_make(struct arena *arena, const struct message *message,
                           const struct selection_names *signatures, size_t count);

#endif

/*
 * tag_list.h - the tag=value lists of DKIM-Signature fields and key records (RFC 6376 3.2).
 */
#ifndef ASSAY_TAG_LIST_H
#define ASSAY_TAG_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum {
	TAGS_MAX = 64
};

struct tag {
	const char *name;
	const char *value; /* white space around it dropped, white space within kept */
	bool spaced;       /* white space stood between the name and "=" */
	/* the octets of the text that the value and the white space around it take */
	size_t from, to;
};

struct tag_list {
	size_t count;
	struct tag tags[TAGS_MAX];
	size_t wrong_at; /* where reading failed: the octet where the wrong tag begins */
};

/*
 * NULL, or why this is not a tag list, as a sentence. A name that occurs twice makes all of it void
 * (RFC 6376 3.2); so does a name that differs from another only in case, since readers differ on
 * which of them counts. Octets beyond ASCII may stand in values (RFC 8616 5).
 */
const char *tag_list_read(struct arena *arena, const char *text, size_t length,
                          struct tag_list *list);

/* NULL if there is no such tag. Names are case-sensitive. */
const struct tag *tag_list_find(const struct tag_list *list, const char *name);
const char *tag_list_value(const struct tag_list *list, const char *name);

/* A copy without any white space, for values that may be folded anywhere. */
char *tag_list_squeeze(struct arena *arena, const char *value);

/* Is `word` one of the words between colons (white space around them and case do not matter)? */
bool tag_list_has_word(const char *value, const char *word);

#endif

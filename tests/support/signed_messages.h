/*
 * signed_messages.h - the signed messages and keys of tests/unit/dkim_fixtures.txt, which
 * dkim_fixtures.py makes.
 */
#ifndef ASSAY_SIGNED_MESSAGES_H
#define ASSAY_SIGNED_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct signed_message {
	const char *name;
	const char *raw;
	size_t length;
};

struct signed_messages {
	struct arena *arena; /* holds all of it */
	const char *zone;    /* for fake_dns_new() */
	size_t count;
	struct signed_message messages[400];
};

/* From $srcdir, or the working directory; false where the file is missing. */
bool signed_messages_read(struct signed_messages *all);

/* NULL where there is none of that name. */
const struct signed_message *signed_messages_find(const struct signed_messages *all,
                                                  const char *name);

#endif

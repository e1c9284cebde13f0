/*
 * collect.h - the lines of the confined process (wire.h) as reports. Whatever they say is checked
 * as if a stranger had written them: lengths, counts, UTF-8, words, names and addresses.
 */
#ifndef ASSAY_COLLECT_H
#define ASSAY_COLLECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "received/reader.h"

struct collect;

/* The result will be in `arena`, whose owner frees it; NULL is never returned. */
struct collect *collect_new(struct arena *arena, const struct reader_limits *limits);
void collect_free(struct collect *collect);

/* False: what came is not what our process writes; nothing of it counts. */
bool collect_add(struct collect *collect, const char *bytes, size_t length);

/* False: the end did not come. */
bool collect_end(struct collect *collect, struct reader_result *result);

#endif

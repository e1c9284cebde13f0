/*
 * arena.h - the memory of one message, released as a whole.
 *
 * An arena belongs to one message (or one settings snapshot) and is used by one thread at a time;
 * it has no lock. Nothing allocated from it is freed alone. Handles of foreign libraries are
 * registered with arena_on_release() and so end with the message whatever way it leaves.
 *
 * What a sender can make an arena hold is limited at the door (header bytes, recipients,
 * signatures, DNS names). When the machine has no memory left at all, the process ends with a
 * message: the mail server's default action applies.
 */
#ifndef ASSAY_ARENA_H
#define ASSAY_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);

/* `bytes` zeroed bytes, aligned for any type; valid until arena_reset() or arena_free(). Never
 * NULL. */
void *arena_allocate(struct arena *arena, size_t bytes);

/* The same, but whatever was there before: for memory that is filled at once. */
void *arena_allocate_raw(struct arena *arena, size_t bytes);

/* A NUL-terminated copy of `length` bytes. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);

/* A copy of a string; NULL stays NULL. */
char *arena_string(struct arena *arena, const char *string);

char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Room for one more item in an array that grows: `items` itself where `count` is below *capacity,
 * else a copy of twice the capacity (at least `minimum` items). The old array stays valid, so that
 * pointers into it do.
 */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t minimum,
                 size_t item_size);

/* A new item at the end of such an array, as an lvalue: ARENA_ADD(arena, list->items, list->count,
 * list->room) = item. */
#define ARENA_ADD(arena, items, count, room)                                                       \
	(*((items) = arena_grow(arena, items, count, &(room), 8, sizeof *(items)),                 \
	   &(items)[(count)++]))

/* Calls release(context) when the arena is reset or freed, last registered first, before any memory
 * goes. */
void arena_on_release(struct arena *arena, void (*release)(void *context), void *context);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

/* Releases everything and keeps the arena (and its first block) for the next message. */
void arena_reset(struct arena *arena);

/* Releases everything and the arena itself; NULL is allowed. */
void arena_free(struct arena *arena);

#endif

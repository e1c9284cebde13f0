/*
 * arena.c - the memory of one message: blocks that are only ever released together, and clean-ups
 * that run first.
 *
 * Opened by the session for each message; every policy allocates from it. Large pieces get a block
 * of their own, so that the space left in the current block is not thrown away.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"

enum {
	FIRST_BLOCK = 8192,
	LARGE_PIECE = 4096,
	ALIGNMENT = alignof(max_align_t)
};

struct arena_block {
	struct arena_block *next;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

struct cleanup {
	struct cleanup *next;
	void (*release)(void *context);
	void *context;
};

struct arena {
	/* where small pieces come from; `next` leads to the older and the large ones */
	struct arena_block *current;
	size_t filled; /* bytes taken from the current block */
	size_t used;
	struct cleanup *cleanups;
};

static void out_of_memory(size_t bytes)
{
	fprintf(stderr, "assay: the machine has no memory left (%zu bytes asked for); ending\n",
	        bytes);
	abort();
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *block = malloc(sizeof *block + size);

	if (block == NULL)
		out_of_memory(size);
	block->next = NULL;
	block->size = size;
	return block;
}

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof *arena);

	if (arena == NULL)
		out_of_memory(sizeof *arena);
	arena->current = block_new(FIRST_BLOCK);
	return arena;
}

static void *large_piece(struct arena *arena, size_t bytes)
{
	struct arena_block *block = block_new(bytes);

	block->next = arena->current->next;
	arena->current->next = block;
	return block->bytes;
}

static void *small_piece(struct arena *arena, size_t bytes)
{
	void *piece;

	invariant(arena->filled <= arena->current->size && bytes < LARGE_PIECE);
	if (arena->current->size - arena->filled < bytes) {
		struct arena_block *block = block_new(FIRST_BLOCK);

		block->next = arena->current;
		arena->current = block;
		arena->filled = 0;
	}
	piece = arena->current->bytes + arena->filled;
	arena->filled += bytes;
	return piece;
}

void *arena_allocate_raw(struct arena *arena, size_t bytes)
{
	if (bytes > SIZE_MAX / 2)
		out_of_memory(bytes);
	bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	arena->used += bytes;
	return bytes >= LARGE_PIECE ? large_piece(arena, bytes) : small_piece(arena, bytes);
}

void *arena_allocate(struct arena *arena, size_t bytes)
{
	return memset(arena_allocate_raw(arena, bytes), 0, bytes);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
	char *copy;

	if (length >= SIZE_MAX / 2)
		out_of_memory(length);
	copy = arena_allocate_raw(arena, length + 1);
	if (length > 0)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

char *arena_string(struct arena *arena, const char *string)
{
	return string == NULL ? NULL : arena_copy(arena, string, strlen(string));
}

/* Most texts fit the buffer, and are formatted once. */
char *arena_format(struct arena *arena, const char *format, ...)
{
	char buffer[512];
	va_list arguments;
	char *string;
	int length;

	va_start(arguments, format);
	length = vsnprintf(buffer, sizeof buffer, format, arguments);
	va_end(arguments);
	if (length < 0)
		return arena_allocate(arena, 1);
	if ((size_t)length < sizeof buffer)
		return arena_copy(arena, buffer, (size_t)length);
	string = arena_allocate(arena, (size_t)length + 1);
	va_start(arguments, format);
	vsnprintf(string, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return string;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t minimum,
                 size_t item_size)
{
	void *more;

	invariant(count <= *capacity && minimum > 0 && item_size > 0);
	if (count < *capacity)
		return items;
	*capacity = *capacity == 0 ? minimum : *capacity * 2;
	if (*capacity > SIZE_MAX / item_size)
		out_of_memory(SIZE_MAX);
	more = arena_allocate(arena, *capacity * item_size);
	return count == 0 ? more : memcpy(more, items, count * item_size);
}

void arena_on_release(struct arena *arena, void (*release)(void *context), void *context)
{
	struct cleanup *cleanup = arena_allocate(arena, sizeof *cleanup);

	invariant(release != NULL);
	cleanup->next = arena->cleanups;
	cleanup->release = release;
	cleanup->context = context;
	arena->cleanups = cleanup;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}

static void run_cleanups(struct arena *arena)
{
	while (arena->cleanups != NULL) {
		struct cleanup *cleanup = arena->cleanups;

		arena->cleanups = cleanup->next;
		cleanup->release(cleanup->context);
	}
}

void arena_reset(struct arena *arena)
{
	struct arena_block *kept = NULL;

	run_cleanups(arena);
	while (arena->current != NULL) {
		struct arena_block *block = arena->current;

		arena->current = block->next;
		if (kept == NULL && block->size == FIRST_BLOCK)
			kept = block;
		else
			free(block);
	}
	invariant(kept != NULL); /* arena_new() made one, and it is never freed alone */
	kept->next = NULL;
	arena->current = kept;
	arena->filled = 0;
	arena->used = 0;
}

void arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	free(arena->current);
	free(arena);
}

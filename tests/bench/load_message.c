/*
 * load_message.c - reads messages, and changes them as milters ask. Called by load.c.
 */
#include "load_message.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The whole file with a NUL behind it. */
static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *bytes = NULL;
	long size = -1;

	if (file != NULL && fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	if (size >= 0)
		bytes = calloc((size_t)size + 1, 1);
	*length = (size_t)size;
	if (bytes != NULL) {
		rewind(file);
		if (fread(bytes, 1, *length, file) != *length) {
			free(bytes);
			bytes = NULL;
		}
	}
	if (file != NULL)
		fclose(file);
	if (bytes == NULL)
		perror(path);
	return bytes;
}

/* Lines end with LF from here on; the new length. */
static size_t drop_carriages(char *bytes, size_t length)
{
	size_t to = 0;

	for (size_t at = 0; at < length; at++)
		if (bytes[at] != '\r' || bytes[at + 1] != '\n')
			bytes[to++] = bytes[at];
	bytes[to] = '\0';
	return to;
}

/* Where the line at `at` and its continuation lines end: at an LF, or at the end. */
static char *end_of_field(char *at)
{
	char *end = strchr(at, '\n');

	while (end != NULL && (end[1] == ' ' || end[1] == '\t'))
		end = strchr(end + 1, '\n');
	return end == NULL ? at + strlen(at) : end;
}

/* Returns where the body begins. */
static char *read_fields(struct load_message *message, char *at)
{
	while (*at != '\0' && *at != '\n') {
		char *end = end_of_field(at), *colon = strchr(at, ':');
		bool last = *end == '\0';

		*end = '\0';
		if (colon != NULL && colon < end && message->count < LOAD_FIELDS) {
			*colon = '\0';
			message->fields[message->count++] = (struct load_field){at, colon + 1};
		}
		at = last ? end : end + 1;
	}
	return *at == '\n' ? at + 1 : at;
}

static void take_body(struct load_message *message, const char *from, size_t length)
{
	char *body = malloc(length * 2 + 1), *to = body;

	if (body == NULL)
		return;
	for (size_t at = 0; at < length; at++) {
		if (from[at] == '\n')
			*to++ = '\r';
		*to++ = from[at];
	}
	message->body = body;
	message->body_length = (size_t)(to - body);
}

struct load_message *load_message_read(const char *path)
{
	struct load_message *message = calloc(1, sizeof *message);
	size_t length;
	char *bytes = read_file(path, &length), *body;

	if (message == NULL || bytes == NULL)
		return NULL;
	length = drop_carriages(bytes, length);
	body = read_fields(message, bytes);
	take_body(message, body, length - (size_t)(body - bytes));
	return message->body == NULL ? NULL : message;
}

void load_message_reset(struct load_message *message, const struct load_message *original)
{
	message->count = original->count;
	memcpy(message->fields, original->fields, original->count * sizeof *original->fields);
	message->body = original->body;
	message->body_length = original->body_length;
	message->added = 0;
}

/* NULL where it does not fit. */
static const char *keep(struct load_message *message, const char *text)
{
	size_t length = strlen(text) + 1;
	char *copy = message->bytes + message->added;

	if (length > LOAD_ADDED - message->added)
		return NULL;
	message->added += length;
	return memcpy(copy, text, length);
}

void load_message_insert(struct load_message *message, uint32_t index, const char *name,
                         const char *value)
{
	struct load_field field = {keep(message, name), keep(message, value)};
	size_t at = index < message->count ? index : message->count;

	if (field.name == NULL || field.value == NULL || message->count == LOAD_FIELDS)
		return;
	memmove(message->fields + at + 1, message->fields + at,
	        (message->count - at) * sizeof *message->fields);
	message->fields[at] = field;
	message->count++;
}

void load_message_change(struct load_message *message, uint32_t index, const char *name,
                         const char *value)
{
	for (size_t at = 0; at < message->count; at++) {
		if (strcasecmp(message->fields[at].name, name) != 0 || --index > 0)
			continue;
		if (*value != '\0') {
			const char *kept = keep(message, value);

			message->fields[at].value = kept == NULL ? message->fields[at].value : kept;
			return;
		}
		message->count--;
		memmove(message->fields + at, message->fields + at + 1,
		        (message->count - at) * sizeof *message->fields);
		return;
	}
}

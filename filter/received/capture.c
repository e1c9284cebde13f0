/*
 * capture.c - the copy of one message, from its first header field to the folder of the reader.
 */
#include "received/capture.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"

enum {
	BUFFER = 16384 /* octets that are written at a time, where they come in small pieces */
};

struct capture {
	struct capture_folder *folder;
	char name[CAPTURE_FOLDER_NAME];
	int file;  /* -1: none, or not any more */
	int error; /* errno of what went wrong first; EDQUOT: no room, EFBIG: too large */
	size_t octets, reserved;
	size_t buffered;
	char buffer[BUFFER];
};

static void capture_give_up(struct capture *capture, int error)
{
	if (capture->error == 0)
		capture->error = error;
	if (capture->file < 0)
		return;
	log_debug("capture: %s is given up after %zu octets: %s", capture->name, capture->octets,
	          strerror(error));
	capture_folder_discard(capture->folder, capture->name);
	close(capture->file);
	capture->file = -1;
	capture_folder_release(capture->folder, capture->reserved);
	capture->reserved = 0;
}

/* With the arena: what was not kept goes, however the message ended. */
static void capture_end(void *context)
{
	struct capture *capture = context;

	capture_give_up(capture, ECANCELED);
	invariant(capture->file < 0 && capture->reserved == 0);
}

static bool capture_write(struct capture *capture, const char *bytes, size_t length)
{
	while (length > 0 && capture->file >= 0) {
		ssize_t written = write(capture->file, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			capture_give_up(capture, written < 0 ? errno : ENOSPC);
			break;
		}
		bytes += written;
		length -= (size_t)written;
	}
	return capture->file >= 0;
}

/* Room is counted by what is written at a time, so that the folder stays below its limit with
 * every copy that is under way. */
static bool reserve(struct capture *capture, size_t octets)
{
	if (!capture_folder_reserve(capture->folder, octets)) {
		capture_give_up(capture, EDQUOT);
		return false;
	}
	capture->reserved += octets;
	return true;
}

static void flush(struct capture *capture)
{
	size_t length = capture->buffered;

	invariant(length <= BUFFER);
	capture->buffered = 0;
	if (length > 0 && capture->file >= 0 && reserve(capture, length))
		capture_write(capture, capture->buffer, length);
}

static void capture_add(struct capture *capture, const char *bytes, size_t length)
{
	if (capture->file < 0)
		return;
	if (length > CAPTURE_MESSAGE_MAX - capture->octets) {
		capture_give_up(capture, EFBIG);
		return;
	}
	capture->octets += length;
	if (length > BUFFER - capture->buffered)
		flush(capture);
	if (length >= BUFFER) {
		if (capture->file >= 0 && reserve(capture, length))
			capture_write(capture, bytes, length);
		return;
	}
	memcpy(capture->buffer + capture->buffered, bytes, length);
	capture->buffered += length;
}

struct capture *capture_begin(struct capture_folder *folder, struct arena *arena)
{
	struct capture *capture = arena_allocate(arena, sizeof *capture);

	invariant(folder != NULL);
	*capture = (struct capture){.folder = folder, .file = -1};
	arena_on_release(arena, capture_end, capture);
	if (!capture_folder_has_room(folder, true)) {
		capture->error = EDQUOT;
		return capture;
	}
	capture->file = capture_folder_create(folder, capture->name);
	if (capture->file < 0)
		capture->error = errno;
	else if (lseek(capture->file, CAPTURE_BLOCK, SEEK_SET) != CAPTURE_BLOCK)
		capture_give_up(capture, errno);
	return capture;
}

void capture_field(struct capture *capture, const struct header *field)
{
	capture_add(capture, field->name, strlen(field->name));
	capture_add(capture, ":", 1);
	capture_add(capture, field->value, strlen(field->value));
	capture_add(capture, "\r\n", 2);
}

void capture_end_of_headers(struct capture *capture)
{
	capture_add(capture, "\r\n", 2);
}

bool capture_body(struct capture *capture, const unsigned char *bytes, size_t length)
{
	capture_add(capture, (const char *)bytes, length);
	return capture->file >= 0;
}

size_t capture_octets(const struct capture *capture)
{
	return capture->octets;
}

/* The block, the disk, the new place. */
static void capture_complete(struct capture *capture, const struct capture_facts *facts,
                             struct arena *arena)
{
	char *block = arena_allocate(arena, CAPTURE_BLOCK);
	int error;

	flush(capture);
	capture_facts_write(facts, arena, block);
	if (capture->file < 0 || lseek(capture->file, 0, SEEK_SET) != 0 ||
	    !capture_write(capture, block, CAPTURE_BLOCK)) {
		capture_give_up(capture, errno);
		return;
	}
	error = fsync(capture->file) != 0
	            ? errno
	            : capture_folder_keep(capture->folder, capture->name,
	                                  CAPTURE_BLOCK + capture->octets, &capture->reserved);
	if (error != 0) {
		capture_give_up(capture, error);
		return;
	}
	close(capture->file);
	capture->file = -1;
}

enum capture_outcome capture_finish(struct capture *capture, const struct capture_facts *facts,
                                    struct arena *arena)
{
	if (capture->file >= 0 &&
	    !capture_folder_has_room(capture->folder, capture_facts_may_count(facts, arena)))
		capture_give_up(capture, EDQUOT);
	if (capture->file >= 0)
		capture_complete(capture, facts, arena);
	capture_folder_trouble(capture->folder, capture->error);
	if (capture->error == 0)
		return CAPTURE_KEPT;
	return capture->error == EFBIG    ? CAPTURE_TOO_LARGE
	       : capture->error == EDQUOT ? CAPTURE_FULL
	                                  : CAPTURE_FAILED;
}

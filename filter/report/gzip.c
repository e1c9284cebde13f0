/*
 * gzip.c - compresses reports with zlib. report_file.c feeds it with what aggregate.c writes.
 */
#include "report/gzip.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/invariant.h"

enum {
	GZIP_WINDOW = 15 + 16, /* the largest window, and a gzip header */
	PIECE = 64 * 1024,
	RESULT_MAX = 32 * 1024 * 1024
};

struct gzip {
	z_stream stream;
	unsigned char *bytes;
	size_t length, capacity;
};

struct gzip *gzip_new(void)
{
	struct gzip *gzip = calloc(1, sizeof *gzip);

	if (gzip != NULL && deflateInit2(&gzip->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
	                                 GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(gzip);
		return NULL;
	}
	return gzip;
}

void gzip_free(struct gzip *gzip)
{
	if (gzip == NULL)
		return;
	deflateEnd(&gzip->stream);
	free(gzip->bytes);
	free(gzip);
}

static bool gzip_make_room(struct gzip *gzip)
{
	size_t capacity = gzip->capacity == 0 ? PIECE : gzip->capacity * 2;
	unsigned char *bytes;

	invariant(gzip->length <= gzip->capacity);
	if (gzip->capacity - gzip->length > 0)
		return true;
	bytes = capacity > RESULT_MAX ? NULL : realloc(gzip->bytes, capacity);
	if (bytes == NULL)
		return false;
	gzip->bytes = bytes;
	gzip->capacity = capacity;
	return true;
}

/* True: zlib wants to be called again. */
static bool gzip_step(struct gzip *gzip, int flush, int *code)
{
	size_t room;

	*code = Z_MEM_ERROR;
	if (!gzip_make_room(gzip))
		return false;
	room = gzip->capacity - gzip->length;
	gzip->stream.next_out = gzip->bytes + gzip->length;
	gzip->stream.avail_out = room > UINT_MAX ? UINT_MAX : (uInt)room;
	room = gzip->stream.avail_out;
	*code = deflate(&gzip->stream, flush);
	gzip->length += room - gzip->stream.avail_out;
	return *code == Z_OK && (gzip->stream.avail_out == 0 || gzip->stream.avail_in > 0);
}

bool gzip_add(struct gzip *gzip, const char *bytes, size_t length)
{
	union {
		const char *in;
		Bytef *out;
	} input = {.in = bytes};
	int code = Z_OK;

	if (length == 0)
		return true;
	if (length > UINT_MAX)
		return false;
	gzip->stream.next_in = input.out;
	gzip->stream.avail_in = (uInt)length;
	while (gzip_step(gzip, Z_NO_FLUSH, &code))
		;
	return code == Z_OK || code == Z_BUF_ERROR;
}

bool gzip_finish(struct gzip *gzip, const unsigned char **bytes, size_t *length)
{
	int code;

	gzip->stream.avail_in = 0;
	while (gzip_step(gzip, Z_FINISH, &code))
		;
	*bytes = gzip->bytes;
	*length = gzip->length;
	return code == Z_STREAM_END;
}

size_t gzip_length(const struct gzip *gzip)
{
	return gzip->length;
}

void gzip_version(char *text, size_t room)
{
	snprintf(text, room, "%s", zlibVersion());
}

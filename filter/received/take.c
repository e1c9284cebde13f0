/*
 * take.c - what a file or a part is, by its first octets, and who reads it. Runs in the confined
 * process.
 */
#include "received/take.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "received/take_parts.h"

enum {
	CONTAINERS_MAX = 3, /* gzip in gzip, zip in zip: inside of each other */
	STREAM_STEP = 65536,
	BOM = 3
};

enum magic {
	MAGIC_OTHER,
	MAGIC_ARCHIVE,
	MAGIC_XML,
	MAGIC_JSON
};

static bool begins(const char *bytes, size_t length, const char *with, size_t octets)
{
	return length >= octets && memcmp(bytes, with, octets) == 0;
}

static enum magic magic_of(const char *bytes, size_t length)
{
	if (length == 0)
		return MAGIC_OTHER;
	invariant(bytes != NULL);
	if (begins(bytes, length, "PK\003\004", 4) || begins(bytes, length, "PK\005\006", 4) ||
	    begins(bytes, length, "\037\213", 2))
		return MAGIC_ARCHIVE;
	if (begins(bytes, length, "\377\376", 2) || begins(bytes, length, "\376\377", 2))
		return MAGIC_XML; /* UTF-16 */
	if (begins(bytes, length, "\357\273\277", BOM)) {
		bytes += BOM;
		length -= BOM;
	}
	for (; length > 0 && text_is_space(*bytes); length--)
		bytes++;
	if (begins(bytes, length, "<", 1) || begins(bytes, length, "\0<", 2))
		return MAGIC_XML;
	return begins(bytes, length, "{", 1) ? MAGIC_JSON : MAGIC_OTHER;
}

/* Reads to the end, into memory for free(); NULL after a message. */
static char *gather(struct take *take, const struct take_source *source, char *bytes,
                    size_t *length, size_t max, const char *what)
{
	size_t room = *length;
	long got = 1;

	while (got > 0) {
		if (*length + STREAM_STEP > room) {
			char *more = realloc(bytes, room = 2 * room + STREAM_STEP);

			if (more == NULL)
				abort();
			bytes = more;
		}
		got = source->read(source->context, bytes + *length, STREAM_STEP);
		*length += got > 0 ? (size_t)got : 0;
		if (*length > max) {
			take_say_reason(take, "it holds %s of more than %zu kB", what, max / 1024);
			got = -1;
		}
	}
	if (got == 0)
		return bytes;
	free(bytes);
	return NULL;
}

static void take_nested(struct take *take, const char *bytes, size_t length)
{
	if (take->containers >= CONTAINERS_MAX) {
		take_say_reason(take, "archives in archives are nested more than %d deep",
		                CONTAINERS_MAX);
		return;
	}
	take->containers++;
	take_archive(take, bytes, length);
	take->containers--;
}

static void take_stream(struct take *take, const struct take_source *source)
{
	char *first = malloc(STREAM_STEP);
	long got = first == NULL ? -1 : source->read(source->context, first, STREAM_STEP);
	size_t length = got > 0 ? (size_t)got : 0;
	enum magic magic = magic_of(first, length);

	if (got > 0 && magic == MAGIC_XML) {
		take_xml(take, first, length, source);
	} else if (got > 0 && magic != MAGIC_OTHER) {
		first = magic == MAGIC_JSON ? gather(take, source, first, &length,
		                                     take->limits->json_octets, "a TLS report")
		                            : gather(take, source, first, &length,
		                                     take->limits->compressed_octets, "an archive");
		if (first != NULL && magic == MAGIC_JSON)
			take_tls(take, first, length);
		else if (first != NULL)
			take_nested(take, first, length);
	} else if (got >= 0) {
		take->nothing = length == 0 ? "it is empty" : "it is neither XML nor JSON";
	}
	free(first);
}

struct memory {
	const char *bytes;
	size_t left;
};

static long read_memory(void *context, char *bytes, size_t room)
{
	struct memory *memory = context;
	size_t length = memory->left < room ? memory->left : room;

	memcpy(bytes, memory->bytes, length);
	memory->bytes += length;
	memory->left -= length;
	return (long)length;
}

static void take_part(struct take *take, const char *bytes, size_t length)
{
	struct memory memory = {bytes, length};

	if (magic_of(bytes, length) != MAGIC_ARCHIVE)
		take_stream(take, &(struct take_source){read_memory, &memory});
	else if (length > take->limits->compressed_octets)
		take_say_reason(take, "it is an archive of more than %zu kB",
		                take->limits->compressed_octets / 1024);
	else
		take_nested(take, bytes, length);
}

static void take_octets(struct take *take, const char *bytes, size_t length)
{
	if (length == 0)
		take_say_reason(take, "it is empty");
	else if (magic_of(bytes, length) != MAGIC_OTHER)
		take_part(take, bytes, length);
	else if (length > take->limits->mail_octets)
		take_say_reason(take, "it is a mail of more than %zu MB",
		                take->limits->mail_octets / 1024 / 1024);
	else
		take_mail(take, bytes, length);
}

void take_file(struct take *take, const char *bytes, size_t length)
{
	take->part_function = take_part;
	take->stream_function = take_stream;
	if (length > take->limits->inflated_octets)
		take_say_reason(take, "it is larger than %zu MB",
		                take->limits->inflated_octets / 1024 / 1024);
	else
		take_octets(take, bytes, length);
	if (take->reports == 0 && take->reasons == 0)
		take_say_reason(take, "%s",
		                take->nothing != NULL ? take->nothing : "there is no report in it");
	wire_write(take->wire, WIRE_END, NULL);
	wire_flush(take->wire);
}

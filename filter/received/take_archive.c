/*
 * take_archive.c - gzip and zip by libarchive, with those two formats alone: what is in them goes on
 * to take.c as it is inflated, and never more than the limits allow.
 */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "base/text.h"
#include "received/clean.h"
#include "received/take.h"

enum {
	RATIO_FREE = 1024 * 1024 /* octets that may be inflated from anything */
};

struct take_archive {
	struct take *take;
	struct archive *archive;
	size_t compressed, inflated;
	bool failed; /* and said so */
};

static const char *archive_why(struct archive *archive)
{
	const char *text = archive_error_string(archive);

	return text == NULL ? "it is damaged" : text;
}

static bool within_limits(struct take_archive *unpack, size_t more)
{
	const struct reader_limits *limits = unpack->take->limits;

	unpack->inflated += more;
	unpack->take->inflated += more;
	if (unpack->take->inflated > limits->inflated_octets)
		take_refuse(unpack->take, "it inflates to more than %zu MB",
		            limits->inflated_octets / 1024 / 1024);
	else if (unpack->inflated > RATIO_FREE &&
	         unpack->inflated / limits->inflated_ratio > unpack->compressed)
		take_refuse(unpack->take, "it inflates to more than %u times its size",
		            limits->inflated_ratio);
	else
		return true;
	unpack->failed = true;
	return false;
}

static long archive_source(void *context, char *bytes, size_t room)
{
	struct take_archive *unpack = context;
	la_ssize_t got = archive_read_data(unpack->archive, bytes, room);

	if (got < 0) {
		take_refuse(unpack->take, "it is a damaged archive: %s",
		            archive_why(unpack->archive));
		unpack->failed = true;
	} else if (got > 0 && !within_limits(unpack, (size_t)got)) {
		got = -1;
	}
	return (long)got;
}

/* What other systems put beside the report. */
static bool is_beside(struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	const char *slash = path == NULL ? NULL : strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;

	if (archive_entry_filetype(entry) == AE_IFDIR)
		return true;
	return path != NULL &&
	       (strncmp(path, "__MACOSX/", 9) == 0 || name[0] == '.' || name[0] == '\0');
}

static void take_member(struct take_archive *unpack, struct archive_entry *entry)
{
	if (archive_entry_is_encrypted(entry) == 1) {
		take_refuse(unpack->take, "it is an encrypted archive");
		unpack->failed = true;
		return;
	}
	take_stream(unpack->take, &(struct take_source){archive_source, unpack});
}

static void take_members(struct take_archive *unpack)
{
	struct archive_entry *entry;
	unsigned members = 0;
	int status = ARCHIVE_OK;

	while (!unpack->failed &&
	       (status = archive_read_next_header(unpack->archive, &entry)) >= ARCHIVE_WARN) {
		if (status == ARCHIVE_EOF)
			break;
		if (++members > unpack->take->limits->members) {
			take_refuse(unpack->take,
			            "it has more than %u members; the others were left out",
			            unpack->take->limits->members);
			return;
		}
		if (!is_beside(entry))
			take_member(unpack, entry);
	}
	if (members == 0)
		unpack->take->nothing = "it is an empty archive";
	if (!unpack->failed && status != ARCHIVE_EOF)
		take_refuse(unpack->take, "it is a damaged archive: %s",
		            archive_why(unpack->archive));
}

void take_archive(struct take *take, const char *bytes, size_t length)
{
	struct archive *archive = archive_read_new();
	struct take_archive unpack = {.take = take, .archive = archive, .compressed = length};
	bool zip = bytes[0] == 'P';

	if (zip) {
		archive_read_support_format_zip_seekable(archive);
		archive_read_support_format_zip_streamable(archive);
	} else {
		archive_read_support_filter_gzip(archive);
		archive_read_support_format_raw(archive);
		archive_read_support_format_empty(archive);
	}
	if (archive_read_open_memory(archive, bytes, length) == ARCHIVE_OK)
		take_members(&unpack);
	else
		take_refuse(take, "it is a damaged archive: %s", archive_why(archive));
	archive_read_free(archive);
}

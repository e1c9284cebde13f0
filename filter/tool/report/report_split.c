/*
 * report_split.c - mailboxes taken apart at their "From " lines. A message goes to memory that has
 * a descriptor, up to the limit and not further: the reader then says what is too large.
 */
#include "tool/report/report_split.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum {
	FROM = 5,         /* "From " */
	LINE_ROOM = 1024, /* octets at the beginning of a line that are looked at */
};

void report_split_begin(struct report_split *split, int file, size_t max)
{
	*split = (struct report_split){
	    .max = max, .file = file, .line_begins = true, .blank_before = true};
}

/* Makes sure that `wanted` octets are there, unless the file ends before. False: it cannot be
 * read. */
static bool split_fill(struct report_split *split, size_t wanted)
{
	while (!split->ended && split->length - split->at < wanted) {
		ssize_t got;

		memmove(split->octets, split->octets + split->at, split->length - split->at);
		split->length -= split->at;
		split->at = 0;
		got = read(split->file, split->octets + split->length,
		           sizeof split->octets - split->length);
		if (got < 0 && errno != EINTR)
			return false;
		split->ended = got == 0;
		split->length += got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* "From SENDER Sat Nov 28 13:12:42 2026": a time in it tells it from a sentence. */
static bool is_from_line(const char *line, size_t length)
{
	const char *end = memchr(line, '\n', length);
	size_t size = end == NULL ? length : (size_t)(end - line);

	if (size < FROM || memcmp(line, "From ", FROM) != 0)
		return false;
	for (size_t i = FROM; i + 4 < size; i++)
		if (text_is_digit(line[i]) && line[i + 1] != '\0' && line[i + 2] == ':' &&
		    text_is_digit(line[i + 3]))
			return true;
	return false;
}

/* Does the next line begin a message? */
static bool at_from_line(const struct report_split *split)
{
	return split->line_begins && split->blank_before &&
	       is_from_line(split->octets + split->at, split->length - split->at);
}

/* ">From " and ">>From " were one ">" less. */
static bool at_quoted_from(const struct report_split *split)
{
	const char *line = split->octets + split->at;
	size_t length = split->length - split->at, quotes = 0;

	while (quotes < length && line[quotes] == '>')
		quotes++;
	return split->line_begins && quotes > 0 && length - quotes >= FROM &&
	       memcmp(line + quotes, "From ", FROM) == 0;
}

/* The rest of the line that is there, with its end; or what is there of a long one. */
static size_t split_line(struct report_split *split)
{
	const char *line = split->octets + split->at;
	size_t length = split->length - split->at;
	const char *end = memchr(line, '\n', length);
	size_t size = end == NULL ? length : (size_t)(end - line) + 1;
	bool blank = split->line_begins && (size == 1 || (size == 2 && line[0] == '\r'));

	split->at += size;
	split->blank_before = end != NULL && blank;
	split->line_begins = end != NULL;
	return size;
}

static bool put_octets(int memory, const char *octets, size_t length, size_t *left)
{
	if (length > *left)
		length = *left;
	*left -= length;
	while (length > 0) {
		ssize_t put = write(memory, octets, length);

		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0) {
			octets += put;
			length -= (size_t)put;
		}
	}
	return true;
}

static bool copy_message(struct report_split *split, int memory)
{
	size_t left = split->max + 1;

	if (split->mailbox) {
		do {
			split_line(split); /* the "From " line itself */
			if (!split_fill(split, LINE_ROOM))
				return false;
		} while (!split->line_begins && split->at < split->length);
	}
	while (split->at < split->length) {
		const char *line;
		size_t size;

		if (split->mailbox && at_from_line(split))
			return true;
		split->at += split->mailbox && at_quoted_from(split);
		line = split->octets + split->at;
		size = split_line(split);
		if (!put_octets(memory, line, size, &left) || !split_fill(split, LINE_ROOM))
			return false;
	}
	return true;
}

static int split_message(struct report_split *split)
{
	int memory = memfd_create("report", MFD_CLOEXEC);

	if (memory >= 0 && copy_message(split, memory) && lseek(memory, 0, SEEK_SET) == 0) {
		errno = 0;
		return memory;
	}
	if (memory >= 0)
		close(memory);
	return -1;
}

static bool is_regular(int file)
{
	struct stat status;

	return fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
	       lseek(file, 0, SEEK_CUR) >= 0;
}

int report_split_next(struct report_split *split, bool *is_file)
{
	bool first = !split->begun;

	*is_file = false;
	split->begun = true;
	if (!split_fill(split, LINE_ROOM))
		return -1;
	errno = 0;
	if (first)
		split->mailbox = at_from_line(split);
	if (first && !split->mailbox && is_regular(split->file)) {
		*is_file = true;
		split->at = split->length;
		split->ended = true;
		return lseek(split->file, 0, SEEK_SET) == 0 ? split->file : -1;
	}
	if (!first && split->at == split->length)
		return -1;
	split->number += split->mailbox;
	return split_message(split);
}

/*
 * check_wrapping.c - finds the message in a file that holds more, and refuses what is not one.
 * Called by check_message.c.
 *
 * A mail server would take any octets for a message. A person who names a compressed file or an
 * empty one wants to hear that, and not the verdict about it.
 */
#include <string.h>

#include "base/text.h"
#include "tool/check/check.h"

enum {
	DIGITS_MAX = 9 /* of the length of a message */
};

#define OCTETS(text) (text), sizeof(text) - 1

/* What a file may begin with instead of a message. */
static const struct {
	const char *octets;
	size_t length;
	const char *what; /* and what to do about it */
} others[] = {
    {OCTETS("\x1f\x8b"), "is compressed by gzip; take it apart with gunzip"},
    {OCTETS("PK\x03\x04"), "is a zip archive; take it apart with unzip"},
    {OCTETS("BZh"), "is compressed by bzip2; take it apart with bunzip2"},
    {OCTETS("\xfd"
            "7zXZ"),
     "is compressed by xz; take it apart with unxz"},
    {OCTETS("\x28\xb5\x2f\xfd"), "is compressed by zstd; take it apart with unzstd"},
    {OCTETS("\xff\xfe"), "is text in UTF-16; save the message as it came"},
    {OCTETS("\xfe\xff"), "is text in UTF-16; save the message as it came"},
    {OCTETS("\xd0\xcf\x11\xe0"), "is a file of Outlook (.msg); save the message as it came"},
    {OCTETS("%PDF"), "is a PDF file; save the message as it came"},
};

size_t check_wrapping_line(const struct check_rest *rest, const char **next)
{
	const char *feed = memchr(rest->at, '\n', (size_t)(rest->end - rest->at));
	size_t length = (size_t)((feed == NULL ? rest->end : feed) - rest->at);

	*next = feed == NULL ? rest->end : feed + 1;
	return feed != NULL && length > 0 && rest->at[length - 1] == '\r' ? length - 1 : length;
}

static bool check_wrapping_begins(const struct check_rest *rest, const char *octets, size_t length)
{
	return (size_t)(rest->end - rest->at) >= length && memcmp(rest->at, octets, length) == 0;
}

bool check_wrapping_is_mailbox(const struct check_rest *rest)
{
	return check_wrapping_begins(rest, OCTETS("From "));
}

/* A file of Apple Mail: the message behind a line with its length, a property list after it. */
static void skip_length_line(struct check_rest *rest)
{
	const char *next;
	size_t length = check_wrapping_line(rest, &next), digits = 0, octets = 0;

	for (; digits < length && text_is_digit(rest->at[digits]) && digits < DIGITS_MAX; digits++)
		octets = 10 * octets + (size_t)(rest->at[digits] - '0');
	while (length > digits && rest->at[length - 1] == ' ')
		length--;
	if (digits == 0 || digits != length || octets > (size_t)(rest->end - next))
		return;
	rest->at = next;
	rest->end = next + octets;
}

/* The line of `postcat` that begins with the text, or NULL. */
static const char *find_line(struct check_rest rest, const char *text, size_t length)
{
	const char *next;

	for (; rest.at < rest.end; rest.at = next) {
		if (check_wrapping_begins(&rest, text, length))
			return rest.at;
		check_wrapping_line(&rest, &next);
	}
	return NULL;
}

/* What `postcat -q` prints: the envelope, then the message between two lines of stars. */
static void skip_postcat(struct check_rest *rest)
{
	const char *begin, *end;

	if (!check_wrapping_begins(rest, OCTETS("*** ENVELOPE RECORDS ")))
		return;
	begin = find_line(*rest, OCTETS("*** MESSAGE CONTENTS "));
	if (begin == NULL)
		return;
	rest->at = begin;
	check_wrapping_line(rest, &rest->at);
	end = find_line(*rest, OCTETS("*** HEADER EXTRACTED "));
	if (end != NULL)
		rest->end = end;
}

/* Editors put a byte order mark before a text, which no mail server ever sees; a mailbox begins
 * each message with a line of its own. */
static bool skip_first_line(struct check_rest *rest)
{
	if (check_wrapping_begins(rest, OCTETS("\xEF\xBB\xBF")))
		rest->at += 3;
	if (!check_wrapping_is_mailbox(rest))
		return false;
	check_wrapping_line(rest, &rest->at);
	return true;
}

bool check_wrapping_skip(struct check_rest *rest, const char *name, bool *mailbox,
                         struct problem *problem)
{
	if (rest->at == rest->end)
		return problem_say(problem, "%s is not a message: it is empty", name);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (check_wrapping_begins(rest, others[i].octets, others[i].length))
			return problem_say(problem, "%s is not a message: it %s", name,
			                   others[i].what);
	*mailbox = skip_first_line(rest);
	skip_length_line(rest);
	skip_postcat(rest);
	return true;
}

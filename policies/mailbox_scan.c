/*
 * mailbox_scan.c - the words, comments and blanks of an address field. Called by mailbox_list.c,
 * which knows what they amount to.
 */
#include "mailbox_scan.h"

#include <string.h>

#include "base/invariant.h"

void mailbox_scan_note_unquoted(struct mailbox_scan *scan, const char *problem, const char *bytes,
                                size_t length)
{
	if (scan->list->problem != NULL)
		return;
	while (length > 0 && text_is_space(bytes[length - 1]))
		length--;
	scan->list->problem = problem;
	if (length > 0)
		scan->list->problem =
		    arena_format(scan->arena, "%s: %.*s%s", problem,
		                 (int)(length < MAILBOX_SCAN_SHOWN ? length : MAILBOX_SCAN_SHOWN),
		                 bytes, length > MAILBOX_SCAN_SHOWN ? "..." : "");
}

void mailbox_scan_note_wrong(struct mailbox_scan *scan, const char *problem, const char *bytes,
                             size_t length)
{
	mailbox_scan_note_unquoted(scan, problem, bytes, length);
	scan->list->obscure = true;
}

void mailbox_scan_note_wrong_from(struct mailbox_scan *scan, const char *problem, const char *start)
{
	mailbox_scan_note_wrong(scan, problem, start, (size_t)(scan->at - start));
}

bool mailbox_scan_is_atom_byte(char byte)
{
	return (unsigned char)byte >= 0x80 || text_is_letter(byte) || text_is_digit(byte) ||
	       (byte != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", byte) != NULL);
}

/* A reader that knows no encoded words takes a quote or parenthesis in one for the beginning of
 * something that ends here, and what stands here for an address. */
static void check_hidden(struct mailbox_scan *scan, const char *start)
{
	if (scan->after_odd_word && memchr(start, '@', (size_t)(scan->at - start)) != NULL)
		mailbox_scan_note_wrong_from(
		    scan, "an address may be hidden behind an encoded word", start);
}

/* Skips to the end of a comment; false where it does not end. Quoted pairs hide parentheses (RFC
 * 5322 3.2.2). */
static bool skip_comment(struct mailbox_scan *scan)
{
	const char *start = scan->at;
	size_t depth = 0;

	do {
		if (*scan->at == '(' && ++depth > MAILBOX_LIST_NESTING)
			mailbox_scan_note_wrong(scan, "comments are nested too deep", NULL, 0);
		if (*scan->at == ')')
			depth--;
		if (*scan->at == '\\' && scan->at[1] != '\0')
			scan->at++;
		if (*scan->at == '\0') {
			mailbox_scan_note_wrong_from(scan, "a comment has no closing parenthesis",
			                             start);
			return false;
		}
		scan->at++;
	} while (depth > 0);
	check_hidden(scan, start);
	return true;
}

void mailbox_scan_skip_blanks(struct mailbox_scan *scan)
{
	while (text_is_space(*scan->at) || (*scan->at == '(' && skip_comment(scan)))
		scan->at += text_is_space(*scan->at);
}

static void skip_quoted_string(struct mailbox_scan *scan)
{
	const char *start = scan->at++;

	while (*scan->at != '"' && *scan->at != '\0') {
		if (*scan->at == '\\' && scan->at[1] != '\0')
			scan->at++;
		scan->at++;
	}
	if (*scan->at == '"')
		scan->at++;
	else
		mailbox_scan_note_wrong_from(scan, "a quoted string has no closing quote", start);
	check_hidden(scan, start);
}

/* RFC 2047 2: any printable character but the question mark; older mail has 8-bit octets. */
static bool is_encoded_byte(char byte)
{
	return (unsigned char)byte > ' ' && byte != 0x7F && byte != '?';
}

/*
 * The length of an RFC 2047 encoded word ("=?charset?Q?text?="), 0 where there is none before
 * `end`. Each part ends at the first question mark, so that looking again from a later byte stays
 * cheap.
 */
static size_t encoded_word_length(const char *bytes, const char *end)
{
	const char *at = bytes + 2;

	if (end - bytes < 2 || bytes[0] != '=' || bytes[1] != '?')
		return 0;
	while (at < end && mailbox_scan_is_atom_byte(*at) && *at != '?')
		at++;
	if (end - at < 5 || at[0] != '?' || strchr("bBqQ", at[1]) == NULL || at[2] != '?')
		return 0;
	at += 3;
	while (at < end && is_encoded_byte(*at))
		at++;
	return end - at >= 2 && at[0] == '?' && at[1] == '=' ? (size_t)(at + 2 - bytes) : 0;
}

/* RFC 2047 5: it stands alone between white space, or beside a bracket or comma. */
static bool ends_word(char byte)
{
	return byte == '\0' || text_is_space(byte) || strchr("<(,;", byte) != NULL;
}

/* At the beginning of an atom. False where no encoded word stands alone there. */
static bool skip_encoded_word(struct mailbox_scan *scan)
{
	size_t length = encoded_word_length(scan->at, scan->end);

	if (length == 0 || !ends_word(scan->at[length]))
		return false;
	for (; length > 0; length--, scan->at++)
		scan->after_odd_word = scan->after_odd_word || strchr("\"()\\", *scan->at) != NULL;
	return true;
}

static void skip_atom(struct mailbox_scan *scan)
{
	if (skip_encoded_word(scan))
		return;
	while (mailbox_scan_is_atom_byte(*scan->at))
		scan->at++;
}

bool mailbox_scan_has_encoded_word(const char *at, const char *end)
{
	for (; at < end; at++)
		if (encoded_word_length(at, end) > 0)
			return true;
	return false;
}

/* Reads words up to the first byte that is none; comments and blanks after them are skipped too. */
void mailbox_scan_read_phrase(struct mailbox_scan *scan, struct mailbox_phrase *phrase)
{
	bool after_word = false;

	*phrase = (struct mailbox_phrase){.start = scan->at, .end = scan->at};
	for (;;) {
		bool word = mailbox_scan_is_atom_byte(*scan->at) || *scan->at == '"';

		if (word) {
			phrase->word_count++;
			phrase->has_gap = phrase->has_gap || after_word;
		}
		if (*scan->at == '"') {
			skip_quoted_string(scan);
		} else if (word) {
			skip_atom(scan);
		} else if (*scan->at == '.' || *scan->at == '[' || *scan->at == ']') {
			phrase->has_bracket = phrase->has_bracket || *scan->at != '.';
			scan->at++;
		} else {
			return;
		}
		after_word = word;
		phrase->end = scan->at;
		mailbox_scan_skip_blanks(scan);
	}
}

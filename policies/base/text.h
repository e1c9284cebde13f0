/*
 * text.h - text that grows in an arena up to a limit, and the few questions about ASCII text that
 * every parser asks.
 *
 * None of these depend on the locale. "Space" is SP, HTAB, CR and LF.
 */
#ifndef ASSAY_TEXT_H
#define ASSAY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct text {
	struct arena *arena;
	char *bytes; /* NUL-terminated at `length` */
	size_t length;
	size_t capacity;
	size_t limit; /* the most that `length` may become */
	bool cut;     /* something did not fit any more */
};

void text_begin(struct text *text, struct arena *arena, size_t limit);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
/* All strings up to TEXT_END: what most lines are made of, many times as fast as a format. */
#define TEXT_END ((const char *)NULL)
void text_add_all(struct text *text, const char *first, ...) __attribute__((sentinel));
void text_add_number(struct text *text, unsigned long number);
void text_add_format(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline char text_lower_byte(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static inline bool text_is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static inline bool text_is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static inline bool text_is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool text_is_ascii(const char *bytes, size_t length);

/* A NUL-terminated copy of `length` bytes, in lower case (ASCII letters only). */
char *text_lower(struct arena *arena, const char *bytes, size_t length);

/* Equal but for the case of ASCII letters. NULL equals only NULL. */
bool text_same(const char *one, const char *other);
bool text_same_bytes(const char *one, const char *other, size_t length);

/* The index of `value` in the NULL-terminated `names`, or -1. */
int text_word(const char *const *names, const char *value);

/* Is `text` like the pattern, in which * stands for any characters? Without case (ASCII). At worst
 * as long as the product of both takes: for texts that have a bound. */
bool text_matches(const char *pattern, const char *text);

/* A number with its noun: "1 mail", "2 mails". */
const char *text_count(struct arena *arena, unsigned long count, const char *one, const char *many);

/* The octets of the well-formed UTF-8 sequence of several that a string begins with (RFC 3629 4);
 * else 0. */
size_t text_utf8_length(const char *string);

/* The octets of the character that a string begins with, where a reader of the line sees it and
 * nothing else: no control character, separator of lines or mark of direction, and well-formed
 * UTF-8. Else 0. */
size_t text_shown_length(const char *string);

/* At most `limit` octets of outside text, "..." behind them where there were more. They stay as
 * they are: the text is escaped once, as a whole, by whoever writes it out. */
const char *text_excerpt(struct arena *arena, const char *string, size_t limit);

/*
 * Outside text made safe for a log line, a reply or a terminal: control bytes, DEL, backslash,
 * double quote, Unicode's separators of lines and marks of direction, and bytes that are not
 * well-formed UTF-8 become \xNN; at most `limit` bytes of the source are kept, then
 * "..." follows.
 */
const char *text_printable(struct arena *arena, const char *string, size_t limit);

/* The same for what has to be ASCII: a question mark for every octet beyond it. */
char *text_ascii(struct arena *arena, const char *string, size_t limit);

#endif

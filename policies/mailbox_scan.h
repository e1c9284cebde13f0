/*
 * mailbox_scan.h - steps over the words of an address field (RFC 5322 3.2, RFC 2047), and notes
 * what is wrong with them. For mailbox_list.c alone.
 */
#ifndef ASSAY_MAILBOX_SCAN_H
#define ASSAY_MAILBOX_SCAN_H

#include "base/text.h"
#include "mailbox_list.h"

enum {
	MAILBOX_SCAN_SHOWN = 60 /* octets of outside text quoted in a problem */
};

struct mailbox_scan {
	const char *at;
	const char *end; /* of the value */
	struct arena *arena;
	struct mailbox_list *list;
	/* of the address last read, as it stands without white space and comments */
	struct text domain;
	const char *name; /* the same in internal form; NULL where it is not a domain name */
	bool in_group;
	bool after_odd_word; /* an encoded word with quotes or parentheses was passed */
};

/* The words before "<", "@" or ":": a display name, a local part or the name of a group. */
struct mailbox_phrase {
	const char *start, *end;
	size_t word_count;
	bool has_gap;     /* two words without a dot between them: not a local part */
	bool has_bracket; /* "[" or "]": not a local part either */
};

/* Notes text that is not quoted as it has to be, but hides no address. The first problem of a list
 * is kept: `problem`, with `length` octets of the text behind it. */
void mailbox_scan_note_unquoted(struct mailbox_scan *scan, const char *problem, const char *bytes,
                                size_t length);

/* Notes something that may hide an address. */
void mailbox_scan_note_wrong(struct mailbox_scan *scan, const char *problem, const char *bytes,
                             size_t length);

/* The same; the text is that from `start` to where the scan is. */
void mailbox_scan_note_wrong_from(struct mailbox_scan *scan, const char *problem,
                                  const char *start);

/* RFC 5322 3.2.3 atext, and any octet beyond ASCII (RFC 6532 3.2; older mail has Latin-1). */
bool mailbox_scan_is_atom_byte(char byte);

/* Skips white space and comments. */
void mailbox_scan_skip_blanks(struct mailbox_scan *scan);

/* Does an RFC 2047 encoded word stand anywhere between the two? */
bool mailbox_scan_has_encoded_word(const char *at, const char *end);

/* Reads words up to the first octet that belongs to none, and skips the blanks behind them. */
void mailbox_scan_read_phrase(struct mailbox_scan *scan, struct mailbox_phrase *phrase);

#endif

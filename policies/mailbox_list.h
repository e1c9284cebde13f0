/*
 * mailbox_list.h - the grammar of an address field's value: which domains stand in it, and what is
 * wrong with it.
 *
 * RFC 5322 3.4 with the obsolete forms of 4.4 (routes, white space and comments around dots, empty
 * list elements, dots in display names), RFC 6854 groups, RFC 6532 UTF-8. Beyond the grammar only
 * what is common in real mail and cannot change the domain that a reader sees: raw 8-bit octets,
 * square brackets in display names, stray dots in local parts, a trailing dot of the domain, and an
 * address as its own unquoted display name (a@x <a@x>).
 *
 * An RFC 2047 encoded word is one atom of a display name, whatever its text holds; it is never
 * decoded. In an address, where it is forbidden (5 (3)), it makes the list broken, since readers
 * that decode first see another address.
 */
#ifndef ASSAY_MAILBOX_LIST_H
#define ASSAY_MAILBOX_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum {
	MAILBOX_LIST_DOMAINS = 16, /* distinct domains kept */
	MAILBOX_LIST_MAX = 500, /* addresses read in all; what follows them makes the list broken */
	MAILBOX_LIST_NESTING = 100, /* of comments */
};

/* A local part as it stands in the value, with the comments and quotes inside it; see local_part.h.
 */
struct mailbox_local {
	const char *bytes; /* not terminated */
	size_t length;
};

/* Starts zeroed. Several values may be read into one list. */
struct mailbox_list {
	size_t mailboxes; /* addresses read */
	size_t domain_count;
	/* distinct, in the internal form of domain.h, first come first */
	const char *domains[MAILBOX_LIST_DOMAINS];
	size_t local_count; /* of the mailboxes; an address that serves as a display name is none */
	size_t local_capacity;
	struct mailbox_local *locals; /* within the value, first come first */
	const char *problem;          /* the first thing that is wrong, or NULL */
	/* something is wrong that may hide an address; else only unquoted text stands where display
	 * names do, and all addresses in it were read */
	bool obscure;
	size_t brackets;       /* addresses in angle brackets */
	bool bracket_is_last;  /* nothing follows the last one of these */
	const char *bracketed; /* the domain of that one; NULL where it has none */
};

/* Time is linear in the length of `value`. What is readable after something wrong is read all the
 * same. */
void mailbox_list_read(struct mailbox_list *list, const char *value, struct arena *arena);

#endif

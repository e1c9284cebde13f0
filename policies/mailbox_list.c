/*
 * mailbox_list.c - reads the addresses of a From value in one pass from left to right. Called by
 * author.c for each From field, which decides what the domains amount to.
 *
 * Every octet is read once. The first thing that is wrong is noted, and reading goes on behind it
 * as if there had been a comma, so that all readable domains become known.
 */
#include "mailbox_list.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "mailbox_scan.h"

/* Adds the domain last read to the list. */
static void add_domain(struct mailbox_scan *scan)
{
	struct mailbox_list *list = scan->list;

	if (list->mailboxes >= MAILBOX_LIST_MAX) {
		mailbox_scan_note_wrong(scan, "it holds more addresses than are read", NULL, 0);
		return;
	}
	list->mailboxes++;
	scan->name = domain_normalize(scan->arena, scan->domain.bytes, scan->domain.length);
	if (scan->name == NULL) {
		mailbox_scan_note_wrong(scan, "an address has no valid domain name",
		                        scan->domain.bytes, scan->domain.length);
		return;
	}
	for (size_t i = 0; i < list->domain_count; i++)
		if (domain_equal(list->domains[i], scan->name))
			return;
	invariant(list->domain_count <= MAILBOX_LIST_DOMAINS);
	if (list->domain_count < MAILBOX_LIST_DOMAINS)
		list->domains[list->domain_count++] = scan->name;
	else
		list->obscure = true;
}

static void read_domain_literal(struct mailbox_scan *scan)
{
	const char *start = scan->at++;

	while (*scan->at != ']' && *scan->at != '[' && *scan->at != '\0') {
		if (*scan->at == '\\' && scan->at[1] != '\0')
			scan->at++;
		scan->at++;
	}
	if (*scan->at != ']') {
		mailbox_scan_note_wrong_from(scan, "an address literal has no closing bracket",
		                             start);
		return;
	}
	scan->at++;
	mailbox_scan_note_wrong_from(
	    scan, "an address has an address literal instead of a domain name", start);
	mailbox_scan_skip_blanks(scan);
}

/* dot-atom, domain-literal or obs-domain; only names are read into scan->domain. */
static void read_domain(struct mailbox_scan *scan)
{
	struct text *domain = &scan->domain;
	const char *start;

	domain->length = 0;
	mailbox_scan_skip_blanks(scan);
	start = scan->at;
	if (*scan->at == '[') {
		read_domain_literal(scan);
		return;
	}
	while (mailbox_scan_is_atom_byte(*scan->at)) {
		const char *atom = scan->at;

		while (mailbox_scan_is_atom_byte(*scan->at))
			scan->at++;
		text_add_bytes(domain, atom, (size_t)(scan->at - atom));
		mailbox_scan_skip_blanks(scan);
		if (*scan->at != '.')
			break;
		text_add(domain, ".");
		scan->at++;
		mailbox_scan_skip_blanks(scan);
	}
	if (domain->length == 0 && *scan->at == '<') {
		mailbox_scan_note_unquoted(scan, "an address has no domain after its @", NULL, 0);
	} else if (domain->length == 0) {
		scan->at += *scan->at == '.';
		mailbox_scan_note_wrong_from(scan, "an address has no domain after its @", start);
	}
}

static void add_local(struct mailbox_scan *scan, const struct mailbox_phrase *local)
{
	enum {
		LOCALS_FIRST = 4
	};
	struct mailbox_list *list = scan->list;

	if (list->local_count >= MAILBOX_LIST_MAX)
		return;
	list->locals = arena_grow(scan->arena, list->locals, list->local_count,
	                          &list->local_capacity, LOCALS_FIRST, sizeof *list->locals);
	list->locals[list->local_count++] =
	    (struct mailbox_local){local->start, (size_t)(local->end - local->start)};
}

static void check_local(struct mailbox_scan *scan, const struct mailbox_phrase *local)
{
	size_t length = (size_t)(local->end - local->start);

	if (mailbox_scan_has_encoded_word(local->start, local->end))
		mailbox_scan_note_wrong(scan, "an encoded word stands in an address", local->start,
		                        length);
	else if (local->has_bracket)
		mailbox_scan_note_wrong(scan, "the text before an @ is not a local part",
		                        local->start, length);
	else if (local->word_count == 0)
		mailbox_scan_note_unquoted(scan, "an address has nothing before its @", NULL, 0);
	else if (local->has_gap)
		mailbox_scan_note_unquoted(scan, "the text before an @ is not a local part",
		                           local->start, length);
}

/* At "@". */
static void read_address(struct mailbox_scan *scan, const struct mailbox_phrase *local)
{
	scan->at++;
	add_local(scan, local);
	check_local(scan, local);
	scan->name = NULL;
	read_domain(scan);
	if (scan->domain.length > 0)
		add_domain(scan);
}

/*
 * obs-route: "@a,@b:" before the address, RFC 5322 4.4. Its domains are not the author's, unless
 * no address follows.
 */
static void skip_route(struct mailbox_scan *scan)
{
	while (*scan->at == '@' || *scan->at == ',') {
		if (*scan->at++ == '@')
			read_domain(scan);
		mailbox_scan_skip_blanks(scan);
	}
	if (*scan->at == ':') {
		scan->at++;
	} else {
		mailbox_scan_note_wrong(scan, "an address has nothing before its @", NULL, 0);
		if (scan->domain.length > 0)
			add_domain(scan);
	}
	mailbox_scan_skip_blanks(scan);
}

/* At "@", within angle brackets: here a local part has to be one. */
static void read_bracketed(struct mailbox_scan *scan, const struct mailbox_phrase *local)
{
	struct mailbox_list *list = scan->list;

	if (local->word_count == 0 || local->has_gap)
		list->obscure = true;
	read_address(scan, local);
	list->brackets++;
	list->bracketed = scan->name;
	list->bracket_is_last = true;
}

/* At "<". */
static void read_angle_address(struct mailbox_scan *scan)
{
	struct mailbox_phrase local;

	scan->at++;
	scan->name = NULL;
	scan->domain.length = 0;
	mailbox_scan_skip_blanks(scan);
	if (*scan->at == '>') {
		scan->at++;
		mailbox_scan_note_wrong(scan, "the angle brackets are empty", NULL, 0);
		mailbox_scan_skip_blanks(scan);
		return;
	}
	if (*scan->at == '@' || *scan->at == ',')
		skip_route(scan);
	mailbox_scan_read_phrase(scan, &local);
	if (*scan->at == '@')
		read_bracketed(scan, &local);
	else
		mailbox_scan_note_wrong(scan, "an address in angle brackets has no @", local.start,
		                        (size_t)(local.end - local.start));
	if (*scan->at == '>')
		scan->at++;
	else
		mailbox_scan_note_wrong(scan, "an opening angle bracket is not closed", NULL, 0);
	mailbox_scan_skip_blanks(scan);
}

/* After an address without angle brackets, where one with them follows: "a@x <a@x>". That one
 * counts. */
static void read_address_as_name(struct mailbox_scan *scan, const char *start, size_t locals_before)
{
	const char *first = scan->name;
	size_t length = (size_t)(scan->at - start);

	scan->list->local_count = locals_before;
	read_angle_address(scan);
	if (!text_same(first, scan->name))
		mailbox_scan_note_unquoted(
		    scan, "an address stands unquoted where the display name belongs", start,
		    length);
}

/* What may follow an element: a comma, the end, or the end of a group. */
static void end_element(struct mailbox_scan *scan)
{
	const char *start = scan->at;

	if (*scan->at == ',' || *scan->at == '\0')
		return;
	if (*scan->at == ';' && scan->in_group)
		return;
	if (mailbox_scan_is_atom_byte(*start) || strchr("\"<@.[]", *start) != NULL) {
		mailbox_scan_note_unquoted(scan, "text follows an address without a comma", start,
		                           strnlen(start, MAILBOX_SCAN_SHOWN + 1));
	} else {
		scan->at++;
		mailbox_scan_note_wrong_from(scan, "a character that does not belong there", start);
	}
}

static void begin_group(struct mailbox_scan *scan, const struct mailbox_phrase *name)
{
	scan->at++;
	if (name->word_count == 0 || scan->in_group)
		mailbox_scan_note_wrong(scan,
		                        name->word_count == 0 ? "a group has no name"
		                                              : "a group stands within a group",
		                        NULL, 0);
	scan->in_group = true;
}

/* Words that no address follows. A reader that decodes first may find one in an encoded word. */
static void end_phrase(struct mailbox_scan *scan, const struct mailbox_phrase *phrase)
{
	size_t length = (size_t)(phrase->end - phrase->start);

	if (mailbox_scan_has_encoded_word(phrase->start, phrase->end))
		mailbox_scan_note_wrong(scan, "an entry has no @", phrase->start, length);
	else if (length > 0)
		mailbox_scan_note_unquoted(scan, "an entry has no @", phrase->start, length);
}

/* A mailbox, or the beginning of a group. */
static void read_element(struct mailbox_scan *scan)
{
	size_t locals_before = scan->list->local_count;
	struct mailbox_phrase phrase;

	scan->list->bracket_is_last = scan->list->bracket_is_last && *scan->at == ',';
	mailbox_scan_read_phrase(scan, &phrase);
	switch (*scan->at) {
	case ':':
		begin_group(scan, &phrase);
		return;
	case '<':
		read_angle_address(scan);
		break;
	case '@':
		read_address(scan, &phrase);
		if (*scan->at == '<')
			read_address_as_name(scan, phrase.start, locals_before);
		break;
	default:
		end_phrase(scan, &phrase);
	}
	end_element(scan);
}

/* At a separator, where there is one. */
static void next_element(struct mailbox_scan *scan)
{
	if (*scan->at == ';' && scan->in_group) {
		scan->in_group = false;
		scan->at++;
		mailbox_scan_skip_blanks(scan);
		end_element(scan);
	}
	if (*scan->at == ',')
		scan->at++;
	mailbox_scan_skip_blanks(scan);
}

void mailbox_list_read(struct mailbox_list *list, const char *value, struct arena *arena)
{
	struct mailbox_scan scan = {
	    .at = value, .end = value + strlen(value), .arena = arena, .list = list};

	/* Room for the U-labels of a name of full length, and one octet over so that a longer one
	 * is not cut to fit. */
	text_begin(&scan.domain, arena, 4 * (size_t)DOMAIN_MAX + 1);
	mailbox_scan_skip_blanks(&scan);
	while (*scan.at != '\0') {
		const char *before = scan.at;

		read_element(&scan);
		next_element(&scan);
		invariant(scan.at > before && scan.at <= scan.end);
	}
	if (scan.in_group)
		mailbox_scan_note_wrong(&scan, "a group is not closed by a semicolon", NULL, 0);
}

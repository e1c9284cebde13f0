/*
 * mailbox_list.c - reads the addresses of a From value, one pass from left to right. Called by
 * author.c for each From field; what the domains amount to is decided there.
 *
 * Every byte is consumed once. Something wrong is noted (the first time only) and reading goes on
 * where it stands, as if a comma had been there, so that all readable domains become known.
 */
#include "mailbox_list.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"

enum {
	SHOWN = 60 /* octets of outside text quoted in a problem */
};

struct mailbox_list_scan {
	const char *at;
	const char *end; /* of the value */
	struct arena *arena;
	struct mailbox_list *list;
	struct text
	    domain; /* of the address last read, as it stands without white space and comments */
	const char *name; /* the same in internal form; NULL where it is none */
	bool in_group;
	bool after_odd_word; /* an encoded word with quotes or parentheses was passed */
};

/* The words before "<", "@" or ":": a display name, a local part or the name of a group. */
struct phrase {
	const char *start, *end;
	size_t text;
	bool parted;  /* two words without a dot between: no local part */
	bool bracket; /* "[" or "]": no local part either */
};

/* Text that is not quoted as it has to be, but hides no address. */
static void note_unquoted(struct mailbox_list_scan *scan, const char *problem, const char *bytes,
                          size_t length)
{
	if (scan->list->problem != NULL)
		return;
	while (length > 0 && text_is_space(bytes[length - 1]))
		length--;
	scan->list->problem = problem;
	if (length > 0)
		scan->list->problem = arena_format(scan->arena, "%s: %.*s%s", problem,
		                                   (int)(length < SHOWN ? length : SHOWN), bytes,
		                                   length > SHOWN ? "..." : "");
}

static void note_wrong(struct mailbox_list_scan *scan, const char *problem, const char *bytes,
                       size_t length)
{
	note_unquoted(scan, problem, bytes, length);
	scan->list->obscure = true;
}

static void note_wrong_from(struct mailbox_list_scan *scan, const char *problem, const char *start)
{
	note_wrong(scan, problem, start, (size_t)(scan->at - start));
}

/* RFC 5322 3.2.3 atext, and any octet beyond ASCII (RFC 6532 3.2; older mail has Latin-1). */
static bool is_atom_byte(char byte)
{
	return (unsigned char)byte >= 0x80 || text_is_letter(byte) || text_is_digit(byte) ||
	       (byte != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", byte) != NULL);
}

/* A reader that knows no encoded words takes a quote or parenthesis in one for the beginning of
 * something that ends here, and what stands here for an address. */
static void check_hidden(struct mailbox_list_scan *scan, const char *start)
{
	if (scan->after_odd_word && memchr(start, '@', (size_t)(scan->at - start)) != NULL)
		note_wrong_from(scan, "an address may be hidden behind an encoded word", start);
}

/* Skips to the end of a comment; false where it does not end. Quoted pairs hide parentheses (RFC
 * 5322 3.2.2). */
static bool mailbox_list_skip_comment(struct mailbox_list_scan *scan)
{
	const char *start = scan->at;
	size_t depth = 0;

	do {
		if (*scan->at == '(' && ++depth > MAILBOX_LIST_NESTING)
			note_wrong(scan, "comments are nested too deep", NULL, 0);
		if (*scan->at == ')')
			depth--;
		if (*scan->at == '\\' && scan->at[1] != '\0')
			scan->at++;
		if (*scan->at == '\0') {
			note_wrong_from(scan, "a comment has no closing parenthesis", start);
			return false;
		}
		scan->at++;
	} while (depth > 0);
	check_hidden(scan, start);
	return true;
}

static void skip_blanks_and_comments(struct mailbox_list_scan *scan)
{
	while (text_is_space(*scan->at) || (*scan->at == '(' && mailbox_list_skip_comment(scan)))
		scan->at += text_is_space(*scan->at);
}

static void skip_quoted_string(struct mailbox_list_scan *scan)
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
		note_wrong_from(scan, "a quoted string has no closing quote", start);
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
	while (at < end && is_atom_byte(*at) && *at != '?')
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
static bool skip_encoded_word(struct mailbox_list_scan *scan)
{
	size_t length = encoded_word_length(scan->at, scan->end);

	if (length == 0 || !ends_word(scan->at[length]))
		return false;
	for (; length > 0; length--, scan->at++)
		scan->after_odd_word = scan->after_odd_word || strchr("\"()\\", *scan->at) != NULL;
	return true;
}

static void skip_atom(struct mailbox_list_scan *scan)
{
	if (skip_encoded_word(scan))
		return;
	while (is_atom_byte(*scan->at))
		scan->at++;
}

static bool has_encoded_word(const char *at, const char *end)
{
	for (; at < end; at++)
		if (encoded_word_length(at, end) > 0)
			return true;
	return false;
}

/* Reads words up to the first byte that is none; comments and blanks after them are skipped too. */
static void read_phrase(struct mailbox_list_scan *scan, struct phrase *phrase)
{
	bool after_word = false;

	*phrase = (struct phrase){.start = scan->at, .end = scan->at};
	for (;;) {
		bool word = is_atom_byte(*scan->at) || *scan->at == '"';

		if (word) {
			phrase->text++;
			phrase->parted = phrase->parted || after_word;
		}
		if (*scan->at == '"') {
			skip_quoted_string(scan);
		} else if (word) {
			skip_atom(scan);
		} else if (*scan->at == '.' || *scan->at == '[' || *scan->at == ']') {
			phrase->bracket = phrase->bracket || *scan->at != '.';
			scan->at++;
		} else {
			return;
		}
		after_word = word;
		phrase->end = scan->at;
		skip_blanks_and_comments(scan);
	}
}

/* Adds the domain last read to the list. */
static void add_domain(struct mailbox_list_scan *scan)
{
	struct mailbox_list *list = scan->list;

	if (list->mailboxes >= MAILBOX_LIST_MAX) {
		note_wrong(scan, "it holds more addresses than are read", NULL, 0);
		return;
	}
	list->mailboxes++;
	scan->name = domain_normalize(scan->arena, scan->domain.bytes, scan->domain.length);
	if (scan->name == NULL) {
		note_wrong(scan, "an address has no valid domain name", scan->domain.bytes,
		           scan->domain.length);
		return;
	}
	for (size_t i = 0; i < list->domain_count; i++)
		if (domain_equal(list->domains[i], scan->name))
			return;
	if (list->domain_count < MAILBOX_LIST_DOMAINS)
		list->domains[list->domain_count++] = scan->name;
	else
		list->obscure = true;
}

static void read_domain_literal(struct mailbox_list_scan *scan)
{
	const char *start = scan->at++;

	while (*scan->at != ']' && *scan->at != '[' && *scan->at != '\0') {
		if (*scan->at == '\\' && scan->at[1] != '\0')
			scan->at++;
		scan->at++;
	}
	if (*scan->at != ']') {
		note_wrong_from(scan, "an address literal has no closing bracket", start);
		return;
	}
	scan->at++;
	note_wrong_from(scan, "an address has an address literal instead of a domain name", start);
	skip_blanks_and_comments(scan);
}

/* dot-atom, domain-literal or obs-domain; only names are read into scan->domain. */
static void read_domain(struct mailbox_list_scan *scan)
{
	struct text *domain = &scan->domain;
	const char *start;

	domain->length = 0;
	skip_blanks_and_comments(scan);
	start = scan->at;
	if (*scan->at == '[') {
		read_domain_literal(scan);
		return;
	}
	while (is_atom_byte(*scan->at)) {
		const char *atom = scan->at;

		while (is_atom_byte(*scan->at))
			scan->at++;
		text_add_bytes(domain, atom, (size_t)(scan->at - atom));
		skip_blanks_and_comments(scan);
		if (*scan->at != '.')
			break;
		text_add(domain, ".");
		scan->at++;
		skip_blanks_and_comments(scan);
	}
	if (domain->length == 0 && *scan->at == '<') {
		note_unquoted(scan, "an address has no domain after its @", NULL, 0);
	} else if (domain->length == 0) {
		scan->at += *scan->at == '.';
		note_wrong_from(scan, "an address has no domain after its @", start);
	}
}

static void add_local(struct mailbox_list_scan *scan, const struct phrase *local)
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

static void check_local(struct mailbox_list_scan *scan, const struct phrase *local)
{
	size_t length = (size_t)(local->end - local->start);

	if (has_encoded_word(local->start, local->end))
		note_wrong(scan, "an encoded word stands in an address", local->start, length);
	else if (local->bracket)
		note_wrong(scan, "what stands before an @ is no local part", local->start, length);
	else if (local->text == 0)
		note_unquoted(scan, "an address has nothing before its @", NULL, 0);
	else if (local->parted)
		note_unquoted(scan, "what stands before an @ is no local part", local->start,
		              length);
}

/* At "@". */
static void read_address(struct mailbox_list_scan *scan, const struct phrase *local)
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
 * there is no address after it.
 */
static void skip_route(struct mailbox_list_scan *scan)
{
	while (*scan->at == '@' || *scan->at == ',') {
		if (*scan->at++ == '@')
			read_domain(scan);
		skip_blanks_and_comments(scan);
	}
	if (*scan->at == ':') {
		scan->at++;
	} else {
		note_wrong(scan, "an address has nothing before its @", NULL, 0);
		if (scan->domain.length > 0)
			add_domain(scan);
	}
	skip_blanks_and_comments(scan);
}

/* At "@", within angle brackets: here a local part has to be one. */
static void read_bracketed(struct mailbox_list_scan *scan, const struct phrase *local)
{
	struct mailbox_list *list = scan->list;

	if (local->text == 0 || local->parted)
		list->obscure = true;
	read_address(scan, local);
	list->brackets++;
	list->bracketed = scan->name;
	list->bracket_is_last = true;
}

/* At "<". */
static void read_angle_address(struct mailbox_list_scan *scan)
{
	struct phrase local;

	scan->at++;
	scan->name = NULL;
	scan->domain.length = 0;
	skip_blanks_and_comments(scan);
	if (*scan->at == '>') {
		scan->at++;
		note_wrong(scan, "the angle brackets are empty", NULL, 0);
		skip_blanks_and_comments(scan);
		return;
	}
	if (*scan->at == '@' || *scan->at == ',')
		skip_route(scan);
	read_phrase(scan, &local);
	if (*scan->at == '@')
		read_bracketed(scan, &local);
	else
		note_wrong(scan, "an address in angle brackets has no @", local.start,
		           (size_t)(local.end - local.start));
	if (*scan->at == '>')
		scan->at++;
	else
		note_wrong(scan, "an opening angle bracket is not closed", NULL, 0);
	skip_blanks_and_comments(scan);
}

/* After an address without angle brackets, where one with them follows: "a@x <a@x>". That one
 * counts. */
static void read_address_as_name(struct mailbox_list_scan *scan, const char *start,
                                 size_t locals_before)
{
	const char *first = scan->name;
	size_t length = (size_t)(scan->at - start);

	scan->list->local_count = locals_before;
	read_angle_address(scan);
	if (!text_same(first, scan->name))
		note_unquoted(scan, "an address stands unquoted where the display name belongs",
		              start, length);
}

/* What may follow an element: a comma, the end, or the end of a group. */
static void end_element(struct mailbox_list_scan *scan)
{
	const char *start = scan->at;

	if (*scan->at == ',' || *scan->at == '\0')
		return;
	if (*scan->at == ';' && scan->in_group)
		return;
	if (is_atom_byte(*start) || strchr("\"<@.[]", *start) != NULL) {
		note_unquoted(scan, "text follows an address without a comma", start,
		              strnlen(start, SHOWN + 1));
	} else {
		scan->at++;
		note_wrong_from(scan, "a character that does not belong there", start);
	}
}

static void begin_group(struct mailbox_list_scan *scan, const struct phrase *name)
{
	scan->at++;
	if (name->text == 0 || scan->in_group)
		note_wrong(
		    scan, name->text == 0 ? "a group has no name" : "a group stands within a group",
		    NULL, 0);
	scan->in_group = true;
}

/* Words that no address follows. A reader that decodes first may find one in an encoded word. */
static void end_phrase(struct mailbox_list_scan *scan, const struct phrase *phrase)
{
	size_t length = (size_t)(phrase->end - phrase->start);

	if (has_encoded_word(phrase->start, phrase->end))
		note_wrong(scan, "an entry has no @", phrase->start, length);
	else if (length > 0)
		note_unquoted(scan, "an entry has no @", phrase->start, length);
}

/* A mailbox, or the beginning of a group. */
static void read_element(struct mailbox_list_scan *scan)
{
	size_t locals_before = scan->list->local_count;
	struct phrase phrase;

	scan->list->bracket_is_last = scan->list->bracket_is_last && *scan->at == ',';
	read_phrase(scan, &phrase);
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
static void next_element(struct mailbox_list_scan *scan)
{
	if (*scan->at == ';' && scan->in_group) {
		scan->in_group = false;
		scan->at++;
		skip_blanks_and_comments(scan);
		end_element(scan);
	}
	if (*scan->at == ',')
		scan->at++;
	skip_blanks_and_comments(scan);
}

void mailbox_list_read(struct mailbox_list *list, const char *value, struct arena *arena)
{
	struct mailbox_list_scan scan = {
	    .at = value, .end = value + strlen(value), .arena = arena, .list = list};

	/* Room for the U-labels of a name of full length, and one octet over so that a longer one
	 * is not cut to fit. */
	text_begin(&scan.domain, arena, 4 * (size_t)DOMAIN_MAX + 1);
	skip_blanks_and_comments(&scan);
	while (*scan.at != '\0') {
		read_element(&scan);
		next_element(&scan);
	}
	if (scan.in_group)
		note_wrong(&scan, "a group is not closed by a semicolon", NULL, 0);
}

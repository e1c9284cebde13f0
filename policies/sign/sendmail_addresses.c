/*
 * sendmail_addresses.c - what Sendmail 8 makes of address fields on their way out. sent_fields.c
 * takes that form where the mail server is a Sendmail.
 *
 * Sendmail splits a list at its commas, sends each address through its rule sets, and writes them
 * with ", " between, on lines of at most 78 columns. Of an entry with angle brackets the words
 * before them stay as they are, but for stray dots and quotes, which make it quote them all. Only
 * forms for which that is certain are read here; a list with any other is unknown as a whole.
 */
#include "sign/sendmail_addresses.h"

#include <string.h>

#include "base/text.h"

enum {
	ENTRY_MAX = 200, /* Sendmail's own limits begin at 256 */
	COLUMNS = 78,
	INDENT = 8,
	FORM_MAX = 4 * 1024 * 1024
};

/* One entry of a list: the pieces that Sendmail writes one after the other. */
struct entry {
	const char *text; /* before the angle brackets, with the white space that follows them */
	size_t words_length, words_space;
	const char *address; /* without brackets */
	size_t address_length;
	/* a comment, or nothing; behind brackets with the white space before it */
	const char *after;
	size_t after_length;
	bool angles, quoted; /* `quoted`: Sendmail puts quotes around the words */
};

static bool is_printable(char byte)
{
	return (unsigned char)byte > ' ' && (unsigned char)byte < 0x7F;
}

/* What may stand in an address without any meaning for Sendmail's rule sets. */
static bool is_address_byte(char byte)
{
	return text_is_letter(byte) || text_is_digit(byte) ||
	       (byte != '\0' && strchr("-_+=", byte) != NULL);
}

static size_t atoms_length(const char *from, size_t *count)
{
	const char *at = from;

	for (*count = 0; is_address_byte(*at); ++*count) {
		while (is_address_byte(*at))
			at++;
		if (at[0] != '.' || !is_address_byte(at[1])) {
			++*count;
			break;
		}
		at++;
	}
	return (size_t)(at - from);
}

/* Names that Sendmail's rule sets have a meaning for. */
static bool is_special(const char *domain, size_t length)
{
	static const char *const last_labels[] = {"uucp",     "bitnet", "decnet", "fax",
	                                          "redirect", "usenet", NULL};
	const char *dot;

	if (text_same_bytes(domain, "localhost.", sizeof "localhost." - 1))
		return true;
	for (dot = domain + length; dot > domain && dot[-1] != '.'; dot--)
		continue;
	for (size_t i = 0; last_labels[i] != NULL; i++)
		if (strlen(last_labels[i]) == (size_t)(domain + length - dot) &&
		    text_same_bytes(dot, last_labels[i], strlen(last_labels[i])))
			return true;
	return false;
}

/* local@domain, both of plain atoms, the domain of two at least: an unqualified one would get
 * another. */
static size_t address_length(const char *from)
{
	size_t count, local = atoms_length(from, &count), domain;

	if (local == 0 || from[local] != '@')
		return 0;
	domain = atoms_length(from + local + 1, &count);
	if (count < 2 || is_special(from + local + 1, domain))
		return 0;
	return local + 1 + domain;
}

static const char *past_white(const char *at)
{
	while (text_is_space(*at))
		at++;
	return at;
}

/* What divides entries; Sendmail drops empty ones. */
static const char *past_gap(const char *at)
{
	while (text_is_space(*at) || *at == ',')
		at++;
	return at;
}

/* A comment without comments or escapes in it; 0 where there is none such. */
static size_t comment_length(const char *from)
{
	const char *at = from + 1;

	if (*from != '(')
		return 0;
	while ((is_printable(*at) && strchr("()\\", *at) == NULL) || *at == ' ' || *at == '\t')
		at++;
	return *at == ')' ? (size_t)(at + 1 - from) : 0;
}

/* Behind a quoted text on one line; NULL where it does not end there. */
static const char *past_quoted(const char *at)
{
	for (at++; *at != '"'; at++) {
		if (*at == '\\')
			at++;
		if (!is_printable(*at) && *at != ' ' && *at != '\t')
			return NULL;
	}
	return at + 1;
}

/* The words of a name, up to the angle bracket. NULL where Sendmail's reading of them is not known.
 */
static const char *sendmail_addresses_read_text(const char *at, struct entry *entry)
{
	bool has_quotes = false;
	const char *end = at;

	for (entry->text = at; *at != '<';) {
		if (*at == '"') {
			has_quotes = true;
			at = end = past_quoted(at);
			if (at == NULL)
				return NULL;
		} else if (text_is_space(*at)) {
			at++;
		} else {
			if (!is_printable(*at) || strchr("(),:;>@[\\]", *at) != NULL)
				return NULL;
			entry->quoted = entry->quoted || *at == '.' || *at == '\'';
			end = ++at;
		}
	}
	entry->words_length = (size_t)(end - entry->text);
	entry->words_space = (size_t)(at - end);
	return has_quotes && entry->quoted ? NULL : at;
}

static const char *read_address(const char *at, struct entry *entry)
{
	if (entry->angles)
		at = past_white(at + 1);
	entry->address = at;
	entry->address_length = address_length(at);
	at += entry->address_length;
	if (entry->angles)
		at = past_white(at);
	if (entry->address_length == 0 || (entry->angles && *at != '>'))
		return NULL;
	return at + entry->angles;
}

static const char *read_after(const char *at, struct entry *entry)
{
	const char *comment = past_white(at);
	size_t length = comment_length(comment);

	if (length == 0)
		return comment;
	entry->after = entry->angles ? at : comment;
	entry->after_length = (size_t)(comment + length - entry->after);
	return past_white(comment + length);
}

/* Reads one entry and what divides it from the next; NULL where it is none of the known shapes. */
static const char *read_entry(const char *at, struct entry *entry)
{
	const char *begin = at;

	*entry = (struct entry){.text = at};
	entry->angles = address_length(at) == 0;
	if (entry->angles)
		at = sendmail_addresses_read_text(at, entry);
	if (at != NULL)
		at = read_address(at, entry);
	if (at != NULL)
		at = read_after(at, entry);
	if (at == NULL || (*at != ',' && *at != '\0') || at - begin > ENTRY_MAX)
		return NULL;
	return past_gap(at);
}

static void write_entry(struct text *form, const struct entry *entry)
{
	const char *quote = entry->quoted ? "\"" : "";

	text_add(form, quote);
	text_add_bytes(form, entry->text, entry->words_length);
	text_add(form, quote);
	text_add_bytes(form, entry->text + entry->words_length, entry->words_space);
	text_add(form, entry->angles ? "<" : "");
	text_add_bytes(form, entry->address, entry->address_length);
	text_add(form, entry->angles ? ">" : "");
	text_add(form, !entry->angles && entry->after_length > 0 ? " " : "");
	text_add_bytes(form, entry->after, entry->after_length);
}

/* Columns as Sendmail counts them: each octet is one, but that it has no CR in its lines. */
static size_t columns_of(const struct text *form, size_t from)
{
	size_t columns = 0;

	for (; from < form->length; from++)
		columns += form->bytes[from] != '\r';
	return columns;
}

/* White space before the first entry becomes as many spaces. */
static const char *sendmail_addresses_begin_line(struct text *form, const char *value)
{
	for (; text_is_space(*value); value++)
		if (*value != '\r')
			text_add(form, " ");
	return value;
}

static void add_entry(struct text *form, struct text *one, bool first, size_t *column)
{
	size_t columns = columns_of(one, 0);

	*column += columns + (first ? 0 : 2);
	if (!first && *column > COLUMNS) {
		text_add(form, ",\r\n        ");
		*column = INDENT + columns;
	} else if (!first) {
		text_add(form, ", ");
	}
	text_add_bytes(form, one->bytes, one->length);
}

bool sendmail_addresses_has(const char *name)
{
	static const char *const names[] = {
	    "from",        "to",        "cc",        "sender",        "reply-to",
	    "resent-from", "resent-to", "resent-cc", "resent-sender", NULL};

	return text_word(names, name) >= 0;
}

enum sendmail_addresses_known sendmail_addresses_form(struct arena *arena, const char *name,
                                                      const char *value, const char **form)
{
	enum sendmail_addresses_known known = SENDMAIL_CERTAIN;
	struct text whole, one;
	struct entry entry;
	size_t column;
	bool first = true;

	text_begin(&whole, arena, FORM_MAX);
	text_begin(&one, arena, 2 * ENTRY_MAX);
	value = sendmail_addresses_begin_line(&whole, value);
	column = strlen(name) + 1 + whole.length;
	value = past_gap(value);
	while (*value != '\0') {
		value = read_entry(value, &entry);
		if (value == NULL)
			return SENDMAIL_UNKNOWN;
		one.length = 0;
		write_entry(&one, &entry);
		add_entry(&whole, &one, first, &column);
		known = entry.quoted ? SENDMAIL_USUAL : known;
		first = false;
	}
	if (first || whole.cut || one.cut)
		return SENDMAIL_UNKNOWN;
	*form = whole.bytes;
	return known;
}

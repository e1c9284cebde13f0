/*
 * clean.c - texts, names and numbers of strangers, in the form that the rest of the program relies
 * on.
 */
#include "received/clean.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/domain.h"
#include "base/text.h"
#include "rows/received_report.h"

/* Adds the character at `at`; returns its octets in the source. */
static size_t add_character(struct text *text, const char *at, bool *changed)
{
	size_t length = text_shown_length(at);

	if (length > 0) {
		text_add_bytes(text, at, length);
		return length;
	}
	*changed = true;
	text_add_bytes(text, "?", 1);
	length = text_utf8_length(at);
	return length > 0 ? length : 1;
}

const char *clean_text(struct arena *arena, const char *bytes, size_t length, bool *changed)
{
	const char *at = arena_copy(arena, bytes, length), *end = at + length;
	struct text text;
	bool blank = false;

	text_begin(&text, arena, RECEIVED_TEXT_MAX);
	while (at < end) {
		if (text_is_space(*at)) {
			blank = text.length > 0;
			at++;
			continue;
		}
		/* the longest character has four octets, and a blank may stand before it */
		if (text.length + 5 > RECEIVED_TEXT_MAX) {
			*changed = true;
			break;
		}
		if (blank)
			text_add_bytes(&text, " ", 1);
		blank = false;
		at += add_character(&text, at, changed);
	}
	return text.length == 0 ? NULL : text.bytes;
}

const char *clean_word(struct arena *arena, const char *bytes, size_t length, bool *changed)
{
	const char *text = clean_text(arena, bytes, length, changed);

	return text == NULL ? NULL : text_lower(arena, text, strlen(text));
}

const char *clean_domain(struct arena *arena, const char *text)
{
	const char *at = text == NULL ? NULL : strrchr(text, '@');
	size_t length;

	if (text == NULL)
		return NULL;
	if (at != NULL)
		text = at + 1;
	text += text[0] == '<';
	length = strlen(text);
	if (length > 0 && text[length - 1] == '>')
		length--;
	return domain_normalize(arena, text, length);
}

const char *clean_address(struct arena *arena, const char *text)
{
	char printed[ADDRESS_TEXT];
	struct network network;

	if (text == NULL || !network_parse(text, &network) ||
	    network.bits != address_bits(&network.address))
		return NULL;
	return arena_string(arena, address_print(&network.address, printed));
}

bool clean_number(const char *text, int64_t *number)
{
	char *end;

	if (text == NULL || (!text_is_digit(text[0]) && text[0] != '-' && text[0] != '+'))
		return false;
	errno = 0;
	*number = strtoll(text, &end, 10);
	if (errno != 0 || end == text)
		return false;
	if (*end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	return *end == '\0';
}

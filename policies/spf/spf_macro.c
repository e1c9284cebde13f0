/*
 * spf_macro.c - reads and expands macro-strings (RFC 7208 7).
 *
 * spf_record.c checks every macro-string of a record here before anything is evaluated;
 * spf_evaluate.c and spf_prefetch.c expand domain-specs, and spf_evaluate.c the explanation.
 */
#include "spf/spf_macro.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
	TAIL = 256,          /* octets at the end of a name; what precedes them is dropped anyway */
	NIBBLES = 64,        /* text of %{i} for IPv6, with its NUL */
	PARTS_MAX = 1000000, /* more right-hand parts than any value has */
	VALUE = 80
};

static const char delimiters[] = ".-+,/_=";

/* Literal text, or one macro-expand. */
struct token {
	const char *literal; /* NULL for "%{...}" */
	size_t length;
	bool expands;      /* "%..." of any kind */
	char letter;       /* lower case */
	bool escape;       /* an upper-case letter asks for URL escaping */
	unsigned keep;     /* right-hand parts; 0: all */
	bool reverse;      /* parts in reverse order */
	unsigned split_at; /* a bit for each of `delimiters` */
};

static bool read_transformers(const char **at, const char *end, struct token *token)
{
	const char *digits = *at;

	for (; *at < end && text_is_digit(**at); (*at)++)
		if (token->keep < PARTS_MAX)
			token->keep = token->keep * 10 + (unsigned)(**at - '0');
	if (*at > digits && token->keep == 0)
		return false;
	if (*at < end && text_lower_byte(**at) == 'r') {
		token->reverse = true;
		(*at)++;
	}
	return true;
}

/* The part of a macro behind "%{". */
static bool read_macro(const char **at, const char *end, struct token *token)
{
	const char *delimiter;

	if (*at == end)
		return false;
	token->letter = text_lower_byte(**at);
	token->escape = token->letter != **at;
	if (token->letter == '\0' || strchr("slodipvhcrt", token->letter) == NULL)
		return false;
	(*at)++;
	if (!read_transformers(at, end, token))
		return false;
	for (; *at < end && **at != '\0' && (delimiter = strchr(delimiters, **at)) != NULL; (*at)++)
		token->split_at |= 1U << (delimiter - delimiters);
	return *at < end && *(*at)++ == '}';
}

/* Reads the token at `*at` and moves behind it; false for a syntax error. */
static bool next_token(const char **at, const char *end, struct token *token)
{
	const char *from = *at;
	const char *percent = memchr(from, '%', (size_t)(end - from));

	*token = (struct token){.literal = from};
	if (percent != from) {
		*at = percent == NULL ? end : percent;
		token->length = (size_t)(*at - from);
		return true;
	}
	if (end - from < 2)
		return false;
	*at = from + 2;
	token->expands = true;
	token->literal = from[1] == '%'   ? "%"
	                 : from[1] == '_' ? " "
	                 : from[1] == '-' ? "%20"
	                                  : NULL;
	if (token->literal != NULL) {
		token->length = strlen(token->literal);
		return true;
	}
	return from[1] == '{' && read_macro(at, end, token);
}

/* The number of octets, from the start of a literal, that are allowed in this place. */
static size_t literal_allowed(const struct token *token, enum spf_macro_place place)
{
	char lowest = place == SPF_MACRO_IN_EXPLANATION ? 0x20 : 0x21;
	size_t allowed = 0;

	while (allowed < token->length && token->literal[allowed] >= lowest &&
	       token->literal[allowed] <= 0x7E)
		allowed++;
	return allowed;
}

static bool macro_is_allowed(const struct token *token, enum spf_macro_place place)
{
	return place == SPF_MACRO_IN_EXPLANATION || strchr("crt", token->letter) == NULL;
}

bool spf_macro_check(const char *text, size_t length, enum spf_macro_place place,
                     struct spf_macro_use *use)
{
	const char *at = text;
	const char *end = text + length;
	struct token token;

	*use = (struct spf_macro_use){0};
	while (at < end) {
		use->wrong_at = (size_t)(at - text);
		if (!next_token(&at, end, &token))
			return false;
		if (!token.expands) {
			size_t allowed = literal_allowed(&token, place);

			use->wrong_at += allowed;
			if (allowed < token.length)
				return false;
			continue;
		}
		use->any = true;
		use->literal_from = (size_t)(at - text);
		if (token.literal != NULL)
			continue;
		if (!macro_is_allowed(&token, place))
			return false;
		use->message = use->message || strchr("do", token.letter) == NULL;
		use->validated_name = use->validated_name || token.letter == 'p';
		use->local_part = use->local_part || token.letter == 's' || token.letter == 'l';
	}
	return true;
}

/* Where expanded text goes: a buffer that keeps the end of it (a name) or the beginning (an
 * explanation). */
struct sink {
	char *bytes;
	size_t size;
	size_t length;
	bool keeps_end;
	bool unusable; /* a local part that cannot stand in a name */
	size_t *work;
};

static void sink_append(struct sink *sink, const char *bytes, size_t length)
{
	if (!sink->keeps_end && length > sink->size - sink->length)
		length = sink->size - sink->length;
	if (sink->keeps_end && length > TAIL) {
		bytes += length - TAIL;
		length = TAIL;
	}
	if (length > sink->size - sink->length) {
		memmove(sink->bytes, sink->bytes + sink->length - TAIL, TAIL);
		sink->length = TAIL;
	}
	memcpy(sink->bytes + sink->length, bytes, length);
	sink->length += length;
}

/* One octet of a macro's value, RFC 7208 7.3: unreserved characters of RFC 3986 2.3 stand for
 * themselves. */
static void append_value_byte(struct sink *sink, char byte, bool escape)
{
	char escaped[4];

	if (byte == '\0')
		return;
	if (!escape || text_is_letter(byte) || text_is_digit(byte) ||
	    strchr("-._~", byte) != NULL) {
		sink_append(sink, &byte, 1);
		return;
	}
	snprintf(escaped, sizeof escaped, "%%%02X", (unsigned char)byte);
	sink_append(sink, escaped, 3);
}

static bool splits(const struct token *token, char byte)
{
	unsigned set = token->split_at == 0 ? 1 : token->split_at;
	const char *delimiter = byte == '\0' ? NULL : strchr(delimiters, byte);

	return delimiter != NULL && (set & 1U << (delimiter - delimiters)) != 0;
}

static void append_reversed(struct sink *sink, const char *value, size_t length,
                            const struct token *token)
{
	size_t end = 0;
	unsigned parts = 0;

	for (; end < length; end++)
		if (splits(token, value[end]) && ++parts == token->keep)
			break;
	for (;;) {
		size_t start = end;

		while (start > 0 && !splits(token, value[start - 1]))
			start--;
		for (size_t i = start; i < end; i++)
			append_value_byte(sink, value[i], token->escape);
		if (start == 0)
			return;
		sink_append(sink, ".", 1);
		end = start - 1;
	}
}

static void append_forward(struct sink *sink, const char *value, size_t length,
                           const struct token *token)
{
	bool joins = token->keep > 0 || token->split_at != 0;
	size_t start = length;
	unsigned parts = 0;

	while (start > 0 && !(splits(token, value[start - 1]) && ++parts == token->keep))
		start--;
	for (; start < length; start++) {
		if (joins && splits(token, value[start]))
			sink_append(sink, ".", 1);
		else
			append_value_byte(sink, value[start], token->escape);
	}
}

static void print_nibbles(const struct address *address, char text[NIBBLES])
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < 32; i++) {
		unsigned char byte = address->bytes[i / 2];

		text[2 * i] = digits[i % 2 == 0 ? byte >> 4 : byte & 0xF];
		text[2 * i + 1] = '.';
	}
	text[NIBBLES - 1] = '\0';
}

static const char *print_dotted(const struct address *address, char value[VALUE])
{
	if (address->family == ADDRESS_IPV6)
		print_nibbles(address, value);
	else
		address_print(address, value);
	return value;
}

static const char *value_of(const struct spf_macro_values *values, char letter, char value[VALUE])
{
	const struct spf_request *request = values->request;

	switch (letter) {
	case 's':
		return request->sender;
	case 'l':
		return request->local_part;
	case 'o':
		return request->domain;
	case 'd':
		return values->domain;
	case 'i':
		return print_dotted(&request->client, value);
	case 'p':
		return values->validated == NULL ? "unknown" : values->validated;
	case 'v':
		return request->client.family == ADDRESS_IPV6 ? "ip6" : "in-addr";
	case 'h':
		return request->helo;
	case 'c':
		return address_print(&request->client, value);
	case 'r':
		return request->receiver;
	default:
		snprintf(value, VALUE, "%lld", (long long)request->now);
		return value;
	}
}

static bool spend(struct sink *sink, size_t octets)
{
	if (octets >= *sink->work) {
		*sink->work = 0;
		return false;
	}
	*sink->work -= octets;
	return true;
}

static void expand(struct sink *sink, const struct spf_macro_values *values, const char *text,
                   size_t length)
{
	const char *at = text;
	const char *end = text + length;
	char local[VALUE];
	struct token token;

	while (at < end && next_token(&at, end, &token)) {
		const char *value = token.literal;
		size_t octets = token.length;

		if (value == NULL) {
			value = value_of(values, token.letter, local);
			octets = strlen(value);
		}
		if (!spend(sink, octets + 1))
			return;
		if (token.literal != NULL)
			sink_append(sink, value, octets);
		else if (token.reverse)
			append_reversed(sink, value, octets, &token);
		else
			append_forward(sink, value, octets, &token);
		if ((token.letter == 's' || token.letter == 'l') &&
		    !values->request->local_part_ascii)
			sink->unusable = true;
	}
}

/* Of a name that is too long, whole labels from the right are kept (RFC 7208 7.3). */
static const char *drop_left_labels(const char *name, size_t *length)
{
	while (*length > DOMAIN_MAX) {
		const char *dot = memchr(name, '.', *length);
		size_t dropped = dot == NULL ? *length : (size_t)(dot - name) + 1;

		name += dropped;
		*length -= dropped;
	}
	return name;
}

static bool labels_fit(const char *name, size_t length)
{
	size_t label = 0;

	for (size_t i = 0; i < length; i++) {
		if (name[i] < 0x20 || name[i] > 0x7E)
			return false;
		label = name[i] == '.' ? 0 : label + 1;
		if (label > LABEL_MAX || (name[i] == '.' && (i == 0 || name[i - 1] == '.')))
			return false;
	}
	return label > 0;
}

bool spf_macro_name(const struct spf_macro_values *values, const char *spec, size_t length,
                    char name[DOMAIN_MAX + 1])
{
	char bytes[2 * TAIL];
	struct sink sink = {bytes, sizeof bytes, 0, true, false, values->work};
	const char *kept;

	expand(&sink, values, spec, length);
	if (sink.unusable || *values->work == 0)
		return false;
	length = sink.length;
	if (length > 0 && bytes[length - 1] == '.')
		length--;
	kept = drop_left_labels(bytes, &length);
	if (!labels_fit(kept, length))
		return false;
	for (size_t i = 0; i < length; i++)
		name[i] = text_lower_byte(kept[i]);
	name[length] = '\0';
	return true;
}

void spf_macro_explanation(const struct spf_macro_values *values, const char *text, size_t length,
                           char explanation[SPF_EXPLANATION_MAX + 1])
{
	struct sink sink = {explanation, SPF_EXPLANATION_MAX, 0, false, false, values->work};

	expand(&sink, values, text, length);
	for (size_t i = 0; i < sink.length; i++)
		if (explanation[i] < 0x20 || explanation[i] > 0x7E)
			explanation[i] = '?';
	explanation[sink.length] = '\0';
}

/*
 * spf_record.c - selects and reads SPF records.
 *
 * Called by spf_walk.c for every record that is evaluated, prefetched or examined, and by
 * spf_libspf2.c, which lets only correct records through.
 */
#include "spf/spf_record.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

static const char version[] = "v=spf1";

enum {
	VERSION_LENGTH = sizeof version - 1
};

size_t spf_record_select(const struct answer *answer, const char **text, size_t *length)
{
	size_t selected = 0;

	for (size_t i = 0; i < answer->count; i++) {
		const struct record *record = &answer->records[i];

		if (record->text_length < VERSION_LENGTH ||
		    !text_same_bytes(record->text, version, VERSION_LENGTH))
			continue;
		if (record->text_length > VERSION_LENGTH && record->text[VERSION_LENGTH] != ' ')
			continue;
		*text = record->text;
		*length = record->text_length;
		selected++;
	}
	return selected;
}

static bool is_alphanumeric(char byte)
{
	return text_is_letter(byte) || text_is_digit(byte);
}

/* toplabel of RFC 7208 7.1 */
static bool is_toplabel(const char *label, size_t length)
{
	bool numeric = true;

	if (length == 0 || !is_alphanumeric(label[0]) || !is_alphanumeric(label[length - 1]))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!is_alphanumeric(label[i]) && label[i] != '-')
			return false;
		numeric = numeric && text_is_digit(label[i]);
	}
	return !numeric;
}

/* domain-end of RFC 7208 7.1; `literal` is what follows the last macro-expand. */
static bool ends_as_domain(const char *literal, size_t length, bool after_macro)
{
	const char *dot;

	if (length == 0)
		return after_macro;
	if (literal[length - 1] == '.')
		length--;
	dot = memrchr(literal, '.', length);
	return dot != NULL && is_toplabel(dot + 1, length - (size_t)(dot + 1 - literal));
}

static bool read_spec(struct spf_term *term, const char *spec, size_t length,
                      struct spf_fault *fault)
{
	size_t from;

	fault->at = spec;
	fault->what = "a domain name is missing";
	if (length == 0)
		return false;
	fault->what = "a macro is malformed or a character is not allowed";
	if (!spf_macro_check(spec, length, SPF_MACRO_IN_RECORD, &term->use)) {
		fault->at = spec + term->use.wrong_at;
		return false;
	}
	from = term->use.literal_from;
	fault->at = spec + from;
	fault->what = "the name does not end in a top-level domain or a macro";
	if (!ends_as_domain(spec + from, length - from, term->use.any))
		return false;
	term->spec = spec;
	term->spec_length = length;
	return true;
}

/*
 * Strips "/digits" from the end of a text; `slashes` is what must precede the digits. False if they
 * are there but are not a prefix length: a leading zero, or more than `max`.
 */
static bool strip_bits(const char *text, size_t *length, const char *slashes, unsigned max,
                       unsigned *bits, struct spf_fault *fault)
{
	size_t need = strlen(slashes);
	size_t start = *length;
	unsigned value = 0;

	while (start > 0 && text_is_digit(text[start - 1]))
		start--;
	if (start == *length || start < need || memcmp(text + start - need, slashes, need) != 0)
		return true;
	fault->at = text + start;
	if (*length - start > 3 || (text[start] == '0' && *length - start > 1))
		return false;
	for (size_t i = start; i < *length; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	*bits = value;
	*length = start - need;
	return value <= max;
}

/* a, mx: [ ":" domain-spec ] [ dual-cidr-length ] */
static bool read_dual(struct spf_term *term, const char *rest, size_t length,
                      struct spf_fault *fault)
{
	fault->what = "a prefix length is malformed or out of range";
	if (!strip_bits(rest, &length, "//", 128, &term->bits6, fault) ||
	    !strip_bits(rest, &length, "/", 32, &term->bits4, fault))
		return false;
	if (length == 0)
		return true;
	fault->at = rest;
	fault->what = "a colon or a prefix length is expected";
	return rest[0] == ':' && read_spec(term, rest + 1, length - 1, fault);
}

static bool read_network(struct spf_term *term, const char *rest, size_t length,
                         struct spf_fault *fault)
{
	bool is_ip4 = term->kind == SPF_TERM_IP4;
	char text[ADDRESS_TEXT];

	fault->what = "a prefix length is malformed or out of range";
	if (!strip_bits(rest, &length, "/", is_ip4 ? 32 : 128, is_ip4 ? &term->bits4 : &term->bits6,
	                fault))
		return false;
	fault->at = rest + (length > 0 && rest[0] == ':');
	fault->what = is_ip4 ? "an IPv4 address is expected" : "an IPv6 address is expected";
	if (length < 2 || rest[0] != ':' || length > sizeof text ||
	    memchr(rest, '\0', length) != NULL)
		return false;
	memcpy(text, rest + 1, length - 1);
	text[length - 1] = '\0';
	term->address.family = is_ip4 ? ADDRESS_IPV4 : ADDRESS_IPV6;
	return inet_pton(is_ip4 ? AF_INET : AF_INET6, text, term->address.bytes) == 1;
}

/* ":" domain-spec, which only ptr may leave out */
static bool read_target(struct spf_term *term, const char *rest, size_t length,
                        struct spf_fault *fault)
{
	if (length == 0 && term->kind == SPF_TERM_PTR)
		return true;
	fault->at = rest;
	fault->what = "a domain name is missing";
	return length > 0 && rest[0] == ':' && read_spec(term, rest + 1, length - 1, fault);
}

static bool read_nothing(struct spf_term *term, const char *rest, size_t length,
                         struct spf_fault *fault)
{
	(void)term;
	fault->at = rest;
	fault->what = "nothing may follow this mechanism";
	return length == 0;
}

typedef bool read_function(struct spf_term *term, const char *rest, size_t length,
                           struct spf_fault *fault);

static const struct mechanism {
	const char *name;
	size_t length;
	enum spf_term_kind kind;
	read_function *read;
} mechanisms[] = {
    {"ip4", 3, SPF_TERM_IP4, read_network},
    {"include", 7, SPF_TERM_INCLUDE, read_target},
    {"a", 1, SPF_TERM_A, read_dual},
    {"mx", 2, SPF_TERM_MX, read_dual},
    {"all", 3, SPF_TERM_ALL, read_nothing},
    {"ip6", 3, SPF_TERM_IP6, read_network},
    {"exists", 6, SPF_TERM_EXISTS, read_target},
    {"ptr", 3, SPF_TERM_PTR, read_target},
};

static bool read_qualifier(char byte, enum result *qualifier)
{
	static const enum result results[] = {RESULT_PASS, RESULT_FAIL, RESULT_SOFTFAIL,
	                                      RESULT_NEUTRAL};
	static const char signs[] = "+-~?";
	const char *sign = byte == '\0' ? NULL : strchr(signs, byte);

	*qualifier = sign == NULL ? RESULT_PASS : results[sign - signs];
	return sign != NULL;
}

static bool read_directive(struct spf_term *term, struct spf_fault *fault)
{
	size_t skipped = read_qualifier(term->text[0], &term->qualifier);
	const char *name = term->text + skipped;
	size_t length = term->length - skipped;
	size_t letters = 0;

	while (letters < length && is_alphanumeric(name[letters]))
		letters++;
	for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
		const struct mechanism *mechanism = &mechanisms[i];

		if (letters != mechanism->length ||
		    !text_same_bytes(name, mechanism->name, letters))
			continue;
		term->kind = mechanism->kind;
		return mechanism->read(term, name + letters, length - letters, fault);
	}
	fault->at = name;
	fault->what = "an unknown mechanism";
	return false;
}

/* The length of the name of a modifier, 0 if the term is not a modifier (RFC 7208 4.6.1). */
static size_t modifier_name(const char *text, size_t length)
{
	size_t name = 0;

	if (!text_is_letter(text[0]))
		return 0;
	while (name < length &&
	       (is_alphanumeric(text[name]) || memchr("-_.", text[name], 3) != NULL))
		name++;
	return name < length && text[name] == '=' ? name : 0;
}

static bool read_modifier(struct spf_term *term, size_t name, struct spf_fault *fault)
{
	const char *value = term->text + name + 1;
	size_t length = term->length - name - 1;

	if (name == 8 && text_same_bytes(term->text, "redirect", name))
		term->kind = SPF_TERM_REDIRECT;
	else if (name == 3 && text_same_bytes(term->text, "exp", name))
		term->kind = SPF_TERM_EXPLANATION;
	else
		term->kind = SPF_TERM_OTHER;
	if (term->kind != SPF_TERM_OTHER)
		return read_spec(term, value, length, fault);
	fault->what = "a macro is malformed or a character is not allowed";
	if (spf_macro_check(value, length, SPF_MACRO_IN_RECORD, &term->use))
		return true;
	fault->at = value + term->use.wrong_at;
	return false;
}

bool spf_record_next(const char **at, const char *end, struct spf_term *term,
                     struct spf_fault *fault)
{
	const char *space;
	size_t name;
	bool correct;

	*fault = (struct spf_fault){0};
	while (*at < end && **at == ' ')
		(*at)++;
	if (*at == end)
		return false;
	space = memchr(*at, ' ', (size_t)(end - *at));
	*term = (struct spf_term){.text = *at, .bits4 = 32, .bits6 = 128};
	*at = space == NULL ? end : space;
	term->length = (size_t)(*at - term->text);
	name = modifier_name(term->text, term->length);
	correct = name > 0 ? read_modifier(term, name, fault) : read_directive(term, fault);
	if (correct) {
		*fault = (struct spf_fault){0};
		return true;
	}
	invariant(fault->what != NULL && fault->at != NULL);
	fault->term = term->text;
	fault->length = term->length;
	return false;
}

/* redirect and exp may each stand once (RFC 7208 6). */
static bool store_modifier(struct spf_term *place, const struct spf_term *term,
                           struct spf_fault *fault)
{
	if (place->spec == NULL) {
		*place = *term;
		return true;
	}
	*fault =
	    (struct spf_fault){"the modifier appears twice", term->text, term->length, term->text};
	return false;
}

bool spf_record_read(const char *text, size_t length, struct spf_record *record,
                     struct spf_fault *fault)
{
	const char *at = text + VERSION_LENGTH;
	struct spf_term term;

	invariant(length >= VERSION_LENGTH);
	*record = (struct spf_record){.terms = at, .end = text + length};
	while (spf_record_next(&at, record->end, &term, fault)) {
		if (term.kind == SPF_TERM_REDIRECT &&
		    !store_modifier(&record->redirect, &term, fault))
			return false;
		if (term.kind == SPF_TERM_EXPLANATION &&
		    !store_modifier(&record->explanation, &term, fault))
			return false;
		record->has_all = record->has_all || term.kind == SPF_TERM_ALL;
	}
	return fault->what == NULL;
}

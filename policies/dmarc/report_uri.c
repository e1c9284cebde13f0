/*
 * report_uri.c - the URI lists of rua and ruf. Called by policy_record.c; the report builder uses
 * the result.
 */
#include "dmarc/report_uri.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"

enum kind {
	KIND_MALFORMED,
	KIND_OTHER_SCHEME,
	KIND_MAILTO
};

/* RFC 3986 2.2, 2.3: what may stand unencoded. Comma and "!" may not, RFC 9989 4.7. */
static bool is_uri_byte(char byte)
{
	return text_is_letter(byte) || text_is_digit(byte) ||
	       (byte != '\0' && strchr("-._~:/?#[]@$&'()*+;=%", byte) != NULL);
}

static bool is_hexadecimal(char byte)
{
	char lower = text_lower_byte(byte);

	return text_is_digit(byte) || (lower >= 'a' && lower <= 'f');
}

static bool is_sound(const char *uri)
{
	for (; *uri != '\0'; uri++) {
		if (!is_uri_byte(*uri))
			return false;
		if (*uri == '%' && (!is_hexadecimal(uri[1]) || !is_hexadecimal(uri[2])))
			return false;
	}
	return true;
}

/* RFC 6068 2, one address: the domain must not be encoded, what precedes it may be. */
static bool is_mail_address(struct arena *arena, const char *address)
{
	size_t length = strcspn(address, "?");
	const char *at = memchr(address, '@', length);

	if (at == NULL || at == address)
		return false;
	return domain_normalize(arena, at + 1, (size_t)(address + length - (at + 1))) != NULL;
}

static enum kind kind_of(struct arena *arena, const char *uri)
{
	size_t scheme = strcspn(uri, ":");

	if (uri[scheme] != ':' || uri[scheme + 1] == '\0' || !text_is_letter(uri[0]) ||
	    !is_sound(uri))
		return KIND_MALFORMED;
	for (size_t i = 1; i < scheme; i++)
		if (!text_is_letter(uri[i]) && !text_is_digit(uri[i]) &&
		    strchr("+-.", uri[i]) == NULL)
			return KIND_MALFORMED;
	if (scheme != strlen("mailto") || !text_same_bytes(uri, "mailto", scheme))
		return KIND_OTHER_SCHEME;
	return is_mail_address(arena, uri + scheme + 1) ? KIND_MAILTO : KIND_MALFORMED;
}

/* The URI without blanks around it and without "!" 1*DIGIT [k/m/g/t] at its end, which goes to
 * `limit`. */
static char *one_uri(struct arena *arena, const char *bytes, size_t length, const char **limit)
{
	char *uri;
	char *mark;

	*limit = "";
	while (length > 0 && text_is_space(*bytes)) {
		bytes++;
		length--;
	}
	while (length > 0 && text_is_space(bytes[length - 1]))
		length--;
	uri = arena_copy(arena, bytes, length);
	mark = strchr(uri, '!');
	if (mark != NULL) {
		size_t digits = strspn(mark + 1, "0123456789");
		const char *unit = mark + 1 + digits;

		if (digits > 0 &&
		    (*unit == '\0' || (strchr("kmgtKMGT", *unit) != NULL && unit[1] == '\0'))) {
			*limit = mark + 1;
			*mark = '\0';
		}
	}
	return uri;
}

/* One entry of the list: counts its kind, and keeps it if reports can be sent to it. */
static void report_uri_add(struct report_uris *uris, const char **kept, const char **limits,
                           struct arena *arena, const char *bytes, size_t length)
{
	const char *limit;
	const char *uri = one_uri(arena, bytes, length, &limit);
	enum kind kind = kind_of(arena, uri);

	uris->malformed += kind == KIND_MALFORMED;
	uris->foreign += kind == KIND_OTHER_SCHEME;
	if (kind != KIND_MAILTO)
		return;
	invariant(uris->mailto.count < REPORT_URI_MAX);
	limits[uris->limits.count++] = limit;
	kept[uris->mailto.count++] = uri;
}

struct report_uris report_uri_list(struct arena *arena, const char *value)
{
	const char **kept = arena_allocate(arena, REPORT_URI_MAX * sizeof *kept);
	const char **limits = arena_allocate(arena, REPORT_URI_MAX * sizeof *limits);
	struct report_uris uris = {.mailto.items = kept, .limits.items = limits};

	for (size_t entries = 0;; entries++) {
		size_t length = strcspn(value, ",");

		if (entries >= REPORT_URI_MAX)
			uris.beyond++;
		else
			report_uri_add(&uris, kept, limits, arena, value, length);
		if (value[length] == '\0')
			return uris;
		value += length + 1;
	}
}

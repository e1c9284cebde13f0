/*
 * imitation.c - finds text from outside that reads like a result of this server. Called by
 * field_text.c and results_field.c, which write nothing of the kind.
 */
#include "fields/imitation.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

/* The IANA registry of Email Authentication Methods, and bimi. Of names with a hyphen the last
 * word. */
static const char *const methods[] = {"spf",       "dkim", "dmarc",  "arc",        "iprev", "auth",
                                      "dnswl",     "rrvs", "smime",  "vbr",        "adsp",  "atps",
                                      "sender-id", "bimi", "reason", "domainkeys", NULL};

static const char *const results[] = {"pass",     "fail",   "none",     "neutral",    "policy",
                                      "softfail", "signed", "hardfail", "temperror",  "permerror",
                                      "discard",  "reject", "nxdomain", "quarantine", NULL};

/* RFC 8601 2.3: "header.from", "smtp.mailfrom" */
static const char *const property_types[] = {"smtp.", "header.", "body.", "policy.", NULL};

static bool is_alphanumeric(char byte)
{
	return text_is_letter(byte) || text_is_digit(byte);
}

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t end_length = strlen(end);

	return length >= end_length && text_same_bytes(text + length - end_length, end, end_length);
}

static bool begins_with_result(const char *text)
{
	for (const char *const *result = results; *result != NULL; result++)
		if (text_same_bytes(text, *result, strlen(*result)))
			return true;
	return false;
}

/* "dmarc/1" is "dmarc" too: Keyname "/" method-version, RFC 8601 2.2. */
static size_t without_version(const char *text, size_t length)
{
	size_t end = length;

	while (end > 0 && text_is_digit(text[end - 1]))
		end--;
	return end > 0 && text[end - 1] == '/' ? end - 1 : length;
}

static bool ends_with_method(const char *text, size_t length, bool result_follows)
{
	for (const char *const *method = methods; *method != NULL; method++) {
		size_t begin = length - strlen(*method);

		if (ends_with(text, length, *method) &&
		    (result_follows || begin == 0 || !is_alphanumeric(text[begin - 1])))
			return true;
	}
	return false;
}

static bool ends_with_property(const char *text, size_t length)
{
	while (length > 0 && (is_alphanumeric(text[length - 1]) || text[length - 1] == '-'))
		length--;
	for (const char *const *type = property_types; *type != NULL; type++)
		if (ends_with(text, length, *type))
			return true;
	return false;
}

bool imitation_in_address(const char *address)
{
	for (const char *equals = strchr(address, '='); equals != NULL;
	     equals = strchr(equals + 1, '=')) {
		size_t length = without_version(address, (size_t)(equals - address));

		if (ends_with_method(address, length, begins_with_result(equals + 1)) ||
		    ends_with_property(address, length))
			return true;
	}
	return false;
}

bool imitation_is_tag(const char *text, size_t equals)
{
	size_t letters = 0, before;

	invariant(text[equals] == '=');
	while (letters < equals && text_is_letter(text[equals - 1 - letters]))
		letters++;
	before = equals - letters;
	if (letters == 0 || letters > 2 || (before > 0 && strchr(" ('", text[before - 1]) == NULL))
		return false;
	while (before > 0 && text[before - 1] == ' ')
		before--;
	return before == 0 ||
	       text[before - 1] != '.'; /* "header. d=" is a property (RFC 8601 2.2) */
}

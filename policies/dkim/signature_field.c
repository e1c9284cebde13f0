/*
 * signature_field.c - reads one DKIM-Signature field, or one of ARC with the same tags, tag by tag,
 * and finds the objections to it that do not depend on the key.
 *
 * Called by dkim.c and by arc/ for each such field. tag_list.c splits the field; afterwards
 * signature_key.c finds the key, and verifier.c or header_hash.c makes the hashes.
 */
#include "dkim/signature_field.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/tag_list.h"
#include "base/text.h"
#include "crypto/base64.h"

enum {
	IDENTITY_MAX = 250,     /* libopendkim keeps 256 octets of i= */
	NAMES_TEXT_MAX = 4000,  /* libopendkim silently cuts h= at 4,095 octets */
	SHOWN_MAX = 64,         /* octets of a bad value quoted in a reason */
	NUMBER_DIGITS = 12,     /* RFC 6376 3.5: longer numbers count as infinite */
	LENGTH_DIGITS_MAX = 76, /* of l=, RFC 6376 3.5 */
	TIME_DIGITS_MAX = 19    /* of t= and x=; the RFC has 12, 64 bits have room for 19 */
};

struct signature_field_reading {
	struct arena *arena;
	enum signature_kind kind;
	const struct tag_list *tags;
	struct signature_field *field;
};

/* The tags of each kind: NULL-terminated. */
static const struct {
	const char *name;
	const char *required[8], *forbidden[8];
} kinds[SIGNATURE_KINDS] = {
    [SIGNATURE_DKIM] = {"DKIM-Signature", {"v", "a", "b", "bh", "d", "h", "s"}, {NULL}},
    [SIGNATURE_ARC_MESSAGE] = {"ARC-Message-Signature",
                               {"i", "a", "b", "bh", "d", "h", "s"},
                               {"v"}},
    [SIGNATURE_ARC_SEAL] = {"ARC-Seal", {"i", "a", "b", "d", "s", "cv"}, {"h", "bh", "c"}},
};

/* The first objection counts. */
static bool signature_field_refuse(struct signature_field_reading *reading, enum result result,
                                   const char *reason)
{
	invariant(result != RESULT_NONE && reason != NULL);
	if (reading->field->result == RESULT_NONE) {
		reading->field->result = result;
		reading->field->reason = reason;
	}
	return false;
}

static bool refuse_value(struct signature_field_reading *reading, const char *format,
                         const char *value)
{
	const char *shown = text_excerpt(reading->arena, value, SHOWN_MAX);
	struct text reason;

	text_begin(&reason, reading->arena, 256);
	text_add(&reason, format);
	text_add(&reason, ": ");
	text_add(&reason, shown);
	return signature_field_refuse(reading, RESULT_NEUTRAL, reason.bytes);
}

static bool has_space(const char *value)
{
	return value[strcspn(value, " \t\r\n")] != '\0';
}

static bool read_version(struct signature_field_reading *reading)
{
	const char *value = tag_list_value(reading->tags, "v");

	if (strcmp(value, "1") != 0)
		return refuse_value(reading, "unknown version of DKIM-Signature", value);
	return true;
}

static bool read_algorithm(struct signature_field_reading *reading)
{
	const char *value = tag_list_value(reading->tags, "a");

	reading->field->algorithm = text_excerpt(reading->arena, value, SHOWN_MAX);
	if (text_same(value, "rsa-sha256"))
		reading->field->kind = CRYPTO_RSA;
	else if (text_same(value, "ed25519-sha256"))
		reading->field->kind = CRYPTO_ED25519;
	else if (text_same(value, "rsa-sha1"))
		/* RFC 8301 3.1: such a signature "has permanently failed". The result is not
		 * policy, since this is not our choice, and not fail, since nothing was
		 * verified. */
		return signature_field_refuse(reading, RESULT_PERMERROR,
		                              "rsa-sha1 is no longer acceptable (RFC 8301)");
	else
		return refuse_value(reading, "unknown algorithm", value);
	return true;
}

static bool read_domain(struct signature_field_reading *reading)
{
	const char *value = tag_list_value(reading->tags, "d");
	size_t length = strlen(value);

	if (length > 0 && value[length - 1] != '.')
		reading->field->domain = domain_normalize(reading->arena, value, length);
	if (reading->field->domain == NULL)
		return refuse_value(reading, "d= is not a domain name", value);
	return true;
}

static bool read_selector(struct signature_field_reading *reading)
{
	const char *value = tag_list_value(reading->tags, "s");
	size_t length = strlen(value);
	const char *name;

	if (length > 0 && value[length - 1] != '.')
		reading->field->selector = domain_normalize(reading->arena, value, length);
	if (reading->field->selector == NULL)
		return refuse_value(reading, "s= is not a selector", value);
	if (reading->field->domain == NULL)
		return false;
	name = arena_format(reading->arena, "%s._domainkey.%s", reading->field->selector,
	                    reading->field->domain);
	reading->field->key_name = domain_normalize(reading->arena, name, strlen(name));
	if (reading->field->key_name == NULL)
		return signature_field_refuse(reading, RESULT_PERMERROR,
		                              "d= and s= together are too long for a domain name");
	return true;
}

static int hex_value(char digit)
{
	if (text_is_digit(digit))
		return digit - '0';
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* DKIM-quoted-printable, RFC 6376 2.11. NULL if a "=" is not followed by two hexadecimal digits,
 * and libopendkim would read past the end. */
static char *decode_identity(struct arena *arena, const char *value)
{
	char *decoded = tag_list_squeeze(arena, value);
	const char *from = decoded;
	size_t length = 0;

	while (*from != '\0') {
		if (*from != '=') {
			decoded[length++] = *from++;
			continue;
		}
		if (hex_value(from[1]) < 0 || hex_value(from[2]) < 0)
			return NULL;
		decoded[length] = (char)(hex_value(from[1]) * 16 + hex_value(from[2]));
		if (decoded[length++] == '\0')
			return NULL;
		from += 3;
	}
	decoded[length] = '\0';
	return decoded;
}

/* i= (RFC 6376 3.5): an address, or "@" and a domain. The domain is d= or below it. */
static bool read_identity(struct signature_field_reading *reading)
{
	struct signature_field *field = reading->field;
	const char *value = tag_list_value(reading->tags, "i");
	const char *decoded, *at;

	if (value == NULL) {
		field->identity_domain = field->domain;
		if (field->domain != NULL)
			field->identity = arena_format(reading->arena, "@%s", field->domain);
		return true;
	}
	field->identity = text_excerpt(reading->arena, value, IDENTITY_MAX);
	field->identity_domain = field->domain;
	decoded = strlen(value) > IDENTITY_MAX ? NULL : decode_identity(reading->arena, value);
	if (decoded == NULL || (at = strrchr(decoded, '@')) == NULL)
		return refuse_value(reading, "i= is not an address", value);
	field->harmless = true;
	if (field->domain == NULL)
		return false;
	field->identity_domain = domain_normalize(reading->arena, at + 1, strlen(at + 1));
	if (field->identity_domain == NULL ||
	    !domain_within(field->identity_domain, field->domain)) {
		field->identity_domain = field->domain;
		return refuse_value(reading, "i= is not within d=", value);
	}
	return true;
}

/* The next name of h= from `*at` on, in lower case; NULL after the last. Skips empty ones, as every
 * verifier does. */
static const char *next_name(struct arena *arena, const char **at)
{
	while (**at != '\0') {
		const char *start = *at + strspn(*at, " \t\r\n");
		const char *end = start + strcspn(start, ":");

		*at = *end == ':' ? end + 1 : end;
		while (end > start && text_is_space(end[-1]))
			end--;
		if (end > start)
			return text_lower(arena, start, (size_t)(end - start));
	}
	return NULL;
}

/* h= (RFC 6376 3.5): names between colons. */
static bool read_names(struct signature_field_reading *reading)
{
	struct signature_field *field = reading->field;
	const char *at = tag_list_value(reading->tags, "h");
	const char **names = arena_allocate_raw(reading->arena, SIGNED_NAMES_MAX * sizeof *names);
	const char *name;
	size_t count = 0;
	bool from = false;

	if (strlen(at) > NAMES_TEXT_MAX)
		return signature_field_refuse(reading, RESULT_POLICY,
		                              "h= is longer than 4000 octets");
	while ((name = next_name(reading->arena, &at)) != NULL) {
		if (count == SIGNED_NAMES_MAX)
			return signature_field_refuse(reading, RESULT_POLICY,
			                              "h= names more than 256 header fields");
		if (has_space(name))
			return refuse_value(reading, "white space inside a name in h=", name);
		from = from || strcmp(name, "from") == 0;
		names[count++] = name;
	}
	field->names = names;
	field->name_count = count;
	if (!from)
		return signature_field_refuse(reading, RESULT_PERMERROR,
		                              "h= does not sign From (RFC 6376 5.4)");
	return true;
}

/* i= and cv= of ARC; what they may be is judged there. */
static bool read_chain(struct signature_field_reading *reading)
{
	struct signature_field *field = reading->field;

	field->instance = tag_list_value(reading->tags, "i");
	field->chain_status = tag_list_value(reading->tags, "cv");
	field->identity_domain = field->domain;
	return true;
}

static bool read_signature(struct signature_field_reading *reading)
{
	struct signature_field *field = reading->field;
	const struct tag *b = tag_list_find(reading->tags, "b");

	invariant(b != NULL && b->from <= b->to);
	field->b = tag_list_squeeze(reading->arena, b->value);
	field->b_from = b->from;
	field->b_to = b->to;
	field->signature = base64_decode(reading->arena, field->b, &field->signature_length);
	if (field->signature == NULL || field->signature_length == 0)
		return signature_field_refuse(reading, RESULT_NEUTRAL, "b= is not base64");
	return true;
}

static bool read_body_hash(struct signature_field_reading *reading)
{
	struct signature_field *field = reading->field;
	const char *hash = tag_list_value(reading->tags, "bh");
	size_t length;

	field->body_hash = base64_decode(reading->arena, hash, &length);
	if (field->body_hash == NULL || length != CRYPTO_HASH) {
		field->body_hash = NULL;
		return signature_field_refuse(reading, RESULT_NEUTRAL,
		                              "bh= is not a SHA-256 hash in base64");
	}
	return true;
}

static bool read_canonicalization(struct signature_field_reading *reading)
{
	const char *value = tag_list_value(reading->tags, "c");
	const char *slash;
	int header, body = CANON_SIMPLE;

	if (value == NULL)
		return true;
	slash = strchr(value, '/');
	if (slash != NULL) {
		body = text_word(canon_names, slash + 1);
		value = arena_copy(reading->arena, value, (size_t)(slash - value));
	}
	header = text_word(canon_names, value);
	if (body < 0 || header < 0)
		return refuse_value(reading, "unknown canonicalization",
		                    tag_list_value(reading->tags, "c"));
	reading->field->header_form = (enum canonicalization)header;
	reading->field->body_form = (enum canonicalization)body;
	return true;
}

static bool read_query(struct signature_field_reading *reading)
{
	const char *value = tag_list_value(reading->tags, "q");

	if (value != NULL && !tag_list_has_word(value, "dns/txt"))
		return refuse_value(reading, "unknown query method", value);
	return true;
}

/* Digits only; a number that is too long counts as the largest (RFC 6376 3.5 x=). */
static bool read_number(struct signature_field_reading *reading, const char *name, size_t max,
                        bool *present, uint64_t *number)
{
	const char *value = tag_list_value(reading->tags, name);
	size_t digits = 0;

	*present = value != NULL;
	if (value == NULL)
		return true;
	for (*number = 0; text_is_digit(value[digits]); digits++)
		*number = digits < NUMBER_DIGITS ? *number * 10 + (uint64_t)(value[digits] - '0')
		                                 : UINT64_MAX;
	if (digits == 0 || digits > max || value[digits] != '\0')
		return refuse_value(
		    reading, arena_format(reading->arena, "%s= is not a number", name), value);
	return true;
}

static bool read_time(struct signature_field_reading *reading)
{
	uint64_t sealed_at;
	bool has_time;

	return read_number(reading, "t", TIME_DIGITS_MAX, &has_time, &sealed_at);
}

static bool signature_field_read_numbers(struct signature_field_reading *reading)
{
	struct signature_field *field = reading->field;
	uint64_t signed_at = 0;
	bool has_time;

	if (!read_number(reading, "l", LENGTH_DIGITS_MAX, &field->has_limit, &field->limit) ||
	    !read_number(reading, "t", TIME_DIGITS_MAX, &has_time, &signed_at) ||
	    !read_number(reading, "x", TIME_DIGITS_MAX, &field->expires_ever, &field->expires))
		return false;
	if (has_time && field->expires_ever && field->expires <= signed_at)
		return signature_field_refuse(reading, RESULT_NEUTRAL, "x= is not later than t=");
	return true;
}

/*
 * Forms that RFC 6376 allows and libopendkim gets wrong: its hash omits the value of every tag
 * whose name ends in b, but not that of "b =", it ignores the case of tag names, and it reads only
 * ASCII (RFC 8616 5).
 */
static bool is_misread(const struct tag_list *tags)
{
	static const char *const known[] = {"v", "a", "b", "bh", "c", "d", "h", "i",
	                                    "l", "q", "s", "t",  "x", "z", NULL};

	for (size_t i = 0; i < tags->count; i++) {
		const struct tag *tag = &tags->tags[i];
		size_t length = strlen(tag->name);
		int word = text_word(known, tag->name);

		invariant(length > 0);
		if (tag->name[length - 1] == 'b' && (length > 1 || tag->spaced))
			return true;
		if (word >= 0 && strcmp(known[word], tag->name) != 0)
			return true;
		if (!text_is_ascii(tag->value, strlen(tag->value)))
			return true;
	}
	return false;
}

static bool check_presence(struct signature_field_reading *reading)
{
	const char *const *required = kinds[reading->kind].required;
	const char *const *forbidden = kinds[reading->kind].forbidden;
	bool all = true;

	for (size_t i = 0; required[i] != NULL; i++)
		if (tag_list_value(reading->tags, required[i]) == NULL)
			all = signature_field_refuse(reading, RESULT_PERMERROR,
			                             arena_format(reading->arena,
			                                          "the required tag %s= is missing",
			                                          required[i]));
	for (size_t i = 0; forbidden[i] != NULL; i++)
		if (tag_list_value(reading->tags, forbidden[i]) != NULL)
			all = signature_field_refuse(
			    reading, RESULT_PERMERROR,
			    arena_format(reading->arena, "%s must not have the tag %s=",
			                 kinds[reading->kind].name, forbidden[i]));
	return all;
}

/* Each reader objects to the field if its tag is wrong. All of them are called, since reports show
 * d=, s= and a= of bad signatures too. */
static void read_tags(struct signature_field_reading *reading)
{
	enum {
		DKIM = 1 << SIGNATURE_DKIM,
		MESSAGE = 1 << SIGNATURE_ARC_MESSAGE,
		SEAL = 1 << SIGNATURE_ARC_SEAL,
		ALL = DKIM | MESSAGE | SEAL
	};
	static const struct {
		const char *tag; /* called only if this one is there */
		bool (*read)(struct signature_field_reading *reading);
		int kinds;
	} readers[] = {
	    {"v", read_version, DKIM},
	    {"a", read_algorithm, ALL},
	    {"d", read_domain, ALL},
	    {"s", read_selector, ALL},
	    {NULL, read_identity, DKIM},
	    {NULL, read_chain, MESSAGE | SEAL},
	    {"h", read_names, DKIM | MESSAGE},
	    {NULL, read_canonicalization, DKIM | MESSAGE},
	    {NULL, read_query, DKIM | MESSAGE},
	    {NULL, signature_field_read_numbers, DKIM | MESSAGE},
	    {NULL, read_time, SEAL},
	    {"b", read_signature, ALL},
	    {"bh", read_body_hash, DKIM | MESSAGE},
	};

	check_presence(reading);
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		if ((readers[i].kinds & 1 << reading->kind) != 0 &&
		    (readers[i].tag == NULL ||
		     tag_list_value(reading->tags, readers[i].tag) != NULL))
			readers[i].read(reading);
}

void signature_field_read_kind(struct arena *arena, enum signature_kind kind, const char *value,
                               struct signature_field *field)
{
	struct tag_list *tags = arena_allocate_raw(arena, sizeof *tags);
	struct signature_field_reading reading = {arena, kind, tags, field};
	size_t length = strnlen(value, SIGNATURE_FIELD_MAX + 1);
	const char *wrong;

	invariant(kind < SIGNATURE_KINDS);
	*field = (struct signature_field){.result = RESULT_NONE};
	if (length > SIGNATURE_FIELD_MAX) {
		signature_field_refuse(&reading, RESULT_POLICY,
		                       arena_format(arena,
		                                    "the %s field is longer than 16384 octets",
		                                    kinds[kind].name));
		return;
	}
	wrong = tag_list_read(arena, value, length, tags);
	if (wrong != NULL)
		signature_field_refuse(&reading, RESULT_NEUTRAL,
		                       arena_format(arena, "the %s field cannot be read: %s",
		                                    kinds[kind].name, wrong));
	read_tags(&reading);
	field->harmless = kind == SIGNATURE_DKIM && wrong == NULL && !is_misread(tags) &&
	                  (field->harmless || tag_list_value(tags, "i") == NULL) &&
	                  field->names != NULL;
}

void signature_field_read(struct arena *arena, const char *value, struct signature_field *field)
{
	signature_field_read_kind(arena, SIGNATURE_DKIM, value, field);
}

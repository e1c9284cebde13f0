/*
 * sign_fuzz.c - a hostile message of our own user: what policy_sign signs, libopendkim verifies,
 * whatever the header and the body hold and however the body is cut into pieces. Half of the inputs
 * come by a Sendmail: the reader then gets address fields in the form that sendmail_addresses.h
 * tells, which a second Sendmail would leave as it is. A quarter come by a Postfix: the reader then
 * gets long lines broken.
 *
 * The input: one octet for the canonicalization, the mail server and the size of pieces, then
 * strings that each end with a NUL, name, value, name, value, up to an empty name; the rest is the
 * body.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dkim/header_hash.h"
#include "dkim/line_ends.h"
#include "dkim/verifier.h"
#include "policy.h"
#include "sign/line_breaks.h"
#include "sign/sendmail_addresses.h"
#include "sign/sign.h"
#include "sign/signature_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum {
	FIELDS_MAX = 64,
	LINE_LIMIT = 100 /* longer than the lines of our own field */
};

/* RFC 8463 A.2 */
static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                          "-----END PRIVATE KEY-----\n";

static struct sign_entry entry = {
    .domain = "", .keys = "", .selector = "", .sign_as = "example.org"};
static int line = 1;
static struct sign_settings settings = {.entries = {.count = 1, .items = &entry, .lines = &line},
                                        .line_limit = LINE_LIMIT};
static struct verifier *verifier;
static struct crypto_private *private;

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void set_up(void)
{
	struct problem problem;

	if (verifier != NULL)
		return;
	private = crypto_private_read(pem, strlen(pem), &problem);
	must(private != NULL);
	settings.table = signing_table_new();
	signing_table_add(settings.table, 0, "example.org", "s", private, "");
	verifier = verifier_open(&problem);
	must(verifier != NULL);
}

struct input {
	const char *at, *end;
};

static const char *next(struct arena *arena, struct input *input)
{
	size_t length = strnlen(input->at, (size_t)(input->end - input->at));
	const char *string = arena_copy(arena, input->at, length);

	input->at += length + (input->at + length < input->end);
	return string;
}

/* A name as a mail server lets it through, printable and no colon; libopendkim refuses semicolons
 * too. */
static const char *as_name(struct arena *arena, const char *from)
{
	char *name = arena_string(arena, from);

	for (char *at = name; *at != '\0'; at++)
		if (*at <= ' ' || *at >= 0x7f || *at == ':' || *at == ';')
			*at = '-';
	return name;
}

/* A value as filter/session/headers.c keeps it: every line end is a CRLF and a fold. Vertical tabs
 * and form feeds are white space for libopendkim, but not for RFC 6376 2.8, us and dkimpy. */
static const char *as_value(struct arena *arena, const char *from)
{
	struct text value;

	text_begin(&value, arena, 3 * strlen(from) + 1);
	for (; *from != '\0'; from++) {
		if (*from == '\r' || *from == '\n')
			text_add(&value, "\r\n ");
		else if (*from != '\v' && *from != '\f')
			text_add_bytes(&value, from, 1);
	}
	return value.bytes;
}

static void keep(void *with, const unsigned char *bytes, size_t length)
{
	text_add_bytes(with, (const char *)bytes, length);
}

static void into_line_ends(void *with, const unsigned char *bytes, size_t length)
{
	line_ends_pass(with, bytes, length);
}

static struct line_rule postfix_rule(const struct message *message)
{
	return (struct line_rule){LINE_LIMIT, message->by_postfix};
}

static const char *value_broken(struct arena *arena, const struct message *message,
                                const struct header *field)
{
	const struct line_rule rule = postfix_rule(message);
	bool over = false;

	return line_breaks_field(arena, &rule, field->name, field->value, &over);
}

/* What has Sendmail's form keeps it, however often it goes through one. */
static const char *value_sent(struct arena *arena, const struct message *message,
                              const struct header *field)
{
	const char *name = arena_copy(arena, field->name, strcspn(field->name, " \t"));
	const char *form = NULL, *again = NULL;

	if (message->by_postfix)
		return value_broken(arena, message, field);
	if (!message->by_sendmail || !sendmail_addresses_has(name) ||
	    sendmail_addresses_form(arena, name, field->value, &form) == SENDMAIL_UNKNOWN)
		return field->value;
	if (sendmail_addresses_form(arena, name, form, &again) == SENDMAIL_CERTAIN)
		must(strcmp(form, again) == 0);
	return sendmail_addresses_form(arena, name, field->value, &again) == SENDMAIL_CERTAIN
	           ? form
	           : field->value;
}

static void give_field(struct verification *verification, struct arena *arena,
                       const struct message *message, const struct header *field)
{
	if (text_same(field->name, "DKIM-Signature"))
		verifier_signature(verification, field->name, field->value, false);
	else
		verifier_field(verification, field->name, value_sent(arena, message, field));
}

/* Our own reading of the header comes to the hash that libopendkim's comes to. */
static void hash_alike(struct arena *arena, const struct message *message, const struct header *own,
                       const unsigned char *hash)
{
	struct signature_field field;

	signature_field_read(arena, own->value, &field);
	must(field.result == RESULT_NONE && field.harmless);
	must(memcmp(header_hash_make(arena, message, own, &field), hash, CRYPTO_HASH) == 0);
}

/* libopendkim drops it in relaxed form and takes a line of it alone for an empty one; RFC 6376 3.4
 * does not.
 */
static bool has_bare_cr(const struct text *body)
{
	for (size_t i = 0; i < body->length; i++)
		if (body->bytes[i] == '\r' && body->bytes[i + 1] != '\n')
			return true;
	return false;
}

static void verify(struct arena *arena, const struct message *message,
                   const struct sign_finding *made, const struct input *body)
{
	struct verification *verification = verifier_begin(verifier, arena, FIELDS_MAX + 2);
	struct crypto_key public = {.kind = CRYPTO_ED25519, .bits = 256};
	struct text sent;
	struct line_ends ends = {.give = keep, .context = &sent};
	struct line_breaks lines = {
	    .rule = postfix_rule(message), .write = into_line_ends, .context = &ends};
	struct header own = {.name = "DKIM-Signature",
	                     .value = signature_make_sent(arena, made->signatures[0].value)};
	size_t number = verifier_signature(verification, own.name, own.value, true);
	struct verifier_outcome outcome;

	text_begin(&sent, arena, 3 * (size_t)(body->end - body->at) + 2);
	line_breaks_pass(&lines, (const unsigned char *)body->at, (size_t)(body->end - body->at));
	line_breaks_finish(&lines);
	line_ends_finish(&ends);
	if (has_bare_cr(&sent))
		return;
	for (size_t i = 0; i < message->header_count; i++)
		give_field(verification, arena, message, &message->headers[i]);
	verifier_end_of_headers(verification);
	if (sent.length > 0)
		verifier_body(verification, (const unsigned char *)sent.bytes, sent.length);
	public.bytes = crypto_private_public(private, arena, &public.length);
	verifier_key(verification, number, &public);
	verifier_finish(verification);
	outcome = verifier_outcome(verification, number);
	must(outcome.result == VERIFIER_PASS);
	if (!message->by_sendmail && !message->by_postfix)
		hash_alike(arena, message, &own, outcome.header_hash);
}

static void sign(struct arena *arena, const struct message *message, const struct input *body,
                 size_t piece)
{
	struct findings findings = {.judged = false};
	void *work = policy_sign.begin(&settings, message, NULL, arena);
	bool wanted = true;

	for (size_t i = 0; i < message->header_count; i++)
		policy_sign.header(work, &message->headers[i]);
	policy_sign.end_of_headers(work);
	for (const char *at = body->at; wanted && at < body->end; at += piece) {
		size_t left = (size_t)(body->end - at);

		wanted =
		    policy_sign.body(work, (const unsigned char *)at, left < piece ? left : piece);
		piece = left < piece ? left : piece;
	}
	policy_sign.judge(work, &findings);
	must((findings.sign.count == 1) == (findings.sign.reason == NULL));
	if (findings.sign.count == 1)
		verify(arena, message, &findings.sign, body);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	struct header fields[FIELDS_MAX + 1] = {{"From", " joe@example.org"}};
	struct message message = {.outbound = true,
	                          .mail_from = "",
	                          .received = 1767225600,
	                          .headers = fields,
	                          .header_count = 1};
	struct input input = {(const char *)bytes + (length > 0), (const char *)bytes + length};
	const char *name;

	set_up();
	entry.canonicalization = length > 0 ? bytes[0] & 3 : 0;
	message.by_sendmail = length > 0 && (bytes[0] & 4) != 0;
	message.by_postfix = length > 0 && (bytes[0] & 12) == 8;
	while (input.at < input.end && message.header_count <= FIELDS_MAX &&
	       *(name = as_name(arena, next(arena, &input))) != '\0')
		fields[message.header_count++] =
		    (struct header){name, as_value(arena, next(arena, &input))};
	sign(arena, &message, &input, length > 0 ? 1u + (bytes[0] >> 4) : 1u);
	arena_free(arena);
	return 0;
}

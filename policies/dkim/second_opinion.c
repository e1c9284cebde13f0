/*
 * second_opinion.c - has libopendkim verify the signatures that dkim.c verifies. Called by dkim.c
 * where somebody asks for it.
 *
 * libopendkim parses every DKIM-Signature field that it gets, even one that is only covered by
 * another signature. So it does not get a signature that it may misread, nor one that covers such a
 * field.
 */
#include "dkim/second_opinion.h"

#include <string.h>

#include "base/invariant.h"
#include "dkim/selection.h"

struct second_opinion {
	const struct message *message;
	const struct services *services;
	struct arena *arena;
	const struct signature *signatures;
	size_t count;
	bool *asked;      /* of each signature: does libopendkim get it? */
	size_t *numbers;  /* of verifier_signature() */
	bool disputed;    /* a covered field has an octet that libopendkim treats differently */
	bool bare_return; /* the body has a CR without LF, which it drops */
	struct verification *verification;
};

static bool is_signature(const struct header *field)
{
	return message_header_is(field, "DKIM-Signature");
}

/* Is everything readable for libopendkim that it would see because of this signature? */
static bool covers_only_harmless(const struct second_opinion *opinion,
                                 const struct signature *signature)
{
	const struct message *message = opinion->message;
	struct signature_field covered;
	size_t left = 0;

	for (size_t i = 0; i < signature->field.name_count; i++)
		left += strcmp(signature->field.names[i], "dkim-signature") == 0;
	for (size_t i = message->header_count; i > 0 && left > 0; i--) {
		if (!is_signature(&message->headers[i - 1]))
			continue;
		left--;
		signature_field_read(opinion->arena, message->headers[i - 1].value, &covered);
		if (!covered.harmless)
			return false;
	}
	return true;
}

static const bool *second_opinion_select(struct second_opinion *opinion)
{
	struct selection_names *names =
	    arena_allocate(opinion->arena, opinion->count * sizeof *names);
	size_t count = 0;

	for (size_t i = 0; i < opinion->count; i++) {
		const struct signature *signature = &opinion->signatures[i];

		opinion->asked[i] = signature->result == RESULT_NONE && signature->field.harmless &&
		                    covers_only_harmless(opinion, signature);
		if (opinion->asked[i])
			names[count++] = (struct selection_names){signature->field.name_count,
			                                          signature->field.names};
	}
	return selection_make(opinion->arena, opinion->message, names, count);
}

static void second_opinion_header(struct second_opinion *opinion)
{
	const struct message *message = opinion->message;
	const bool *selected = second_opinion_select(opinion);
	size_t number = 0;

	for (size_t i = 0; i < message->header_count; i++) {
		const struct header *field = &message->headers[i];
		bool asked;

		opinion->disputed |= selected[i] && canon_is_disputed(field->value);
		if (!is_signature(field)) {
			if (selected[i])
				verifier_field(opinion->verification, field->name, field->value);
			continue;
		}
		asked = number < opinion->count && opinion->asked[number];
		if (asked)
			opinion->numbers[number] = verifier_signature(
			    opinion->verification, field->name, field->value, true);
		else if (selected[i])
			verifier_signature(opinion->verification, field->name, field->value, false);
		number++;
	}
	verifier_end_of_headers(opinion->verification);
}

struct second_opinion *second_opinion_begin(const struct verifier *verifier,
                                            const struct message *message,
                                            const struct services *services, struct arena *arena,
                                            const struct signature *signatures, size_t count,
                                            size_t seen)
{
	struct second_opinion *opinion = arena_allocate(arena, sizeof *opinion);

	invariant(verifier != NULL && count <= seen);
	*opinion = (struct second_opinion){.message = message,
	                                   .services = services,
	                                   .arena = arena,
	                                   .signatures = signatures,
	                                   .count = count};
	opinion->asked = arena_allocate(arena, count * sizeof *opinion->asked);
	opinion->numbers = arena_allocate(arena, count * sizeof *opinion->numbers);
	opinion->verification = verifier_begin(verifier, arena, seen);
	second_opinion_header(opinion);
	return opinion;
}

/* Pieces never end between CR and LF. */
static bool has_bare_return(const unsigned char *bytes, size_t length)
{
	const unsigned char *at = bytes, *end = bytes + length;

	while ((at = memchr(at, '\r', (size_t)(end - at))) != NULL) {
		if (++at == end || *at != '\n')
			return true;
	}
	return false;
}

void second_opinion_body(struct second_opinion *opinion, const unsigned char *bytes, size_t length)
{
	opinion->bare_return |= has_bare_return(bytes, length);
	verifier_body(opinion->verification, bytes, length);
}

/* The library takes one key: the first that fits. */
void second_opinion_end(struct second_opinion *opinion)
{
	for (size_t i = 0; i < opinion->count; i++) {
		const struct signature *signature = &opinion->signatures[i];

		if (opinion->asked[i] && signature->result == RESULT_NONE &&
		    signature->key.count == 1)
			verifier_key(opinion->verification, opinion->numbers[i],
			             &signature->key.keys[0]);
		else
			opinion->asked[i] = false;
	}
	verifier_finish(opinion->verification);
}

/* Does the library read the signature as RFC 6376 has it? */
static bool second_opinion_counts(const struct second_opinion *opinion, size_t number)
{
	const struct signature *signature = &opinion->signatures[number];

	if (!opinion->asked[number])
		return false;
	if (signature->field.header_form == CANON_RELAXED &&
	    (opinion->disputed || canon_is_disputed(signature->header.value)))
		return false;
	return !opinion->bare_return;
}

const char *second_opinion_difference(const struct second_opinion *opinion, size_t number,
                                      enum verifier_result ours)
{
	static const char *const texts[] = {
	    [VERIFIER_UNABLE] = "libopendkim: no result",
	    [VERIFIER_PASS] = "libopendkim: pass",
	    [VERIFIER_SIGNATURE_DIFFERS] = "libopendkim: fail, the signature does not verify",
	    [VERIFIER_BODY_DIFFERS] = "libopendkim: fail, the body hash does not match",
	    [VERIFIER_BODY_SHORT] = "libopendkim: fail, the body is shorter than l="};
	struct verifier_outcome outcome;

	invariant(number < opinion->count);
	if (!second_opinion_counts(opinion, number)) {
		services_debug(opinion->services, "DKIM: d=%s: libopendkim has no opinion",
		               opinion->signatures[number].field.domain);
		return NULL;
	}
	outcome = verifier_outcome(opinion->verification, opinion->numbers[number]);
	invariant(outcome.result < sizeof texts / sizeof texts[0]);
	services_debug(opinion->services, "DKIM: d=%s: %s",
	               opinion->signatures[number].field.domain, texts[outcome.result]);
	return outcome.result == ours || outcome.result == VERIFIER_UNABLE ? NULL
	                                                                   : texts[outcome.result];
}

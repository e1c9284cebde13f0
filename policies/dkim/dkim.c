/*
 * dkim.c - policy_dkim: every DKIM-Signature of a message, up to a limit, each with its own result
 * and reason (RFC 6376 6, RFC 8301, RFC 8463; results as in RFC 8601 2.7.1).
 *
 * When a signature field arrives it is read (signature_field.c) and its key is prefetched. At the
 * end of the header the acceptable ones go to libopendkim (verifier.c) with the fields that they
 * cover (selection.c); the header hash of the few that it misreads is made here (header_hash.c).
 * The body is hashed as it passes (body_hashes.c). At the end of the message the keys are found
 * (signature_key.c), the signatures are verified, and l= and t=y are considered. For a message
 * without a signature only the names of the header fields are compared.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "dkim/body_hashes.h"
#include "dkim/dkim_settings.h"
#include "dkim/header_hash.h"
#include "dkim/line_ends.h"
#include "dkim/selection.h"
#include "dkim/signature_field.h"
#include "dkim/signature_message.h"
#include "dkim/verifier.h"
#include "mailbox_list.h"
#include "policy.h"

enum {
	EXPIRY_TOLERANCE = 300,     /* seconds that clocks may differ */
	COVERED_SIGNATURES_MAX = 32 /* DKIM-Signature fields in one h= */
};

struct dkim_state {
	const struct dkim_settings *settings;
	struct verifier *verifier;
};

struct dkim_work {
	const struct dkim_state *state;
	const struct message *message;
	const struct services *services;
	struct arena *arena;
	size_t seen;  /* DKIM-Signature fields so far */
	size_t count; /* those of them that are verified, from the top */
	struct signature *signatures;
	struct verification *verification; /* NULL: no signature can pass */
	bool disputed; /* a covered field has an octet that libopendkim treats differently */
	struct line_ends line_ends;
	struct body_hashes *body;
};

static bool open_state(const void *settings, void **state, struct problem *problem)
{
	struct verifier *verifier = verifier_open(problem);
	struct dkim_state *opened;

	if (verifier == NULL)
		return false;
	opened = calloc(1, sizeof *opened);
	if (opened == NULL) {
		verifier_close(verifier);
		return problem_say(problem, "out of memory");
	}
	*opened = (struct dkim_state){settings, verifier};
	*state = opened;
	return true;
}

static void close_state(void *state)
{
	verifier_close(((struct dkim_state *)state)->verifier);
	free(state);
}

static void *dkim_begin(void *state, const struct message *message, const struct services *services,
                        struct arena *arena)
{
	struct dkim_work *work = arena_allocate(arena, sizeof *work);

	work->state = state;
	work->message = message;
	work->services = services;
	work->arena = arena;
	return work;
}

static bool is_signature(const struct header *field)
{
	return message_header_is(field, "DKIM-Signature");
}

/* For debug messages. */
static const char *shown(const char *text)
{
	return text == NULL ? "(none)" : text;
}

static void dkim_header(void *context, const struct header *field)
{
	struct dkim_work *work = context;
	size_t max = (size_t)work->state->settings->maximum_signatures;
	struct signature *signature;

	if (!is_signature(field))
		return;
	if (work->seen++ >= max) {
		if (work->seen == max + 1)
			services_debug(
			    work->services,
			    "DKIM: signature %zu and all after it are beyond the maximum",
			    work->seen);
		return;
	}
	if (work->signatures == NULL)
		work->signatures = arena_allocate(work->arena, max * sizeof *work->signatures);
	invariant(work->count < max);
	signature = &work->signatures[work->count++];
	signature->header = *field;
	signature_field_read(work->arena, field->value, &signature->field);
	if (signature->field.result == RESULT_NONE)
		services_prefetch(work->services, signature->field.key_name, RECORD_TXT);
	services_debug(work->services, "DKIM: signature %zu: d=%s s=%s a=%s: %s", work->count,
	               shown(signature->field.domain), shown(signature->field.selector),
	               shown(signature->field.algorithm),
	               signature->field.reason == NULL ? "acceptable" : signature->field.reason);
}

static bool is_open(const struct signature *signature)
{
	return signature->result == RESULT_NONE;
}

static void decide(struct signature *signature, enum result result, const char *reason)
{
	signature->result = result;
	signature->reason = reason;
}

/* Objections to a signature that do not depend on its key. */
static void check_field(const struct dkim_work *work, struct signature *signature)
{
	const struct signature_field *field = &signature->field;
	uint64_t now = (uint64_t)work->services->now(work->services->context);

	decide(signature, field->result, field->reason);
	if (is_open(signature) && field->expires_ever && now > EXPIRY_TOLERANCE &&
	    field->expires < now - EXPIRY_TOLERANCE)
		decide(signature, RESULT_POLICY,
		       signature_message_expired(work->arena, field->expires));
	if (is_open(signature) && work->message->header_cut)
		decide(signature, RESULT_NEUTRAL,
		       "the header is longer than limits.header_bytes, so that no signature can be "
		       "verified");
}

static size_t covered_signatures(const struct signature *signature)
{
	size_t count = 0;

	for (size_t i = 0; i < signature->field.name_count; i++)
		count += strcmp(signature->field.names[i], "dkim-signature") == 0;
	return count;
}

/*
 * libopendkim parses every DKIM-Signature field that it gets, even one that is only covered by
 * another signature. So it does not get a signature that it may misread, nor one that covers such a
 * field. A signature that covers very many is not verified.
 */
static void check_covered(const struct dkim_work *work, struct signature *signature)
{
	const struct message *message = work->message;
	size_t left = covered_signatures(signature);
	struct signature_field covered;

	signature->own_hash = !signature->field.harmless;
	if (signature->own_hash)
		services_debug(work->services, "DKIM: d=%s s=%s: libopendkim may misread the field",
		               signature->field.domain, signature->field.selector);
	if (left > COVERED_SIGNATURES_MAX)
		decide(signature, RESULT_POLICY, "h= names DKIM-Signature more than 32 times");
	for (size_t i = message->header_count; i > 0 && left > 0 && is_open(signature); i--) {
		if (!is_signature(&message->headers[i - 1]))
			continue;
		left--;
		signature_field_read(work->arena, message->headers[i - 1].value, &covered);
		signature->own_hash = signature->own_hash || !covered.harmless;
	}
}

static bool is_for_libopendkim(const struct signature *signature)
{
	return is_open(signature) && !signature->own_hash;
}

static const bool *select_fields(const struct dkim_work *work)
{
	struct selection_names *names = arena_allocate(work->arena, work->count * sizeof *names);
	size_t count = 0;

	for (size_t i = 0; i < work->count; i++)
		if (is_for_libopendkim(&work->signatures[i]))
			names[count++] = (struct selection_names){
			    work->signatures[i].field.name_count, work->signatures[i].field.names};
	return selection_make(work->arena, work->message, names, count);
}

static void feed_header(struct dkim_work *work)
{
	const struct message *message = work->message;
	const bool *selected = select_fields(work);
	size_t number = 0;

	for (size_t i = 0; i < message->header_count; i++) {
		const struct header *field = &message->headers[i];
		struct signature *signature;

		work->disputed = work->disputed || (selected[i] && canon_is_disputed(field->value));
		if (!is_signature(field)) {
			if (selected[i])
				verifier_field(work->verification, field->name, field->value);
			continue;
		}
		signature = number < work->count ? &work->signatures[number] : NULL;
		number++;
		if (signature != NULL && is_for_libopendkim(signature))
			signature->number =
			    verifier_signature(work->verification, field->name, field->value, true);
		else if (selected[i])
			verifier_signature(work->verification, field->name, field->value, false);
	}
	verifier_end_of_headers(work->verification);
}

static void begin_body_hashes(struct dkim_work *work)
{
	work->body = body_hashes_begin(work->arena);
	for (size_t i = 0; i < work->count; i++) {
		struct signature *signature = &work->signatures[i];
		const struct signature_field *field = &signature->field;

		if (is_open(signature))
			signature->body = body_hashes_want(work->body, field->body_form,
			                                   field->has_limit ? &field->limit : NULL);
	}
	work->line_ends = (struct line_ends){.give = body_hashes_add, .context = work->body};
}

static void end_of_headers(void *context)
{
	struct dkim_work *work = context;
	size_t open = 0;

	for (size_t i = 0; i < work->count; i++) {
		struct signature *signature = &work->signatures[i];

		check_field(work, signature);
		if (is_open(signature))
			check_covered(work, signature);
		open += is_open(signature);
	}
	services_debug(work->services, "DKIM: %zu signatures, %zu to be verified", work->seen,
	               open);
	if (open == 0)
		return;
	begin_body_hashes(work);
	work->verification = verifier_begin(work->state->verifier, work->arena, work->seen);
	feed_header(work);
}

static bool body(void *context, const unsigned char *bytes, size_t length)
{
	struct dkim_work *work = context;

	if (work->verification == NULL)
		return false;
	line_ends_pass(&work->line_ends, bytes, length);
	return true;
}

/* Could a signature of this domain be aligned with the author, judging by the names alone? */
static bool is_near_author(const struct mailbox_list *authors, const char *domain)
{
	for (size_t i = 0; i < authors->domain_count; i++)
		if (domain_is_near(domain, authors->domains[i]))
			return true;
	return false;
}

static void find_keys(struct dkim_work *work)
{
	struct mailbox_list authors = {0};
	const struct header *from = message_header(work->message, "From");

	if (from != NULL)
		mailbox_list_read(&authors, from->value, work->arena);
	for (size_t i = 0; i < work->count; i++) {
		struct signature *signature = &work->signatures[i];
		struct signature_key *key = &signature->key;

		if (!is_open(signature))
			continue;
		signature_key_find(is_near_author(&authors, signature->field.domain)
		                       ? services_author(work->services)
		                       : work->services,
		                   work->arena, &signature->field,
		                   work->state->settings->minimum_rsa_bits, key);
		decide(signature, key->result, key->reason);
		services_debug(work->services, "DKIM: key %s: %zu usable, %u bits%s: %s",
		               signature->field.key_name, key->count, key->bits,
		               key->secure ? ", DNSSEC" : "",
		               key->reason == NULL ? "found" : key->reason);
	}
}

/*
 * libopendkim makes the hash of the header, but the signature is verified here: the library decodes
 * the key again for each signature, which takes longer than everything else for a message of 2 kB,
 * and uses only one of several keys at a name.
 */
static bool some_key_fits(const struct signature *signature, const struct crypto_key *keys,
                          size_t count, const unsigned char *header_hash)
{
	for (size_t i = 0; i < count; i++)
		if (crypto_verify(&keys[i], header_hash, signature->field.signature,
		                  signature->field.signature_length))
			return true;
	return false;
}

static const unsigned char *make_own_hash(const struct dkim_work *work,
                                          const struct signature *signature)
{
	return header_hash_make(work->arena, work->message, &signature->header, &signature->field);
}

/* libopendkim folds octets that are not white space; whoever passes a message on could replace a
 * blank by one of them. */
static bool header_is_misread(const struct dkim_work *work, const struct signature *signature)
{
	return signature->field.header_form == CANON_RELAXED &&
	       (work->disputed || canon_is_disputed(signature->header.value));
}

static enum verifier_result check_hashes(const struct dkim_work *work,
                                         const struct signature *signature,
                                         const struct crypto_key *keys, size_t count,
                                         const struct verifier_outcome *outcome)
{
	const struct signature_field *field = &signature->field;

	invariant(count > 0 && count <= KEYS_MAX);
	if (outcome->header_hash == NULL || outcome->body_hash == NULL)
		return VERIFIER_UNABLE;
	if (field->has_limit && field->limit > body_hashes_length(work->body, field->body_form))
		return VERIFIER_BODY_SHORT;
	if (!some_key_fits(signature, keys, count, outcome->header_hash))
		return VERIFIER_SIGNATURE_DIFFERS;
	return signature_message_body_is_same(signature, outcome) ? VERIFIER_PASS
	                                                          : VERIFIER_BODY_DIFFERS;
}

/* A signature that verifies, but whose l= leaves, or may leave, octets unsigned (RFC 6376 8.2). */
static void check_limit(const struct dkim_work *work, struct signature *signature)
{
	const struct signature_field *field = &signature->field;
	int trust = work->state->settings->body_length_limit;
	uint64_t whole = body_hashes_length(work->body, field->body_form);

	if (!field->has_limit || trust == BODY_LENGTH_ACCEPT)
		return;
	if (field->limit < whole || trust == BODY_LENGTH_DISTRUST)
		decide(signature, RESULT_POLICY,
		       signature_message_limit(work->arena, field->limit, whole));
}

static struct verifier_outcome verify(const struct dkim_work *work,
                                      const struct signature *signature,
                                      const struct crypto_key *keys, size_t count)
{
	struct verifier_outcome outcome = {.header_hash = NULL};

	if (!signature->own_hash)
		outcome = verifier_outcome(work->verification, signature->number);
	if (outcome.header_hash == NULL || header_is_misread(work, signature))
		outcome.header_hash = make_own_hash(work, signature);
	outcome.body_hash = body_hashes_digest(work->body, signature->body);
	outcome.result = check_hashes(work, signature, keys, count, &outcome);
	return outcome;
}

/* Does a signature verify that was refused for nothing but its key, which is for TLS reports? One
 * with l= does not count: there is no use for it in a report. Its result stays what it is. */
static void check_tls_report(const struct dkim_work *work, struct signature *signature)
{
	const struct signature_key *key = &signature->key;
	struct verifier_outcome outcome;

	invariant(!is_open(signature));
	if (key->count > 0 || key->tls_count == 0 || signature->field.has_limit)
		return;
	outcome = verify(work, signature, key->tls_keys, key->tls_count);
	signature->tls_report = outcome.result == VERIFIER_PASS;
	services_debug(work->services, "DKIM: key %s is for TLS reports, the signature %s",
	               signature->field.key_name,
	               signature->tls_report ? "verifies with it" : "does not verify with it");
}

static void dkim_conclude(const struct dkim_work *work, struct signature *signature)
{
	static const enum result results[] = {[VERIFIER_UNABLE] = RESULT_NEUTRAL,
	                                      [VERIFIER_PASS] = RESULT_PASS,
	                                      [VERIFIER_SIGNATURE_DIFFERS] = RESULT_FAIL,
	                                      [VERIFIER_BODY_DIFFERS] = RESULT_FAIL,
	                                      [VERIFIER_BODY_SHORT] = RESULT_FAIL};
	struct verifier_outcome outcome =
	    verify(work, signature, signature->key.keys, signature->key.count);

	invariant(outcome.result < sizeof results / sizeof results[0]);
	decide(signature, results[outcome.result],
	       signature_message_outcome(work->arena, signature, &outcome));
	if (signature->result == RESULT_PASS)
		check_limit(work, signature);
	/* RFC 6376 3.6.1 t=y: if it does not verify, treat the message as if it were unsigned. */
	if (signature->result == RESULT_FAIL && signature->key.testing)
		decide(signature, RESULT_NEUTRAL,
		       arena_format(work->arena, "the key is in test mode (t=y): %s",
		                    signature->reason));
}

static void dkim_report(const struct dkim_work *work, struct dkim_finding *finding)
{
	struct dkim_signature *all = arena_allocate(work->arena, work->count * sizeof *all);

	for (size_t i = 0; i < work->count; i++) {
		const struct signature *signature = &work->signatures[i];
		const struct signature_field *field = &signature->field;

		services_debug(work->services, "DKIM: d=%s s=%s a=%s: %s: %s", shown(field->domain),
		               shown(field->selector), shown(field->algorithm),
		               result_names[signature->result],
		               signature->reason == NULL ? "verified" : signature->reason);
		all[i] = (struct dkim_signature){.result = signature->result,
		                                 .domain = field->domain,
		                                 .selector = field->selector,
		                                 .identity = field->identity,
		                                 .algorithm = field->algorithm,
		                                 .key_bits = signature->key.bits,
		                                 .header_b = signature_message_header_b(
		                                     work->arena, work->signatures, work->count, i),
		                                 .reason = signature->reason,
		                                 .fault = signature->key.fault,
		                                 .testing = signature->key.testing,
		                                 .tls_report = signature->tls_report,
		                                 .key_secure = signature->key.secure};
	}
	invariant(work->seen >= work->count);
	finding->count = work->count;
	finding->signatures = all;
	finding->beyond_limit = work->seen - work->count;
}

static void dkim_judge(void *context, struct findings *findings)
{
	struct dkim_work *work = context;

	if (work->verification != NULL) {
		line_ends_finish(&work->line_ends);
		body_hashes_end(work->body);
		find_keys(work);
		verifier_finish(work->verification);
		for (size_t i = 0; i < work->count; i++)
			if (is_open(&work->signatures[i]))
				dkim_conclude(work, &work->signatures[i]);
			else
				check_tls_report(work, &work->signatures[i]);
	}
	dkim_report(work, &findings->dkim);
}

const struct policy policy_dkim = {
    .name = "dkim",
    .settings = &dkim_settings_group,
    .open = open_state,
    .close = close_state,
    .begin = dkim_begin,
    .header = dkim_header,
    .end_of_headers = end_of_headers,
    .body = body,
    .judge = dkim_judge,
};

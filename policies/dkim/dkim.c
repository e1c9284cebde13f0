/*
 * dkim.c - policy_dkim: every DKIM-Signature of a message, up to a limit, each with its own result
 * and reason (RFC 6376 6, RFC 8301, RFC 8463; results as in RFC 8601 2.7.1).
 *
 * When a signature field arrives it is read (signature_field.c) and its key is prefetched. The body
 * is hashed as it passes (shared_body.c, which ARC uses too). At the end of the message the keys
 * are found (signature_key.c), the header is hashed (header_hash.c), the signatures are verified
 * (signature_check.c), and l= and t=y are considered. For a message without a signature only the
 * names of the header fields are compared. `assay check` and the tests have libopendkim verify them
 * too (second_opinion.c).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "dkim/dkim_settings.h"
#include "dkim/header_hash.h"
#include "dkim/second_opinion.h"
#include "dkim/shared_body.h"
#include "dkim/signature_check.h"
#include "dkim/signature_field.h"
#include "dkim/signature_message.h"
#include "dkim/verifier.h"
#include "mailbox_list.h"
#include "policy.h"

enum {
	COVERED_SIGNATURES_MAX = 32 /* DKIM-Signature fields in one h= */
};

struct dkim_state {
	const struct dkim_settings *settings;
	struct verifier *verifier; /* for second opinions */
};

struct dkim_work {
	struct shared_body body; /* first: what join() of other policies gets */
	const struct dkim_state *state;
	const struct message *message;
	const struct services *services;
	struct arena *arena;
	size_t seen;  /* DKIM-Signature fields so far */
	size_t count; /* those of them that are verified, from the top */
	struct signature *signatures;
	bool verifying;                 /* some signature may pass */
	struct second_opinion *opinion; /* NULL: nobody asks for it */
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
	work->body = (struct shared_body){.settings = work->state->settings, .arena = arena};
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
		work->signatures = arena_allocate_raw(work->arena, max * sizeof *work->signatures);
	invariant(work->count < max);
	signature = &work->signatures[work->count++];
	*signature = (struct signature){.header = *field};
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
	const char *expired = signature_check_expiry(work->arena, field,
	                                             work->services->now(work->services->context));

	decide(signature, field->result, field->reason);
	if (is_open(signature) && expired != NULL)
		decide(signature, RESULT_POLICY, expired);
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

/* Each occurrence takes the reading of another field. */
static void check_covered(struct signature *signature)
{
	if (is_open(signature) && covered_signatures(signature) > COVERED_SIGNATURES_MAX)
		decide(signature, RESULT_POLICY, "h= names DKIM-Signature more than 32 times");
}

static void want_body_hashes(struct dkim_work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		struct signature *signature = &work->signatures[i];
		const struct signature_field *field = &signature->field;

		if (is_open(signature))
			signature->body = shared_body_want(&work->body, field->body_form,
			                                   field->has_limit ? &field->limit : NULL);
	}
}

static void pass_to_opinion(void *opinion, const unsigned char *bytes, size_t length)
{
	second_opinion_body(opinion, bytes, length);
}

static void end_of_headers(void *context)
{
	struct dkim_work *work = context;
	size_t open = 0;

	for (size_t i = 0; i < work->count; i++) {
		struct signature *signature = &work->signatures[i];

		check_field(work, signature);
		check_covered(signature);
		open += is_open(signature);
	}
	services_debug(work->services, "DKIM: %zu signatures, %zu to be verified", work->seen,
	               open);
	if (open == 0)
		return;
	want_body_hashes(work);
	work->verifying = true;
	if (!work->state->settings->second_opinion)
		return;
	work->opinion =
	    second_opinion_begin(work->state->verifier, work->message, work->services, work->arena,
	                         work->signatures, work->count, work->seen);
	work->body.also = pass_to_opinion;
	work->body.also_context = work->opinion;
}

static bool body(void *context, const unsigned char *bytes, size_t length)
{
	struct dkim_work *work = context;

	return shared_body_add(&work->body, bytes, length);
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

static void check_limit(const struct dkim_work *work, struct signature *signature, uint64_t whole)
{
	const char *reason =
	    signature_check_limit(work->arena, &signature->field, work->state->settings, whole);

	if (reason != NULL)
		decide(signature, RESULT_POLICY, reason);
}

static struct verifier_outcome verify(const struct dkim_work *work,
                                      const struct signature *signature,
                                      const struct crypto_key *keys, size_t count)
{
	struct verifier_outcome outcome = {
	    .header_hash =
	        header_hash_make(work->arena, work->message, &signature->header, &signature->field),
	    .body_hash = body_hashes_digest(work->body.hashes, signature->body)};
	uint64_t whole = body_hashes_length(work->body.hashes, signature->field.body_form);

	outcome.result = signature_check(signature, keys, count, &outcome, whole);
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
	uint64_t whole = body_hashes_length(work->body.hashes, signature->field.body_form);
	struct verifier_outcome outcome =
	    verify(work, signature, signature->key.keys, signature->key.count);

	invariant(outcome.result < sizeof results / sizeof results[0]);
	if (work->opinion != NULL)
		signature->second_opinion = second_opinion_difference(
		    work->opinion, (size_t)(signature - work->signatures), outcome.result);
	decide(signature, results[outcome.result],
	       signature_message_outcome(work->arena, signature, &outcome));
	if (signature->result == RESULT_PASS)
		check_limit(work, signature, whole);
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
		                                 .second_opinion = signature->second_opinion,
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

	shared_body_finish(&work->body);
	if (work->verifying) {
		find_keys(work);
		if (work->opinion != NULL)
			second_opinion_end(work->opinion);
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

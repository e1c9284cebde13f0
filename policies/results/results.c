/*
 * results.c - Authentication-Results (RFC 8601): the field that this server adds.
 *
 * Called when a message is done (filter/session/apply.c). results_field.c quotes and
 * folds; this file has what is said of each method. Whatever comes from outside is written through
 * results_field.c.
 */
#include "results/results.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "dmarc/policy_record.h"
#include "fields/results_reader.h"
#include "results/results_field.h"

enum {
	FIELD_MAX = 8192 /* octets of one field */
};

/* What is left out of a field that would be too long, step by step. */
enum detail {
	DETAIL_ALL,
	DETAIL_NO_REASONS,
	DETAIL_PASSES,   /* of the signatures only those that pass */
	DETAIL_ONE_PASS, /* ... only the first one */
	DETAILS
};

static void write_reason(struct results_field *field, const char *reason, enum detail detail)
{
	if (reason != NULL && detail == DETAIL_ALL)
		results_field_reason(field, reason);
}

/* Only the identity that the result is about, and of that only the domain (RFC 8601 2.7.2). */
static void write_spf(struct results_field *field, const struct spf_finding *spf,
                      enum detail detail)
{
	results_field_method(field, "spf", result_names[spf->result]);
	if (spf->result != RESULT_PASS)
		write_reason(field, spf->reason, detail);
	if (spf->domain != NULL)
		results_field_value(field,
		                    spf->scope == SPF_SCOPE_HELO ? "smtp.helo" : "smtp.mailfrom",
		                    spf->domain);
}

/* With a null reverse-path the HELO identity stands in for MAIL FROM and is reported once. */
static void write_spf_both(struct results_field *field, const struct message *message,
                           const struct findings *findings, enum detail detail)
{
	const struct spf_finding *helo = &findings->spf_helo;

	if (message->mail_from[0] == '\0') {
		write_spf(field, helo, detail);
		return;
	}
	if (helo->domain != NULL && helo->result != RESULT_NONE)
		write_spf(field, helo, detail);
	write_spf(field, &findings->spf, detail);
}

/* An address or "@" and a domain, within d= (RFC 6376 3.5). "@d" says nothing that header.d does
 * not. */
static bool identity_is_shown(const struct dkim_signature *signature)
{
	const char *identity = signature->identity, *domain = signature->domain;
	const char *at = identity == NULL ? NULL : strrchr(identity, '@');

	if (at == NULL || domain == NULL || !domain_within(at + 1, domain))
		return false;
	return at > identity || !text_same(at + 1, domain);
}

/* A name of the IANA registry of DKIM Signing Algorithms, or NULL. */
static const char *registered_algorithm(const char *name)
{
	static const char *const names[] = {"rsa-sha256", "ed25519-sha256", "rsa-sha1", NULL};
	int number = name == NULL ? -1 : text_word(names, name);

	return number < 0 ? NULL : names[number];
}

static void write_signature(struct results_field *field, const struct dkim_signature *signature,
                            enum detail detail)
{
	const char *algorithm = registered_algorithm(signature->algorithm);

	results_field_method(field, "dkim", result_names[signature->result]);
	write_reason(field, signature->reason, detail);
	if (signature->domain != NULL)
		results_field_value(field, "header.d", signature->domain);
	if (identity_is_shown(signature))
		results_field_address(field, "header.i", signature->identity);
	if (signature->selector != NULL)
		results_field_value(field, "header.s", signature->selector);
	if (algorithm != NULL)
		results_field_value(field, "header.a", algorithm);
	if (signature->header_b != NULL)
		results_field_value(field, "header.b", signature->header_b);
}

static void write_dkim(struct results_field *field, const struct dkim_finding *dkim,
                       enum detail detail)
{
	size_t left_out = dkim->beyond_limit, written = 0;

	if (dkim->count == 0 && dkim->beyond_limit == 0)
		results_field_method(field, "dkim", result_names[RESULT_NONE]);
	for (size_t i = 0; i < dkim->count; i++) {
		bool passes = dkim->signatures[i].result == RESULT_PASS;

		if ((detail >= DETAIL_PASSES && !passes) ||
		    (detail == DETAIL_ONE_PASS && written > 0)) {
			left_out++;
			continue;
		}
		write_signature(field, &dkim->signatures[i], detail);
		written++;
	}
	if (left_out == 0)
		return;
	results_field_method(field, "dkim", result_names[RESULT_POLICY]);
	results_field_reason(
	    field, results_field_format(field, "%zu more signatures are not shown", left_out));
}

/* "(p=reject dis=none)": what was published, and what became of a failure. */
static void write_dmarc_policy(struct results_field *field, const struct dmarc_finding *dmarc,
                               const struct verdict *verdict)
{
	const char *disposition = verdict == NULL ? NULL : verdict->disposition;
	const char *tag = dmarc->published_tag == NULL ? "p" : dmarc->published_tag;
	const char *published = request_names[dmarc->published];

	if (dmarc->result == RESULT_FAIL && disposition != NULL)
		results_field_own_comment(
		    field, results_field_format(field, "%s=%s%s dis=%s", tag, published,
		                                dmarc->test_mode ? " t=y" : "", disposition));
	else
		results_field_own_comment(field,
		                          results_field_format(field, "%s=%s%s", tag, published,
		                                               dmarc->test_mode ? " t=y" : ""));
}

static void write_dmarc(struct results_field *field, const struct dmarc_finding *dmarc,
                        const struct verdict *verdict, enum detail detail)
{
	results_field_method(field, "dmarc", result_names[dmarc->result]);
	if (dmarc->record != NULL)
		write_dmarc_policy(field, dmarc, verdict);
	if (dmarc->result != RESULT_PASS)
		write_reason(field, dmarc->reason, detail);
	if (dmarc->author.domain != NULL)
		results_field_value(field, "header.from", dmarc->author.domain);
	if (dmarc->record != NULL)
		results_field_value(field, "policy.dmarc", request_names[dmarc->effective]);
}

/* RFC 8601 2.7.3. The name came from the DNS, so it is written only if it is a domain name. */
static void write_iprev(struct results_field *field, const struct iprev_finding *iprev,
                        struct arena *arena, enum detail detail)
{
	char address[ADDRESS_TEXT];

	if (!iprev->checked)
		return;
	results_field_method(field, "iprev", result_names[iprev->result]);
	if (iprev->name != NULL &&
	    domain_normalize(arena, iprev->name, strlen(iprev->name)) != NULL)
		results_field_comment(field, iprev->name);
	write_reason(field, iprev->reason, detail);
	results_field_value(field, "policy.iprev", address_print(&iprev->address, address));
}

/* RFC 8617 10.2. Without fields of ARC nothing is said, unless a set will be added: it says what it
 * is based on. And no comment at all: some readers take one for a result. */
static void write_arc(struct results_field *field, const struct message *message,
                      const struct findings *findings, enum detail detail)
{
	char address[ADDRESS_TEXT];

	if (findings->arc.result == RESULT_NONE && findings->seal.ready == NULL)
		return;
	results_field_method(field, "arc", result_names[findings->arc.result]);
	write_reason(field, findings->arc.reason, detail);
	if (findings->judged && message->client.family != ADDRESS_UNKNOWN)
		results_field_value(field, "smtp.remote-ip",
		                    address_print(&message->client, address));
}

static void write_findings(struct results_field *field, const struct message *message,
                           const struct findings *findings, const struct verdict *verdict,
                           struct arena *arena, enum detail detail)
{
	write_iprev(field, &findings->iprev, arena, detail);
	write_spf_both(field, message, findings, detail);
	write_dkim(field, &findings->dkim, detail);
	write_arc(field, message, findings, detail);
	write_dmarc(field, &findings->dmarc, verdict, detail);
}

/* Outbound mail: only who sent it was checked. */
static void write_login(struct results_field *field, const struct message *message)
{
	if (message->auth_user == NULL)
		return;
	results_field_method(field, "auth", result_names[RESULT_PASS]);
	results_field_address(field, "smtp.auth", message->auth_user);
}

static void write_outbound(struct results_field *field, const struct message *message,
                           const struct findings *findings)
{
	if (findings->seal.ready != NULL)
		write_arc(field, message, findings, DETAIL_ALL);
	else
		write_login(field, message);
}

const char *results_write(const struct message *message, const struct findings *findings,
                          const struct verdict *verdict, const char *authserv_id,
                          struct arena *arena)
{
	const char *value = NULL;

	invariant(authserv_id != NULL && (!findings->judged || message->mail_from != NULL));
	for (enum detail detail = DETAIL_ALL; detail < DETAILS; detail++) {
		struct results_field *field = results_field_begin(arena, authserv_id);

		if (findings->judged)
			write_findings(field, message, findings, verdict, arena, detail);
		else
			write_outbound(field, message, findings);
		value = results_field_finish(field);
		if (strlen(value) <= FIELD_MAX)
			break;
	}
	return value;
}

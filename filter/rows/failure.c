/*
 * failure.c - which failures are reported, and what a report of one says. finish.c asks at the end
 * of a message; failure_text.c brings the result to the journal.
 */
#include "rows/failure.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "dmarc/policy_record.h"

enum {
	RECORD_MAX = 2048, /* octets of an SPF record that are shown */
	URIS_MAX = 4096,
	URIS = 5, /* of ruf */
	NETWORK_4 = 24,
	NETWORK_6 = 48
};

bool failure_names_domain(const struct strings *domains, const char *policy_domain)
{
	for (size_t i = 0; i < domains->count; i++)
		if (strcmp(domains->items[i], "*") == 0 ||
		    domain_matches(domains->items[i], policy_domain))
			return true;
	return false;
}

/* RFC 9989 4.7. 0 and 1 hold for every failure; d and s ask for less. */
static bool asks_for(const char *fo, const struct findings *findings)
{
	if (strpbrk(fo, "01") != NULL)
		return true;
	if (strpbrk(fo, "sS") != NULL && findings->spf.result != RESULT_PASS &&
	    findings->spf.result != RESULT_NONE)
		return true;
	for (size_t i = 0; strpbrk(fo, "dD") != NULL && i < findings->dkim.count; i++)
		if (findings->dkim.signatures[i].result != RESULT_PASS)
			return true;
	return false;
}

/* A notice about mail, or mail that a program sent: a report on it could go round for ever (RFC
 * 9991 5.1). */
static bool is_automatic(const struct message *message, struct arena *arena)
{
	const struct header *type = message_header(message, "Content-Type");
	const struct header *submitted = message_header(message, "Auto-Submitted");
	const char *value = type == NULL ? "" : message_unfold(arena, type->value);

	if (message->mail_from == NULL || message->mail_from[0] == '\0' ||
	    text_same_bytes(value, "multipart/report", 16))
		return true;
	return submitted != NULL &&
	       !text_same_bytes(message_unfold(arena, submitted->value), "no", 2);
}

static bool is_own_domain(const char *author, const char *reporter, struct arena *arena)
{
	const char *at = strrchr(reporter, '@');
	const char *own = at == NULL ? NULL : domain_normalize(arena, at + 1, strlen(at + 1));

	return own != NULL && domain_within(author, own);
}

const char *failure_unwanted(const struct message *message, const struct findings *findings,
                             const struct verdict *verdict, const struct strings *domains,
                             const char *reporter, struct arena *arena)
{
	const struct dmarc_finding *dmarc = &findings->dmarc;

	if (!findings->judged || dmarc->result != RESULT_FAIL || dmarc->alignment_unknown)
		return "DMARC did not fail";
	if (dmarc->record == NULL || dmarc->policy_domain == NULL || dmarc->author.domain == NULL)
		return "there is no policy";
	if (dmarc->record->ruf.count == 0)
		return "its owner does not ask for one";
	if (!failure_names_domain(domains, dmarc->policy_domain))
		return "failures.domains does not name the domain";
	if (verdict->action == ACTION_TEMPFAIL)
		return "the message will come again";
	if (dmarc->record->psd == PSD_YES)
		return "the policy is that of a registry"; /* RFC 9991 2 */
	if (!asks_for(dmarc->record->fo, findings))
		return "fo does not ask for one";
	if (is_own_domain(dmarc->author.domain, reporter, arena))
		return "the domain is that of our own reports";
	return is_automatic(message, arena) ? "the message was sent by a program" : NULL;
}

/* What has to be ASCII, and on one line. */
static const char *failure_clean(struct arena *arena, const char *outside, size_t limit)
{
	return outside == NULL ? "" : text_ascii(arena, outside, limit);
}

static const char *join_ruf(const struct strings *uris, struct arena *arena)
{
	struct text joined;

	text_begin(&joined, arena, URIS_MAX);
	for (size_t i = 0; i < uris->count && i < URIS; i++)
		if (strlen(uris->items[i]) + 2 <= URIS_MAX - joined.length)
			text_add_format(&joined, "%s%s", joined.length > 0 ? "," : "",
			                uris->items[i]);
	return joined.length == 0 ? "" : failure_clean(arena, joined.bytes, URIS_MAX);
}

/* Could a pass of this identifier have been one for the author? */
static bool would_align(const char *domain, bool strict, const struct dmarc_finding *dmarc)
{
	const char *above = dmarc->organizational_domain != NULL ? dmarc->organizational_domain
	                                                         : dmarc->policy_domain;

	return domain != NULL &&
	       (strict ? domain_equal(domain, dmarc->author.domain) : domain_within(domain, above));
}

/* RFC 9991 4: of the signatures that failed, the first that would have counted. */
static void set_dkim(struct failure *failure, const struct findings *findings,
                     const struct failure_key *key, struct arena *arena)
{
	const struct dmarc_finding *dmarc = &findings->dmarc;

	for (size_t i = 0; i < findings->dkim.count; i++) {
		const struct dkim_signature *signature = &findings->dkim.signatures[i];
		const char *identity = signature->identity;

		if (signature->result == RESULT_PASS ||
		    !would_align(signature->domain, dmarc->record->strict_dkim, dmarc))
			continue;
		failure->dkim_domain = failure_clean(arena, signature->domain, DOMAIN_MAX);
		failure->dkim_selector = failure_clean(arena, signature->selector, DOMAIN_MAX);
		if (identity != NULL && identity[0] != '@')
			failure->dkim_identity = failure_redact_address(key, identity, arena);
		else
			failure->dkim_identity = arena_format(arena, "@%s", failure->dkim_domain);
		return;
	}
}

static void set_spf(struct failure *failure, const struct findings *findings, struct arena *arena)
{
	const struct spf_finding *spf = &findings->spf;

	if (spf->result == RESULT_PASS || spf->record == NULL ||
	    !would_align(spf->domain, findings->dmarc.record->strict_spf, &findings->dmarc))
		return;
	failure->spf_domain = failure_clean(arena, spf->domain, DOMAIN_MAX);
	failure->spf_record = failure_clean(arena, spf->record, RECORD_MAX);
}

/* The client's network: one forger has many addresses. */
static const char *network_of(const struct address *client, struct arena *arena)
{
	struct address network = *client;
	unsigned bits = client->family == ADDRESS_IPV4 ? NETWORK_4 : NETWORK_6;
	char text[ADDRESS_TEXT];

	memset(network.bytes + bits / 8, 0, sizeof network.bytes - bits / 8);
	return arena_format(arena, "%s/%u", address_print(&network, text), bits);
}

static const char *delivery_of(const struct verdict *verdict)
{
	static const char *const results[] = {[ACTION_ACCEPT] = "delivered",
	                                      [ACTION_QUARANTINE] = "spam",
	                                      [ACTION_REJECT] = "reject",
	                                      [ACTION_TEMPFAIL] = "other"};

	invariant(verdict->action <= ACTION_TEMPFAIL);
	return results[verdict->action];
}

const struct failure *failure_make(const struct message *message, const struct findings *findings,
                                   const struct verdict *verdict, const struct networks *ours,
                                   const struct failure_key *key, struct arena *arena)
{
	const struct dmarc_finding *dmarc = &findings->dmarc;
	struct failure *failure = arena_allocate(arena, sizeof *failure);
	char source[ADDRESS_TEXT];

	invariant(dmarc->record != NULL && dmarc->author.domain != NULL);
	*failure = (struct failure){
	    .received = message->received,
	    .policy_domain = failure_clean(arena, dmarc->policy_domain, DOMAIN_MAX),
	    .header_from = failure_clean(arena, dmarc->author.domain, DOMAIN_MAX),
	    .ruf = join_ruf(&dmarc->record->ruf, arena),
	    .alignment = dmarc->dkim_aligned  ? (dmarc->spf_aligned ? "none" : "spf")
	                 : dmarc->spf_aligned ? "dkim"
	                                      : "dkim, spf",
	    .dkim_domain = "",
	    .dkim_identity = "",
	    .dkim_selector = "",
	    .spf_domain = "",
	    .spf_record = "",
	    .mail_from = failure_redact_address(key, message->mail_from, arena),
	    .source = message->client.family == ADDRESS_UNKNOWN
	                  ? ""
	                  : arena_string(arena, address_print(&message->client, source)),
	    .delivery = delivery_of(verdict),
	    .list = message_header(message, "List-Id") != NULL ? "yes" : "",
	    .header = failure_header_write(message, ours, key, arena)};
	set_dkim(failure, findings, key, arena);
	set_spf(failure, findings, arena);
	failure->group = arena_format(arena, "%s %s %s %s %s", failure->policy_domain,
	                              network_of(&message->client, arena), failure->header_from,
	                              failure->dkim_domain, failure->delivery);
	return failure;
}

/*
 * row.c - what one judged message leaves for the aggregate reports (RFC 9990 3.1.1). Called at the
 * end of the message, after the decision; the recorder takes the row from here.
 */
#include "rows/row.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "dmarc/policy_record.h"

enum {
	WORDS_MAX = 250,    /* octets of a reason before escaping */
	COMMENT_MAX = 1000, /* ... of a comment */
	URIS_MAX = 4096
};

/* U+FFFE and U+FFFF are well-formed UTF-8 but no characters of XML 1.0. */
static const char *clean(struct arena *arena, const char *outside, size_t limit)
{
	char *safe;

	if (outside == NULL)
		return "";
	safe = arena_string(arena, text_printable(arena, outside, limit));
	for (char *at = strstr(safe, "\xEF\xBF"); at != NULL; at = strstr(at + 3, "\xEF\xBF"))
		if ((unsigned char)at[2] >= 0xBE)
			memcpy(at, "???", 3);
	return safe;
}

static const char *clean_domain(struct arena *arena, const char *domain)
{
	return clean(arena, domain, DOMAIN_MAX);
}

/* Whole URIs only, as many as fit. */
static const char *join_uris(struct arena *arena, const struct strings *uris,
                             const struct strings *limits)
{
	struct text joined;

	text_begin(&joined, arena, URIS_MAX);
	for (size_t i = 0; i < uris->count; i++) {
		const char *uri = clean(arena, uris->items[i], URIS_MAX);
		const char *limit =
		    i < limits->count ? clean(arena, limits->items[i], URIS_MAX) : "";

		if (strlen(uri) + strlen(limit) + 2 > URIS_MAX - joined.length)
			break;
		text_add_format(&joined, "%s%s%s%s", joined.length > 0 ? "," : "", uri,
		                limit[0] == '\0' ? "" : "!", limit);
	}
	return joined.bytes;
}

static void set_no_policy(struct report_row *row)
{
	row->policy_domain = row->p = row->sp = row->np = row->adkim = row->aspf = "";
	row->fo = row->testing = row->psd = row->discovery = row->rua = row->record_error = "";
}

static void set_policy(struct report_row *row, const struct dmarc_finding *dmarc,
                       struct arena *arena)
{
	const struct policy_record *record = dmarc->record;

	set_no_policy(row);
	if (record == NULL || dmarc->policy_domain == NULL)
		return;
	row->policy_domain = clean_domain(arena, dmarc->policy_domain);
	row->p = request_names[record->p];
	row->sp = request_names[record->sp];
	row->np = request_names[record->np];
	row->adkim = record->strict_dkim ? "s" : "r";
	row->aspf = record->strict_spf ? "s" : "r";
	row->fo = clean(arena, record->fo, WORDS_MAX);
	row->testing = record->test_mode ? "y" : "n";
	row->psd = psd_names[record->psd];
	row->discovery = clean(arena, dmarc->discovery, WORDS_MAX);
	row->rua = join_uris(arena, &record->rua, &record->rua_limits);
	row->record_error = clean(arena, record->error, WORDS_MAX);
}

static const char *source_of(const struct message *message, struct arena *arena)
{
	char text[ADDRESS_TEXT];

	if (message->client.family == ADDRESS_UNKNOWN)
		return "";
	return arena_string(arena, address_print(&message->client, text));
}

/* Where From names several domains and one of them brought the policy, it is that one. */
static const char *header_from_of(const struct dmarc_finding *dmarc, struct arena *arena)
{
	const struct author *author = &dmarc->author;

	if (author->domain != NULL)
		return clean_domain(arena, author->domain);
	for (size_t i = 0; dmarc->policy_domain != NULL && i < author->domain_count; i++)
		if (domain_within(author->domains[i], dmarc->policy_domain))
			return clean_domain(arena, author->domains[i]);
	return "";
}

static const char *envelope_to_of(const struct message *message, struct arena *arena)
{
	const char *common = NULL;

	for (size_t i = 0; i < message->recipient_count; i++) {
		const char *domain = message_address_domain(arena, message->recipients[i]);

		if (domain == NULL || (common != NULL && !domain_equal(common, domain)))
			return "";
		common = domain;
	}
	return clean_domain(arena, common);
}

static void set_identifiers(struct report_row *row, const struct message *message,
                            const struct findings *findings, struct arena *arena)
{
	const char *mail_from = message->mail_from == NULL ? "" : message->mail_from;

	row->source = source_of(message, arena);
	row->header_from = header_from_of(&findings->dmarc, arena);
	row->envelope_from = clean_domain(arena, message_address_domain(arena, mail_from));
	row->envelope_to = envelope_to_of(message, arena);
}

static void set_outcome(struct report_row *row, const struct dmarc_finding *dmarc,
                        const struct verdict *verdict, struct arena *arena)
{
	invariant(verdict->override <= OVERRIDE_TRUSTED_FORWARDER);
	invariant(verdict->action <= ACTION_TEMPFAIL);
	row->disposition = verdict->disposition == NULL ? "none" : verdict->disposition;
	row->dkim_aligned = dmarc->dkim_aligned ? "pass" : "fail";
	row->spf_aligned = dmarc->spf_aligned ? "pass" : "fail";
	row->override_type = override_names[verdict->override];
	row->override_comment = clean(arena, verdict->override_comment, COMMENT_MAX);
	row->action = action_names[verdict->action];
	row->dmarc = result_names[dmarc->result];
}

static void set_spf(struct report_row *row, const struct spf_finding *spf, struct arena *arena)
{
	row->spf_domain = clean_domain(arena, spf->domain);
	row->spf_scope = "mfrom";
	row->spf_result = result_names[spf->result];
	row->spf_reason = clean(arena, spf->reason, WORDS_MAX);
}

static bool aligns(const struct dmarc_finding *dmarc, const char *domain)
{
	for (size_t i = 0; i < dmarc->alignment_count; i++) {
		const struct alignment *alignment = &dmarc->alignments[i];

		if (alignment->aligned && strcmp(alignment->method, "dkim") == 0 &&
		    alignment->domain != NULL && domain_equal(alignment->domain, domain))
			return true;
	}
	return false;
}

static bool is_near_author(const struct author *author, const char *domain)
{
	if (author->domain != NULL && domain_is_near(domain, author->domain))
		return true;
	for (size_t i = 0; i < author->domain_count; i++)
		if (domain_is_near(domain, author->domains[i]))
			return true;
	return false;
}

/*
 * RFC 9990 3.1.1.11: a pass of the author domain itself first, then aligned passes, other passes,
 * the rest. Of the rest, only signatures that may be the author's own are listed: a sender can
 * write any number of other names, and so make each of his messages a row of its own.
 */
enum rank {
	RANK_AUTHOR,
	RANK_ALIGNED,
	RANK_PASS,
	RANK_NEAR,
	RANK_OMITTED
};

static enum rank rank_of(const struct dmarc_finding *dmarc, const struct dkim_signature *signature)
{
	if (signature->domain == NULL)
		return RANK_OMITTED;
	if (signature->result != RESULT_PASS)
		return is_near_author(&dmarc->author, signature->domain) ? RANK_NEAR : RANK_OMITTED;
	if (dmarc->author.domain != NULL && domain_equal(signature->domain, dmarc->author.domain))
		return RANK_AUTHOR;
	return aligns(dmarc, signature->domain) ? RANK_ALIGNED : RANK_PASS;
}

static void row_add_dkim(struct report_row *row, struct row_dkim *results,
                         const struct dkim_signature *signature, struct arena *arena)
{
	invariant(row->dkim_count < ROW_DKIM_MAX);
	results[row->dkim_count++] =
	    (struct row_dkim){.domain = clean_domain(arena, signature->domain),
	                      .selector = clean_domain(arena, signature->selector),
	                      .result = result_names[signature->result],
	                      .reason = clean(arena, signature->reason, WORDS_MAX)};
}

static void set_dkim(struct report_row *row, const struct findings *findings, struct arena *arena)
{
	const struct dkim_finding *dkim = &findings->dkim;
	struct row_dkim *results = arena_allocate(arena, ROW_DKIM_MAX * sizeof *results);
	unsigned char *ranks = arena_allocate(arena, dkim->count);

	for (size_t i = 0; i < dkim->count; i++)
		ranks[i] = (unsigned char)rank_of(&findings->dmarc, &dkim->signatures[i]);
	for (enum rank rank = RANK_AUTHOR; rank < RANK_OMITTED; rank++) {
		size_t room = rank <= RANK_ALIGNED ? ROW_DKIM_MAX : ROW_DKIM_UNALIGNED_MAX;

		for (size_t i = 0; i < dkim->count && row->dkim_count < room; i++)
			if (ranks[i] == rank)
				row_add_dkim(row, results, &dkim->signatures[i], arena);
	}
	row->dkim = results;
}

/* The sealer that counts is the one whose listing makes the difference. */
static void set_sealer(struct report_row *row, const struct findings *findings, struct arena *arena)
{
	const struct arc_finding *arc = &findings->arc;

	row->sealer = row->sealer_outcome = "";
	if (arc->result != RESULT_PASS || arc->count == 0 || findings->dmarc.result != RESULT_FAIL)
		return;
	if (arc->restored != NULL) {
		row->sealer = clean_domain(arena, arc->trusted_by);
		row->sealer_outcome = "restored";
	} else if (arc->would_restore != NULL) {
		row->sealer = clean_domain(arena, arc->would_restore);
		row->sealer_outcome = "would restore";
	} else {
		row->sealer = clean_domain(arena, arc->sets[arc->count - 1].domain);
		row->sealer_outcome = "nothing";
	}
}

struct report_row *row_make(const struct message *message, const struct findings *findings,
                            const struct verdict *verdict, struct arena *arena)
{
	struct report_row *row;

	invariant(message != NULL && findings != NULL && verdict != NULL && arena != NULL);
	if (!findings->judged)
		return NULL;
	row = arena_allocate(arena, sizeof *row);
	row->received = message->received;
	set_policy(row, &findings->dmarc, arena);
	set_identifiers(row, message, findings, arena);
	set_outcome(row, &findings->dmarc, verdict, arena);
	set_spf(row, &findings->spf, arena);
	set_dkim(row, findings, arena);
	set_sealer(row, findings, arena);
	return row;
}

/*
 * mailbox_trust.c - whether a report from a mailbox counts, by what our own server wrote on top of
 * the mail.
 */
#include "received/mailbox_trust.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "fields/results_reader.h"
#include "received/clean.h"

enum {
	PASSES_MAX = 20 /* signatures that passed */
};

/* What the fields in our name say. */
struct mailbox_results {
	struct arena *arena;
	const char *dmarc, *author; /* the first result of DMARC, and its header.from */
	size_t passes;
	const char *pass[PASSES_MAX]; /* header.d or the domain of header.i */
	enum {
		METHOD_OTHER,
		METHOD_DMARC,
		METHOD_DKIM_PASS
	} method;
};

static void mailbox_method(void *context, const char *method, const char *result)
{
	struct mailbox_results *results = context;

	results->method = METHOD_OTHER;
	if (strcmp(method, "dmarc") == 0 && results->dmarc == NULL) {
		results->dmarc = arena_string(results->arena, result);
		results->method = METHOD_DMARC;
	} else if (strcmp(method, "dkim") == 0 && text_same(result, "pass")) {
		results->method = METHOD_DKIM_PASS;
	}
}

static void mailbox_property(void *context, const char *name, const char *value)
{
	struct mailbox_results *results = context;
	const char *domain = clean_domain(results->arena, value);

	if (domain == NULL)
		return;
	if (results->method == METHOD_DMARC && strcmp(name, "header.from") == 0)
		results->author = domain;
	if (results->method == METHOD_DKIM_PASS && results->passes < PASSES_MAX &&
	    (strcmp(name, "header.d") == 0 || strcmp(name, "header.i") == 0))
		results->pass[results->passes++] = domain;
}

static void read_own_results(const struct reader_mail *mail, const char *authserv_id,
                             struct mailbox_results *results)
{
	struct results_sink sink = {results, mailbox_method, mailbox_property};

	for (size_t i = 0; i < mail->results_count; i++) {
		struct results_owner owner = results_reader_owner(results->arena, mail->results[i]);

		if (owner.readable && owner.id != NULL &&
		    results_reader_names(results->arena, owner.id, authserv_id))
			results_reader_read(results->arena, mail->results[i], &sink);
	}
}

/* Did a signature pass whose domain is the author's, above or below it? */
static bool has_signature(const struct mailbox_results *results, const char *author)
{
	for (size_t i = 0; author != NULL && i < results->passes; i++)
		if (domain_within(author, results->pass[i]) ||
		    domain_within(results->pass[i], author))
			return true;
	return false;
}

static const char *bare_reporter(const struct received_report *report, struct arena *arena)
{
	const char *reporter = clean_domain(arena, report->email);

	if (reporter == NULL)
		reporter = clean_domain(arena, report->organization);
	return reporter == NULL ? "unknown" : reporter;
}

/* NULL: what our own server says of it decides, or the operator has decided. */
static const char *why_not_asked(const struct reader_mail *mail, struct mailbox_results *results,
                                 enum mailbox_trust trust, const char *authserv_id)
{
	if (trust == MAILBOX_NOTHING)
		return "it stands behind another mail in a pipe, so its sender may have "
		       "written the fields on top of it; report read --trust takes it as it is";
	read_own_results(mail, authserv_id, results);
	if (results->dmarc != NULL || !mail->is_mail || trust == MAILBOX_UNJUDGED)
		return NULL;
	return arena_format(results->arena,
	                    "no Authentication-Results field of %s says that it passed DMARC; "
	                    "report read --trust takes such mail as it is",
	                    authserv_id);
}

void mailbox_trust_judge(const struct reader_mail *mail, const struct received_report *report,
                         enum mailbox_trust trust, const char *authserv_id, int64_t now,
                         const char *place, struct arena *arena, struct received_arrival *arrival)
{
	struct mailbox_results results = {.arena = arena};

	*arrival = (struct received_arrival){
	    .received = mail->date != 0 ? mail->date : now, .place = place, .trusted = true};
	arrival->why = why_not_asked(mail, &results, trust, authserv_id);
	arrival->trusted = arrival->why == NULL;
	if (!arrival->trusted)
		return;
	if (results.dmarc == NULL) {
		arrival->reporter = mail->from != NULL ? mail->from : bare_reporter(report, arena);
		return;
	}
	if (results.author == NULL)
		results.author = mail->from;
	arrival->trusted = text_same(results.dmarc, "pass") && results.author != NULL;
	arrival->reporter = arrival->trusted ? results.author : NULL;
	if (!arrival->trusted)
		arrival->why = arena_format(arena,
		                            "the mail that it came with did not pass DMARC: "
		                            "dmarc=%s by %s",
		                            text_excerpt(arena, results.dmarc, 40), authserv_id);
	else if (report->kind == RECEIVED_TLS && !has_signature(&results, results.author)) {
		arrival->trusted = false;
		arrival->why = arena_format(arena,
		                            "no DKIM signature of %s passed, which a TLS "
		                            "report has to have",
		                            results.author);
	}
}

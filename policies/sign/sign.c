/*
 * sign.c - policy_sign: outbound mail is signed with the keys of its author domain (RFC 6376 5).
 *
 * It works on outbound mail only (evaluate.c). At the end of the header sign_choice.c chooses the
 * keys; the body is hashed as it passes; at the end of the message the signatures are made
 * (signature_make.c). apply.c adds them.
 */
#include "sign/sign.h"

#include "author.h"
#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "policy.h"
#include "policy_settings.h"
#include "sign/own_results.h"
#include "sign/own_signatures.h"
#include "sign/sent_body.h"
#include "sign/sign_choice.h"
#include "sign/signature_make.h"

enum {
	ALREADY_MAX = 1000 /* octets of names of signatures */
};

struct sign_work {
	const struct sign_settings *settings;
	const struct message *message;
	struct arena *arena;
	struct author *author;
	const struct services *services; /* for the debug log; may be NULL */
	struct sign_choice choice;       /* none yet: nothing is signed */
	struct sent_body *body;          /* NULL: nothing is signed */
	const struct sent_field *sent;
	struct own_signatures *own;
	bool long_fields; /* a header field that is signed has a line over the limit */
};

static void *sign_begin(void *state, const struct message *message, const struct services *services,
                        struct arena *arena)
{
	struct sign_work *work = arena_allocate(arena, sizeof *work);

	work->settings = state;
	work->services = services;
	work->message = message;
	work->arena = arena;
	work->author = author_begin(arena);
	return work;
}

static void sign_header(void *context, const struct header *field)
{
	struct sign_work *work = context;

	if (message_header_is(field, "From"))
		author_field(work->author, field->value, work->arena);
}

/* Some octets are canonicalized in two ways in relaxed form, but in one way in simple form. */
static enum canonicalization header_form(const struct sign_work *work,
                                         const struct sign_entry *entry,
                                         const struct signed_fields *fields)
{
	if (entry->canonicalization >= SIGN_SIMPLE_RELAXED)
		return CANON_SIMPLE;
	return signature_make_form(work->message, fields);
}

static enum canonicalization body_form(const struct sign_entry *entry)
{
	return entry->canonicalization == SIGN_RELAXED_RELAXED ||
	               entry->canonicalization == SIGN_SIMPLE_RELAXED
	           ? CANON_RELAXED
	           : CANON_SIMPLE;
}

static enum long_lines long_lines(const struct sign_work *work)
{
	if (!work->body->lines.has_long_line && !work->long_fields)
		return LONG_LINES_NONE;
	if (!work->message->by_postfix)
		return LONG_LINES_UNKNOWN;
	return work->body->lines.rule.breaks ? LONG_LINES_BROKEN : LONG_LINES_UNBROKEN;
}

/* d= of the signatures of one entry. */
static const char *sign_domain_of(const struct sign_work *work, const struct sign_chosen *chosen)
{
	return sign_entry_signs_as_author(chosen->entry) ? work->author->domain
	                                                 : chosen->keys->domain;
}

static void look_for_own(struct sign_work *work)
{
	work->own =
	    own_signatures_begin(work->arena, work->message, work->sent, work->body->hashes);
	for (size_t i = 0; i < work->choice.count; i++)
		for (size_t key = 0; key < work->choice.entries[i].keys->count; key++)
			own_signatures_find(work->own,
			                    sign_domain_of(work, &work->choice.entries[i]),
			                    &work->choice.entries[i].keys->keys[key]);
}

static void want_body(struct sign_work *work)
{
	if (work->choice.count == 0)
		return;
	work->body = sent_body_begin(work->arena, work->message, work->settings->line_limit);
	for (size_t i = 0; i < work->choice.count; i++)
		work->choice.entries[i].body = body_hashes_want(
		    work->body->hashes, body_form(work->choice.entries[i].entry), NULL);
	services_debug(work->services, "sign: lines of more than %zu octets will be %s",
	               work->body->lines.rule.limit,
	               work->body->lines.rule.breaks ? "broken by Postfix" : "signed as they are");
	work->sent = sent_fields_make(work->arena, work->message, &work->body->lines.rule);
	look_for_own(work);
}

/* What did not pass when it came in from outside is not vouched for when it is sent on. */
static bool came_from_outside(struct sign_work *work)
{
	work->choice.reason =
	    own_results_objection(work->message, work->author->domain, work->arena);
	work->choice.kind = UNSIGNED_NOT_PASSED;
	services_debug(work->services, "sign: our own Authentication-Results: %s",
	               work->choice.reason == NULL ? "no objection" : work->choice.reason);
	return work->choice.reason != NULL;
}

/* A message that a reader may take for somebody else's is not vouched for (RFC 6376 8.15). So From
 * is read more strictly than to be judged: where it names several domains, even of one
 * organization, author_settle() is not called, since an entry may close one of them to a login. */
static void choose_keys(struct sign_work *work)
{
	author_finish(work->author, work->message->header_cut, work->arena);
	author_debug(work->author, work->services);
	work->choice.kind = UNSIGNED_AUTHOR;
	work->choice.reason = work->author->reason;
	if (work->author->state == AUTHOR_ONE && !came_from_outside(work))
		sign_choice_make(&work->choice, work->settings, work->message, work->author,
		                 work->services, work->arena);
}

static void sign_end_of_headers(void *context)
{
	struct sign_work *work = context;

	if (work->settings->entries.count == 0)
		return;
	choose_keys(work);
	want_body(work);
}

static bool sign_body(void *context, const unsigned char *bytes, size_t length)
{
	struct sign_work *work = context;

	if (work->body != NULL)
		sent_body_add(work->body, bytes, length);
	return work->body != NULL;
}

/* What the signatures of one entry have in common. */
static struct signing signing_of(const struct sign_work *work, const struct sign_chosen *chosen)
{
	const struct sign_entry *entry = chosen->entry;
	const char *author = work->author->domain;
	const char *domain = sign_domain_of(work, chosen);
	time_t received = work->message->received;
	struct signed_fields fields =
	    signed_fields_of(work->arena, &entry->headers, &entry->oversign);

	return (struct signing){
	    .message = work->message,
	    .fields = fields,
	    .domain = domain,
	    .identity = entry->identity && domain_within(author, domain) ? author : NULL,
	    .header_form = header_form(work, entry, &fields),
	    .body_form = body_form(entry),
	    .sent = work->sent,
	    .when = received,
	    .expires = entry->expire_days == 0 ? 0 : received + entry->expire_days * 86400,
	    .body_hash = body_hashes_digest(work->body->hashes, chosen->body),
	    .arena = work->arena,
	};
}

/* By all entries. */
struct sign_signatures {
	struct made_signature *made;
	size_t count;
	struct text already; /* those that the message has, "domain:selector" */
};

/* Until when a signature that the message already has must be valid: as long as a new one, less a
 * day for its way here; where a new one would not expire, as long as servers try to deliver the
 * message (RFC 5321 4.5.4.1). */
static time_t must_last_until(const struct sign_work *work, const struct sign_entry *entry)
{
	enum {
		RETRY_DAYS = 5
	};
	long days = entry->expire_days == 0 ? RETRY_DAYS : entry->expire_days - 1;

	return work->message->received + (days > 1 ? days : 1) * 86400;
}

/* By the keys of one entry, but for those whose signature the message already has. */
static bool make_for_entry(struct sign_work *work, const struct sign_chosen *chosen,
                           struct sign_signatures *signatures)
{
	struct signing signing = signing_of(work, chosen);
	struct signature_cover cover = signature_make_cover(&signing);

	work->long_fields = work->long_fields || cover.long_lines;
	services_debug(work->services, "sign: d=%s c=%s/%s h=%s", signing.domain,
	               canon_names[signing.header_form], canon_names[signing.body_form],
	               cover.names == NULL ? "(too long)" : cover.names);
	if (signing.body_hash == NULL || cover.names == NULL)
		return false;
	for (size_t i = 0; i < chosen->keys->count; i++) {
		const struct signing_key *key = &chosen->keys->keys[i];

		if (own_signatures_suffice(work->own, signing.domain, key, cover.names,
		                           must_last_until(work, chosen->entry)))
			text_add_format(&signatures->already, "%s%s:%s",
			                signatures->already.length == 0 ? "" : ", ", signing.domain,
			                key->selector);
		else if (signature_make(&signing, &cover, key,
		                        &signatures->made[signatures->count]))
			signatures->count++;
		else
			return false;
	}
	return true;
}

static bool make_all(struct sign_work *work, struct sign_signatures *signatures)
{
	size_t count = 0;

	for (size_t i = 0; i < work->choice.count; i++)
		count += work->choice.entries[i].keys->count;
	signatures->made = arena_allocate(work->arena, count * sizeof *signatures->made);
	text_begin(&signatures->already, work->arena, ALREADY_MAX);
	for (size_t i = 0; i < work->choice.count; i++)
		if (!make_for_entry(work, &work->choice.entries[i], signatures))
			return false;
	return true;
}

static void make_finding(struct sign_work *work, struct sign_finding *finding)
{
	struct sign_signatures signatures = {.count = 0};

	invariant(work->body != NULL && work->own != NULL);
	sent_body_end(work->body);
	if (!make_all(work, &signatures)) {
		finding->kind = UNSIGNED_FAILURE;
		finding->reason = "OpenSSL could not sign, or the header is too large to be signed";
	} else if (signatures.count == 0) {
		finding->kind = UNSIGNED_ALREADY;
		finding->reason =
		    arena_format(work->arena, "it already has valid signatures of this server: %s",
		                 signatures.already.bytes);
	} else {
		*finding = (struct sign_finding){.count = signatures.count,
		                                 .signatures = signatures.made,
		                                 .long_lines = long_lines(work)};
	}
}

static void debug_finding(const struct sign_work *work, const struct sign_finding *finding)
{
	for (size_t i = 0; i < finding->count; i++)
		services_debug(work->services, "sign: signed with d=%s s=%s a=%s",
		               finding->signatures[i].domain, finding->signatures[i].selector,
		               finding->signatures[i].algorithm);
	if (finding->count == 0)
		services_debug(work->services, "sign: not signed: %s",
		               finding->reason == NULL ? "nothing is set up for signing"
		                                       : finding->reason);
}

static void sign_judge(void *context, struct findings *findings)
{
	struct sign_work *work = context;
	struct sign_finding *finding = &findings->sign;

	*finding = (struct sign_finding){.reason = work->choice.reason, .kind = work->choice.kind};
	if (work->choice.count > 0)
		make_finding(work, finding);
	debug_finding(work, finding);
}

const struct policy policy_sign = {
    .name = "sign",
    .settings = &sign_settings_group,
    .outbound = true,
    .open = policy_settings_open,
    .begin = sign_begin,
    .header = sign_header,
    .end_of_headers = sign_end_of_headers,
    .body = sign_body,
    .judge = sign_judge,
};

/*
 * sign.c - policy_sign: mail of ours is signed with the keys of its author domain (RFC 6376 5).
 *
 * It works on mail of ours alone (evaluate.c). At the end of the header it is known whose keys
 * sign; the body is hashed as it passes; at the end of the message the signatures are made
 * (signature_make.c). apply.c adds them.
 */
#include "sign/sign.h"

#include <stdlib.h>
#include <string.h>

#include "author.h"
#include "base/domain.h"
#include "base/text.h"
#include "dkim/body_hashes.h"
#include "dkim/line_ends.h"
#include "policy.h"
#include "policy_settings.h"
#include "sign/own_results.h"
#include "sign/own_signatures.h"
#include "sign/signature_make.h"

enum {
	CHOSEN_MAX = 16,   /* entries that sign one message */
	ALREADY_MAX = 1000 /* octets of names of signatures */
};

/* An entry that signs the message, and its keys. */
struct chosen {
	const struct sign_entry *entry;
	const struct signing_keys *keys;
	size_t body; /* its hash among those of the body */
};

struct sign_work {
	const struct sign_settings *settings;
	const struct message *message;
	struct arena *arena;
	struct author *author;
	const char *const *addresses; /* of the authors, once they are asked for */
	struct chosen chosen[CHOSEN_MAX];
	size_t chosen_count; /* 0: nothing is signed, and `reason` may say why */
	const char *reason;
	enum unsigned_kind kind;  /* of the reason */
	struct body_hashes *body; /* NULL: nothing is signed */
	const struct sent_field *sent;
	struct own_signatures *own;
	struct line_ends line_ends;
	struct line_breaks lines; /* before it */
	bool long_fields;         /* a header field that is signed has a line over the limit */
};

static void *sign_begin(void *state, const struct message *message, const struct services *services,
                        struct arena *arena)
{
	struct sign_work *work = arena_allocate(arena, sizeof *work);

	(void)services;
	work->settings = state;
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

static bool user_may(const struct sign_entry *entry, const char *login)
{
	if (entry->users.count == 0)
		return true;
	for (size_t i = 0; login != NULL && i < entry->users.count; i++)
		if (text_matches(entry->users.items[i], login))
			return true;
	return false;
}

bool sign_as_author(const struct sign_entry *entry)
{
	return strcmp(entry->sign_as, "*") == 0;
}

bool sign_covers(const struct sign_entry *entry, const char *author)
{
	const char *domain = entry->domain;

	if (domain[0] == '\0' || text_same(domain, "*"))
		return true;
	return domain_matches(domain, author) ||
	       (entry->subdomains && domain_within(author, domain));
}

bool sign_takes_below(const struct sign_entry *entry)
{
	return entry->subdomains || strncmp(entry->domain, "*.", 2) == 0;
}

static bool matches_any(const struct strings *patterns, const char *address)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (text_matches(patterns->items[i], address))
			return true;
	return false;
}

/* May the entry sign for these authors? Each mailbox stands for the message, so all have to match.
 */
static bool is_for_all_authors(struct sign_work *work, const struct sign_entry *entry)
{
	const struct author *author = work->author;

	if (entry->authors.count == 0)
		return true;
	for (size_t i = 0; i < author->local_count; i++)
		if (work->addresses[i] == NULL || !matches_any(&entry->authors, work->addresses[i]))
			return false;
	return author->local_count > 0;
}

/* Does the entry close the message to a login that it refuses? Any mailbox suffices, so that one
 * more opens nothing; one whose address cannot be compared may be anybody's. */
static bool is_for_any_author(struct sign_work *work, const struct sign_entry *entry)
{
	const struct author *author = work->author;

	for (size_t i = 0; i < author->local_count; i++)
		if (work->addresses[i] == NULL || matches_any(&entry->authors, work->addresses[i]))
			return true;
	return entry->authors.count == 0 || author->local_count == 0;
}

/* What an entry means for the message. */
enum role {
	ROLE_NOTHING, /* it is for others */
	ROLE_SIGNS,
	ROLE_CLOSES /* the login may not send as an author */
};

/* Of an entry that covers the domain of the authors, or one above it whose keys would sign for
 * them. */
static enum role role_of(struct sign_work *work, const struct sign_entry *entry)
{
	if (work->addresses == NULL)
		work->addresses = author_addresses(work->author, work->arena);
	if (!user_may(entry, work->message->auth_user))
		return is_for_any_author(work, entry) ? ROLE_CLOSES : ROLE_NOTHING;
	return is_for_all_authors(work, entry) ? ROLE_SIGNS : ROLE_NOTHING;
}

/* The table has no names above the entry's. */
const struct signing_keys *sign_keys(const struct sign_settings *settings, size_t number,
                                     const char *author)
{
	const struct sign_entry *entry =
	    (const struct sign_entry *)settings->entries.items + number;
	const struct signing_table *table = settings->table;
	const struct signing_keys *keys;

	if (entry->sign_as[0] != '\0')
		return signing_table_find(table, number, entry->sign_as);
	keys = signing_table_find(table, number, author);
	while (keys == NULL && sign_takes_below(entry) && (author = domain_parent(author)) != NULL)
		keys = signing_table_find(table, number, author);
	return keys;
}

/* After an entry refused the login, the author's domain is for those whom an entry names; another
 * domain may still vouch for the mail. */
static bool is_open_to(const struct sign_entry *entry, const char *author, bool refused)
{
	return !refused || entry->users.count > 0 ||
	       (entry->sign_as[0] != '\0' && !sign_as_author(entry) &&
	        !domain_within(author, entry->sign_as));
}

/* The entry above this one that closes the domain of its keys to the login, though it is not for
 * the author, a name below that domain; `number` for none. A signature for the domain would pass
 * for the whole of it. */
static size_t closing_entry(struct sign_work *work, size_t number, const struct signing_keys *keys)
{
	const struct sign_entry *entries = work->settings->entries.items;
	size_t i = entries[number].users.count > 0 ? number : 0;

	while (i < number && (!sign_covers(&entries[i], keys->domain) ||
	                      !domain_within(work->author->domain, keys->domain) ||
	                      role_of(work, &entries[i]) != ROLE_CLOSES))
		i++;
	return i;
}

static void refuse_login(struct sign_work *work, const char *domain, size_t number)
{
	const char *login = work->message->auth_user;

	work->kind = UNSIGNED_LOGIN;
	work->reason =
	    arena_format(work->arena, "%s may not send as %s (setting \"sign\", line %d)",
	                 login == NULL ? "a client without login" : login, domain,
	                 work->settings->entries.lines[number]);
}

static void choose_keys(struct sign_work *work)
{
	const char *author = work->author->domain;
	bool refused = false, done = false;
	size_t closing;

	work->kind = UNSIGNED_NO_KEY;
	work->reason = arena_format(work->arena, "no key for %s (setting \"sign\")", author);
	for (size_t i = 0; i < work->settings->entries.count && !done; i++) {
		const struct sign_entry *entry =
		    (const struct sign_entry *)work->settings->entries.items + i;
		enum role role = sign_covers(entry, author) ? role_of(work, entry) : ROLE_NOTHING;
		const struct signing_keys *keys =
		    role == ROLE_NOTHING ? NULL : sign_keys(work->settings, i, author);

		if (keys == NULL || !is_open_to(entry, author, refused))
			continue;
		closing = closing_entry(work, i, keys);
		if (closing < i) {
			refuse_login(work, keys->domain, closing);
			continue;
		}
		if (role == ROLE_CLOSES) {
			refuse_login(work, author, i);
			refused = true;
			continue;
		}
		work->chosen[work->chosen_count++] = (struct chosen){entry, keys, 0};
		done = !entry->go_on || work->chosen_count == CHOSEN_MAX;
	}
}

static bool covers_disputed(const struct sign_work *work, const struct signed_fields *fields)
{
	for (size_t i = 0; i < work->message->header_count; i++) {
		const struct header *header = &work->message->headers[i];

		if (!canon_is_disputed(header->value))
			continue;
		for (size_t name = 0; name < fields->count; name++)
			if (message_header_is(header, fields->fields[name].name))
				return true;
	}
	return false;
}

/* What verifiers read in two ways in relaxed form, they all read as it stands in simple form. */
static enum canonicalization header_form(const struct sign_work *work,
                                         const struct sign_entry *entry,
                                         const struct signed_fields *fields)
{
	if (entry->canonicalization >= SIGN_SIMPLE_RELAXED || covers_disputed(work, fields))
		return CANON_SIMPLE;
	return CANON_RELAXED;
}

static enum canonicalization body_form(const struct sign_entry *entry)
{
	return entry->canonicalization == SIGN_RELAXED_RELAXED ||
	               entry->canonicalization == SIGN_SIMPLE_RELAXED
	           ? CANON_RELAXED
	           : CANON_SIMPLE;
}

/* Whether Postfix breaks lines, the settings say; of Sendmail its mailers say it, and nobody tells
 * us. */
static struct line_rule line_rule(const struct sign_work *work)
{
	enum {
		SENDMAIL_LIMIT = 990, /* L= of its mailers for SMTP */
		SMTP_LIMIT = 998      /* RFC 5321 4.5.3.1.6 */
	};

	if (work->message->by_sendmail)
		return (struct line_rule){SENDMAIL_LIMIT, false};
	if (!work->message->by_postfix || work->settings->line_limit < 2)
		return (struct line_rule){SMTP_LIMIT, false};
	return (struct line_rule){(size_t)work->settings->line_limit, true};
}

static enum long_lines long_lines(const struct sign_work *work)
{
	if (!work->lines.has_long_line && !work->long_fields)
		return LONG_LINES_NONE;
	if (!work->message->by_postfix)
		return LONG_LINES_UNKNOWN;
	return work->lines.rule.breaks ? LONG_LINES_BROKEN : LONG_LINES_UNBROKEN;
}

static void into_line_ends(void *context, const unsigned char *bytes, size_t length)
{
	line_ends_pass(context, bytes, length);
}

/* d= of the signatures of one entry. */
static const char *sign_domain_of(const struct sign_work *work, const struct chosen *chosen)
{
	return sign_as_author(chosen->entry) ? work->author->domain : chosen->keys->domain;
}

static void look_for_own(struct sign_work *work)
{
	work->own = own_signatures_begin(work->arena, work->message, work->sent, work->body);
	for (size_t i = 0; i < work->chosen_count; i++)
		for (size_t key = 0; key < work->chosen[i].keys->count; key++)
			own_signatures_find(work->own, sign_domain_of(work, &work->chosen[i]),
			                    &work->chosen[i].keys->keys[key]);
}

static void want_body(struct sign_work *work)
{
	if (work->chosen_count == 0)
		return;
	work->body = body_hashes_begin(work->arena);
	for (size_t i = 0; i < work->chosen_count; i++)
		work->chosen[i].body =
		    body_hashes_want(work->body, body_form(work->chosen[i].entry), NULL);
	work->line_ends = (struct line_ends){.give = body_hashes_add, .with = work->body};
	work->lines = (struct line_breaks){
	    .rule = line_rule(work), .write = into_line_ends, .context = &work->line_ends};
	work->sent = sent_fields_make(work->arena, work->message, &work->lines.rule);
	look_for_own(work);
}

/* What we ourselves did not find passing is not vouched for when it is sent on. */
static bool came_from_outside(struct sign_work *work)
{
	work->reason = own_results_objection(work->message, work->author->domain, work->arena);
	work->kind = UNSIGNED_NOT_PASSED;
	return work->reason != NULL;
}

/* A message that a reader may take for somebody else's is not vouched for (RFC 6376 8.15). So From
 * is read more strictly than to be judged: where it names several domains, also of one
 * organization, nobody settles which of them counts (author_settle()), since an entry may close one
 * of them to a login. */
static void end_of_headers(void *context)
{
	struct sign_work *work = context;

	if (work->settings->entries.count == 0)
		return;
	author_finish(work->author, work->message->header_cut, work->arena);
	work->kind = UNSIGNED_AUTHOR;
	work->reason = work->author->reason;
	if (work->author->state == AUTHOR_ONE && !came_from_outside(work))
		choose_keys(work);
	want_body(work);
}

static bool body(void *context, const unsigned char *bytes, size_t length)
{
	struct sign_work *work = context;

	if (work->body != NULL)
		line_breaks_pass(&work->lines, bytes, length);
	return work->body != NULL;
}

/* What the signatures of one entry have in common. */
static struct signing signing_of(const struct sign_work *work, const struct chosen *chosen)
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
	    .body_hash = body_hashes_digest(work->body, chosen->body),
	    .arena = work->arena,
	};
}

/* Signatures under way, of all entries. */
struct making {
	struct made_signature *made;
	size_t count;
	struct text already; /* those that the message bears, "domain:selector" */
};

/* Until when a signature that the message bears has to last: as long as a new one, less a day for
 * its way here, and as long as servers try to deliver it (RFC 5321 4.5.4.1) where a new one would
 * not expire. */
static time_t has_to_last(const struct sign_work *work, const struct sign_entry *entry)
{
	enum {
		DAYS_TRIED = 5
	};
	long days = entry->expire_days == 0 ? DAYS_TRIED : entry->expire_days - 1;

	return work->message->received + (days > 1 ? days : 1) * 86400;
}

/* By the keys of one entry; not by one whose signature the message bears already, as good as a
 * new one. */
static bool make_all(struct sign_work *work, const struct chosen *chosen, struct making *making)
{
	struct signing signing = signing_of(work, chosen);
	struct signature_cover cover = signature_make_cover(&signing);

	work->long_fields = work->long_fields || cover.long_lines;
	if (signing.body_hash == NULL || cover.names == NULL)
		return false;
	for (size_t i = 0; i < chosen->keys->count; i++) {
		const struct signing_key *key = &chosen->keys->keys[i];

		if (own_signatures_suffice(work->own, signing.domain, key, cover.names,
		                           has_to_last(work, chosen->entry)))
			text_add_format(&making->already, "%s%s:%s",
			                making->already.length == 0 ? "" : ", ", signing.domain,
			                key->selector);
		else if (signature_make(&signing, &cover, key, &making->made[making->count]))
			making->count++;
		else
			return false;
	}
	return true;
}

static bool make_them(struct sign_work *work, struct making *making)
{
	size_t count = 0;

	for (size_t i = 0; i < work->chosen_count; i++)
		count += work->chosen[i].keys->count;
	making->made = arena_allocate(work->arena, count * sizeof *making->made);
	text_begin(&making->already, work->arena, ALREADY_MAX);
	for (size_t i = 0; i < work->chosen_count; i++)
		if (!make_all(work, &work->chosen[i], making))
			return false;
	return true;
}

static void sign_judge(void *context, struct findings *findings)
{
	struct sign_work *work = context;
	struct sign_finding *finding = &findings->sign;
	struct making making = {.count = 0};

	*finding = (struct sign_finding){.reason = work->reason, .kind = work->kind};
	if (work->chosen_count == 0)
		return;
	line_breaks_finish(&work->lines);
	line_ends_finish(&work->line_ends);
	body_hashes_end(work->body);
	if (!make_them(work, &making)) {
		finding->kind = UNSIGNED_FAILURE;
		finding->reason = "OpenSSL could not sign, or the header is too large to be signed";
	} else if (making.count == 0) {
		finding->kind = UNSIGNED_ALREADY;
		finding->reason =
		    arena_format(work->arena, "it bears valid signatures of ours already: %s",
		                 making.already.bytes);
	} else {
		*finding = (struct sign_finding){.count = making.count,
		                                 .signatures = making.made,
		                                 .long_lines = long_lines(work)};
	}
}

const struct policy policy_sign = {
    .name = "sign",
    .settings = &sign_settings_group,
    .for_ours = true,
    .open = policy_settings_open,
    .begin = sign_begin,
    .header = sign_header,
    .end_of_headers = end_of_headers,
    .body = body,
    .judge = sign_judge,
};

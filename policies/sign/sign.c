/*
 * sign.c - policy_sign: mail of ours is signed with the keys of its author domain (RFC 6376 5).
 *
 * It works on mail of ours alone (evaluate.c). At the end of the header it is known whose keys sign; the body
 * is hashed as it passes; at the end of the message the signatures are made (signature_make.c). apply.c adds
 * them.
 */
#include "sign/sign.h"

#include <stdlib.h>
#include <string.h>

#include "author.h"
#include "domain.h"
#include "dkim/line_ends.h"
#include "policy.h"
#include "crypto/crypto_hash.h"
#include "sign/signature_make.h"
#include "text.h"

static const char *const canonicalization_words[] = {[SIGN_RELAXED_RELAXED] = "relaxed/relaxed",
                                                     [SIGN_RELAXED_SIMPLE] = "relaxed/simple",
                                                     [SIGN_SIMPLE_RELAXED] = "simple/relaxed",
                                                     [SIGN_SIMPLE_SIMPLE] = "simple/simple",
                                                     NULL};

#define ROW(member) offsetof(struct sign_entry, member)
static const struct setting rows[] = {
    {.name = "domain",
     .type = SETTING_STRING,
     .offset = ROW(domain),
     .standard = "\"\"",
     .help = "Author domain that it signs for; *.example.org for all below; empty: each domain that \"keys\" "
             "has a folder for"},
    {.name = "subdomains",
     .type = SETTING_FLAG,
     .offset = ROW(subdomains),
     .standard = "false",
     .help = "Sign for the author domains below too"},
    {.name = "keys",
     .type = SETTING_STRING,
     .offset = ROW(keys),
     .standard = "\"\"",
     .help = "Folder with SELECTOR.pem, or with DOMAIN/SELECTOR.pem; every key there signs"},
    {.name = "users",
     .type = SETTING_STRINGS,
     .offset = ROW(users),
     .standard = "[ ]",
     .help = "Logins that may send as these domains, * for any characters; empty: whoever is ours"},
    {.name = "sign_as",
     .type = SETTING_STRING,
     .offset = ROW(sign_as),
     .standard = "\"\"",
     .help = "Sign with the keys of this domain instead, for authors whose domain has none"},
    {.name = "canonicalization",
     .type = SETTING_WORD,
     .offset = ROW(canonicalization),
     .standard = "\"relaxed/relaxed\"",
     .words = canonicalization_words,
     .help = "How header and body are made canonical before they are signed"},
    {.name = "expire_days",
     .type = SETTING_NUMBER,
     .offset = ROW(expire_days),
     .standard = "0",
     .minimum = 0,
     .maximum = 3650,
     .help = "Days after which the signature expires (x=); 0: never"},
    {.name = "identity",
     .type = SETTING_FLAG,
     .offset = ROW(identity),
     .standard = "false",
     .help = "Name the author domain in the signature (i=)"},
    {.name = NULL},
};
#undef ROW

const struct setting_group sign_settings_group = {"sign", rows, sizeof(struct sign_entry)};

struct work {
	const struct sign_settings *settings;
	const struct message *message;
	struct arena *arena;
	struct author *author;
	const struct sign_entry *entry;
	const struct signing_keys *keys; /* NULL: nothing is signed, and `reason` may say why */
	const char *reason;
	struct crypto_hash *hash;
	struct canon_body canon;
	struct line_ends line_ends;
};

static bool open_state(const void *settings, void **state, struct problem *problem)
{
	union {
		const void *in;
		void *out;
	} both = {.in = settings};

	(void)problem;
	*state = both.out;
	return true;
}

static void *begin(void *state, const struct message *message, const struct services *services,
                   struct arena *arena)
{
	struct work *work = arena_allocate(arena, sizeof *work);

	(void)services;
	work->settings = state;
	work->message = message;
	work->arena = arena;
	work->author = author_begin(arena);
	return work;
}

static void header(void *with, const struct header *field)
{
	struct work *work = with;

	if (author_is_from(field->name))
		author_field(work->author, field->value, work->arena);
}

/* Does `text` match a pattern in which * stands for any characters? Linear in both but for backing up to the
 * last star. */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			retry = text;
		} else if (text_lower_byte(*pattern) == text_lower_byte(*text)) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star + 1;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool user_may(const struct sign_entry *entry, const char *login)
{
	if (entry->users.count == 0)
		return true;
	for (size_t i = 0; login != NULL && i < entry->users.count; i++)
		if (matches(entry->users.items[i], login))
			return true;
	return false;
}

bool sign_covers(const struct sign_entry *entry, const char *author)
{
	const char *domain = entry->domain;

	if (domain[0] == '\0' || text_same(domain, "*"))
		return true;
	if (strncmp(domain, "*.", 2) == 0)
		return domain_within(author, domain + 2) && !domain_equal(author, domain + 2);
	return domain_equal(author, domain) || (entry->subdomains && domain_within(author, domain));
}

bool sign_takes_below(const struct sign_entry *entry)
{
	return entry->subdomains || strncmp(entry->domain, "*.", 2) == 0;
}

/* The keys that an entry has for an author domain: under the name that it signs as, the author's own, or,
 * where the entry takes subdomains, the nearest above. The table has no names above the entry's. */
static const struct signing_keys *keys_for(const struct work *work, size_t number, const char *author)
{
	const struct sign_entry *entry = (const struct sign_entry *)work->settings->entries.items + number;
	const struct signing_table *table = work->settings->table;
	const struct signing_keys *keys;

	if (entry->sign_as[0] != '\0')
		return signing_table_find(table, number, entry->sign_as);
	keys = signing_table_find(table, number, author);
	while (keys == NULL && sign_takes_below(entry) && (author = domain_parent(author)) != NULL)
		keys = signing_table_find(table, number, author);
	return keys;
}

/* After an entry refused the login, the author's domain is for those whom an entry names; another domain may
 * still vouch for the mail. */
static bool is_open_to(const struct sign_entry *entry, const char *author, bool refused)
{
	return !refused || entry->users.count > 0 ||
	       (entry->sign_as[0] != '\0' && !domain_within(author, entry->sign_as));
}

static void choose_keys(struct work *work)
{
	const char *author = work->author->domain;
	const char *login = work->message->auth_user;
	bool refused = false;

	work->reason = arena_format(work->arena, "no key for %s (setting \"sign\")", author);
	for (size_t i = 0; i < work->settings->entries.count && work->keys == NULL; i++) {
		const struct sign_entry *entry = (const struct sign_entry *)work->settings->entries.items + i;
		const struct signing_keys *keys =
		    sign_covers(entry, author) ? keys_for(work, i, author) : NULL;

		if (keys == NULL || !is_open_to(entry, author, refused))
			continue;
		if (!user_may(entry, login)) {
			work->reason =
			    arena_format(work->arena, "%s may not send as %s (setting \"sign\", line %d)",
			                 login == NULL ? "a client without login" : login, author,
			                 work->settings->entries.lines[i]);
			refused = true;
			continue;
		}
		work->entry = entry;
		work->keys = keys;
	}
}

static enum canonicalization header_form(const struct sign_entry *entry)
{
	return entry->canonicalization >= SIGN_SIMPLE_RELAXED ? CANON_SIMPLE : CANON_RELAXED;
}

static enum canonicalization body_form(const struct sign_entry *entry)
{
	return entry->canonicalization == SIGN_RELAXED_RELAXED ||
	               entry->canonicalization == SIGN_SIMPLE_RELAXED
	           ? CANON_RELAXED
	           : CANON_SIMPLE;
}

static void give_body(void *with, const unsigned char *bytes, size_t length)
{
	canon_body_add(&((struct work *)with)->canon, bytes, length);
}

/* A message that a reader may take for somebody else's is not vouched for (RFC 6376 8.15). */
static void end_of_headers(void *with)
{
	struct work *work = with;

	if (work->settings->entries.count == 0)
		return;
	author_finish(work->author, work->message->header_cut, work->arena);
	work->reason = work->author->reason;
	if (work->author->state == AUTHOR_ONE)
		choose_keys(work);
	if (work->keys == NULL)
		return;
	work->hash = crypto_hash_begin(work->arena);
	if (work->hash == NULL)
		return;
	canon_body_begin(&work->canon, body_form(work->entry), crypto_hash_add, work->hash);
	work->line_ends = (struct line_ends){.give = give_body, .with = work};
}

static bool body(void *with, const unsigned char *bytes, size_t length)
{
	struct work *work = with;

	if (work->hash != NULL)
		line_ends_pass(&work->line_ends, bytes, length);
	return work->hash != NULL;
}

static bool make_all(const struct work *work, const struct signing *signing, struct made_signature *made)
{
	struct signature_cover cover = signature_make_cover(signing);

	for (size_t i = 0; cover.names != NULL && i < work->keys->count; i++)
		if (!signature_make(signing, &cover, &work->keys->keys[i], &made[i]))
			return false;
	return cover.names != NULL;
}

static void judge(void *with, struct findings *findings)
{
	struct work *work = with;
	unsigned char body_hash[CRYPTO_HASH];
	struct made_signature *made;
	struct signing signing;

	findings->sign.reason = work->reason;
	if (work->keys == NULL)
		return;
	findings->sign.reason = "OpenSSL could not sign, or the header is too large to be signed";
	if (work->hash == NULL)
		return;
	line_ends_finish(&work->line_ends);
	canon_body_end(&work->canon);
	crypto_hash_end(work->hash, body_hash);
	signing = (struct signing){
	    .message = work->message,
	    .domain = work->keys->domain,
	    .identity = work->entry->identity && domain_within(work->author->domain, work->keys->domain)
	                    ? work->author->domain
	                    : NULL,
	    .header_form = header_form(work->entry),
	    .body_form = body_form(work->entry),
	    .when = work->message->received,
	    .expires = work->entry->expire_days == 0
	                   ? 0
	                   : work->message->received + work->entry->expire_days * 86400,
	    .body_hash = body_hash,
	    .arena = work->arena,
	};
	made = arena_allocate(work->arena, work->keys->count * sizeof *made);
	if (make_all(work, &signing, made))
		findings->sign = (struct sign_finding){work->keys->count, made, NULL};
}

const struct policy policy_sign = {
    .name = "sign",
    .settings = &sign_settings_group,
    .for_ours = true,
    .open = open_state,
    .begin = begin,
    .header = header,
    .end_of_headers = end_of_headers,
    .body = body,
    .judge = judge,
};

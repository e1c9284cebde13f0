/*
 * key_published.c - compares a key with its record in the DNS. Called by key_list.c and
 * key_retire.c.
 */
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "dkim/key_record.h"
#include "tool/key/key.h"

enum {
	PROBLEM_SHOWN = 200 /* octets */
};

const char *const key_published_names[] = {[KEY_PUBLISHED] = "published",
                                           [KEY_MISSING] = "missing",
                                           [KEY_DIFFERS] = "differs",
                                           [KEY_REVOKED] = "revoked",
                                           [KEY_UNUSABLE] = "unusable",
                                           [KEY_UNKNOWN] = "unknown",
                                           NULL};

static bool key_published_is_same(const struct crypto_key *published, const struct key_file *file,
                                  struct arena *arena)
{
	size_t length;
	const unsigned char *public = crypto_private_public(file->private, arena, &length);

	return public != NULL && published->kind == crypto_private_kind(file->private) &&
	       published->length == length && memcmp(published->bytes, public, length) == 0;
}

static struct key_published published(enum key_publication state, const char *text)
{
	return (struct key_published){.state = state, .text = text};
}

static struct key_published key_published_judge(const struct record *text,
                                                const struct key_file *file, struct arena *arena)
{
	struct key_record record;
	struct key_published found;

	key_record_read(arena, text->text, text->text_length, &record);
	if (record.revoked)
		return published(KEY_REVOKED, "the record revokes the key (p= is empty)");
	if (record.problem != NULL)
		return published(KEY_UNUSABLE,
		                 text_printable(arena, record.problem, PROBLEM_SHOWN));
	found = key_published_is_same(&record.key, file, arena)
	            ? published(KEY_PUBLISHED, "the DNS has it")
	            : published(KEY_DIFFERS, "the record has another key");
	found.testing = record.testing;
	if (found.testing && found.state == KEY_PUBLISHED)
		found.text = "the record says that it is a test (t=y), which some receivers take "
		             "for no signature";
	return found;
}

/* Which of several records a verifier uses is undefined (RFC 6376 3.6.2.2): an error. */
static struct key_published key_published_judge_all(const struct answer *answer,
                                                    const struct key_file *file,
                                                    struct arena *arena)
{
	struct key_published found;

	invariant(answer->count > 0);
	if (answer->count > 1)
		return (struct key_published){
		    KEY_UNUSABLE, false, false,
		    arena_format(arena,
		                 "there are %zu TXT records of that name; keep the right one",
		                 answer->count)};
	found = key_published_judge(&answer->records[0], file, arena);
	found.secure = answer->secure;
	return found;
}

struct key_published key_published(const struct services *services, const struct key_file *file,
                                   struct arena *arena)
{
	const struct answer *answer;

	if (file->private == NULL)
		return (struct key_published){KEY_UNKNOWN, false, false, file->problem};
	answer = services_lookup(services, key_text_name(file, arena), RECORD_TXT);
	switch (answer->status) {
	case LOOKUP_FOUND:
		return key_published_judge_all(answer, file, arena);
	case LOOKUP_NO_DATA:
	case LOOKUP_NO_NAME:
		return (struct key_published){KEY_MISSING, false, answer->secure,
		                              "the DNS has no such record"};
	case LOOKUP_FAILED:
		break;
	}
	return (struct key_published){
	    KEY_UNKNOWN, false, false,
	    arena_format(arena, "the DNS does not answer: %s", answer->why)};
}

/*
 * spf_walk.c - walks SPF records. Called by spf_evaluate.c and spf_match.c, by spf_prefetch.c, and
 * by doctor_spf_tree.c of `assay dns`.
 *
 * spf_record.c has the grammar of one term, spf_macro.c that of its macros.
 */
#include "spf/spf_walk.h"

#include <string.h>

#include "base/invariant.h"

/* The whole record, before any of it is evaluated (RFC 7208 4.6). */
static bool walk_read(struct spf_walk *walk, const struct answer *answer)
{
	walk->known_at = 0;
	walk->known = spf_note_find(answer);
	if (walk->known != NULL) {
		walk->record = walk->known->record;
		return true;
	}
	if (!spf_record_read(walk->text, walk->length, &walk->record, &walk->fault))
		return false;
	walk->known = spf_note_keep(answer, &walk->record);
	return true;
}

enum spf_walk_status spf_walk_open(struct spf_walk *walk, const struct answer *answer,
                                   size_t length_max)
{
	invariant(walk->request != NULL && walk->domain != NULL && walk->work != NULL);
	walk->at = NULL;
	walk->fault = (struct spf_fault){0};
	walk->record_count = spf_record_select(answer, &walk->text, &walk->length);
	if (answer->status == LOOKUP_FAILED)
		return SPF_WALK_FAILED;
	if (walk->record_count == 0)
		return SPF_WALK_NONE;
	if (walk->record_count > 1)
		return SPF_WALK_SEVERAL;
	if (walk->length > length_max)
		return SPF_WALK_LONG;
	if (!walk_read(walk, answer))
		return SPF_WALK_BROKEN;
	walk->at = walk->record.terms;
	return SPF_WALK_FOUND;
}

/* The next of the terms that are kept. The reader may have moved walk->at back. */
static bool walk_next_known(struct spf_walk *walk, struct spf_term *term)
{
	const struct spf_note_terms *known = walk->known;

	while (walk->known_at > 0 && known->terms[walk->known_at - 1].text >= walk->at)
		walk->known_at--;
	while (walk->known_at < known->count && known->terms[walk->known_at].text < walk->at)
		walk->known_at++;
	if (walk->known_at == known->count)
		return false;
	*term = known->terms[walk->known_at++];
	walk->at = term->text + term->length;
	return true;
}

static bool walk_next_term(struct spf_walk *walk, struct spf_term *term)
{
	struct spf_fault fault;
	bool more;

	if (walk->known != NULL)
		return walk_next_known(walk, term);
	more = spf_record_next(&walk->at, walk->record.end, term, &fault);
	/* spf_walk_open() has read every term already. */
	invariant(more || fault.what == NULL);
	return more;
}

bool spf_walk_next(struct spf_walk *walk, struct spf_term *term)
{
	if (walk->at == NULL)
		return false;
	while (walk_next_term(walk, term)) {
		if (term->kind == SPF_TERM_REDIRECT || term->kind == SPF_TERM_EXPLANATION)
			continue;
		if (term->kind == SPF_TERM_ALL)
			walk->at = NULL;
		return true;
	}
	walk->at = NULL;
	*term = walk->record.redirect;
	return term->spec != NULL;
}

bool spf_walk_target(const struct spf_walk *walk, const struct spf_term *term,
                     const char *validated, char name[DOMAIN_MAX + 1])
{
	struct spf_macro_values values = {walk->request, walk->domain, validated, walk->work};
	size_t length;

	if (term->spec != NULL)
		return spf_macro_name(&values, term->spec, term->spec_length, name);
	length = strlen(walk->domain);
	invariant(length <= DOMAIN_MAX);
	memcpy(name, walk->domain, length + 1);
	return true;
}

enum record_type spf_walk_type(enum spf_term_kind kind, const struct address *client)
{
	static const enum record_type types[] = {[SPF_TERM_INCLUDE] = RECORD_TXT,
	                                         [SPF_TERM_MX] = RECORD_MX,
	                                         [SPF_TERM_PTR] = RECORD_PTR,
	                                         [SPF_TERM_EXISTS] = RECORD_A,
	                                         [SPF_TERM_REDIRECT] = RECORD_TXT};

	if (kind == SPF_TERM_A)
		return services_address_type(client);
	invariant(kind <= SPF_TERM_REDIRECT && types[kind] != 0);
	return types[kind];
}

static int compare_exchanges(const struct record *one, const struct record *other)
{
	if (one->preference != other->preference)
		return one->preference < other->preference ? -1 : 1;
	return strcmp(one->name, other->name);
}

const struct record *spf_walk_next_name(enum spf_term_kind kind, const struct answer *answer,
                                        const struct record *last)
{
	const struct record *next = NULL;

	if (kind == SPF_TERM_PTR) {
		size_t used = last == NULL ? 0 : (size_t)(last - answer->records) + 1;

		return used < answer->count && used < SPF_NAMES_MAX ? &answer->records[used] : NULL;
	}
	for (size_t i = 0; i < answer->count; i++) {
		const struct record *one = &answer->records[i];

		if ((last == NULL || compare_exchanges(one, last) > 0) &&
		    (next == NULL || compare_exchanges(one, next) < 0))
			next = one;
	}
	return next;
}

bool spf_walk_matches(const struct spf_term *term, const struct address *client)
{
	if (term->kind == SPF_TERM_IP4)
		return address_in_network(client, &term->address, term->bits4);
	if (term->kind == SPF_TERM_IP6)
		return address_in_network(client, &term->address, term->bits6);
	return term->kind == SPF_TERM_ALL;
}

bool spf_walk_is_void(const struct answer *answer)
{
	return answer->status == LOOKUP_NO_DATA || answer->status == LOOKUP_NO_NAME;
}

bool spf_walk_count(struct spf_walk_count *count)
{
	invariant(count->lookups <= count->max);
	count->exceeded = count->exceeded || count->lookups == count->max;
	if (count->exceeded)
		return false;
	count->lookups++;
	return true;
}

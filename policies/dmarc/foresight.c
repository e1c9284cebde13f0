/*
 * foresight.c - which names DMARC will ask about, as far as the header tells. Called by dmarc.c as fields
 * pass; the answers land in the resolver's cache and are used, or not, at the end of the message.
 */
#include "dmarc/foresight.h"

#include <stdint.h>
#include <string.h>

#include "domain.h"
#include "text.h"
#include "dmarc/tree_walk.h"

enum {
	IDENTIFIERS_MOST = 12,
	NAMES_MOST = 64,  /* of the first author domain and the identifiers */
	NAMES_IN_ALL = 96 /* with further author domains */
};

struct foresight {
	const struct services *services;
	const struct public_suffix_list *suffixes;
	struct arena *arena;
	const char *author; /* the one that was told last; NULL for none yet */
	size_t identifier_count, name_count;
	const char *identifiers[IDENTIFIERS_MOST];
	const char *names[NAMES_IN_ALL]; /* foreseen already */
};

struct foresight *foresight_begin(const struct services *services, const struct public_suffix_list *suffixes,
                                  struct arena *arena)
{
	struct foresight *foresight = arena_allocate(arena, sizeof *foresight);

	foresight->services = services;
	foresight->suffixes = suffixes;
	foresight->arena = arena;
	return foresight;
}

/*
 * A record above the author domain that speaks of np makes the question worth asking whether that domain
 * exists. Runs on the resolver's thread: reads the answer, and nothing of the message but the name.
 */
static void foresee_existence(const struct services *services, const char *name, const struct answer *answer,
                              void *with)
{
	const char *author = with;

	(void)name;
	for (size_t i = 0; i < answer->count; i++) {
		const struct record *record = &answer->records[i];

		if (record->text != NULL && memmem(record->text, record->text_length, "np", 2) != NULL) {
			services_foresee(services, author, RECORD_A);
			return;
		}
	}
}

static void foresee(struct foresight *foresight, const char *domain, size_t most)
{
	bool above = domain_within(foresight->author, domain) && !domain_equal(foresight->author, domain);
	const char *query;

	for (size_t i = 0; i < foresight->name_count; i++)
		if (domain_equal(foresight->names[i], domain))
			return;
	query = tree_walk_query_name(foresight->arena, domain);
	if (query == NULL || foresight->name_count >= most)
		return;
	foresight->names[foresight->name_count++] = domain;
	foresight->services->foresee(foresight->services->context, query, RECORD_TXT,
	                             above ? foresee_existence : NULL, (void *)(uintptr_t)foresight->author);
}

static void foresee_walk(struct foresight *foresight, const char *start, size_t most)
{
	const char *names[TREE_WALK_MOST];
	size_t count = tree_walk_names(start, names);

	for (size_t i = 0; i < count; i++)
		foresee(foresight, names[i], most);
}

static void foresee_identifier(struct foresight *foresight, const char *domain)
{
	if (foresight->suffixes != NULL)
		return;
	if (domain_is_near(domain, foresight->author))
		foresee_walk(foresight, domain, NAMES_MOST);
}

void foresight_author(struct foresight *foresight, const char *domain)
{
	foresight->author = domain;
	if (foresight->suffixes == NULL) {
		foresee_walk(foresight, domain, NAMES_IN_ALL);
	} else {
		foresee(foresight, domain, NAMES_IN_ALL);
		foresee(foresight, public_suffix_organization(foresight->suffixes, domain), NAMES_IN_ALL);
	}
	for (size_t i = 0; i < foresight->identifier_count; i++)
		foresee_identifier(foresight, foresight->identifiers[i]);
}

void foresight_identifier(struct foresight *foresight, const char *domain)
{
	if (domain == NULL || foresight->identifier_count == IDENTIFIERS_MOST)
		return;
	for (size_t i = 0; i < foresight->identifier_count; i++)
		if (domain_equal(foresight->identifiers[i], domain))
			return;
	foresight->identifiers[foresight->identifier_count++] = domain;
	if (foresight->author != NULL)
		foresee_identifier(foresight, domain);
}

/* Lenient: whether a signature is well-formed is DKIM's business, and a name asked in vain does no harm. */
void foresight_signature(struct foresight *foresight, const char *value)
{
	while (value != NULL && *value != '\0') {
		size_t length;

		value += strspn(value, " \t\r\n;");
		if (value[0] == 'd' && strchr(" \t\r\n=", value[1]) != NULL && value[1] != '\0') {
			value += 1 + strspn(value + 1, " \t\r\n=");
			length = strcspn(value, " \t\r\n;");
			foresight_identifier(foresight, domain_normalize(foresight->arena, value, length));
			return;
		}
		value = strchr(value, ';');
	}
}

/*
 * foresight.c - which names DMARC will ask about, as far as the header tells. Called by dmarc.c as fields
 * pass; the answers land in the resolver's cache and are used, or not, at the end of the message.
 */
#include "dmarc/foresight.h"

#include <stdatomic.h>
#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "dmarc/policy_record.h"
#include "dmarc/tree_walk.h"

enum {
	IDENTIFIERS_MOST = 12,
	NAMES_MOST = 64,  /* of the first author domain and the identifiers */
	NAMES_IN_ALL = 96 /* with further author domains */
};

/* A domain whose record is asked for. */
struct name {
	const char *domain;
	const char *below;      /* the author domain, where that is below this one */
	atomic_bool ends_walks; /* its record is there, and no walk goes on above it */
};

struct foresight {
	const struct services *services;
	const struct public_suffix_list *suffixes;
	struct arena *arena;
	const char *author; /* the one that was told last; NULL for none yet */
	size_t identifier_count, name_count;
	const char *identifiers[IDENTIFIERS_MOST];
	struct name names[NAMES_IN_ALL]; /* foreseen already */
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

/* Does the answer end a walk (RFC 9989 4.10)? Several records count as none. */
static bool ends_walks(const struct answer *answer)
{
	enum psd psd, found = PSD_UNKNOWN;
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		if (!policy_record_peek(answer->records[i].text, answer->records[i].text_length, &psd))
			continue;
		count++;
		found = psd;
	}
	return count == 1 && found != PSD_UNKNOWN;
}

/*
 * A record above the author domain that speaks of np makes the question worth asking whether that domain
 * exists. Runs on the resolver's thread: reads the answer, and nothing of the message but the name.
 */
static void record_arrived(const struct services *services, const char *query, const struct answer *answer,
                           void *with)
{
	struct name *name = with;

	(void)query;
	atomic_store(&name->ends_walks, ends_walks(answer));
	for (size_t i = 0; name->below != NULL && i < answer->count; i++) {
		const struct record *record = &answer->records[i];

		if (record->text != NULL && memmem(record->text, record->text_length, "np", 2) != NULL) {
			services_foresee(services, name->below, RECORD_A);
			return;
		}
	}
}

/* False where nothing above the domain is needed, as far as that is known by now. */
static bool foresee(struct foresight *foresight, const char *domain, size_t most)
{
	bool above = domain_within(foresight->author, domain) && !domain_equal(foresight->author, domain);
	struct name *name = &foresight->names[foresight->name_count];
	const char *query;

	for (size_t i = 0; i < foresight->name_count; i++)
		if (domain_equal(foresight->names[i].domain, domain))
			return !atomic_load(&foresight->names[i].ends_walks);
	query = tree_walk_query_name(foresight->arena, domain);
	if (query == NULL || foresight->name_count >= most)
		return true;
	foresight->name_count++;
	name->domain = domain;
	name->below = above ? foresight->author : NULL;
	atomic_init(&name->ends_walks, false);
	foresight->services->foresee(foresight->services->context, query, RECORD_TXT, record_arrived, name);
	return !atomic_load(&name->ends_walks);
}

/* All names at once, so that a walk takes one round trip; but none above a record that is known to end it. */
static void foresee_walk(struct foresight *foresight, const char *start, size_t most)
{
	const char *names[TREE_WALK_MOST];
	size_t count = tree_walk_names(start, names);

	for (size_t i = 0; i < count && foresee(foresight, names[i], most); i++)
		continue;
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

/*
 * prefetch.c - starts the lookups that DMARC will probably need. Called by dmarc.c as header fields
 * pass. The answers go to the cache of the resolver and are used, if needed, at the end of the
 * message.
 */
#include "dmarc/prefetch.h"

#include <stdatomic.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "dmarc/policy_record.h"
#include "dmarc/tree_walk.h"

enum {
	IDENTIFIERS_MAX = 12,
	NAMES_MAX = 64,   /* of the first author domain and the identifiers */
	NAMES_IN_ALL = 96 /* with further author domains */
};

/* A domain whose record is looked up. */
struct name {
	const char *domain;
	const char *below;      /* the author domain, if it is below this one; else NULL */
	atomic_bool ends_walks; /* its record is there, and no walk goes on above it */
};

struct prefetch {
	const struct services *services;
	const struct public_suffix_list *suffixes;
	struct arena *arena;
	const char *author; /* the last author domain; NULL for none yet */
	size_t identifier_count, name_count;
	const char *identifiers[IDENTIFIERS_MAX];
	struct name names[NAMES_IN_ALL]; /* prefetched already */
};

struct prefetch *prefetch_begin(const struct services *services,
                                const struct public_suffix_list *suffixes, struct arena *arena)
{
	struct prefetch *prefetch = arena_allocate(arena, sizeof *prefetch);

	prefetch->services = services;
	prefetch->suffixes = suffixes;
	prefetch->arena = arena;
	return prefetch;
}

/* Does the answer end a walk (RFC 9989 4.10)? Several records count as none. */
static bool ends_walks(const struct answer *answer)
{
	enum psd psd, found = PSD_UNKNOWN;
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		if (!policy_record_peek(answer->records[i].text, answer->records[i].text_length,
		                        &psd))
			continue;
		count++;
		found = psd;
	}
	return count == 1 && found != PSD_UNKNOWN;
}

/*
 * If a record above the author domain mentions np, DMARC may need to know whether that domain
 * exists. Runs on the resolver's thread: reads only the answer and the name.
 */
static void record_arrived(const struct services *services, const char *query,
                           const struct answer *answer, void *context)
{
	struct name *name = context;

	(void)query;
	atomic_store(&name->ends_walks, ends_walks(answer));
	for (size_t i = 0; name->below != NULL && i < answer->count; i++) {
		const struct record *record = &answer->records[i];

		if (record->text != NULL &&
		    memmem(record->text, record->text_length, "np", 2) != NULL) {
			services_prefetch(services, name->below, RECORD_A);
			return;
		}
	}
}

/* False if nothing above the domain is needed, as far as that is known already. */
static bool prefetch_name(struct prefetch *prefetch, const char *domain, size_t max)
{
	bool above =
	    domain_within(prefetch->author, domain) && !domain_equal(prefetch->author, domain);
	struct name *name;
	const char *query;

	invariant(max <= NAMES_IN_ALL && prefetch->name_count <= NAMES_IN_ALL);
	for (size_t i = 0; i < prefetch->name_count; i++)
		if (domain_equal(prefetch->names[i].domain, domain))
			return !atomic_load(&prefetch->names[i].ends_walks);
	query = tree_walk_query_name(prefetch->arena, domain);
	if (query == NULL || prefetch->name_count >= max)
		return true;
	name = &prefetch->names[prefetch->name_count++];
	name->domain = domain;
	name->below = above ? prefetch->author : NULL;
	atomic_init(&name->ends_walks, false);
	prefetch->services->prefetch(prefetch->services->context, query, RECORD_TXT, record_arrived,
	                             name);
	return !atomic_load(&name->ends_walks);
}

/* All names at once, so that a walk takes one round trip, but none above a record that is known to
 * end the walk. */
static void prefetch_walk(struct prefetch *prefetch, const char *start, size_t max)
{
	const char *names[TREE_WALK_MAX];
	size_t count = tree_walk_names(start, names);

	for (size_t i = 0; i < count && prefetch_name(prefetch, names[i], max); i++)
		continue;
}

static void start_identifier(struct prefetch *prefetch, const char *domain)
{
	if (prefetch->suffixes != NULL)
		return;
	invariant(prefetch->author != NULL);
	if (domain_is_near(domain, prefetch->author))
		prefetch_walk(prefetch, domain, NAMES_MAX);
}

void prefetch_author(struct prefetch *prefetch, const char *domain)
{
	services_debug(prefetch->services, "DMARC: prefetching for the author domain %s", domain);
	prefetch->author = domain;
	if (prefetch->suffixes == NULL) {
		prefetch_walk(prefetch, domain, NAMES_IN_ALL);
	} else {
		prefetch_name(prefetch, domain, NAMES_IN_ALL);
		prefetch_name(prefetch, public_suffix_organization(prefetch->suffixes, domain),
		              NAMES_IN_ALL);
	}
	for (size_t i = 0; i < prefetch->identifier_count; i++)
		start_identifier(prefetch, prefetch->identifiers[i]);
}

void prefetch_identifier(struct prefetch *prefetch, const char *domain)
{
	if (domain == NULL || prefetch->identifier_count == IDENTIFIERS_MAX)
		return;
	for (size_t i = 0; i < prefetch->identifier_count; i++)
		if (domain_equal(prefetch->identifiers[i], domain))
			return;
	prefetch->identifiers[prefetch->identifier_count++] = domain;
	if (prefetch->author != NULL)
		start_identifier(prefetch, domain);
}

/* Lenient: whether a signature is well-formed is checked by DKIM, and a lookup in vain does no
 * harm. */
void prefetch_signature(struct prefetch *prefetch, const char *value)
{
	while (value != NULL && *value != '\0') {
		size_t length;

		value += strspn(value, " \t\r\n;");
		if (value[0] == 'd' && strchr(" \t\r\n=", value[1]) != NULL && value[1] != '\0') {
			value += 1 + strspn(value + 1, " \t\r\n=");
			length = strcspn(value, " \t\r\n;");
			prefetch_identifier(prefetch,
			                    domain_normalize(prefetch->arena, value, length));
			return;
		}
		value = strchr(value, ';');
	}
}

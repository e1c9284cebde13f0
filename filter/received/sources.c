/*
 * sources.c - see sources.h. Lines are named, those with the same name are put together, and
 * source_advice.c says of each source what it is and what to do.
 */
#include "received/sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "received/received_settings.h"
#include "received/source_advice.h"
#include "received/source_facts.h"
#include "received/source_publish.h"
#include "received/source_services.h"

/* A line and what names it. */
struct named_line {
	const struct source_line *line;
	const struct source_address *address;
	const char *key; /* lines with the same are one source */
	const char *name;
	const struct source_service *service;
	bool known;
};

static const char *known_name(const struct source_site *site, const struct address *address)
{
	const struct received_known *known = site->known == NULL ? NULL : site->known->items;

	for (size_t i = 0; known != NULL && i < site->known->count; i++)
		if (address_in_networks(address, &known[i].networks))
			return known[i].name;
	return NULL;
}

/* By a name that evidence leads to. */
static void name_by_domain(const struct source_facts *facts, struct named_line *named,
                           const char *domain)
{
	named->service = source_services_find(domain);
	named->name = named->service != NULL ? named->service->name
	                                     : source_facts_organization(facts, domain);
	named->key = named->name;
}

static void name_by_network(const struct source_facts *facts, struct named_line *named)
{
	const struct source_site *site = facts->site;
	const char *network = NULL;

	if (site->network != NULL && named->address->address.family != ADDRESS_UNKNOWN)
		network = site->network(site->context, &named->address->address);
	named->name = network == NULL ? "" : network;
	/* many addresses without a name are one source, unless one sends a lot */
	named->key = network != NULL                             ? network
	             : named->address->messages >= SOURCES_ALONE ? named->address->text
	                                                         : "";
}

/* The order of sources.h. */
static void name_line(const struct source_facts *facts, struct named_line *named)
{
	const struct source_address *address = named->address;
	const char *known = known_name(facts->site, &address->address);

	if (address->ours) {
		named->name = address->name;
		named->key = address->text;
	} else if (known != NULL) {
		named->known = true;
		named->name = named->key = known;
		named->service = source_services_find(
		    named->line->signer[0] != '\0' ? named->line->signer : address->name);
	} else if (named->line->signer[0] != '\0') {
		name_by_domain(facts, named, named->line->signer);
	} else if (address->included != NULL) {
		name_by_domain(facts, named, address->included);
	} else if (address->name[0] != '\0') {
		name_by_domain(facts, named, address->name);
	} else {
		name_by_network(facts, named);
	}
}

static int by_key(const void *one, const void *other)
{
	const struct named_line *a = one, *b = other;
	int order = strcmp(a->key, b->key);

	if (order != 0)
		return order;
	if (a->line->numbers.messages != b->line->numbers.messages)
		return a->line->numbers.messages < b->line->numbers.messages ? 1 : -1;
	order = strcmp(a->line->address, b->line->address);
	return order != 0 ? order : a->line < b->line ? -1 : a->line > b->line;
}

static void add_shown(struct source *source, const char *address)
{
	for (size_t i = 0; i < source->shown_count; i++)
		if (strcmp(source->shown[i], address) == 0)
			return;
	if (source->shown_count < SOURCES_SHOWN)
		source->shown[source->shown_count++] = address;
}

static int by_address(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static size_t count_addresses(const struct named_line *lines, size_t count, struct arena *arena)
{
	const char **all = arena_allocate(arena, count * sizeof(const char *));
	size_t distinct = 0;

	for (size_t i = 0; i < count; i++)
		all[i] = lines[i].line->address;
	qsort(all, count, sizeof(const char *), by_address);
	for (size_t i = 0; i < count; i++)
		distinct += i == 0 || strcmp(all[i], all[i - 1]) != 0;
	return distinct;
}

/* The line whose evidence counts: that of most messages without an aligned pass. */
static const struct named_line *telling_line(const struct named_line *lines, size_t count)
{
	const struct named_line *best = lines;

	for (size_t i = 1; i < count; i++)
		if (received_numbers_lost(&lines[i].line->numbers) >
		    received_numbers_lost(&best->line->numbers))
			best = &lines[i];
	return best;
}

/* One source of the lines with the same key. */
static struct source source_of(const struct named_line *lines, size_t count, struct arena *arena)
{
	const struct named_line *telling = telling_line(lines, count);
	struct source source = {.name = lines->name,
	                        .address = lines->line->address,
	                        .first = lines->line->first,
	                        .signer = telling->line->signer,
	                        .spf_domain = telling->line->spf_domain,
	                        .spf_result = telling->line->spf_result,
	                        .term = telling->address->term,
	                        .kind = lines->address->ours ? SOURCE_OURS : SOURCE_UNKNOWN,
	                        .service = lines->service,
	                        .known = lines->known,
	                        .advice = ""};

	for (size_t i = 0; i < count; i++) {
		const struct source_line *line = lines[i].line;

		received_numbers_add(&source.numbers, &line->numbers);
		add_shown(&source, line->address);
		source.first = line->first < source.first ? line->first : source.first;
		source.last = line->last > source.last ? line->last : source.last;
	}
	source.address_count = count_addresses(lines, count, arena);
	return source;
}

static int by_weight(const void *one, const void *other)
{
	const struct source *a = one, *b = other;
	int64_t lost = received_numbers_lost(&b->numbers) - received_numbers_lost(&a->numbers);

	if (a->weight != b->weight)
		return b->weight - a->weight;
	if (lost != 0)
		return lost < 0 ? -1 : 1;
	if (a->numbers.messages != b->numbers.messages)
		return a->numbers.messages < b->numbers.messages ? 1 : -1;
	return strcmp(a->address, b->address);
}

struct sources *sources_examine(const struct source_site *site, const struct source_line *lines,
                                size_t count, struct arena *arena)
{
	struct sources *sources = arena_allocate(arena, sizeof *sources);
	struct named_line *named = arena_allocate(arena, (count + 1) * sizeof *named);
	struct source_facts facts;

	source_facts_find(&facts, site, lines, count, arena);
	for (size_t i = 0; i < count; i++) {
		named[i] = (struct named_line){
		    .line = &lines[i], .address = source_facts_of(&facts, lines[i].address)};
		invariant(named[i].address != NULL);
		name_line(&facts, &named[i]);
		received_numbers_add(&sources->total, &lines[i].numbers);
	}
	qsort(named, count, sizeof *named, by_key);
	sources->items = arena_allocate(arena, (count + 1) * sizeof *sources->items);
	sources->policy = facts.policy;
	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count && strcmp(named[next].key, named[i].key) == 0;)
			next++;
		sources->items[sources->count] = source_of(&named[i], next - i, arena);
		source_advice_give(&facts, &sources->items[sources->count++]);
	}
	sources->reject = source_publish_reject(&facts);
	sources->unsure = facts.unsure;
	qsort(sources->items, sources->count, sizeof *sources->items, by_weight);
	return sources;
}

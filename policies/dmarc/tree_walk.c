/*
 * tree_walk.c - walks up the names of a domain for DMARC records. Called by discovery.c for the
 * author domain and by alignment.c for other identifiers; records are read by policy_record.c.
 */
#include "dmarc/tree_walk.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"

enum {
	ANSWERS_FIRST = 16,
	JUMP = 7,        /* labels of the second name of a walk, at most */
	DOUBTED_MAX = 3, /* failed lookups of which all possible answers are tried */
	FINDINGS = 4     /* of enum finding */
};

/* What the walk finds at a name; the last two end it. */
enum finding {
	FOUND_NOTHING,
	FOUND_RECORD,
	FOUND_SUFFIX,      /* psd=y */
	FOUND_ORGANIZATION /* psd=n */
};

struct tree_walks {
	const struct services *services;
	struct arena *arena;
	size_t count, answers_room, steps_room;
	/* one for each name; the pointers stay valid as the array grows */
	struct walk_answer **answers;
	struct walk_step *steps; /* in the same order */
};

struct tree_walks *tree_walk_begin(const struct services *services, struct arena *arena)
{
	struct tree_walks *walks = arena_allocate(arena, sizeof *walks);

	walks->services = services;
	walks->arena = arena;
	return walks;
}

size_t tree_walk_names(const char *start, const char *names[TREE_WALK_MAX])
{
	size_t labels = domain_labels(start);
	size_t count = 0;

	while (labels > 0 && count < TREE_WALK_MAX) {
		names[count++] = domain_rightmost(start, labels);
		labels = labels > JUMP ? JUMP : labels - 1;
	}
	return count;
}

const char *tree_walk_query_name(struct arena *arena, const char *domain)
{
	const char *name = arena_format(arena, "_dmarc.%s", domain);

	return strlen(name) > DOMAIN_MAX ? NULL : name;
}

static void tree_walk_make_room(struct tree_walks *walks)
{
	walks->answers =
	    arena_grow(walks->arena, walks->answers, walks->count, &walks->answers_room,
	               ANSWERS_FIRST, sizeof(struct walk_answer *));
	walks->steps = arena_grow(walks->arena, walks->steps, walks->count, &walks->steps_room,
	                          ANSWERS_FIRST, sizeof *walks->steps);
}

/* The one DMARC record among the TXT records. Several are discarded, whatever they are (4.10). */
static const char *pick_record(struct tree_walks *walks, const struct answer *found,
                               struct walk_answer *answer)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct policy_record *record = policy_record_read(
		    walks->arena, found->records[i].text, found->records[i].text_length);

		if (record == NULL)
			continue;
		if (answer->record != NULL) {
			answer->record = NULL;
			return "several records, discarded";
		}
		answer->record = record;
	}
	return answer->record != NULL ? "record" : "no record";
}

static void tree_walk_look_up(struct tree_walks *walks, struct walk_answer *answer,
                              struct walk_step *step)
{
	const char *name = tree_walk_query_name(walks->arena, answer->domain);
	const struct answer *found;

	if (name == NULL) {
		*step = (struct walk_step){answer->domain, LOOKUP_NO_NAME,
		                           "no record: the name is too long to look up"};
		return;
	}
	found = services_lookup(walks->services, name, RECORD_TXT);
	answer->failed = found->status == LOOKUP_FAILED;
	answer->fault = found->fault;
	answer->why = found->why == NULL ? "no reason given" : found->why;
	*step = (struct walk_step){.name = name, .status = found->status};
	if (answer->failed)
		step->outcome = arena_format(walks->arena, "failed: %s", answer->why);
	else
		step->outcome = pick_record(walks, found, answer);
}

const struct walk_answer *tree_walk_ask(struct tree_walks *walks, const char *domain)
{
	struct walk_answer *answer;

	for (size_t i = 0; i < walks->count; i++)
		if (domain_equal(walks->answers[i]->domain, domain))
			return walks->answers[i];
	tree_walk_make_room(walks);
	answer = arena_allocate(walks->arena, sizeof *answer);
	answer->domain = domain;
	invariant(walks->count < walks->steps_room && walks->count < walks->answers_room);
	tree_walk_look_up(walks, answer, &walks->steps[walks->count]);
	services_debug(walks->services, "DMARC: %s: %s", walks->steps[walks->count].name,
	               walks->steps[walks->count].outcome);
	walks->answers[walks->count++] = answer;
	return answer;
}

static enum finding found_at(const struct walk_answer *answer)
{
	if (answer->record == NULL)
		return FOUND_NOTHING;
	if (answer->record->psd == PSD_YES)
		return FOUND_SUFFIX;
	return answer->record->psd == PSD_NO ? FOUND_ORGANIZATION : FOUND_RECORD;
}

/* 4.10.2: the walk from `start` ended at `last`; `shortest` is the name with the fewest labels that
 * has a record, or NULL. */
static const char *tree_walk_organization(const char *start, const char *last, enum finding at_last,
                                          const char *shortest)
{
	if (at_last == FOUND_SUFFIX && !domain_equal(last, start))
		return domain_rightmost(start, domain_labels(last) + 1);
	return shortest == NULL ? start : shortest;
}

struct tree_walk tree_walk_run(struct tree_walks *walks, const char *start)
{
	const char *names[TREE_WALK_MAX];
	size_t count = tree_walk_names(start, names);
	const struct walk_answer *last = NULL;
	const char *shortest = NULL;
	struct tree_walk walk = {0};
	enum finding found = FOUND_NOTHING;

	for (size_t i = 0; i < count && found < FOUND_SUFFIX; i++) {
		last = tree_walk_ask(walks, names[i]);
		if (last->failed)
			return (struct tree_walk){.failed = last};
		found = found_at(last);
		if (found != FOUND_NOTHING)
			shortest = last->domain;
	}
	invariant(last != NULL);
	walk.organizational_domain = tree_walk_organization(start, last->domain, found, shortest);
	if (found == FOUND_SUFFIX && !domain_equal(last->domain, start))
		walk.suffix = last;
	services_debug(walks->services, "DMARC: organizational domain of %s: %s", start,
	               walk.organizational_domain);
	return walk;
}

/* Failed lookups, and a finding assumed for each: the digits of `assumed` to the base FINDINGS. */
struct doubt {
	size_t count;
	const char *domains[DOUBTED_MAX];
	unsigned assumed;
};

static bool is_doubted(const struct doubt *doubt, const char *domain)
{
	for (size_t i = 0; i < doubt->count && i < DOUBTED_MAX; i++)
		if (domain_equal(doubt->domains[i], domain))
			return true;
	return false;
}

static enum finding assume(const struct doubt *doubt, const struct walk_answer *answer)
{
	unsigned assumed = doubt->assumed;

	for (size_t i = 0; i < doubt->count; i++, assumed /= FINDINGS)
		if (domain_equal(doubt->domains[i], answer->domain))
			return (enum finding)(assumed % FINDINGS);
	return found_at(answer);
}

/* Every failed lookup of the walk from `start`, which goes on as if each had found nothing. */
static void collect_doubts(struct tree_walks *walks, const char *start, struct doubt *doubt)
{
	const char *names[TREE_WALK_MAX];
	size_t count = tree_walk_names(start, names);
	enum finding found = FOUND_NOTHING;

	for (size_t i = 0; i < count && found < FOUND_SUFFIX; i++) {
		const struct walk_answer *answer = tree_walk_ask(walks, names[i]);

		found = found_at(answer);
		if (!answer->failed || is_doubted(doubt, names[i]))
			continue;
		if (doubt->count < DOUBTED_MAX)
			doubt->domains[doubt->count] = names[i];
		doubt->count++;
	}
}

static const char *assumed_organization(struct tree_walks *walks, const char *start,
                                        const struct doubt *doubt)
{
	const char *names[TREE_WALK_MAX];
	size_t count = tree_walk_names(start, names);
	const char *shortest = NULL, *last = start;
	enum finding found = FOUND_NOTHING;

	for (size_t i = 0; i < count && found < FOUND_SUFFIX; i++) {
		last = names[i];
		found = assume(doubt, tree_walk_ask(walks, last));
		if (found != FOUND_NOTHING)
			shortest = last;
	}
	return tree_walk_organization(start, last, found, shortest);
}

enum walk_relation tree_walk_compare(struct tree_walks *walks, const char *one, const char *other)
{
	struct doubt doubt = {0};
	unsigned same = 0, cases = 1;

	collect_doubts(walks, one, &doubt);
	collect_doubts(walks, other, &doubt);
	if (doubt.count > DOUBTED_MAX)
		return WALK_UNKNOWN;
	for (size_t i = 0; i < doubt.count; i++)
		cases *= FINDINGS;
	for (doubt.assumed = 0; doubt.assumed < cases; doubt.assumed++)
		same += domain_equal(assumed_organization(walks, one, &doubt),
		                     assumed_organization(walks, other, &doubt));
	if (same != 0 && same != cases)
		return WALK_UNKNOWN;
	return same == 0 ? WALK_DIFFERENT : WALK_SAME;
}

const struct walk_step *tree_walk_steps(const struct tree_walks *walks, size_t *count)
{
	*count = walks->count;
	return walks->steps;
}

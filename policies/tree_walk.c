/*
 * tree_walk.c - walks up the names of a domain for DMARC records. Called by discovery.c for the author domain
 * and by alignment.c for other identifiers; records are read by policy_record.c.
 */
#include "tree_walk.h"

#include <string.h>

#include "domain.h"

enum {
	ANSWERS_FIRST = 16,
	JUMP = 7, /* labels left after the first query of a long name */
};

struct tree_walks {
	const struct services *services;
	struct arena *arena;
	size_t count, room;
	struct walk_answer **answers; /* one a name asked; the pointers stay valid as the array grows */
	struct walk_step *steps;      /* of the same order */
};

struct tree_walks *tree_walk_begin(const struct services *services, struct arena *arena)
{
	struct tree_walks *walks = arena_allocate(arena, sizeof *walks);

	walks->services = services;
	walks->arena = arena;
	return walks;
}

size_t tree_walk_names(const char *start, const char *names[TREE_WALK_MOST])
{
	size_t labels = domain_labels(start);
	size_t count = 0;

	while (labels > 0 && count < TREE_WALK_MOST) {
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

static void grow(struct tree_walks *walks)
{
	size_t room = walks->room == 0 ? ANSWERS_FIRST : 2 * walks->room;
	struct walk_answer **answers = arena_allocate(walks->arena, room * sizeof *answers);
	struct walk_step *steps = arena_allocate(walks->arena, room * sizeof *steps);

	if (walks->count > 0) {
		memcpy(answers, walks->answers, walks->count * sizeof *answers);
		memcpy(steps, walks->steps, walks->count * sizeof *steps);
	}
	walks->answers = answers;
	walks->steps = steps;
	walks->room = room;
}

/* The one DMARC record among the TXT found. Several are discarded (4.10), whatever they say. */
static const char *pick_record(struct tree_walks *walks, const struct answer *found,
                               struct walk_answer *answer)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct policy_record *record =
		    policy_record_read(walks->arena, found->records[i].text, found->records[i].text_length);

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

static void ask(struct tree_walks *walks, struct walk_answer *answer, struct walk_step *step)
{
	const char *name = tree_walk_query_name(walks->arena, answer->domain);
	const struct answer *found;

	if (name == NULL) {
		*step = (struct walk_step){answer->domain, LOOKUP_NO_NAME,
		                           "no record: the name is too long to ask"};
		return;
	}
	found = services_lookup(walks->services, name, RECORD_TXT);
	answer->failed = found->status == LOOKUP_FAILED;
	*step = (struct walk_step){.name = name, .status = found->status};
	if (answer->failed)
		step->outcome =
		    arena_format(walks->arena, "failed: %s", found->why == NULL ? "no words" : found->why);
	else
		step->outcome = pick_record(walks, found, answer);
}

const struct walk_answer *tree_walk_ask(struct tree_walks *walks, const char *domain)
{
	struct walk_answer *answer;

	for (size_t i = 0; i < walks->count; i++)
		if (domain_equal(walks->answers[i]->domain, domain))
			return walks->answers[i];
	if (walks->count == walks->room)
		grow(walks);
	answer = arena_allocate(walks->arena, sizeof *answer);
	answer->domain = domain;
	ask(walks, answer, &walks->steps[walks->count]);
	walks->answers[walks->count++] = answer;
	return answer;
}

static bool is_psd(const struct walk_answer *answer, enum psd psd)
{
	return answer->record != NULL && answer->record->psd == psd;
}

/* 4.10.2: `last` is the answer where the walk stopped, `shortest` the record with the fewest labels, or NULL.
 */
static struct tree_walk conclude(const char *start, const struct walk_answer *last,
                                 const struct walk_answer *shortest)
{
	if (is_psd(last, PSD_YES) && !domain_equal(last->domain, start))
		return (struct tree_walk){
		    .organizational_domain = domain_rightmost(start, domain_labels(last->domain) + 1),
		    .suffix = last,
		};
	return (struct tree_walk){.organizational_domain = shortest == NULL ? start : shortest->domain};
}

struct tree_walk tree_walk_run(struct tree_walks *walks, const char *start)
{
	const char *names[TREE_WALK_MOST];
	size_t count = tree_walk_names(start, names);
	const struct walk_answer *last = NULL, *shortest = NULL;

	for (size_t i = 0; i < count; i++) {
		last = tree_walk_ask(walks, names[i]);
		if (last->failed)
			return (struct tree_walk){.failed = last};
		if (last->record != NULL)
			shortest = last;
		if (is_psd(last, PSD_YES) || is_psd(last, PSD_NO))
			break;
	}
	return conclude(start, last, shortest);
}

const struct walk_step *tree_walk_steps(const struct tree_walks *walks, size_t *count)
{
	*count = walks->count;
	return walks->steps;
}

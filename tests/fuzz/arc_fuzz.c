/*
 * arc_fuzz.c - hostile chains: the readers keep to their contracts, a message with ARC fields goes
 * all the way through policy_dkim and policy_arc, and the order of these fields among each other
 * changes nothing.
 *
 * The input is a number of fields and how they are turned, then strings, each ended by a NUL: a key
 * record, and for each field a letter (r, m, s: results, message signature, seal) with its value;
 * the rest is the body.
 */
#include "fuzz.h"

#include "arc/chain.h"
#include "base/domain.h"
#include "evaluate.h"
#include "policy.h"
#include "run_arc.h"

enum {
	FIELDS_MAX = 12
};

static const struct answer *fuzz_lookup(void *context, const char *name, enum record_type type)
{
	must(name != NULL && type == RECORD_TXT);
	return context;
}

static void fuzz_prefetch(void *context, const char *name, enum record_type type,
                          prefetched_function *then, void *with)
{
	(void)context, (void)then, (void)with;
	must(name != NULL && type == RECORD_TXT);
}

static time_t fuzz_now(void *context)
{
	(void)context;
	return 1767225600;
}

static void check_instance(struct arena *arena, const char *value)
{
	unsigned number = 0;
	const char *behind = instance_read(value, &number);
	const char *plain = instance_without_comments(arena, value);

	must(strlen(plain) == strlen(value));
	must(behind == NULL || (behind > value && behind[-1] == ';'));
	if (behind == NULL)
		return;
	must(number > 0 && number <= INSTANCE_MAX);
	must(memchr(plain, '(', (size_t)(behind - value)) == NULL);
	must(strcmp(plain + (behind - value), behind) == 0);
}

static void check_finding(const struct arc_finding *arc, size_t fields)
{
	must((arc->result == RESULT_NONE) == (fields == 0));
	must((arc->result == RESULT_FAIL) == (arc->reason != NULL));
	must(arc->result != RESULT_PASS || arc->count > 0);
	must(!arc->only_changed || (arc->result == RESULT_FAIL && !arc->temporary));
	must(arc->count * CHAIN_PARTS <= fields);
	for (size_t i = 0; i < arc->count; i++) {
		const struct arc_set *set = &arc->sets[i];

		must(set->instance == i + 1 && set->results != NULL);
		must(set->signature == RESULT_NONE || i + 1 == arc->count);
		must(arc->result != RESULT_PASS || set->seal == RESULT_PASS);
		must(!arc->only_changed || set->seal == RESULT_PASS);
		must(set->seal != RESULT_PASS || (set->domain != NULL && set->selector != NULL));
	}
}

static struct arc_finding validate(struct arena *arena, const struct services *services,
                                   const struct message *message, const struct fuzz_input *body)
{
	static struct run_arc run;
	static bool opened;

	if (!opened)
		run_arc_open(&run);
	opened = true;
	run.dkim.chunk = 7;
	run.settings.maximum_sets = 3;
	return run_arc_message(&run, arena, services, message, body->at,
	                       (size_t)(body->end - body->at))
	    .arc;
}

/* The ARC fields, each `turn` places further on. */
static const struct header *turned(struct arena *arena, const struct header *fields, size_t count,
                                   size_t turn)
{
	struct header *other = arena_allocate(arena, (count + 2) * sizeof *other);

	for (size_t i = 0; i < count; i++)
		other[(i + turn) % count] = fields[i];
	memcpy(other + count, fields + count, 2 * sizeof *other);
	return other;
}

/* h= that names a field of ARC takes the lowest, whichever that is. */
static bool covers_arc(const struct header *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (const char *at = fields[i].value; (at = strpbrk(at, "aA")) != NULL; at++)
			if (strncasecmp(at, "arc-", 4) == 0)
				return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	struct fuzz_input input = {(const char *)bytes, (const char *)bytes + length};
	size_t count = fuzz_octet(&input) % (FIELDS_MAX + 1), turn = fuzz_octet(&input);
	struct header fields[FIELDS_MAX + 2] = {{NULL, NULL}};
	struct message message = {.headers = fields};
	struct record record = {.text = fuzz_string(&input, arena)};
	struct answer answer = {.status = LOOKUP_FOUND, .count = 1, .records = &record};
	struct services services = {
	    .context = &answer, .lookup = fuzz_lookup, .prefetch = fuzz_prefetch, .now = fuzz_now};
	struct arc_finding first, second;

	record.text_length = strlen(record.text);
	for (size_t i = 0; i < count; i++) {
		const char *value = fuzz_string(&input, arena);
		const char *part = strchr("rms", value[0]);

		fields[i].name = chain_part_names[value[0] == '\0' ? CHAIN_SEAL
		                                  : part == NULL   ? CHAIN_MESSAGE
		                                                   : part - "rms"];
		fields[i].value = value[0] == '\0' ? value : value + 1;
		check_instance(arena, fields[i].value);
	}
	fields[count] = (struct header){"From", " a@author.example"};
	fields[count + 1] = (struct header){"Subject", " x"};
	message.header_count = count + 2;
	first = validate(arena, &services, &message, &input);
	check_finding(&first, count);
	if (count > 0 && !covers_arc(fields, count)) {
		message.headers = turned(arena, fields, count, turn);
		second = validate(arena, &services, &message, &input);
		must(second.result == first.result && second.count == first.count &&
		     second.only_changed == first.only_changed);
	}
	arena_free(arena);
	return 0;
}

/*
 * chain.c - reads the fields of a chain and arranges them by their instance, in whatever order they
 * stand in the header. Called by arc.c; the signatures are chain_check.c's.
 */
#include "arc/chain.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

enum {
	FIELDS_FIRST = 6
};

const char *const chain_part_names[] = {[CHAIN_RESULTS] = "ARC-Authentication-Results",
                                        [CHAIN_MESSAGE] = "ARC-Message-Signature",
                                        [CHAIN_SEAL] = "ARC-Seal",
                                        [CHAIN_PARTS] = NULL};

static const enum signature_kind kinds[] = {
    [CHAIN_MESSAGE] = SIGNATURE_ARC_MESSAGE, [CHAIN_SEAL] = SIGNATURE_ARC_SEAL};

/* The part that a field is; CHAIN_PARTS for any other field. */
static enum chain_part part_of(const struct header *header)
{
	enum chain_part part = CHAIN_RESULTS;

	if (text_lower_byte(header->name[0]) != 'a')
		return CHAIN_PARTS; /* most fields end here */
	while (part < CHAIN_PARTS && !message_header_is(header, chain_part_names[part]))
		part++;
	return part;
}

/*
 * RFC 8617 4.1.2: no field of ARC is covered by a message signature. One that covers seals is worth
 * nothing, since each hop adds one; the two others are in the signatures of software that was
 * written before that sentence, and do no harm.
 */
static void chain_check_names(struct signature *signature)
{
	for (size_t i = 0; i < signature->field.name_count; i++)
		if (signature->result == RESULT_NONE &&
		    strcmp(signature->field.names[i], "arc-seal") == 0) {
			signature->result = RESULT_PERMERROR;
			signature->reason = "h= names ARC-Seal (RFC 8617 4.1.2)";
		}
}

static void chain_read_signature(struct chain *chain, struct chain_field *field)
{
	struct signature *signature = &field->signature;

	signature->header = field->header;
	signature_field_read_kind(chain->arena, kinds[field->part],
	                          instance_without_comments(chain->arena, field->header.value),
	                          &signature->field);
	signature->result = signature->field.result;
	signature->reason = signature->field.reason;
	field->instance = instance_number(signature->field.instance);
	if (field->part == CHAIN_MESSAGE)
		chain_check_names(signature);
}

struct chain_field *chain_add(struct chain *chain, const struct header *header)
{
	enum chain_part part = part_of(header);
	struct chain_field *field;

	if (part == CHAIN_PARTS || ++chain->seen > CHAIN_FIELDS_MAX)
		return NULL;
	chain->fields = arena_grow(chain->arena, chain->fields, chain->count, &chain->capacity,
	                           FIELDS_FIRST, sizeof(struct chain_field *));
	invariant(chain->count < chain->capacity);
	field = chain->fields[chain->count++] = arena_allocate(chain->arena, sizeof *field);
	field->part = part;
	field->header = *header;
	if (part == CHAIN_RESULTS)
		field->results = instance_read(header->value, &field->instance);
	else
		chain_read_signature(chain, field);
	if (field->part == CHAIN_RESULTS && field->results == NULL)
		field->instance = 0;
	return field;
}

const char *chain_status(const struct chain_set *set)
{
	static const char *const names[] = {"none", "pass", "fail", NULL};
	const char *status = set->parts[CHAIN_SEAL]->signature.field.chain_status;
	int word = status == NULL ? -1 : text_word(names, status);

	return word < 0 ? NULL : names[word];
}

/* Puts each field into its set; NULL, or the first that does not fit. */
static const char *chain_place(struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		struct chain_field *field = chain->fields[i];
		struct chain_field **place;

		invariant(field->instance > 0 && field->instance <= INSTANCE_MAX);
		place = &chain->sets[field->instance - 1].parts[field->part];
		if (*place != NULL)
			return arena_format(chain->arena, "set %u has two fields %s",
			                    field->instance, chain_part_names[field->part]);
		*place = field;
		if (field->instance > chain->set_count)
			chain->set_count = field->instance;
	}
	return NULL;
}

static const char *chain_find_gap(const struct chain *chain)
{
	for (size_t i = 0; i < chain->set_count; i++)
		for (enum chain_part part = CHAIN_RESULTS; part < CHAIN_PARTS; part++)
			if (chain->sets[i].parts[part] == NULL)
				return arena_format(chain->arena, "set %zu of %zu has no %s", i + 1,
				                    chain->set_count, chain_part_names[part]);
	return NULL;
}

const char *chain_arrange(struct chain *chain)
{
	const char *wrong = NULL;

	if (chain->seen > CHAIN_FIELDS_MAX)
		return "there are more than 150 fields of ARC, those of 50 sets";
	for (size_t i = 0; i < chain->count; i++)
		if (chain->fields[i]->instance == 0)
			return arena_format(chain->arena, "i= of %s cannot be read",
			                    chain_part_names[chain->fields[i]->part]);
	chain->sets = arena_allocate(chain->arena, INSTANCE_MAX * sizeof *chain->sets);
	wrong = chain_place(chain);
	if (wrong == NULL)
		wrong = chain_find_gap(chain);
	if (wrong != NULL)
		chain->set_count = 0;
	return wrong;
}

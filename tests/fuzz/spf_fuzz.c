/*
 * spf_fuzz.c - fuzzes SPF: records, macros and explanations, whatever the DNS may hold of them,
 * with both engines.
 *
 * The input is lines: HELO, MAIL FROM, and then the texts that the DNS answers with. Which name
 * gets which text follows from the name; so do the answers of other types. The last octet chooses
 * the client, and the limit of void lookups.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy.h"
#include "spf/spf.h"

enum {
	LINES_MAX = 40,
	NAMES_MAX = 12 /* in one answer */
};

struct input {
	struct arena *arena;
	struct services services;
	uint32_t seed; /* of the hashes */
	size_t count;
	struct record lines[LINES_MAX];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t hash_name(const char *name, uint32_t seed)
{
	uint32_t hash = 2166136261U ^ seed;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)text_lower_byte(*name)) * 16777619U;
	return hash ^ hash >> 15;
}

static const char *line_text(const struct input *input, size_t line)
{
	return line < input->count ? input->lines[line].text : "";
}

/* The first name asked for gets the first text; the others by their hash. */
static const struct record *text_for(const struct input *input, const char *name)
{
	const char *at = strrchr(line_text(input, 1), '@');

	if (input->count < 3)
		return NULL;
	if (at != NULL && text_same(at + 1, name))
		return &input->lines[2];
	return &input->lines[2 + hash_name(name, 1) % (input->count - 2)];
}

static void fill(const struct input *input, struct record *record, enum record_type type,
                 uint32_t hash)
{
	unsigned char bytes[16] = {192, 0, 2, (unsigned char)(hash % 4)};
	const char *name = line_text(input, 2 + (hash >> 16) % (input->count - 1));

	record->preference = hash >> 8 & 3;
	record->name = text_lower(input->arena, name, strlen(name));
	if (strlen(record->name) > 253)
		record->name = "long.example";
	if (type == RECORD_AAAA)
		record->address = address_ipv6(bytes);
	else
		record->address = address_ipv4(bytes);
}

static const struct answer *look_up(void *context, const char *name, enum record_type type)
{
	const struct input *input = context;
	struct answer *answer = arena_allocate(input->arena, sizeof *answer);
	struct record *records = arena_allocate(input->arena, NAMES_MAX * sizeof *records);
	uint32_t hash = hash_name(name, input->seed + type);
	const struct record *text = text_for(input, name);

	*answer = (struct answer){.status = LOOKUP_NO_NAME, .records = records};
	if (hash % 16 == 0) {
		*answer = (struct answer){.status = LOOKUP_FAILED, .why = "fuzzed"};
	} else if (type == RECORD_TXT && text != NULL) {
		answer->status = LOOKUP_FOUND;
		answer->count = 1 + (hash % 32 == 1);
		records[0] = *text;
		records[1] = input->lines[input->count - 1];
	} else if (input->count > 1 && hash % 4 != 1) {
		answer->status = LOOKUP_FOUND;
		answer->count = 1 + (hash >> 4) % NAMES_MAX;
		for (size_t i = 0; i < answer->count; i++)
			fill(input, &records[i], type, hash + (uint32_t)i * 2654435761U);
	}
	return answer;
}

static void prefetch(void *context, const char *name, enum record_type type,
                     prefetched_function *then, void *with)
{
	const struct input *input = context;

	if (then != NULL)
		then(&input->services, name, look_up(context, name, type), with);
}

static time_t now(void *context)
{
	(void)context;
	return 1767225600;
}

static void split(struct input *input, const uint8_t *data, size_t size)
{
	const char *at = (const char *)data;
	const char *end = at + size;

	while (at < end && input->count < LINES_MAX) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline == NULL ? end : newline) - at);

		input->lines[input->count].text = arena_copy(input->arena, at, length);
		input->lines[input->count++].text_length = length;
		at += length + 1;
	}
}

/* What holds of every finding, whatever the DNS says. */
static void check(const struct spf_finding *finding)
{
	bool is_fail = finding->result == RESULT_FAIL;

	if (finding->engine == NULL || finding->result == RESULT_POLICY)
		abort();
	if ((finding->explanation != NULL && !is_fail) ||
	    (finding->reason == NULL && finding->result != RESULT_PASS))
		abort();
	if (finding->lookups > 11 || finding->step_count > 201)
		abort();
	for (const char *byte = finding->explanation; byte != NULL && *byte != '\0'; byte++)
		if (*byte < 0x20 || *byte > 0x7E)
			abort();
}

static enum result judge(struct input *input, const struct message *message,
                         const struct spf_settings *settings)
{
	struct arena *arena = arena_new();
	struct findings findings = {0};
	void *state;
	enum result result;

	if (!policy_spf.open(settings, &state, NULL))
		abort();
	policy_spf.judge(policy_spf.begin(state, message, &input->services, arena), &findings);
	check(&findings.spf);
	check(&findings.spf_helo);
	result = findings.spf.result;
	arena_free(arena);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char mapped[16] = {[10] = 0xFF, [11] = 0xFF, [12] = 192, [14] = 2};
	static const unsigned char ipv6[16] = {192, 0, 2, 3};
	uint8_t choice = size > 0 ? data[size - 1] : 0;
	struct spf_settings settings = {
	    .engine = choice & 1, .void_lookups = choice >> 2 & 3, .second_opinion = choice & 16};
	struct input input = {.arena = arena_new(), .seed = (uint32_t)(size * 31 + choice)};
	struct message message = {.receiver = "mx.example.net"};

	split(&input, data, size);
	input.services = (struct services){
	    .context = &input, .lookup = look_up, .prefetch = prefetch, .now = now};
	message.client = address_ipv6(choice & 2 ? ipv6 : mapped);
	message.helo = line_text(&input, 0);
	message.mail_from = line_text(&input, 1);
	judge(&input, &message, &settings);
	arena_free(input.arena);
	return 0;
}

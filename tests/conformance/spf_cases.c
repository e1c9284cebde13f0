/*
 * spf_cases.c - judges SPF cases that a script hands over as lines, for the public suite and for
 * comparison with other implementations.
 *
 * Standard input, every VALUE in hexadecimal ("-" is the empty one) so that it may hold any octet:
 *     engine assay|libspf2           from now on
 *     record NAME TYPE VALUE         A, AAAA, PTR, TXT, CNAME: their text; MX: "PREFERENCE NAME"
 *     failing NAME TYPE              lookups of that type fail; TYPE "*": those without records
 *     case LABEL CLIENT HELO FROM    judges with the records so far, and forgets them
 *     keep                           the next case sees the same records
 * Standard output, a line a case:
 *     LABEL RESULT ENGINE LOOKUPS VOID_LOOKUPS EXPLANATION REASON
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer_note.h"
#include "base/text.h"
#include "policy.h"
#include "spf/spf.h"

enum {
	ENTRIES_MAX = 20000,
	CNAMES_MAX = 10,
	TYPE_CNAME = 5,
	TYPE_ANY = 0
};

struct entry {
	const char *name;
	int type;
	bool fails;
	struct record record;
};

struct zone {
	struct arena *arena;
	struct services services;
	bool notes; /* readers of answers may keep notes with them */
	struct answer_note_budget budget;
	size_t count;
	struct entry entries[ENTRIES_MAX];
};

static struct zone zone;

static void give_up(const char *why)
{
	fprintf(stderr, "spf_cases: %s\n", why);
	exit(2);
}

static int type_number(const char *word)
{
	static const struct {
		const char *word;
		int number;
	} rows[] = {{"A", RECORD_A},     {"AAAA", RECORD_AAAA}, {"MX", RECORD_MX},
	            {"PTR", RECORD_PTR}, {"TXT", RECORD_TXT},   {"CNAME", TYPE_CNAME},
	            {"*", TYPE_ANY}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].word, word) == 0)
			return rows[i].number;
	give_up("unknown type");
	return 0;
}

static unsigned digit(char byte)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = byte == '\0' ? NULL : strchr(digits, byte);

	if (found == NULL)
		give_up("bad hexadecimal");
	return (unsigned)(found - digits);
}

static char *decode(struct arena *arena, const char *hexadecimal, size_t *length)
{
	size_t digits = strcmp(hexadecimal, "-") == 0 ? 0 : strlen(hexadecimal);
	char *bytes = arena_allocate(arena, digits / 2 + 1);

	for (size_t i = 0; i + 1 < digits; i += 2)
		bytes[i / 2] = (char)(digit(hexadecimal[i]) << 4 | digit(hexadecimal[i + 1]));
	*length = digits / 2;
	return bytes;
}

static void print_encoded(const char *text)
{
	if (text == NULL || *text == '\0')
		putchar('-');
	for (; text != NULL && *text != '\0'; text++)
		printf("%02x", (unsigned char)*text);
}

static const char *without_dot(char *name)
{
	size_t length = strlen(name);

	if (length > 0 && name[length - 1] == '.')
		name[length - 1] = '\0';
	return text_lower(zone.arena, name, strlen(name));
}

static struct entry *add_entry(const char *name, const char *type)
{
	struct entry *entry = &zone.entries[zone.count];
	size_t length;

	if (zone.count++ == ENTRIES_MAX)
		give_up("too many records");
	*entry = (struct entry){.name = without_dot(decode(zone.arena, name, &length)),
	                        .type = type_number(type)};
	return entry;
}

static void add_record(const char *name, const char *type, const char *hexadecimal)
{
	struct entry *entry = add_entry(name, type);
	size_t length;
	char *value = decode(zone.arena, hexadecimal, &length);
	char *exchange = value;

	switch (entry->type) {
	case RECORD_A:
	case RECORD_AAAA:
		if (!address_parse(value, &entry->record.address))
			give_up("bad address");
		break;
	case RECORD_MX:
		entry->record.preference = (unsigned)strtoul(value, &exchange, 10);
		entry->record.name = without_dot(exchange + 1);
		break;
	case RECORD_TXT:
		entry->record.text = value;
		entry->record.text_length = length;
		break;
	default:
		entry->record.name = without_dot(value);
	}
}

static const struct answer *answer_failed(const char *why)
{
	struct answer *answer = arena_allocate(zone.arena, sizeof *answer);

	*answer = (struct answer){.status = LOOKUP_FAILED, .why = why};
	return answer;
}

/* The canonical name where this one is an alias, else NULL. Notes what the zone holds of the name.
 */
static const char *search(const char *name, int type, struct answer *answer, struct record *records,
                          bool *fails)
{
	bool fails_otherwise = false;

	for (size_t i = 0; i < zone.count; i++) {
		const struct entry *entry = &zone.entries[i];

		if (!text_same(entry->name, name))
			continue;
		if (answer->status == LOOKUP_NO_NAME)
			answer->status = LOOKUP_NO_DATA;
		if (entry->type == TYPE_CNAME)
			return entry->record.name;
		*fails = *fails || (entry->fails && entry->type == type);
		fails_otherwise = fails_otherwise || (entry->fails && entry->type == TYPE_ANY);
		if (!entry->fails && entry->type == type)
			records[answer->count++] = entry->record;
	}
	*fails = *fails || (fails_otherwise && answer->count == 0);
	return NULL;
}

static void release_note(void *place)
{
	answer_note_release(place);
}

/* As the cache has answers: readers can keep what they read. */
static struct answer_note_place *new_place(void)
{
	struct answer_note_place *place = arena_allocate(zone.arena, sizeof *place);

	place->budget = &zone.budget;
	arena_on_release(zone.arena, release_note, place);
	return place;
}

static const struct answer *look_up(void *context, const char *name, enum record_type type)
{
	struct answer *answer = arena_allocate(zone.arena, sizeof *answer);
	struct record *records = arena_allocate(zone.arena, (zone.count + 1) * sizeof *records);
	bool fails = false;

	(void)context;
	*answer = (struct answer){.status = LOOKUP_NO_NAME, .records = records};
	if (zone.notes)
		answer->note_place = new_place();
	for (int i = 0; name != NULL; i++) {
		if (i == CNAMES_MAX)
			return answer_failed("a chain of aliases is too long");
		name = search(name, type, answer, records, &fails);
	}
	if (fails)
		return answer_failed("timed out");
	if (answer->count > 0)
		answer->status = LOOKUP_FOUND;
	return answer;
}

static void prefetch(void *context, const char *name, enum record_type type,
                     prefetched_function *then, void *with)
{
	if (then != NULL)
		then(&zone.services, name, look_up(context, name, type), with);
}

static time_t now(void *context)
{
	(void)context;
	return 1767225600;
}

static void judge_once(const struct spf_settings *settings, const struct message *message,
                       struct arena *arena, bool notes, struct spf_finding *finding)
{
	struct findings findings = {0};
	void *state, *work;

	zone.notes = notes;
	if (!policy_spf.open(settings, &state, NULL))
		give_up("the policy does not open");
	work = policy_spf.begin(state, message, &zone.services, arena);
	policy_spf.judge(work, &findings);
	*finding = findings.spf;
}

/* Whether the terms of a record are read one by one or all at once changes nothing. */
static void compare(const struct spf_finding *one, const struct spf_finding *other)
{
	if (one->result != other->result || one->lookups != other->lookups ||
	    one->void_lookups != other->void_lookups || one->step_count != other->step_count ||
	    !text_same(one->mechanism, other->mechanism) ||
	    !text_same(one->explanation, other->explanation) ||
	    !text_same(one->reason, other->reason))
		give_up("kept terms lead to another result");
}

static void judge(const struct spf_settings *settings, const char *label, const char *client,
                  const char *helo, const char *from)
{
	struct arena *arena = arena_new();
	struct message message = {.receiver = "mx.receiver.example"};
	struct spf_finding finding, noted;
	size_t length;

	message.helo = decode(arena, helo, &length);
	message.mail_from = decode(arena, from, &length);
	if (!address_parse(decode(arena, client, &length), &message.client))
		give_up("bad client address");
	judge_once(settings, &message, arena, true, &noted);
	judge_once(settings, &message, arena, false, &finding);
	compare(&finding, &noted);
	printf("%s %s %s %u %u ", label, result_names[finding.result], finding.engine,
	       finding.lookups, finding.void_lookups);
	print_encoded(finding.explanation);
	printf(" %s\n", finding.reason == NULL ? "" : text_printable(arena, finding.reason, 1000));
	arena_free(arena);
}

int main(void)
{
	struct spf_settings settings = {.void_lookups = 2};
	bool keep = false;
	char *line = NULL;
	size_t room = 0;

	zone.arena = arena_new();
	zone.budget.max = 1 << 30;
	zone.services =
	    (struct services){.context = NULL, .lookup = look_up, .prefetch = prefetch, .now = now};
	while (getline(&line, &room, stdin) > 0) {
		char *rest = line;
		const char *words[5] = {"", "", "", "", ""};

		rest[strcspn(rest, "\n")] = '\0';
		for (size_t i = 0; i < 5 && rest != NULL; i++)
			words[i] = strsep(&rest, " ");
		if (strcmp(words[0], "engine") == 0) {
			settings.engine = strcmp(words[1], "libspf2") == 0 ? SPF_ENGINE_LIBSPF2
			                                                   : SPF_ENGINE_ASSAY;
		} else if (strcmp(words[0], "record") == 0) {
			add_record(words[1], words[2], words[3]);
		} else if (strcmp(words[0], "failing") == 0) {
			add_entry(words[1], words[2])->fails = true;
		} else if (strcmp(words[0], "keep") == 0) {
			keep = true;
		} else if (strcmp(words[0], "case") == 0) {
			judge(&settings, words[1], words[2], words[3], words[4]);
			if (!keep) {
				zone.count = 0;
				arena_reset(zone.arena);
			}
			keep = false;
		} else {
			give_up("unknown line");
		}
	}
	free(line);
	arena_free(zone.arena);
	return 0;
}

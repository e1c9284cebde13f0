/*
 * fake_dns.c - services.h played from a table of zone lines.
 */
#include "fake_dns.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/text.h"

struct fake_answer {
	struct fake_answer *next;
	const char *name, *zone;
	enum record_type type;
	struct answer answer;
	struct answer_note_place place;
};

static const char *unescape(struct arena *arena, const char *value, size_t *length)
{
	char *bytes = arena_allocate(arena, strlen(value) + 1);

	*length = 0;
	while (*value != '\0') {
		unsigned octet;

		if (sscanf(value, "\\x%2x", &octet) == 1) {
			bytes[(*length)++] = (char)octet;
			value += 4;
		} else {
			bytes[(*length)++] = *value++;
		}
	}
	return bytes;
}

static void fill_record(struct arena *arena, struct record *record, enum record_type type,
                        const char *value)
{
	const char *space;

	switch (type) {
	case RECORD_A:
	case RECORD_AAAA:
		if (!address_parse(value, &record->address))
			abort();
		break;
	case RECORD_MX:
		space = strchr(value, ' ');
		record->preference = (unsigned)atoi(value);
		value = space == NULL ? "" : space + 1;
		record->name = text_lower(arena, value, strlen(value));
		break;
	case RECORD_PTR:
		record->name = text_lower(arena, value, strlen(value));
		break;
	default:
		record->text = unescape(arena, value, &record->text_length);
	}
}

/* Splits off the next word of a line. */
static char *next_word(char **line)
{
	char *word = *line;

	*line += strcspn(*line, " ");
	if (**line != '\0')
		*(*line)++ = '\0';
	return word;
}

/* A record a line at most. */
static size_t lines(const char *zone)
{
	size_t count = 1;

	for (; *zone != '\0'; zone++)
		count += *zone == '\n';
	return count;
}

static const struct answer *answer_from_zone(struct fake_dns *dns, const char *name,
                                             enum record_type type)
{
	struct answer *answer = arena_allocate(dns->arena, sizeof *answer);
	struct record *records = arena_allocate(dns->arena, lines(dns->zone) * sizeof *records);
	char *rest = arena_string(dns->arena, dns->zone);
	char *line;

	answer->status = LOOKUP_NO_NAME;
	answer->records = records;
	while ((line = strsep(&rest, "\n")) != NULL) {
		while (*line == ' ' || *line == '\t')
			line++;
		if (*line == '#' || *line == '\0')
			continue;
		const char *owner = next_word(&line);
		const char *kind = next_word(&line);

		if (answer->status == LOOKUP_NO_NAME && domain_within(owner, name))
			answer->status = LOOKUP_NO_DATA;
		if (!text_same(owner, name) || strcmp(kind, record_type_names[type]) != 0)
			continue;
		if (strncmp(line, "!fail", 5) == 0) {
			*answer = (struct answer){.status = LOOKUP_FAILED,
			                          .why = line[5] == ' ' ? line + 6 : "failed"};
			return answer;
		}
		answer->status = LOOKUP_FOUND;
		fill_record(dns->arena, &records[answer->count++], type, line);
	}
	return answer;
}

static void fake_answer_release(void *kept)
{
	answer_note_release(&((struct fake_answer *)kept)->place);
}

/* The same answer for the same question, with a place for notes, as the cache has it. */
static const struct answer *fake_answer(struct fake_dns *dns, const char *name,
                                        enum record_type type)
{
	struct fake_answer *kept = dns->answers;

	while (kept != NULL &&
	       (kept->type != type || kept->zone != dns->zone || strcmp(kept->name, name) != 0))
		kept = kept->next;
	if (kept != NULL)
		return &kept->answer;
	kept = arena_allocate(dns->arena, sizeof *kept);
	kept->answer = *answer_from_zone(dns, name, type);
	kept->answer.note_place = &kept->place;
	kept->place.budget = &dns->budget;
	kept->name = arena_string(dns->arena, name);
	kept->type = type;
	kept->zone = dns->zone;
	kept->next = dns->answers;
	dns->answers = kept;
	arena_on_release(dns->arena, fake_answer_release, kept);
	return &kept->answer;
}

static void note_query(struct fake_dns *dns, const char *name, enum record_type type,
                       bool prefetched)
{
	size_t most = sizeof dns->queries / sizeof dns->queries[0];

	if (dns->query_count < most)
		dns->queries[dns->query_count] =
		    (struct fake_query){arena_string(dns->arena, name), type, prefetched};
	dns->query_count++;
}

static const struct answer *fake_lookup(void *context, const char *name, enum record_type type)
{
	note_query(context, name, type, false);
	return fake_answer(context, name, type);
}

static void fake_prefetch(void *context, const char *name, enum record_type type,
                          prefetched_function *then, void *with)
{
	struct fake_dns *dns = context;

	note_query(dns, name, type, true);
	if (then != NULL)
		then(&dns->services, name, fake_answer(dns, name, type), with);
}

/* Formats each line, so that every test with policies checks the arguments. */
static void __attribute__((format(printf, 2, 3))) fake_debug(void *context, const char *format, ...)
{
	struct fake_dns *dns = context;
	char line[2000];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	text_add_format(&dns->debug, "%s\n", line);
}

static time_t fake_now(void *context)
{
	return ((struct fake_dns *)context)->now;
}

struct fake_dns *fake_dns_new(struct arena *arena, const char *zone)
{
	struct fake_dns *dns = arena_allocate(arena, sizeof *dns);

	dns->arena = arena;
	dns->zone = zone;
	dns->budget.max = SIZE_MAX / 2;
	dns->now = 1767225600; /* 2026-01-01 */
	text_begin(&dns->debug, arena, 1 << 16);
	dns->services = (struct services){.context = dns,
	                                  .lookup = fake_lookup,
	                                  .prefetch = fake_prefetch,
	                                  .debug = fake_debug,
	                                  .now = fake_now};
	return dns;
}

size_t fake_dns_asked(const struct fake_dns *dns, const char *name, enum record_type type)
{
	size_t asked = 0;
	size_t most = sizeof dns->queries / sizeof dns->queries[0];

	for (size_t i = 0; i < dns->query_count && i < most; i++)
		asked += dns->queries[i].type == type && text_same(dns->queries[i].name, name);
	return asked;
}

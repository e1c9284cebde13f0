/*
 * load_tally.c - counts answers and times, and prints them. Called by load.c.
 */
#include "load_tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const words[LOAD_ANSWERS] = {
    [LOAD_CONTINUE] = "continue", [LOAD_ACCEPT] = "accept",   [LOAD_REJECT] = "reject",
    [LOAD_TEMPFAIL] = "tempfail", [LOAD_DISCARD] = "discard", [LOAD_REPLY] = "reply",
    [LOAD_SKIP] = "skip",         [LOAD_LOST] = "lost"};
static const char letters[] = "cartdys";

bool load_tally_open(struct load_tally *tally, size_t room)
{
	*tally = (struct load_tally){.room = room};
	tally->milliseconds = malloc(room * sizeof *tally->milliseconds);
	return tally->milliseconds != NULL;
}

void load_tally_answer(struct load_tally *tally, char letter, double seconds)
{
	const char *at = letter == 0 ? NULL : strchr(letters, letter);

	tally->answers[at == NULL ? LOAD_LOST : (size_t)(at - letters)]++;
	if (at != NULL && tally->count < tally->room)
		tally->milliseconds[tally->count++] = (float)(seconds * 1e3);
}

void load_tally_inserted(struct load_tally *tally, const char *name, const char *value)
{
	size_t length = strlen(tally->sample);

	tally->inserted++;
	if (tally->count == 0 && strcasecmp(name, "Authentication-Results") == 0)
		snprintf(tally->sample + length, sizeof tally->sample - length, "%s%s",
		         length > 0 ? " | " : "", value);
}

void load_tally_reply(struct load_tally *tally, const char *text)
{
	snprintf(tally->reply, sizeof tally->reply, "%s", text);
}

void load_tally_join(struct load_tally *all, const struct load_tally *one)
{
	size_t room = all->room - all->count, count = one->count < room ? one->count : room;

	for (size_t i = 0; i < LOAD_ANSWERS; i++)
		all->answers[i] += one->answers[i];
	all->inserted += one->inserted;
	all->changed += one->changed;
	all->quarantined += one->quarantined;
	if (one->sample[0] != '\0')
		memcpy(all->sample, one->sample, sizeof all->sample);
	if (one->reply[0] != '\0')
		memcpy(all->reply, one->reply, sizeof all->reply);
	memcpy(all->milliseconds + all->count, one->milliseconds, count * sizeof *one->milliseconds);
	all->count += count;
}

static int compare(const void *one, const void *other)
{
	float left, right;

	memcpy(&left, one, sizeof left);
	memcpy(&right, other, sizeof right);
	return (left > right) - (left < right);
}

static double quantile(const struct load_tally *all, double part)
{
	return all->count == 0 ? 0 : (double)all->milliseconds[(size_t)(part * (double)(all->count - 1))];
}

static void print_text(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == '"' || *text == '\\')
			printf("\\u%04x", (unsigned)(unsigned char)*text);
		else
			putchar(*text);
	putchar('"');
}

static void print_json(const struct load_tally *all, double rate, double seconds)
{
	const char *between = "";

	printf("{\"messages_per_second\": %.1f, \"seconds\": %.3f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
	       "\"most_ms\": %.3f, \"answers\": {",
	       rate, seconds, quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1));
	for (size_t i = 0; i < LOAD_ANSWERS; i++) {
		if (all->answers[i] == 0)
			continue;
		printf("%s\"%s\": %zu", between, words[i], all->answers[i]);
		between = ", ";
	}
	printf("}, \"inserted\": %zu, \"changed\": %zu, \"quarantined\": %zu, \"reply\": ", all->inserted,
	       all->changed, all->quarantined);
	print_text(all->reply);
	printf(", \"results\": ");
	print_text(all->sample);
	printf("}\n");
}

static void print_lines(const struct load_tally *all, double rate, double seconds)
{
	printf("%.0f messages/s in %.2f s; p50 %.2f ms, p99 %.2f ms, longest %.2f ms\n", rate, seconds,
	       quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1));
	for (size_t i = 0; i < LOAD_ANSWERS; i++)
		if (all->answers[i] > 0)
			printf("%10zu %s\n", all->answers[i], words[i]);
	if (all->reply[0] != '\0')
		printf("           the last reply: %s\n", all->reply);
	printf("%10zu fields inserted, %zu changed or removed, %zu messages quarantined\n", all->inserted,
	       all->changed, all->quarantined);
	if (all->sample[0] != '\0')
		printf("Authentication-Results:%s\n", all->sample);
}

void load_tally_print(struct load_tally *all, double seconds, bool json)
{
	size_t done = 0;

	for (size_t i = 0; i < LOAD_LOST; i++)
		done += all->answers[i];
	qsort(all->milliseconds, all->count, sizeof *all->milliseconds, compare);
	(json ? print_json : print_lines)(all, (double)done / seconds, seconds);
}

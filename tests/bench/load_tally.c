/*
 * load_tally.c - counts answers and times, and prints them. Called by load.c.
 */
#include "load_tally.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

static const char *const words[LOAD_ANSWERS] = {
    [LOAD_CONTINUE] = "continue", [LOAD_ACCEPT] = "accept",   [LOAD_REJECT] = "reject",
    [LOAD_TEMPFAIL] = "tempfail", [LOAD_DISCARD] = "discard", [LOAD_REPLY] = "reply",
    [LOAD_SKIP] = "skip",         [LOAD_LOST] = "lost"};
static const char letters[] = "cartdys";

/* Each nanosecond below 2 * LOAD_PARTS is a class, and each doubling above has LOAD_PARTS of them.
 */
static size_t class_of(double seconds)
{
	uint64_t time = seconds > 0 ? (uint64_t)(seconds * 1e9) : 0;
	size_t doublings = 0;

	while (time >= 2 * LOAD_PARTS && doublings < LOAD_DOUBLINGS - 1) {
		time >>= 1;
		doublings++;
	}
	if (time >= 2 * LOAD_PARTS)
		return LOAD_CLASSES - 1;
	return doublings * LOAD_PARTS + (size_t)time;
}

/* The middle of a class. */
static double milliseconds_of(size_t class)
{
	size_t doublings = class < 2 * LOAD_PARTS ? 0 : class / LOAD_PARTS - 1;
	uint64_t time = class - doublings * LOAD_PARTS;

	return ((double)time + 0.5) * (double)((uint64_t)1 << doublings) / 1e6;
}

void load_tally_answer(struct load_tally *tally, char letter, double seconds)
{
	const char *at = letter == 0 ? NULL : strchr(letters, letter);

	tally->answers[at == NULL ? LOAD_LOST : (size_t)(at - letters)]++;
	if (at == NULL)
		return;
	tally->count++;
	tally->classes[class_of(seconds)]++;
	tally->longest = seconds > tally->longest ? seconds : tally->longest;
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
	for (size_t i = 0; i < LOAD_ANSWERS; i++)
		all->answers[i] += one->answers[i];
	all->inserted += one->inserted;
	all->changed += one->changed;
	all->quarantined += one->quarantined;
	if (one->sample[0] != '\0')
		memcpy(all->sample, one->sample, sizeof all->sample);
	if (one->reply[0] != '\0')
		memcpy(all->reply, one->reply, sizeof all->reply);
	for (size_t i = 0; i < LOAD_CLASSES; i++)
		all->classes[i] += one->classes[i];
	all->count += one->count;
	all->longest = one->longest > all->longest ? one->longest : all->longest;
}

/* Within half a percent; the longest as it was. */
static double quantile(const struct load_tally *all, double part)
{
	size_t rank = all->count == 0 ? 0 : (size_t)(part * (double)(all->count - 1)), seen = 0;

	if (all->count == 0 || rank == all->count - 1)
		return all->longest * 1e3;
	for (size_t i = 0; i < LOAD_CLASSES; i++) {
		seen += all->classes[i];
		if (seen > rank)
			return milliseconds_of(i);
	}
	return all->longest * 1e3;
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

/* Of this process, user and system, for each message. */
static double own_milliseconds(const struct load_tally *all)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
	        (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3) /
	       (double)(all->count == 0 ? 1 : all->count);
}

static void print_json(const struct load_tally *all, double rate, double seconds)
{
	const char *between = "";

	printf("{\"messages_per_second\": %.1f, \"seconds\": %.3f, \"p50_ms\": %.3f, \"p99_ms\": "
	       "%.3f, \"most_ms\": %.3f, \"own_cpu_ms\": %.4f, \"answers\": {",
	       rate, seconds, quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1),
	       own_milliseconds(all));
	for (size_t i = 0; i < LOAD_ANSWERS; i++) {
		if (all->answers[i] == 0)
			continue;
		printf("%s\"%s\": %zu", between, words[i], all->answers[i]);
		between = ", ";
	}
	printf("}, \"inserted\": %zu, \"changed\": %zu, \"quarantined\": %zu, \"reply\": ",
	       all->inserted, all->changed, all->quarantined);
	print_text(all->reply);
	printf(", \"results\": ");
	print_text(all->sample);
	printf("}\n");
}

static void print_lines(const struct load_tally *all, double rate, double seconds)
{
	printf("%.0f messages/s in %.2f s; p50 %.2f ms, p99 %.2f ms, longest %.2f ms\n", rate,
	       seconds, quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1));
	printf("%.4f ms of processor a message for this load generator\n", own_milliseconds(all));
	for (size_t i = 0; i < LOAD_ANSWERS; i++)
		if (all->answers[i] > 0)
			printf("%10zu %s\n", all->answers[i], words[i]);
	if (all->reply[0] != '\0')
		printf("           the last reply: %s\n", all->reply);
	printf("%10zu fields inserted, %zu changed or removed, %zu messages quarantined\n",
	       all->inserted, all->changed, all->quarantined);
	if (all->sample[0] != '\0')
		printf("Authentication-Results:%s\n", all->sample);
}

void load_tally_print(const struct load_tally *all, double seconds, bool json)
{
	size_t done = 0;

	for (size_t i = 0; i < LOAD_LOST; i++)
		done += all->answers[i];
	(json ? print_json : print_lines)(all, (double)done / seconds, seconds);
}

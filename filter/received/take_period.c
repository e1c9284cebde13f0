/*
 * take_period.c - the time that a report is about: seconds, milliseconds or a date, in any order.
 */
#include "received/take_period.h"

#include <string.h>

#include "base/text.h"
#include "received/clean.h"

enum {
	DAY = 24 * 60 * 60,
	DAYS_MAX = 31
};

#define MILLISECONDS_FROM INT64_C(100000000000) /* 1973 in milliseconds, 5138 in seconds */

/* -1: the text is no time. */
static int64_t take_period_read_time(const char *text, bool *milliseconds)
{
	struct tm utc = {0};
	int64_t seconds;
	const char *end;

	if (clean_number(text, &seconds)) {
		if (seconds <= MILLISECONDS_FROM)
			return seconds;
		*milliseconds = true;
		return seconds / 1000;
	}
	end = text == NULL ? NULL : strptime(text, "%Y-%m-%d", &utc);
	if (end != NULL && (*end == 'T' || *end == ' '))
		end = strptime(end + 1, "%H:%M:%S", &utc);
	if (end != NULL && *end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	if (end == NULL || (*end != '\0' && strcmp(end, "Z") != 0 && strcmp(end, "+00:00") != 0))
		return -1;
	return timegm(&utc);
}

static void take_day_of_arrival(struct take *take, struct received_report *report,
                                unsigned *repairs)
{
	report->begin = take->arrived - take->arrived % DAY;
	report->end = report->begin + DAY - 1;
	take_say_repair(take, repairs, "it has no date range: the day that it came on was taken");
}

const char *take_period_read(struct take *take, const char *begin, const char *end,
                             struct received_report *report, unsigned *repairs)
{
	bool milliseconds = false;
	int64_t from = take_period_read_time(begin, &milliseconds),
	        to = take_period_read_time(end, &milliseconds);

	if (begin == NULL && end == NULL) {
		take_day_of_arrival(take, report, repairs);
		return NULL;
	}
	if (from < 0 && to < 0)
		return "its date range cannot be read";
	if (from < 0 || to < 0) {
		take_say_repair(take, repairs,
		                "half of its date range is missing: one day was taken");
		from = from < 0 ? (to < DAY ? 0 : to - DAY + 1) : from;
		to = to < 0 ? from + DAY - 1 : to;
	}
	if (milliseconds)
		take_say_repair(take, repairs, "its times were read as milliseconds");
	if (to < from) {
		int64_t earlier = to;

		to = from;
		from = earlier;
		take_say_repair(take, repairs,
		                "its date range ends before it begins: both were swapped");
	}
	report->begin = from;
	report->end = to;
	if (to - from > (int64_t)DAYS_MAX * DAY)
		return "its date range is longer than 31 days";
	return from > take->now + DAY ? "its date range is in the future" : NULL;
}

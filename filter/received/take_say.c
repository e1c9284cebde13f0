/*
 * take_say.c - what the parts of the confined process say of reports, repairs, and what cannot be
 * read: to the wire.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "received/clean.h"
#include "received/take_parts.h"

enum {
	REASON_MAX = 1000
};

void take_say_reason(struct take *take, const char *format, ...)
{
	char sentence[REASON_MAX];
	bool changed = false;
	struct wire_text reason;
	va_list arguments;

	if (take->reasons++ >= READER_REASONS_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof sentence, format, arguments);
	va_end(arguments);
	reason.text = take->part == NULL
	                  ? sentence
	                  : arena_format(take->arena, "%s: %s",
	                                 text_excerpt(take->arena, take->part, 100), sentence);
	reason.text = clean_text(take->arena, reason.text, strlen(reason.text), &changed);
	invariant(reason.text != NULL);
	wire_write(take->wire, WIRE_REASON, &reason);
}

void take_say_repair(struct take *take, unsigned *repairs, const char *text)
{
	bool changed = false;
	struct wire_text repair = {clean_text(take->arena, text, strlen(text), &changed)};

	if ((*repairs)++ < WIRE_REPAIRS_MAX && repair.text != NULL)
		wire_write(take->wire, WIRE_REPAIR, &repair);
}

bool take_say_room(struct take *take)
{
	if (take->reports < READER_REPORTS_MAX)
		return true;
	take_say_reason(take, "it holds more than %d reports; the others were left out",
	                READER_REPORTS_MAX);
	return false;
}

void take_say_report(struct take *take, const struct received_report *report)
{
	invariant(take->reports < READER_REPORTS_MAX);
	take->reports++;
	wire_write(take->wire, WIRE_HEAD, report);
}

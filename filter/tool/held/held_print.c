/*
 * held_print.c - the held messages for people and as JSON. Called by held.c.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tool/check/check_page.h"
#include "tool/common/fields_json.h"
#include "tool/held/held.h"

enum {
	WIDE = 78
};

static const struct field message_rows[] = {
    {FIELD(FIELD_TEXT, struct held_message, queue_id)},
    {FIELD(FIELD_NUMBER, struct held_message, arrival_time)},
    {FIELD(FIELD_NUMBER, struct held_message, message_size)},
    {FIELD(FIELD_TEXT, struct held_message, sender)},
    {FIELD(FIELD_TEXTS, struct held_message, recipients),
     .count = offsetof(struct held_message, recipient_count)},
    {FIELD(FIELD_TEXT, struct held_message, from)},
    {FIELD(FIELD_TEXT, struct held_message, subject)},
    {FIELD(FIELD_TEXT, struct held_message, reason)},
    FIELD_END};

static const struct field list_rows[] = {
    {FIELD_AS("messages", FIELD_LIST, struct held_queue, items),
     FIELD_ITEMS(struct held_queue, items, count, message_rows)},
    {FIELD(FIELD_FLAG, struct held_queue, cut)},
    FIELD_END};

static const char *moment(const struct held_message *message, char text[32])
{
	time_t then = (time_t)message->arrival_time;
	struct tm local;

	localtime_r(&then, &local);
	strftime(text, 32, "%Y-%m-%d %H:%M", &local);
	return text;
}

/* A text of others, cut to what is left of the line. */
static const char *held_print_text(struct check_page *page, const char *text, size_t room)
{
	const char *safe = check_page_safe(page, text);
	size_t length = strlen(safe);

	if (length <= room)
		return safe;
	for (length = room - 3; length > 0 && ((unsigned char)safe[length] & 0xC0) == 0x80;)
		length--; /* no UTF-8 character is cut */
	return arena_format(page->arena, "%.*s...", (int)length, safe);
}

static void print_one(struct check_page *page, const struct held_message *message)
{
	char when[32];

	check_page_line(page, 0, "%-14s %s %8ld octets  from <%s>", message->queue_id,
	                moment(message, when), message->message_size,
	                held_print_text(page, message->sender, WIDE - 52));
	check_page_line(page, 4, "to <%s>%s",
	                message->recipient_count == 0
	                    ? ""
	                    : held_print_text(page, message->recipients[0], WIDE - 24),
	                message->recipient_count > 1 ? " and others" : "");
	check_page_line(page, 4, "From %s", held_print_text(page, message->from, WIDE - 10));
	check_page_line(page, 4, "%s",
	                message->reason == NULL ? "held by others, or by a rule of the site"
	                                        : held_print_text(page, message->reason, WIDE - 5));
}

void held_print(const struct held_queue *queue, struct arena *arena)
{
	struct check_page page;

	check_page_begin(&page, stdout, arena);
	for (size_t i = 0; i < queue->count; i++)
		print_one(&page, &queue->items[i]);
	if (queue->count == 0)
		check_page_line(&page, 0, "Nothing is held.");
	else
		check_page_line(&page, 0,
		                "%zu held%s. Look at one: assay held show ID. Deliver it: assay "
		                "held release ID",
		                queue->count, queue->cut ? ", and more" : "");
}

void held_print_json(const struct held_queue *queue, struct arena *arena)
{
	const struct fields_json writer = {.arena = arena};

	fields_json_print(&writer, list_rows, queue, stdout);
}

void held_print_message(const struct held_message *message, const char *header, struct arena *arena)
{
	struct check_page page;

	check_page_begin(&page, stdout, arena);
	check_page_line(&page, 0, "%s is held%s", message->queue_id,
	                message->reason == NULL ? " by others, or by a rule of the site" : ":");
	if (message->results != NULL)
		check_page_lines(&page, 4, "", message->results);
	for (size_t i = 0; i < message->recipient_count; i++)
		check_page_line(&page, 0, "Recipient: <%s>",
		                check_page_safe(&page, message->recipients[i]));
	check_page_lines(&page, 0, "", header);
}

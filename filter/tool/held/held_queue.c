/*
 * held_queue.c - Postfix's hold queue, by Postfix's own commands. Called by held.c.
 */
#include <string.h>

#include "base/text.h"
#include "tool/common/fields_json.h"
#include "tool/held/held.h"

enum {
	LISTING_MAX = 64 << 20,
	MESSAGE_MAX = 1 << 20, /* of envelope and header */
	COMMAND_WORDS = 8
};

static const struct field queue_rows[] = {
    {FIELD(FIELD_TEXT, struct held_message, queue_id), .needed = true},
    {FIELD(FIELD_TEXT, struct held_message, queue_name), .needed = true},
    {FIELD(FIELD_TEXT, struct held_message, sender)},
    {FIELD(FIELD_NUMBER, struct held_message, arrival_time)},
    {FIELD(FIELD_NUMBER, struct held_message, message_size)},
    FIELD_END};

/* A queue id is a word of the command line of programs that run as root. */
static bool is_queue_id(const char *text)
{
	size_t length = 0;

	while (text_is_letter(text[length]) || text_is_digit(text[length]))
		length++;
	return length >= 5 && length <= 40 && text[length] == '\0';
}

/* PROGRAM [-c FOLDER] OPTION [QUEUE-ID] */
static const char *postfix_command(const struct held_postfix *postfix, const char *program,
                                   const char *option, const char *queue_id,
                                   struct problem *problem)
{
	const char *words[COMMAND_WORDS] = {program};
	size_t count = 1;

	if (postfix->folder != NULL) {
		words[count++] = "-c";
		words[count++] = postfix->folder;
	}
	words[count++] = option;
	if (queue_id != NULL)
		words[count++] = queue_id;
	return held_command(words, queue_id == NULL ? LISTING_MAX : MESSAGE_MAX, postfix->arena,
	                    problem);
}

const char *held_queue_host(const struct held_postfix *postfix)
{
	const char *words[COMMAND_WORDS] = {"postconf"};
	struct problem problem;
	size_t count = 1;
	const char *printed;

	if (postfix->folder != NULL) {
		words[count++] = "-c";
		words[count++] = postfix->folder;
	}
	words[count++] = "-h";
	words[count] = "myhostname";
	printed = held_command(words, MESSAGE_MAX, postfix->arena, &problem);
	return printed == NULL ? NULL
	                       : arena_copy(postfix->arena, printed, strcspn(printed, " \r\n"));
}

/* A message can leave the queue in between, and is left out then. */
static bool add_message(const struct held_postfix *postfix, const char *line, bool all,
                        struct held_message *message)
{
	const char *printed, *header;
	struct problem problem;

	*message = (struct held_message){.queue_id = NULL};
	if (!fields_json_read(line, queue_rows, message, postfix->arena) ||
	    strcmp(message->queue_name, "hold") != 0 || !is_queue_id(message->queue_id))
		return false;
	printed = postfix_command(postfix, "postcat", "-qeh", message->queue_id, &problem);
	if (printed == NULL)
		return false;
	held_read_message(printed, postfix, message, &header);
	return all || message->reason != NULL;
}

bool held_queue_read(const struct held_postfix *postfix, bool all, struct held_queue *queue,
                     struct problem *problem)
{
	const char *line = postfix_command(postfix, "postqueue", "-j", NULL, problem);
	struct held_message *items =
	    arena_allocate(postfix->arena, HELD_MESSAGES_MAX * sizeof *items);

	*queue = (struct held_queue){.items = items};
	if (line == NULL)
		return false;
	while (*line != '\0' && !queue->cut) {
		size_t length = strcspn(line, "\n");
		const char *copy = arena_copy(postfix->arena, line, length);

		if (queue->count == HELD_MESSAGES_MAX)
			queue->cut = true;
		else if (strstr(copy, "\"hold\"") != NULL &&
		         add_message(postfix, copy, all, &items[queue->count]))
			queue->count++;
		line += length + (line[length] == '\n');
	}
	return true;
}

bool held_queue_find(const struct held_postfix *postfix, const char *queue_id,
                     struct held_message *message, const char **header, struct problem *problem)
{
	const char *printed;

	*message = (struct held_message){.queue_id = queue_id, .queue_name = "hold"};
	if (!is_queue_id(queue_id))
		return problem_say(problem, "\"%.60s\" is not a queue id of Postfix", queue_id);
	printed = postfix_command(postfix, "postcat", "-qeh", queue_id, problem);
	if (printed == NULL)
		return false;
	if (strncmp(printed, "*** ENVELOPE RECORDS hold/", 26) != 0)
		return problem_say(problem, "%s is not held, it is on its way", queue_id);
	held_read_message(printed, postfix, message, header);
	return true;
}

/* postsuper(1) takes a message that is not there for done, so it is looked for before. */
static bool held_queue_do(const struct held_postfix *postfix, const char *option,
                          const char *queue_id, struct problem *problem)
{
	struct held_message message;
	const char *header;

	return held_queue_find(postfix, queue_id, &message, &header, problem) &&
	       postfix_command(postfix, "postsuper", option, queue_id, problem) != NULL;
}

bool held_queue_release(const struct held_postfix *postfix, const char *queue_id,
                        struct problem *problem)
{
	return held_queue_do(postfix, "-H", queue_id, problem) &&
	       postfix_command(postfix, "postqueue", "-i", queue_id, problem) != NULL;
}

bool held_queue_delete(const struct held_postfix *postfix, const char *queue_id,
                       struct problem *problem)
{
	return held_queue_do(postfix, "-d", queue_id, problem);
}

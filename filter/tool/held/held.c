/*
 * held.c - `assay held`: the messages that a quarantine holds in Postfix's queue, and what becomes
 * of them.
 */
#include "tool/held/held.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "settings/settings.h"
#include "tool/common/tool.h"

struct held_arguments {
	const char *settings, *folder;
	bool json, all;
	int count;
	char **queue_ids;
};

/* EX_OK, or the status after a message. */
static int held_read_options(int argc, char **argv, struct held_arguments *arguments)
{
	int letter;

	while ((letter = tool_next_option(&tool_held, argc, argv)) != -1) {
		switch (letter) {
		case 'a':
			arguments->all = true;
			break;
		case 'c':
			arguments->settings = optarg;
			break;
		case 'j':
			arguments->json = true;
			break;
		case 'p':
			arguments->folder = optarg;
			break;
		default:
			return EX_USAGE;
		}
	}
	arguments->count = argc - optind;
	arguments->queue_ids = argv + optind;
	return EX_OK;
}

static int held_list(const struct held_postfix *postfix, const struct held_arguments *arguments)
{
	struct held_queue queue;
	struct problem problem;

	tool_show_progress("reading the hold queue ...");
	if (!held_queue_read(postfix, arguments->all, &queue, &problem)) {
		tool_show_progress(NULL);
		return tool_complain(EX_UNAVAILABLE, "the queue of Postfix cannot be read: %s",
		                     problem.message);
	}
	tool_show_progress(NULL);
	if (arguments->json)
		held_print_json(&queue, postfix->arena);
	else
		held_print(&queue, postfix->arena);
	return EX_OK;
}

static int held_show(const struct held_postfix *postfix, const struct held_arguments *arguments)
{
	struct held_message message;
	struct problem problem;
	const char *header;

	if (!held_queue_find(postfix, arguments->queue_ids[0], &message, &header, &problem))
		return tool_complain(EX_NOINPUT, "%s", problem.message);
	held_print_message(&message, header, postfix->arena);
	return EX_OK;
}

/* One that fails holds up no other. */
static int for_each(const struct held_postfix *postfix, const struct held_arguments *arguments,
                    const char *done,
                    bool (*act)(const struct held_postfix *, const char *, struct problem *))
{
	struct problem problem;
	int status = EX_OK;

	for (int i = 0; i < arguments->count; i++)
		if (act(postfix, arguments->queue_ids[i], &problem))
			printf("%s %s\n", arguments->queue_ids[i], done);
		else
			status = tool_complain(EX_NOINPUT, "%s", problem.message);
	return status;
}

static int held_release(const struct held_postfix *postfix, const struct held_arguments *arguments)
{
	return for_each(postfix, arguments, "is released and will be delivered",
	                held_queue_release);
}

static int held_delete(const struct held_postfix *postfix, const struct held_arguments *arguments)
{
	return for_each(postfix, arguments, "is deleted", held_queue_delete);
}

static const struct {
	const char *name;
	int (*run)(const struct held_postfix *postfix, const struct held_arguments *arguments);
	int min, max; /* queue ids */
} held_verbs[] = {
    {"list", held_list, 0, 0},
    {"show", held_show, 1, 1},
    {"release", held_release, 1, 1000},
    {"delete", held_delete, 1, 1000},
};

static int held_run(size_t verb, const struct held_arguments *arguments)
{
	struct held_postfix postfix = {.folder = arguments->folder};
	struct problem problem;
	struct settings *settings;
	int status;

	tool_log_warnings();
	settings = settings_read_keyless(tool_settings_path(arguments->settings), &problem);
	if (settings == NULL)
		return tool_complain(EX_CONFIG, "%s", problem.message);
	postfix.arena = arena_new();
	postfix.names[0] = settings->authserv_id;
	if (settings->authserv_id_by_host)
		postfix.names[1] = held_queue_host(&postfix);
	status = held_verbs[verb].run(&postfix, arguments);
	arena_free(postfix.arena);
	settings_release(settings);
	return status;
}

static int held_start(int argc, char **argv)
{
	struct held_arguments arguments = {.settings = NULL};
	size_t verb = 0, count = sizeof held_verbs / sizeof held_verbs[0];
	int status;

	while (argc > 1 && verb < count && strcmp(held_verbs[verb].name, argv[1]) != 0)
		verb++;
	if (argc < 2 || verb == count)
		return tool_misuse("held", "held needs one of: list, show, release, delete");
	status = held_read_options(argc - 1, argv + 1, &arguments);
	if (status != EX_OK)
		return status;
	if (arguments.count < held_verbs[verb].min)
		return tool_misuse("held", "held %s needs a queue id", held_verbs[verb].name);
	if (arguments.count > held_verbs[verb].max)
		return tool_misuse("held", "unexpected argument \"%.60s\"",
		                   arguments.queue_ids[held_verbs[verb].max]);
	return held_run(verb, &arguments);
}

static const char *const usage[] = {
    "held list [--all] [--json] [OPTION]...", "held show QUEUE-ID [OPTION]...",
    "held release QUEUE-ID... [OPTION]...", "held delete QUEUE-ID... [OPTION]...", NULL};

static const struct tool_verb verb_help[] = {
    {"list", "the messages that a quarantine holds, oldest first, and why"},
    {"show", "one of them: all results, its recipients and its header"},
    {"release", "lets Postfix deliver them"},
    {"delete", "removes them; nobody is told"},
    {NULL, NULL},
};

static const struct tool_option options[] = {
    {"-c", 'c', "FILE",
     "settings (default " ASSAY_SETTINGS "; without that file, the built-in ones)"},
    {"--postfix", 'p', "FOLDER",
     "Postfix's configuration folder, where it is not the standard one"},
    {"--all", 'a', NULL,
     "list shows also what others hold, and what a rule of the site holds without a failure"},
    {"--json", 'j', NULL, "one JSON object"},
    {NULL, 0, NULL, NULL},
};

const struct tool_command tool_held = {
    .name = "held",
    .run = held_start,
    .summary = "messages in quarantine: look at them, release or delete them",
    .usage = usage,
    .about =
        "The messages that quarantine.action = \"hold\" has put into the hold queue of Postfix "
        "on this host. Needs root, as postsuper(1) does.",
    .verbs = verb_help,
    .options = options,
    .statuses = "0 done; 64 usage; 66 no such message; 69 Postfix does not answer; 78 settings",
};

/*
 * check_options.c - the command line of `assay check`. First called by check.c.
 */
#include <getopt.h>
#include <string.h>

#include "base/text.h"
#include "tool/check/check.h"
#include "tool/common/tool.h"

enum {
	RECIPIENTS_MAX = 1000,
	VALUE_MAX = 2000
};

/* SMTP carries any octet in an argument but the ends of its line. */
static bool is_envelope_text(const char *value)
{
	return strlen(value) <= VALUE_MAX && strpbrk(value, "\r\n") == NULL;
}

static bool read_client(const char *value, struct address *client)
{
	if (address_parse(value, client))
		return true;
	tool_misuse("check", "--ip \"%.60s\" is not an IP address", value);
	return false;
}

static bool add_recipient_option(const char *value, struct check_options *options)
{
	if (options->to_count < RECIPIENTS_MAX) {
		options->to[options->to_count++] = value;
		return true;
	}
	tool_misuse("check", "there are more than %d --to", RECIPIENTS_MAX);
	return false;
}

static bool check_options_set(const struct tool_command *command, int letter, const char *value,
                              struct check_options *options)
{
	if (value != NULL && letter != 'c' && !is_envelope_text(value)) {
		tool_misuse("check", "the value of %s is longer than %d bytes or holds a line end",
		            tool_option_name(command, letter), VALUE_MAX);
		return false;
	}
	switch (letter) {
	case 'c':
		options->settings = value;
		return true;
	case 'i':
		return read_client(value, &options->client);
	case 'h':
		options->helo = value;
		return true;
	case 'f':
		options->from = value;
		return true;
	case 't':
		return add_recipient_option(value, options);
	case 'a':
		options->auth = value;
		return true;
	default:
		options->json = true;
		return true;
	}
}

bool check_options_read(const struct tool_command *command, int argc, char **argv,
                        struct check_options *options, struct arena *arena)
{
	int letter;

	*options = (struct check_options){.client = {.family = ADDRESS_UNKNOWN}};
	options->to = arena_allocate(arena, RECIPIENTS_MAX * sizeof *options->to);
	while ((letter = tool_next_option(command, argc, argv)) != -1)
		if (letter == '?' || !check_options_set(command, letter, optarg, options))
			return false;
	if (argc - optind > 1) {
		tool_misuse("check", "check takes one message, not %d", argc - optind);
		return false;
	}
	if (optind < argc && strcmp(argv[optind], "-") != 0)
		options->file = argv[optind];
	return true;
}

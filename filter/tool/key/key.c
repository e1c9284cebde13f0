/*
 * key.c - `assay key VERB`: reads the command line and hands over to the file of the verb.
 */
#include "tool/key/key.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/domain.h"
#include "tool/common/tool.h"

static const struct verb {
	const char *name;
	int (*run)(const struct key_arguments *arguments);
	bool needs_domain, takes_selector;
} verbs[] = {
    {"new", key_new, true, false},           {"dns", key_dns, true, true},
    {"check", key_list_check, false, false}, {"list", key_list, false, false},
    {"retire", key_retire, true, true},
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static bool read_bits(const char *text, long *bits)
{
	char *end;

	*bits = strtol(text, &end, 10);
	return *end == '\0' && (*bits == 1024 || *bits == 2048 || *bits == 3072 || *bits == 4096);
}

/* EX_OK, or the status after a message. */
static int key_read_options(int argc, char **argv, struct key_arguments *arguments)
{
	static const struct tool_target targets[] = {
	    TOOL_TARGET('c', struct key_arguments, settings_file),
	    TOOL_TARGET('j', struct key_arguments, json),
	    TOOL_TARGET('s', struct key_arguments, selector),
	    TOOL_TARGET('w', struct key_arguments, without_dns),
	    {.letter = '\0'}};
	int letter;

	while ((letter = tool_read_options(&tool_key, argc, argv, targets, arguments)) != -1) {
		if (letter == '?')
			return EX_USAGE;
		if (letter == 'k')
			arguments->keys = optarg;
		if (letter == 'k' ? optarg[0] == '\0' : !read_bits(optarg, &arguments->bits))
			return tool_bad_value(&tool_key, letter);
	}
	return EX_OK;
}

/* EX_OK, or the status after a message. */
static int key_read_text(int argc, char **argv, const struct verb *verb,
                         struct key_arguments *arguments)
{
	const char *domain = optind < argc ? argv[optind++] : NULL;

	if (domain == NULL && verb->needs_domain)
		return tool_misuse("key", "key %s needs a domain", verb->name);
	if (domain != NULL) {
		arguments->domain = domain_normalize(arguments->arena, domain, strlen(domain));
		if (arguments->domain == NULL)
			return tool_misuse("key", "\"%.60s\" is not a domain name", domain);
	}
	if (verb->takes_selector && optind < argc)
		arguments->selector = argv[optind++];
	if (arguments->selector != NULL) {
		const char *selector = arguments->selector;

		arguments->selector =
		    domain_normalize(arguments->arena, selector, strlen(selector));
		if (arguments->selector == NULL)
			return tool_misuse("key", "\"%.60s\" is not a selector", selector);
	}
	if (optind < argc)
		return tool_misuse("key", "unexpected argument \"%.60s\"", argv[optind]);
	return EX_OK;
}

static int key_run(const struct verb *verb, struct key_arguments *arguments)
{
	int status;

	tool_log_warnings();
	arguments->settings = tool_read_settings(arguments->settings_file);
	if (arguments->settings == NULL)
		return EX_CONFIG;
	status = verb->run(arguments);
	settings_release(arguments->settings);
	return status;
}

static int key_start(int argc, char **argv)
{
	const struct verb *verb = find_verb(argc > 1 ? argv[1] : NULL);
	struct key_arguments arguments = {.bits = 2048};
	int status;

	if (verb == NULL)
		return tool_misuse("key", "key needs one of: new, dns, check, list, retire");
	argc--;
	argv++;
	status = key_read_options(argc, argv, &arguments);
	if (status != EX_OK)
		return status;
	arguments.arena = arena_new();
	status = key_read_text(argc, argv, verb, &arguments);
	if (status == EX_OK)
		status = key_run(verb, &arguments);
	arena_free(arguments.arena);
	return status;
}

static const char *const usage[] = {"key new DOMAIN [--selector NAME] [--bits N] [OPTION]...",
                                    "key dns DOMAIN [SELECTOR] [OPTION]...",
                                    "key check [DOMAIN] [--json] [OPTION]...",
                                    "key list [DOMAIN] [--json] [OPTION]...",
                                    "key retire DOMAIN [SELECTOR] [--without-dns] [OPTION]...",
                                    NULL};

static const struct tool_verb verb_help[] = {
    {"new", "makes an RSA and an Ed25519 key and prints their records, for a zone file and for a "
            "web form. Selectors are today's date with r and e. Keys of a domain that has some "
            "already wait as SELECTOR.pending"},
    {"dns", "prints the records of the keys that there are"},
    {"check", "compares each key with the DNS and says what is to be published"},
    {"list", "the keys, what each does, and where it lies"},
    {"retire",
     "once the DNS has the keys that wait, lets them sign, and stops those of the same kind before "
     "them; their records stay for seven days more. With SELECTOR that key alone stops"},
    {NULL, NULL},
};

static const struct tool_option options[] = {
    {"-c", 'c', "FILE",
     "settings (default " ASSAY_SETTINGS "; without that file, the built-in ones)"},
    {"--keys", 'k', "FOLDER",
     "keys are in FOLDER/DOMAIN; without it, where an entry of \"sign\" says, or in " ASSAY_KEYS},
    {"--selector", 's', "NAME", "NAMEr and NAMEe instead of the date"},
    {"--bits", 'b', "N", "of the RSA key: 1024, 2048 (default), 3072 or 4096"},
    {"--without-dns", 'w', NULL, "retire does not ask the DNS whether it has the keys"},
    {"--json", 'j', NULL, "one JSON object"},
    {NULL, 0, NULL, NULL},
};

const struct tool_command tool_key = {
    .name = "key",
    .run = key_start,
    .summary = "keys that sign, and the DNS records that publish them",
    .usage = usage,
    .about = "The keys that sign outgoing mail, and the DNS records that publish them.",
    .verbs = verb_help,
    .options = options,
    .statuses = "0 done, or all is published; 1 something is to be done first; 64 usage, 66 a key "
                "that cannot be read, 69 DNS cannot be asked at all, 73 a file that cannot be "
                "made, 75 the DNS did not answer, 78 settings",
};

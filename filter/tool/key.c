/*
 * key.c - `assay key VERB`: reads the command line and hands over to the file of the verb.
 */
#include "tool/key.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "domain.h"
#include "log.h"
#include "tool/tool.h"

static const struct verb {
	const char *name;
	int (*run)(const struct key_asked *asked);
	bool needs_domain, takes_selector;
} verbs[] = {
    {"new", key_new, true, false},    {"dns", key_dns, true, true},       {"check", key_check, false, false},
    {"list", key_list, false, false}, {"retire", key_retire, true, true},
};

int key_complain(int status, const char *format, ...)
{
	va_list arguments;

	fputs("assay: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return status;
}

void key_say_reload(void)
{
	puts("Then let assayd read its keys again: systemctl reload assay (or kill -USR1 its process).");
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static bool read_bits(const char *words, long *bits)
{
	char *end;

	*bits = strtol(words, &end, 10);
	return *end == '\0' && (*bits == 1024 || *bits == 2048 || *bits == 3072 || *bits == 4096);
}

static bool read_option(int letter, struct key_asked *asked)
{
	switch (letter) {
	case 'b':
		return read_bits(optarg, &asked->bits);
	case 'c':
		asked->settings_file = optarg;
		return true;
	case 'j':
		asked->json = true;
		return true;
	case 'k':
		asked->keys = optarg;
		return optarg[0] != '\0';
	case 's':
		asked->selector = optarg;
		return true;
	case 'w':
		asked->without_dns = true;
		return true;
	default:
		return false;
	}
}

static bool read_options(int argc, char **argv, struct key_asked *asked)
{
	static const struct option longer[] = {
	    {"bits", required_argument, NULL, 'b'},  {"json", no_argument, NULL, 'j'},
	    {"keys", required_argument, NULL, 'k'},  {"selector", required_argument, NULL, 's'},
	    {"without-dns", no_argument, NULL, 'w'}, {NULL, 0, NULL, 0}};
	int letter;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":c:", longer, NULL)) != -1)
		if (!read_option(letter, asked))
			return false;
	return true;
}

/* EX_OK, or the status after a message. */
static int read_words(int argc, char **argv, const struct verb *verb, struct key_asked *asked)
{
	const char *domain = optind < argc ? argv[optind++] : NULL;

	if (domain == NULL && verb->needs_domain)
		return tool_misuse("key", "key %s wants a domain", verb->name);
	if (domain != NULL) {
		asked->domain = domain_normalize(asked->arena, domain, strlen(domain));
		if (asked->domain == NULL)
			return tool_misuse("key", "\"%.60s\" is no domain", domain);
	}
	if (verb->takes_selector && optind < argc)
		asked->selector = argv[optind++];
	if (asked->selector != NULL) {
		const char *selector = asked->selector;

		asked->selector = domain_normalize(asked->arena, selector, strlen(selector));
		if (asked->selector == NULL)
			return tool_misuse("key", "\"%.60s\" is no selector", selector);
	}
	if (optind < argc)
		return tool_misuse("key", "\"%.60s\" is one argument too many", argv[optind]);
	return EX_OK;
}

/* Without the standard file, the built-in settings count. */
static struct settings *read_settings(const struct key_asked *asked, struct problem *problem)
{
	const char *path = asked->settings_file == NULL ? settings_standard_path() : asked->settings_file;

	return settings_read_keyless(asked->settings_file == NULL && access(path, F_OK) != 0 ? NULL : path,
	                             problem);
}

static int run(const struct verb *verb, struct key_asked *asked)
{
	const struct log_settings quiet = {.target = 1, .level = LOG_LEVEL_WARNING};
	struct problem problem;
	int status;

	log_open(&quiet);
	asked->settings = read_settings(asked, &problem);
	if (asked->settings == NULL)
		return key_complain(EX_CONFIG, "%s", problem.words);
	status = verb->run(asked);
	settings_release(asked->settings);
	return status;
}

int tool_key(int argc, char **argv)
{
	const struct verb *verb = find_verb(argc > 1 ? argv[1] : NULL);
	struct key_asked asked = {.bits = 2048};
	int status;

	if (verb == NULL)
		return tool_misuse("key", "key wants one of: new, dns, check, list, retire");
	argc--;
	argv++;
	if (!read_options(argc, argv, &asked))
		return tool_misuse("key", "\"%.60s\" is no option of key, or needs another value",
		                   argv[optind - 1]);
	asked.arena = arena_new();
	status = read_words(argc, argv, verb, &asked);
	if (status == EX_OK)
		status = run(verb, &asked);
	arena_free(asked.arena);
	return status;
}

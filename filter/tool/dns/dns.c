/*
 * dns.c - `assay dns`: the command line, the rounds of the examination, the exit status.
 */
#include <getopt.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "dns/rounds.h"
#include "tool/common/tool.h"
#include "tool/dns/doctor.h"

enum {
	EXIT_WARNINGS = 1,
	EXIT_ERRORS = 2
};

/* False after a message. */
static bool add_selector(const char *value, struct doctor_asked *asked, struct arena *arena)
{
	const char *selector = domain_normalize(arena, value, strlen(value));

	if (asked->selector_count == DOCTOR_SELECTORS_MAX)
		tool_misuse("dns", "there are more than %d --selector", DOCTOR_SELECTORS_MAX);
	else if (strstr(value, "._domainkey") != NULL)
		tool_misuse("dns",
		            "\"%.60s\" is the name of a record; the selector is what stands before "
		            "._domainkey",
		            value);
	else if (selector == NULL)
		tool_misuse("dns", "--selector \"%.60s\" is not a selector", value);
	else {
		asked->selectors[asked->selector_count++] = selector;
		return true;
	}
	return false;
}

/* False after a message. */
static bool dns_read_option(int letter, struct doctor_asked *asked, bool *codes,
                            struct arena *arena)
{
	switch (letter) {
	case 'c':
		asked->settings_file = optarg;
		return true;
	case 'i':
		if (address_parse(optarg, &asked->ip))
			return true;
		tool_misuse("dns", "--ip \"%.60s\" is not an IP address", optarg);
		return false;
	case 'j':
		asked->json = true;
		return true;
	case 'l':
		*codes = true;
		return true;
	case 's':
		return add_selector(optarg, asked, arena);
	default:
		return false;
	}
}

static bool dns_read_domain(int argc, char **argv, struct doctor_asked *asked, struct arena *arena)
{
	struct address address;

	if (argc - optind != 1) {
		tool_misuse("dns", "dns takes one domain, not %d", argc - optind);
		return false;
	}
	if (address_parse(argv[optind], &address)) {
		tool_misuse(
		    "dns",
		    "\"%.60s\" is an address; name the domain that it sends for, and it with --ip",
		    argv[optind]);
		return false;
	}
	asked->domain = domain_normalize(arena, argv[optind], strlen(argv[optind]));
	if (asked->domain == NULL) {
		tool_misuse("dns", "\"%.60s\" is not a domain name", argv[optind]);
		return false;
	}
	asked->unicode = domain_unicode(arena, asked->domain);
	return true;
}

static const char *make_random_label(struct arena *arena)
{
	unsigned long long number = 0;

	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		number = (unsigned long long)getpid();
	return arena_format(arena, "assay-%llx", number);
}

/* The keys that the settings sign with for this domain. */
static void find_own_keys(struct doctor_asked *asked, struct settings *settings,
                          struct arena *arena)
{
	const struct key_arguments about = {
	    .domain = asked->domain, .settings = settings, .arena = arena};
	struct key_place place = key_place_find(&about);
	struct key_files files = {0};
	struct problem problem;

	if (!place.covered)
		return;
	if (key_file_list(&place, settings->user, arena, &files, &problem)) {
		asked->own_count = files.count;
		asked->own = files.items;
	} else {
		asked->own_problem = arena_string(arena, problem.message);
	}
}

/* Of a name that does not exist, nothing but that is reported. */
static void keep_domain_findings(struct doctor *doctor)
{
	size_t kept = 0;

	for (size_t i = 0; i < doctor->count; i++)
		if (doctor_codes_rows[doctor->findings[i].code].area == AREA_DOMAIN)
			doctor->findings[kept++] = doctor->findings[i];
	doctor->count = kept;
}

static void examine(struct doctor *doctor)
{
	doctor_domain_begin(doctor);
	doctor_spf_examine(doctor);
	doctor_dkim_examine(doctor);
	doctor_mx_examine(doctor);
	doctor_dmarc_examine(doctor);
	doctor_hosts_examine(doctor);
	doctor_domain_examine(doctor);
	if (!doctor->exists)
		keep_domain_findings(doctor);
}

static int exit_status(const struct doctor *doctor)
{
	enum doctor_level worst = LEVEL_GOOD;

	for (int area = 0; area < AREAS; area++) {
		enum doctor_level level = doctor_worst(doctor, (enum doctor_area)area);

		worst = level > worst ? level : worst;
	}
	if (!doctor->answered)
		return EX_UNAVAILABLE;
	if (worst == LEVEL_ERROR)
		return EXIT_ERRORS;
	if (doctor->lookups_failed > 0)
		return EX_TEMPFAIL;
	return worst == LEVEL_WARNING ? EXIT_WARNINGS : EX_OK;
}

static int dns_print(struct doctor *doctor, struct rounds *rounds)
{
	const struct query_session_query *queries;
	size_t count = rounds_queries(rounds, &queries);
	int status;

	doctor_received_examine(doctor);
	status = exit_status(doctor);

	if (!doctor->answered &&
	    !doctor->asked->json) /* the others are the same about other names */
		doctor->count = 1;
	else if (doctor->left_out > 0)
		doctor_report_left_out(doctor);
	if (doctor->asked->json)
		doctor_json(doctor, count, queries, stdout);
	else
		doctor_print(doctor, stdout);
	if (status == EX_UNAVAILABLE)
		tool_complain(
		    status,
		    "the DNS cannot be asked, no lookup was answered: see resolver.servers in the "
		    "settings, and without it /etc/resolv.conf");
	return status;
}

/* Answers live in `lasting`; `arena` holds the conclusions of one round. */
static int examine_in_rounds(const struct doctor_asked *asked, struct resolver *resolver,
                             struct arena *lasting, struct arena *arena)
{
	struct rounds *rounds = rounds_begin(resolver, lasting);
	struct doctor doctor;

	tool_show_progress("asking the DNS ...");
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		arena_reset(arena);
		doctor = (struct doctor){
		    .asked = asked, .services = rounds_services(rounds), .arena = arena};
		examine(&doctor);
		if (!rounds_ask(rounds))
			break;
	}
	tool_show_progress(NULL);
	return dns_print(&doctor, rounds);
}

static int dns_examine(const struct doctor_asked *asked, struct arena *lasting)
{
	struct problem problem;
	struct resolver *resolver = resolver_open(&asked->settings->resolver, &problem);
	struct arena *arena;
	int status;

	if (resolver == NULL)
		return tool_complain(EX_UNAVAILABLE, "%s", problem.message);
	arena = arena_new();
	status = examine_in_rounds(asked, resolver, lasting, arena);
	arena_free(arena);
	arena_reset(lasting); /* releases the answers */
	resolver_close(resolver);
	return status;
}

static int dns_run(struct doctor_asked *asked, struct arena *lasting)
{
	struct public_suffix_list *suffixes = NULL;
	struct settings *settings;
	struct problem problem;
	int status;

	invariant(asked->domain != NULL);
	tool_log_warnings();
	settings = settings_read_keyless(tool_settings_path(asked->settings_file), &problem);
	if (settings == NULL)
		return tool_complain(EX_CONFIG, "%s", problem.message);
	if (settings->dmarc.discovery == DISCOVERY_PSL &&
	    (suffixes = public_suffix_open(&problem)) == NULL) {
		settings_release(settings);
		return tool_complain(EX_CONFIG, "%s", problem.message);
	}
	asked->settings = settings;
	asked->suffixes = suffixes;
	asked->random_label = make_random_label(lasting);
	find_own_keys(asked, settings, lasting);
	status = dns_examine(asked, lasting);
	public_suffix_close(suffixes);
	settings_release(settings);
	return status;
}

static int list_codes(void)
{
	for (int code = 0; code < DOCTOR_CODES; code++) {
		const struct doctor_code_row *row = &doctor_codes_rows[code];

		printf("%-8s %-8s %-28s %-18s %s\n", doctor_area_names[row->area],
		       doctor_level_names[row->level], row->word, row->source, row->text);
	}
	return EX_OK;
}

static int dns_start(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct doctor_asked asked = {.ip = {.family = ADDRESS_UNKNOWN}};
	bool good = true, codes = false;
	int letter, status = EX_USAGE;

	while (good && (letter = tool_next_option(&tool_dns, argc, argv)) != -1)
		good = letter != '?' && dns_read_option(letter, &asked, &codes, arena);
	if (good && codes)
		status = optind == argc
		             ? list_codes()
		             : tool_misuse("dns", "unexpected argument \"%.60s\"", argv[optind]);
	else if (good && dns_read_domain(argc, argv, &asked, arena))
		status = dns_run(&asked, arena);
	arena_free(arena);
	return status;
}

static const char *const usage[] = {
    "dns DOMAIN [--selector NAME]... [--ip ADDRESS] [--json] [-c FILE]", "dns --codes", NULL};

static const struct tool_option options[] = {
    {"--selector", 's', "NAME",
     "a DKIM selector of the domain (s= of a DKIM-Signature field); as often as needed. Those that "
     "the settings sign with and those that many use are looked for anyway"},
    {"--ip", 'i', "ADDRESS", "a server that sends for the domain: may it, and what is its name"},
    {"--json", 'j', NULL, "one JSON object instead of text for people"},
    {"--codes", 'l', NULL, "all that can be found: area, level, code, source and sentence"},
    {"-c", 'c', "FILE",
     "settings (default " ASSAY_SETTINGS "; without that file, the built-in ones)"},
    {NULL, 0, NULL, NULL},
};

const struct tool_command tool_dns = {
    .name = "dns",
    .run = dns_start,
    .summary =
        "what a domain publishes for its mail, what is wrong with it, and what to publish instead",
    .usage = usage,
    .about = "Asks the DNS for everything that concerns the mail of a domain (SPF, DKIM keys, "
             "DMARC, MX, names of the servers that send) and tells what is wrong, and which record "
             "to publish instead. The records are read by the parsers of assayd, so it says what "
             "assayd would do with mail of this domain.",
    .options = options,
    .statuses =
        "0 neither errors nor warnings, 1 warnings, 2 errors, 64 usage, 69 the DNS cannot be asked "
        "at all, 75 some lookups failed, 78 settings",
};

/*
 * check.c - `assay check`: one message through the stages of session.h, as milter.c would take it,
 * with a mail server that only records what it is asked.
 */
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/text.h"
#include "tool/check/check.h"
#include "tool/common/tool.h"

enum {
	EXIT_QUARANTINE = 10,
	EXIT_REJECT = 11,
	EXIT_TEMPFAIL = 12
};

static const int statuses[] = {[ACTION_ACCEPT] = EX_OK,
                               [ACTION_QUARANTINE] = EXIT_QUARANTINE,
                               [ACTION_REJECT] = EXIT_REJECT,
                               [ACTION_TEMPFAIL] = EXIT_TEMPFAIL};

/* Only mail from outside can be judged without the signing keys. */
static bool needs_keys(const struct check_options *options, const struct settings *settings)
{
	return options->auth != NULL ||
	       address_in_networks(&options->client, &settings->networks.ours);
}

static struct settings *find_settings(const struct check_options *options, struct problem *problem)
{
	const char *path = tool_settings_path(options->settings);
	struct settings *settings;

	if (path == NULL)
		tool_complain(EX_OK, "there is no %s; the built-in settings count",
		              settings_standard_path());
	settings = tool_settings_read(path, problem);
	if (settings == NULL || settings->sign.table != NULL || !needs_keys(options, settings))
		return settings;
	settings_release(settings);
	problem_say(problem, "outbound mail is signed, which takes the keys: run this as root");
	return NULL;
}

/* The file may hold something else than was meant. */
static void warn_about_message(const char *file, const struct check_message *message)
{
	const char *name = file == NULL ? "what came on standard input" : file;

	if (message->more)
		tool_complain(EX_OK, "%s is a mailbox of several messages; the first is taken",
		              name);
	if (message->field_count == 0)
		tool_complain(EX_OK, "%s does not begin with a header field; is it a message?",
		              name);
}

static void find_sender(struct check_outcome *outcome, const struct check_message *message)
{
	outcome->from = outcome->options->from;
	outcome->from_source = "";
	if (outcome->from != NULL)
		return;
	outcome->from = check_message_return_path(message, outcome->arena);
	outcome->from_source = "from the field Return-Path";
	if (outcome->from != NULL)
		return;
	outcome->from = "";
	outcome->from_source =
	    "the null sender, since neither --from nor a field Return-Path names one";
}

static void find_client(struct check_outcome *outcome, const struct check_message *message)
{
	const struct check_options *options = outcome->options;

	outcome->client = (struct check_client){options->client, options->helo};
	if (options->client.family != ADDRESS_UNKNOWN || options->auth != NULL ||
	    !check_received_client(message, outcome->settings, &outcome->client, outcome->arena))
		return;
	outcome->client_from_received = true;
	if (options->helo != NULL)
		outcome->client.helo = options->helo;
}

static void feed_session(struct session *session, const struct check_outcome *outcome,
                         const struct check_message *message)
{
	const struct check_options *options = outcome->options;

	session_remember(session);
	connection_from(session, NULL, &outcome->client.address);
	/* Postfix is not Sendmail: what it changes is known */
	connection_server(session, NULL, "Postfix");
	if (outcome->client.helo != NULL)
		connection_greeting(session, outcome->client.helo);
	envelope_sender(session, outcome->from, options->auth);
	for (size_t i = 0; i < options->to_count; i++)
		envelope_recipient(session, options->to[i]);
	for (size_t i = 0; i < message->field_count; i++)
		headers_field(session, message->fields[i].name, message->fields[i].value);
	headers_end(session);
	check_message_body(message, session);
}

static int check_judge(struct check_outcome *outcome, const struct check_message *message,
                       struct settings *settings, struct shared *shared)
{
	struct session *session = session_open(settings, shared);
	struct check_mta *mta = arena_allocate(outcome->arena, sizeof *mta);
	enum action action;

	outcome->settings = settings;
	check_mta_begin(mta, outcome->arena);
	find_sender(outcome, message);
	find_client(outcome, message);
	tool_show_progress("asking the DNS ...");
	feed_session(session, outcome, message);
	action = finish_message(session, &mta->mta);
	tool_show_progress(NULL);
	invariant(action <= ACTION_TEMPFAIL);
	outcome->outcome = session_outcome(session);
	invariant(outcome->outcome->verdict != NULL && outcome->outcome->findings != NULL);
	outcome->mta = mta;
	if (outcome->options->json)
		check_json(outcome, stdout);
	else
		check_print(outcome, stdout);
	session_close(session);
	return statuses[action];
}

static int check_run(const struct check_options *options, struct arena *arena)
{
	struct check_outcome outcome = {.options = options, .arena = arena};
	struct slots slots = {.taken = 0};
	struct shared shared = {.slots = &slots};
	struct check_message message;
	struct settings *settings;
	struct problem problem;
	int status;

	tool_log_warnings();
	settings = find_settings(options, &problem);
	if (settings == NULL)
		return tool_complain(EX_CONFIG, "%s", problem.message);
	settings->spf.second_opinion = true; /* this snapshot has no other user */
	settings->dkim.second_opinion = true;
	if (options->file == NULL && isatty(STDIN_FILENO))
		fputs("assay: reading the message from the terminal; Ctrl-D ends it\n", stderr);
	if (!check_message_read(options->file, &message, arena, &problem)) {
		settings_release(settings);
		return tool_complain(EX_DATAERR, "%s", problem.message);
	}
	warn_about_message(options->file, &message);
	shared.resolver = resolver_open(&settings->resolver, &problem);
	if (shared.resolver == NULL) {
		settings_release(settings);
		return tool_complain(EX_UNAVAILABLE, "%s", problem.message);
	}
	status = check_judge(&outcome, &message, settings, &shared);
	resolver_close(shared.resolver);
	return status;
}

static int check_start(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct check_options options;
	int status = EX_USAGE;

	if (check_options_read(&tool_check, argc, argv, &options, arena))
		status = check_run(&options, arena);
	arena_free(arena);
	return status;
}

static const char *const usage[] = {
    "check [-c FILE] [--ip ADDRESS] [--helo NAME] [--from ADDRESS] [--to ADDRESS]...\n"
    "[--auth USER] [--json] [MESSAGE | -]",
    NULL};

static const struct tool_option options[] = {
    {"-c", 'c', "FILE",
     "settings (default " ASSAY_SETTINGS "; without that file, the built-in ones)"},
    {"--ip", 'i', "ADDRESS",
     "address of the client that brings the message; without it, the one that the topmost Received "
     "field of this host (setting authserv_id) names. Without such a field the client is unknown, "
     "and SPF cannot be evaluated"},
    {"--helo", 'h', "NAME", "what the client says in HELO or EHLO"},
    {"--from", 'f', "ADDRESS",
     "envelope sender (MAIL FROM); '' is the null sender. Without it, that of the message's first "
     "Return-Path field; without such a field, the null sender"},
    {"--to", 't', "ADDRESS", "envelope recipient (RCPT TO); as often as needed"},
    {"--auth", 'a', "USER",
     "as if the client had logged in: its mail is outbound and is not judged"},
    {"--json", 'j', NULL, "one JSON object instead of text for people"},
    {NULL, 0, NULL, NULL},
};

const struct tool_command tool_check = {
    .name = "check",
    .run = check_start,
    .summary = "what would become of one message, and why",
    .usage = usage,
    .about = "Takes one message (RFC 5322; from standard input without MESSAGE or with -) through "
             "the whole evaluation, with live DNS and the settings of the daemon, and says what "
             "assayd would do with it and why. No mail server is needed, nothing is changed, and "
             "no report row is kept.",
    .options = options,
    .statuses = "0 accept, 10 quarantine, 11 reject, 12 temporary failure, 64 usage, 65 unreadable "
                "message, 69 DNS cannot be asked at all, 78 settings",
};

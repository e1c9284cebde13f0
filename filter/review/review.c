/*
 * review.c - the table of all checks of settings, and how they are run. Called by `assay config`,
 * `assayd -t` and by main.c at the start; the checks are in the files beside this one.
 */
#include "review/review.h"

#include <stdarg.h>
#include <string.h>

#include "review/review_checks.h"

enum {
	FINDINGS_MAX = 200,
	WORDS_MAX = 1000
};

const char *const review_level_names[] = {
    [REVIEW_ERROR] = "error", [REVIEW_WARNING] = "warning", NULL};

struct review_row {
	const char *name;
	enum review_level level;
	review_check *check;
	const char *about;
};

static const struct review_row rows[] = {
    /* who we are, and who finds us */
    {"authserv-id", REVIEW_WARNING, review_values_authserv_id,
     "the name in Authentication-Results is no full host name"},
    {"user-missing", REVIEW_ERROR, review_files_user, "the user to run as does not exist"},
    {"user-root", REVIEW_WARNING, review_files_root, "the daemon would stay root"},
    {"group-missing", REVIEW_ERROR, review_files_group, "the group of the socket does not exist"},
    {"socket-unused", REVIEW_WARNING, review_values_socket,
     "settings of a unix socket, but it listens on a port"},
    {"socket-mode", REVIEW_WARNING, review_values_socket_mode,
     "the socket's mode lets anybody in, or its group not"},
    {"socket-folder", REVIEW_WARNING, review_files_socket,
     "the socket's folder is missing, not writable, or closed to the socket's group"},
    {"folder-open", REVIEW_WARNING, review_files_open,
     "a folder where every user of the host can put a socket, key or store of his own"},
    {"listen-everywhere", REVIEW_WARNING, review_values_listen,
     "whoever reaches this host can have mail signed"},
    {"pid-file", REVIEW_WARNING, review_files_pid, "the folder of the pid file is missing"},
    {"metrics-listen", REVIEW_WARNING, review_values_metrics,
     "the metrics listen where the mail server is to, or for everybody"},
    /* DNS */
    {"name-servers", REVIEW_WARNING, review_values_servers,
     "an address that no name server can have, or none at all"},
    {"trust-anchor", REVIEW_WARNING, review_files_trust_anchor,
     "DNSSEC is wanted, and its keys cannot be read"},
    {"trust-anchor-unused", REVIEW_WARNING, review_values_trust_anchor,
     "keys for DNSSEC, which is off"},
    {"timeouts", REVIEW_WARNING, review_values_timeouts,
     "a lookup may take longer than a message may wait"},
    {"in-flight", REVIEW_WARNING, review_values_in_flight, "fewer queries at once than messages"},
    {"sessions", REVIEW_WARNING, review_values_sessions,
     "fewer messages at once than SMTP sessions of Postfix"},
    /* whose mail is judged */
    {"ours-everybody", REVIEW_WARNING, review_networks_everybody,
     "networks of all addresses, or of more than any site has"},
    {"network-repeated", REVIEW_WARNING, review_networks_repeated,
     "a network inside another of the same list"},
    {"forwarder-of-ours", REVIEW_WARNING, review_networks_forwarders,
     "a forwarder that is ours, whose mail is not judged at all"},
    /* what is done */
    {"quarantine-address", REVIEW_WARNING, review_values_quarantine,
     "an address without the action redirect"},
    {"rsa-bits", REVIEW_WARNING, review_values_rsa_bits,
     "signatures of the usual size would not pass"},
    {"rule-never-applies", REVIEW_WARNING, review_rules_never,
     "rules above take every message that it is for"},
    {"rule-repeats", REVIEW_WARNING, review_rules_repeated,
     "a name inside another of the same condition"},
    {"rule-for-ours", REVIEW_WARNING, review_rules_ours,
     "a rule for clients whose mail is not judged"},
    {"rule-for-all", REVIEW_WARNING, review_rules_always, "a rule without conditions"},
    {"rule-for-everybody", REVIEW_WARNING, review_rules_everybody,
     "what it ignores comes from all addresses, or from more than any site has"},
    {"rule-without-effect", REVIEW_WARNING, review_rules_last,
     "the last rule, which changes nothing"},
    {"rule-forgeable", REVIEW_WARNING, review_rules_forgeable,
     "what it ignores hangs on what a sender can write"},
    /* signing */
    {"sign-never-applies", REVIEW_WARNING, review_sign_never,
     "entries above take every message that it is for"},
    {"key-short", REVIEW_WARNING, review_sign_short,
     "an RSA key of less than 2048 bits (RFC 8301 3.2)"},
    {"key-ed25519-alone", REVIEW_WARNING, review_sign_ed25519,
     "a domain that only newer receivers can verify"},
    {"sign-unsound-header", REVIEW_WARNING, review_sign_headers,
     "a signature over header fields that change on the way"},
    {"sign-weak-oversign", REVIEW_WARNING, review_sign_oversign,
     "a signature that a second To or Subject leaves whole"},
    {"key-unreadable", REVIEW_WARNING, review_files_keys,
     "a key that the daemon cannot read again at a reload"},
    /* reports */
    {"reports-without-store", REVIEW_WARNING, review_reports_store,
     "settings of reports, but no rows are kept"},
    {"reports-without-email", REVIEW_WARNING, review_reports_email,
     "settings of sending, but nothing is sent"},
    {"reports-jitter", REVIEW_WARNING, review_reports_jitter,
     "reports spread over more than their period"},
    {"reports-retry", REVIEW_WARNING, review_reports_retry,
     "rows go before the report is given up"},
    {"reports-unsigned", REVIEW_WARNING, review_reports_signature, "no key signs the reports"},
    {"reports-sendmail", REVIEW_WARNING, review_reports_sendmail,
     "the sendmail command cannot be run"},
    {"reports-store", REVIEW_WARNING, review_files_store,
     "the store cannot be written by the daemon"},
};

static const struct settings_place *review_place_of(const struct review_run *run,
                                                    const char *setting, long entry)
{
	const struct settings_place *place =
	    settings_places_find(run->settings->places, setting, entry);
	char list[64];

	if (place != NULL || entry == PLACES_NO_ENTRY)
		return place;
	snprintf(list, sizeof list, "%.*s", (int)strcspn(setting, "."), setting);
	return settings_places_find(run->settings->places, list, entry);
}

void review_add(struct review_run *run, const char *setting, long entry, const char *format, ...)
{
	const struct settings_place *place = review_place_of(run, setting, entry);
	char text[WORDS_MAX];
	va_list arguments;

	if (run->count == FINDINGS_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	run->findings = arena_grow(run->arena, run->findings, run->count, &run->room, 16,
	                           sizeof *run->findings);
	run->findings[run->count++] = (struct review_finding){
	    .level = run->row->level,
	    .check = run->row->name,
	    .setting = setting,
	    .file = place == NULL ? run->settings->path : place->file,
	    .line = place == NULL ? 0 : place->line,
	    .text = arena_string(run->arena, text),
	};
}

bool review_given(const struct review_run *run, const char *setting)
{
	return settings_places_find(run->settings->places, setting, PLACES_NO_ENTRY) != NULL &&
	       !settings_print_is_standard(run->settings, setting);
}

void review_useless(struct review_run *run, const char *const *settings, const char *why)
{
	for (; *settings != NULL; settings++)
		if (review_given(run, *settings))
			review_add(run, *settings, PLACES_NO_ENTRY,
			           "setting \"%s\" has no effect: %s", *settings, why);
}

const char *review_entry_name(struct review_run *run, const char *what, const char *list,
                              size_t entry)
{
	const struct settings_place *place = review_place_of(run, list, (long)entry);

	if (place == NULL)
		return arena_format(run->arena, "%s %zu", what, entry + 1);
	return arena_format(run->arena, "%s %zu (%s:%u)", what, entry + 1, place->file,
	                    place->line);
}

struct review review_settings(const struct settings *settings, const struct review_world *world,
                              struct arena *arena)
{
	struct review_account account;
	struct review_run run = {.settings = settings, .world = world, .arena = arena};
	struct review review;

	if (world->account(settings->user, &account))
		run.account = &account;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		run.row = &rows[i];
		rows[i].check(&run);
	}
	review = (struct review){.count = run.count, .items = run.findings};
	for (size_t i = 0; i < run.count; i++)
		*(run.findings[i].level == REVIEW_ERROR ? &review.errors : &review.warnings) += 1;
	return review;
}

void review_print(const struct review *review, FILE *to)
{
	for (size_t i = 0; i < review->count; i++) {
		const struct review_finding *finding = &review->items[i];

		fputs(finding->file, to);
		if (finding->line > 0)
			fprintf(to, ":%u", finding->line);
		fprintf(to, ": %s: %s\n", review_level_names[finding->level], finding->text);
	}
}

void review_checks(void (*each)(void *with, const char *name, enum review_level level,
                                const char *about),
                   void *with)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		each(with, rows[i].name, rows[i].level, rows[i].about);
}

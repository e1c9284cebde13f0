/*
 * review.c - the table of all checks of settings, and running them. Called by `assay config`,
 * `assayd -t` and by main.c at the start. The checks are in the other review_*.c files, what they
 * share is in review_run.c.
 */
#include "review/review.h"

#include "base/invariant.h"
#include "base/log.h"
#include "review/review_checks.h"

const char *const review_level_names[] = {
    [REVIEW_ERROR] = "error", [REVIEW_WARNING] = "warning", NULL};

static const struct review_row rows[] = {
    /* the daemon: its name, user, sockets and folders */
    {"authserv-id", REVIEW_WARNING, review_values_authserv_id,
     "the name in Authentication-Results is not a full host name"},
    {"user-missing", REVIEW_ERROR, review_files_user, "the user to run as does not exist"},
    {"user-root", REVIEW_WARNING, review_files_root, "the daemon would stay root"},
    {"group-missing", REVIEW_ERROR, review_files_group, "the group of the socket does not exist"},
    {"socket-unused", REVIEW_WARNING, review_values_socket,
     "settings of a unix socket, but it listens on a port"},
    {"socket-mode", REVIEW_WARNING, review_values_socket_mode,
     "the socket's mode lets everybody connect, or keeps its group out"},
    {"socket-folder", REVIEW_WARNING, review_files_socket,
     "the socket's folder is missing, not writable, or closed to the socket's group"},
    {"folder-open", REVIEW_WARNING, review_files_open,
     "a folder in which every user of the host can replace a socket, key or store"},
    {"listen-everywhere", REVIEW_WARNING, review_values_listen,
     "everybody who reaches this host can have mail signed"},
    {"pid-file", REVIEW_WARNING, review_files_pid, "the folder of the pid file is missing"},
    {"metrics-listen", REVIEW_WARNING, review_values_metrics,
     "the metrics use the address of \"listen\", or serve everybody"},
    /* DNS */
    {"name-servers", REVIEW_WARNING, review_values_servers,
     "an address that no name server can have, or no name server at all"},
    {"trust-anchor", REVIEW_WARNING, review_files_trust_anchor,
     "DNSSEC is on, but its keys cannot be read"},
    {"trust-anchor-unused", REVIEW_WARNING, review_values_trust_anchor,
     "keys for DNSSEC are set, but it is off"},
    {"timeouts", REVIEW_WARNING, review_values_timeouts,
     "a lookup may take longer than a message may wait"},
    {"in-flight", REVIEW_WARNING, review_values_in_flight,
     "fewer DNS queries than messages at a time"},
    {"sessions", REVIEW_WARNING, review_values_sessions,
     "fewer messages at a time than SMTP sessions of Postfix"},
    /* whose mail is judged */
    {"ours-everybody", REVIEW_WARNING, review_networks_everybody,
     "networks of all addresses, or of more than any site has"},
    {"network-repeated", REVIEW_WARNING, review_networks_repeated,
     "a network inside another of the same list"},
    {"forwarder-of-ours", REVIEW_WARNING, review_networks_forwarders,
     "a forwarder in networks.ours, whose mail is not judged"},
    /* verdicts and rules */
    {"quarantine-address", REVIEW_WARNING, review_values_quarantine,
     "an address without the action redirect"},
    {"rsa-bits", REVIEW_WARNING, review_values_rsa_bits,
     "signatures of the usual size would not pass"},
    {"rule-never-applies", REVIEW_WARNING, review_rules_never,
     "rules above it decide every message that it matches"},
    {"rule-repeats", REVIEW_WARNING, review_rules_repeated,
     "a name that another of the same condition includes"},
    {"rule-for-ours", REVIEW_WARNING, review_rules_ours,
     "a rule for clients whose mail is not judged"},
    {"rule-for-all", REVIEW_WARNING, review_rules_always, "a rule without conditions"},
    {"rule-for-everybody", REVIEW_WARNING, review_rules_everybody,
     "a rule ignores DMARC for all addresses, or for more than any site has"},
    {"rule-without-effect", REVIEW_WARNING, review_rules_last, "the last rule changes nothing"},
    {"rule-forgeable", REVIEW_WARNING, review_rules_forgeable,
     "a rule ignores DMARC because of what any sender can write"},
    /* signing */
    {"sign-never-applies", REVIEW_WARNING, review_sign_never,
     "entries above it sign every message that it matches"},
    {"key-short", REVIEW_WARNING, review_sign_short,
     "an RSA key of fewer than 2048 bits (RFC 8301 3.2)"},
    {"key-ed25519-alone", REVIEW_WARNING, review_sign_ed25519,
     "a domain with Ed25519 keys only, which many receivers cannot verify"},
    {"sign-unsound-header", REVIEW_WARNING, review_sign_headers,
     "a signature over header fields that change in transit"},
    {"sign-weak-oversign", REVIEW_WARNING, review_sign_oversign,
     "a signature that stays valid when a second To or Subject is added"},
    {"key-unreadable", REVIEW_WARNING, review_files_keys,
     "a key that the daemon cannot read at a reload"},
    /* ARC */
    {"arc-without-seal", REVIEW_WARNING, review_arc_seal,
     "settings of seals, but nothing is sealed by them"},
    {"arc-trusts-everybody", REVIEW_WARNING, review_arc_trusted,
     "sealers are trusted who can be anybody"},
    /* reports */
    {"reports-without-store", REVIEW_WARNING, review_reports_store,
     "settings of reports, but no report rows are stored"},
    {"reports-without-email", REVIEW_WARNING, review_reports_email,
     "settings of sending, but nothing is sent"},
    {"reports-jitter", REVIEW_WARNING, review_reports_jitter,
     "reports spread over more than their period"},
    {"reports-retry", REVIEW_WARNING, review_reports_retry,
     "rows are deleted before the report is given up"},
    {"reports-unsigned", REVIEW_WARNING, review_reports_signature, "no key signs the reports"},
    {"reports-sendmail", REVIEW_WARNING, review_reports_sendmail,
     "the sendmail command cannot be run"},
    {"failures-not-sent", REVIEW_WARNING, review_failures_unsent,
     "settings of failure reports, but none are sent"},
    {"failures-personal-data", REVIEW_WARNING, review_failures_told,
     "failure reports are sent: about whom, and what is in them"},
    {"reports-store", REVIEW_WARNING, review_files_store, "the daemon cannot write to the store"},
    {"received-without-store", REVIEW_WARNING, review_received_store,
     "settings of reports of others, which cannot be stored"},
    {"received-without-addresses", REVIEW_WARNING, review_received_addresses,
     "what becomes of reports of others is set, but none are looked for"},
    {"received-discard", REVIEW_WARNING, review_received_discard,
     "mail that people read would be discarded"},
    {"received-known", REVIEW_WARNING, review_received_known,
     "a source without addresses, or with more than any site has"},
    {"received-geo", REVIEW_WARNING, review_received_geo,
     "the file that names sources cannot be read"},
};

struct review review_settings(const struct settings *settings, const struct review_world *world,
                              struct arena *arena)
{
	struct review_account account;
	struct review_run run = {.settings = settings, .world = world, .arena = arena};
	struct review review;

	if (world->account(settings->user, &account))
		run.account = &account;
	else
		log_debug("settings: the user \"%s\" does not exist, its files are not checked",
		          settings->user);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		run.row = &rows[i];
		rows[i].check(&run);
	}
	invariant(run.count <= run.room);
	review = (struct review){.count = run.count, .items = run.findings};
	for (size_t i = 0; i < run.count; i++)
		*(run.findings[i].level == REVIEW_ERROR ? &review.errors : &review.warnings) += 1;
	log_debug("settings reviewed: checks %zu, errors %zu, warnings %zu",
	          sizeof rows / sizeof rows[0], review.errors, review.warnings);
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

void review_checks(void (*each)(void *context, const char *name, enum review_level level,
                                const char *about),
                   void *context)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		each(context, rows[i].name, rows[i].level, rows[i].about);
}

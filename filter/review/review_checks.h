/*
 * review_checks.h - the checks of the table in review.c, by subject, and what they share. For the
 * files of this folder and their test.
 */
#ifndef ASSAY_REVIEW_CHECKS_H
#define ASSAY_REVIEW_CHECKS_H

#include "review/review.h"
#include "settings/settings_places.h"

struct review_run;
typedef void review_check(struct review_run *run);

/* A row of the table in review.c. */
struct review_row {
	const char *name; /* "rule-never-applies" */
	enum review_level level;
	review_check *check;
	const char *about; /* for the manual */
};

/* One run over all checks of the table. */
struct review_run {
	const struct settings *settings;
	const struct review_world *world;
	/* The user that the daemon runs as; NULL if the host does not have it. */
	const struct review_account *account;
	struct arena *arena;
	/* for review.c and review_run.c alone */
	const struct review_row *row; /* whose check is running */
	struct review_finding *findings;
	size_t count, room;
};

/* review_run.c: what checks report and ask with */

/* Adds a finding of the check that is running. `setting` is a full name; `entry` is the index in
 * its list, or PLACES_NO_ENTRY. What is beyond 200 findings is dropped. */
void review_run_add(struct review_run *run, const char *setting, long entry, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

/* Is the setting in a settings file, with a value other than its default? */
bool review_run_is_set(const struct review_run *run, const char *setting);

/* Adds a finding "has no effect: WHY" for each of the settings that is set (review_run_is_set()).
 * `settings` ends with NULL. */
void review_run_no_effect(struct review_run *run, const char *const *settings, const char *why);

/* An entry of a list by its noun, number and place, such as "rule 2 (assay.conf:14)". In the run's
 * arena. */
const char *review_run_entry_name(struct review_run *run, const char *noun, const char *list,
                                  size_t entry);

/* review_values.c: values that contradict each other or have no effect */
review_check review_values_authserv_id, review_values_socket, review_values_socket_mode,
    review_values_listen, review_values_metrics, review_values_quarantine, review_values_timeouts,
    review_values_in_flight, review_values_sessions, review_values_rsa_bits,
    review_values_trust_anchor, review_values_servers;

/* review_reports.c: the group "reports" */
review_check review_reports_store, review_reports_email, review_reports_jitter,
    review_reports_retry, review_reports_signature, review_reports_sendmail;

/* review_received.c: the group "received" */
review_check review_received_store, review_received_addresses, review_received_discard,
    review_received_known, review_received_geo;
/* review_failures.c: the group "failures" */
review_check review_failures_unsent, review_failures_told;

/* review_networks.c: the networks of the site and of forwarders */
review_check review_networks_everybody, review_networks_forwarders, review_networks_repeated;

/* NULL, unless the networks together have more public addresses than any site: more than an IPv4 /8
 * or an IPv6 /16. Then the network, in the order of addresses, that exceeds it. */
const struct network *review_networks_too_wide(struct review_run *run,
                                               const struct networks *networks);

/* "192.0.2.0/24", in the run's arena */
const char *review_networks_text(struct review_run *run, const struct network *network);

/* review_rules.c: rules that never apply, have no effect, or trust what can be forged */
review_check review_rules_never, review_rules_repeated, review_rules_ours, review_rules_always,
    review_rules_last, review_rules_forgeable, review_rules_everybody;

/* review_arc.c: the group "arc" */
review_check review_arc_seal, review_arc_trusted;

/* review_sign.c: entries of "sign" and their keys */
review_check review_sign_never, review_sign_short, review_sign_ed25519, review_sign_headers,
    review_sign_oversign;

/* The signing keys in the order of their files' names. A key that several entries of "sign" name
 * comes once, with one of the domains that it signs for. In the run's arena. */
struct review_key {
	const struct signing_key *key;
	const char *domain;
};
struct review_keys {
	size_t count;
	const struct review_key *items;
};
struct review_keys review_sign_keys(struct review_run *run);

/* review_files.c: the daemon's user, and the files and folders that it needs */
review_check review_files_user, review_files_group, review_files_root, review_files_keys,
    review_files_store, review_files_socket, review_files_pid, review_files_trust_anchor,
    review_files_open;

#endif

/*
 * review_checks.h - the checks of the table in review.c, by what they are about, and what they work
 * with.
 */
#ifndef ASSAY_REVIEW_CHECKS_H
#define ASSAY_REVIEW_CHECKS_H

#include "review/review.h"
#include "settings/settings_places.h"

struct review_run {
	const struct settings *settings;
	const struct review_world *world;
	const struct review_account
	    *account; /* who the daemon runs as; NULL where there is no such user */
	struct arena *arena;
	/* of review.c alone */
	const struct review_row *row;
	struct review_finding *findings;
	size_t count, room;
};

typedef void review_check(struct review_run *run);

/* A finding of the row under way about a setting, and the entry of its list or PLACES_NO_ENTRY. */
void review_add(struct review_run *run, const char *setting, long entry, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Did somebody write that setting down, and not its default? */
bool review_given(const struct review_run *run, const char *setting);

/* For each of these settings that review_given(): "has no effect: WHY". */
void review_useless(struct review_run *run, const char *const *settings, const char *why);

/* "rule 2 (assay.conf:14)" */
const char *review_entry_name(struct review_run *run, const char *what, const char *list,
                              size_t entry);

/* review_values.c: values that contradict each other or do nothing */
review_check review_values_authserv_id, review_values_socket, review_values_socket_mode,
    review_values_listen, review_values_metrics, review_values_quarantine, review_values_timeouts,
    review_values_in_flight, review_values_sessions, review_values_rsa_bits,
    review_values_trust_anchor, review_values_servers;

/* review_reports.c: the group "reports" */
review_check review_reports_store, review_reports_email, review_reports_jitter,
    review_reports_retry, review_reports_signature, review_reports_sendmail;

/* review_networks.c: who is ours, and who forwards */
review_check review_networks_everybody, review_networks_forwarders, review_networks_repeated;

/* One of these networks where together they hold more public addresses than any site has, or NULL:
 * more than an IPv4 /8, or an IPv6 /16. */
const struct network *review_networks_too_wide(struct review_run *run,
                                               const struct networks *networks);

/* "192.0.2.0/24", in the run's arena */
const char *review_networks_text(struct review_run *run, const struct network *network);

/* review_rules.c: rules that never apply, or do nothing */
review_check review_rules_never, review_rules_repeated, review_rules_ours, review_rules_always,
    review_rules_last, review_rules_forgeable, review_rules_everybody;

/* review_sign.c: entries of "sign" and their keys */
review_check review_sign_never, review_sign_short, review_sign_ed25519, review_sign_headers,
    review_sign_oversign;

/* The keys, each file once, in the order of their names; a domain that it signs for goes along.
 * Those that several entries name stand in the table several times. */
struct review_key {
	const struct signing_key *key;
	const char *domain;
};
struct review_keys {
	size_t count;
	const struct review_key *items;
};
struct review_keys review_sign_keys(struct review_run *run);

/* review_files.c: what the daemon's user can do with files */
review_check review_files_user, review_files_group, review_files_root, review_files_keys,
    review_files_store, review_files_socket, review_files_pid, review_files_trust_anchor,
    review_files_open;

#endif

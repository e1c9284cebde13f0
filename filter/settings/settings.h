/*
 * settings.h - assay.conf: read once into an immutable, reference-counted snapshot.
 *
 * A reload makes a new snapshot; a connection keeps the one that it began with. settings_tree.c
 * alone knows libconfig.
 */
#ifndef ASSAY_SETTINGS_H
#define ASSAY_SETTINGS_H

#include <stdio.h>

#include "arc/arc.h"
#include "base/log.h"
#include "base/problem.h"
#include "decision/decision.h"
#include "dkim/dkim_settings.h"
#include "dmarc/dmarc.h"
#include "dns/resolver.h"
#include "iprev.h"
#include "metrics/metrics.h"
#include "policy.h"
#include "received/received_settings.h"
#include "recorder/failure_settings.h"
#include "recorder/recorder.h"
#include "sign/sign.h"
#include "spf/spf.h"
#include "web/web_settings.h"

struct socket_settings {
	const char *mode; /* "0660" */
	const char *group;
};

struct network_settings {
	struct networks ours;
	struct networks forwarders;
};

struct limit_settings {
	long messages; /* under way at once; more are asked to come again */
	long header_bytes;
	long recipients;   /* remembered of a message, for rules and reports */
	long message_ms;   /* the most that a message may wait for DNS in all */
	long stop_seconds; /* how long SIGTERM waits for messages under way */
};

struct settings_places;

struct settings {
	const char *path;
	const char *authserv_id;
	bool authserv_id_by_host; /* no setting says it, so the mail server may */
	const char *listen;
	const char *user;
	const char *pid_file;
	struct socket_settings socket;
	struct log_settings log;
	struct network_settings networks;
	struct resolver_settings resolver;
	struct report_settings reports;
	struct received_settings received;
	struct web_settings web;
	struct failure_settings failures;
	struct limit_settings limits;
	struct metrics_settings metrics;
	struct iprev_settings iprev;
	struct spf_settings spf;
	struct dkim_settings dkim;
	struct arc_settings arc;
	struct dmarc_settings dmarc;
	struct quarantine_settings quarantine;
	struct sign_settings sign;
	struct setting_list rules; /* of struct rule */

	const struct settings_places
	    *places; /* where each given setting stands; see settings_places.h */

	/* made from the above */
	struct policies policies;
	struct decision_settings decision;
	/* of settings.c alone: arena, reference count */
	struct settings_private *private;
};

/* Where assay.conf is unless somebody names another. */
const char *settings_standard_path(void);

/* NULL and a problem that names file, line, setting and the nearest known name. The caller holds
 * one reference. A `path` of NULL reads no file: all is at its default. */
struct settings *settings_read(const char *path, struct problem *problem);

/* The same without the keys of "sign", which may not be there yet: for the command that makes them.
 */
struct settings *settings_read_keyless(const char *path, struct problem *problem);

struct settings *settings_hold(struct settings *settings);
void settings_release(struct settings *settings); /* the last one closes the policies */

/* Effective values as an assay.conf that reads back to the same. */
void settings_print(const struct settings *settings, FILE *to);

/* The same without what is as in `standard`, which was read from no file. */
void settings_print_changed(const struct settings *settings, const struct settings *standard,
                            FILE *to);

/* Has the setting of that full name, which is in no list, the value that it has by default? */
bool settings_print_is_standard(const struct settings *settings, const char *name);

/* Name, type, bounds, default and help of one setting ("dmarc.enforce"), of a group, or of all
 * (NULL). False: unknown name, the problem tells the nearest. */
bool settings_explain(const char *name, FILE *to, struct problem *problem);

/* The sample file, made from the rows. */
void settings_sample(FILE *to);

#endif

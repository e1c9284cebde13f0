/*
 * run_spf.h - runs the SPF policy for one message over the zone of fake_dns.h.
 */
#ifndef ASSAY_RUN_SPF_H
#define ASSAY_RUN_SPF_H

#include "fake_dns.h"
#include "policy.h"
#include "spf/spf.h"

/* The caller may change settings and message before run_spf(). */
struct run_spf {
	struct arena *arena; /* of the message */
	struct arena *dns_arena;
	struct fake_dns *dns;
	struct spf_settings settings;
	struct message message;
	struct findings findings;
};

void run_spf_begin(struct run_spf *run, const char *zone);
void run_spf_end(struct run_spf *run);

/* The finding of MAIL FROM; that of HELO is in `findings`. */
const struct spf_finding *run_spf(struct run_spf *run, const char *client, const char *helo,
                                  const char *mail_from);

#endif

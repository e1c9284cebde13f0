/*
 * sources.h - who sends as a domain, by what others reported: the store's lines with their evidence
 * become sources with a name, a kind and a sentence of advice.
 *
 * A line is named by the first of these that says something: its address is ours; the operator has
 * named it; a signature passed that is not the author's (d=); the SPF record of the domain includes
 * it; a PTR name that leads back to the address; a file that says whose network it is. Lines with
 * the same name are one source; each server of ours is one by itself, since each is mended by
 * itself.
 *
 * Pure but for the services that are given: a command examines in rounds (dns/rounds.h), so what
 * these say may change from one examination to the next.
 */
#ifndef ASSAY_SOURCES_H
#define ASSAY_SOURCES_H

#include "base/arena.h"
#include "base/setting.h"
#include "dmarc/public_suffix.h"
#include "rows/received_numbers.h"
#include "services.h"

enum {
	SOURCES_ASKED_MAX = 200, /* addresses with most messages whose names are looked up */
	SOURCES_SHOWN = 20,      /* addresses of a source that it names */
	SOURCES_ALONE = 100      /* messages from which on an address without a name is a source */
};

enum source_kind {
	SOURCE_OURS,
	SOURCE_SERVICE, /* sends for us */
	SOURCE_FORWARDER,
	SOURCE_LIST, /* or a forwarder that changes mail */
	SOURCE_SPOOF,
	SOURCE_UNKNOWN,
	SOURCE_KINDS
};

/* One line of the store (store_received_query.h). Texts live as long as the sources. */
struct source_line {
	const char *address, *signer, *spf_domain, *spf_result;
	int64_t first, last; /* days */
	struct received_numbers numbers;
};

/* What this host knows of itself and may ask. */
struct source_site {
	const char *domain;               /* that the reports are about, internal form */
	const struct networks *ours;      /* networks.ours */
	const struct setting_list *known; /* of struct received_known */
	const struct public_suffix_list
	    *suffixes; /* NULL: the last two labels are an organization */
	const struct services *services;
	bool ask_names;       /* look up PTR names, and not only what the domain publishes */
	const char *receiver; /* authserv_id, for SPF macros */
	/* The PTR name of an address as the store has it: "" for none, NULL where it does not know;
	 * and keeps what was looked up. `keep` may be NULL. */
	const char *(*name)(void *context, const char *address);
	void (*keep)(void *context, const char *address, const char *name);
	/* Whose network an address is in, "AS64500 Example", or NULL. May be NULL. */
	const char *(*network)(void *context, const struct address *address);
	void *context;
};

/* One source. */
struct source {
	const char *name;    /* "" where nobody knows */
	const char *address; /* the one with most messages */
	size_t address_count;
	size_t shown_count;
	const char *shown[SOURCES_SHOWN]; /* addresses, most messages first */
	enum source_kind kind;
	struct received_numbers numbers;
	int64_t first, last; /* days */
	/* the evidence of most messages that have no aligned pass; of all where each has */
	const char *signer, *spf_domain, *spf_result;
	const char *term; /* of the domain's SPF record that holds the address; NULL for none */
	/* what to do, filled in by source_advice.c */
	int weight;         /* how much it needs a person; 0: nothing to do */
	const char *advice; /* one sentence */
	size_t publish_count;
	const char *publish[3]; /* records for the zone, as text */

	/* for the advice */
	const struct source_service *service; /* of the table of services, or NULL */
	bool known;                           /* named by the operator */
};

struct sources {
	size_t count;
	struct source *items; /* what needs a person first, then by messages */
	struct received_numbers total;
	const char *policy; /* "none", "quarantine", "reject"; "" where there is no record */
	const char *reject; /* its DMARC record with p=reject in it; NULL where it cannot be made */
	bool unsure;        /* a lookup failed: names and advice may lack something */
};

/* In the arena; `lines` have most messages first. */
struct sources *sources_examine(const struct source_site *site, const struct source_line *lines,
                                size_t count, struct arena *arena);

#endif

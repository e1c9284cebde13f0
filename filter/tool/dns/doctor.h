/*
 * doctor.h - `assay dns`: the request, what was found, and the parts of the examination.
 *
 * An examination runs in rounds (rounds.h): all parts judge with the answers that are known
 * and note which others they need; these are looked up at once, and everything is judged again. So
 * no part waits, and the whole takes as many round trips as the longest chain of names. A round
 * leaves nothing but its answers; everything here lives in the arena of the last one.
 */
#ifndef ASSAY_DOCTOR_H
#define ASSAY_DOCTOR_H

#include <stdio.h>

#include "dmarc/policy_record.h"
#include "dmarc/public_suffix.h"
#include "dmarc/tree_walk.h"
#include "settings/settings.h"
#include "tool/dns/doctor_codes.h"
#include "tool/key/key.h"

enum {
	DOCTOR_SELECTORS_MAX = 50, /* --selector */
	DOCTOR_HOSTS_MAX = 8,
	DOCTOR_SHOWN = 4000 /* octets of one text from outside */
};

/* The command line, and what follows from it. */
struct doctor_asked {
	const char *domain;  /* internal form */
	const char *unicode; /* in its own script; NULL where that is no other text */
	size_t selector_count;
	const char *selectors[DOCTOR_SELECTORS_MAX];
	struct address ip; /* ADDRESS_UNKNOWN: none */
	const char *settings_file;
	bool json;
	const char *random_label; /* a selector that does not exist */
	const struct settings *settings;
	const struct public_suffix_list *suffixes; /* NULL: organizational domains by tree walk */
	size_t own_count;                          /* keys of the settings for the domain */
	const struct key_file *own;
	const char *own_problem; /* why keys of the settings could not be listed, or NULL */
};

struct doctor_finding {
	enum doctor_code code;
	enum doctor_level level;
	const char *name;  /* what it is about: a name of the DNS or an address */
	const char *text;  /* the sentence */
	const char *fix;   /* what to publish instead, or NULL */
	const char *shown; /* the record with a caret below it, two lines; or NULL */
};

struct doctor_spf_record;

struct doctor_spf_term {
	const char *text;
	const char *target;  /* the name that it looks up; NULL for none */
	unsigned lookups;    /* that it costs, those of the record behind it included */
	unsigned voids;      /* of these in vain, over IPv4 */
	const char *outcome; /* in words; "" where there is nothing to say */
	const struct doctor_spf_record *record; /* behind include and redirect, or NULL */
	const struct doctor_spf_term *next;
};

struct doctor_spf_record {
	const char *domain;
	const char *status; /* "found", "none", "several", "broken", "loop", "failed", "unknown" */
	const char *text;   /* NULL unless found or broken */
	unsigned lookups, voids;
	bool everybody; /* it lets every address pass */
	const struct doctor_spf_term *terms;
};

/* A single address that the domain's own terms let pass. */
struct doctor_sender {
	struct address address;
	const char *name; /* that the term looked up; NULL for ip4: and ip6: */
};

struct doctor_spf {
	const struct doctor_spf_record *record; /* the domain's own */
	bool failed;                            /* could not be asked */
	bool sound;         /* there is one record, without a fault in its grammar */
	bool sends_nothing; /* "v=spf1 -all" */
	bool refuses;       /* ends in -all */
	unsigned lookups;
	bool more; /* and there are more, which were not counted */
	unsigned voids4, voids6;
	const char *ip_result; /* of --ip, or NULL */
	const char *ip_term;
	size_t sender_count;
	struct doctor_sender senders[DOCTOR_HOSTS_MAX];
};

struct doctor_key {
	const char *selector, *name;
	const char *origin; /* "asked", "settings", "usual" */
	const char *owner;  /* whose selector it is, or NULL */
	const char
	    *status; /* "good", "missing", "failed", "several", "revoked", "broken", "wildcard" */
	const char *record; /* NULL for none */
	const char *problem;
	const char *kind;
	unsigned bits;
	bool testing, same_domain, secure;
	const char *file; /* of the settings, or NULL */
	const char *own;  /* key_published_names, or NULL */
};

struct doctor_dkim {
	size_t count, room;
	struct doctor_key *keys;
	bool usable; /* at least one key verifies */
	bool failed; /* at least one could not be asked */
	bool secure; /* all usable ones came validated */
};

struct doctor_tag {
	const char *tag, *value, *meaning;
	bool given;
	size_t at; /* then where in the record */
};

struct doctor_address {
	const char *tag; /* "rua", "ruf" */
	const char *uri, *address, *host;
	bool external;
	const char *status; /* "good", "refused", "unknown", "malformed" */
	const char *why;    /* unless good */
	const char *asked;  /* the name that says so, for external ones */
};

struct doctor_dmarc {
	bool failed;
	const char *policy_domain, *organizational_domain; /* NULL for none */
	const struct policy_record *record;
	const char *text; /* the same as published */
	size_t length;
	const char *tag; /* that applies: "p", "sp", "np" */
	enum request published, effective;
	size_t step_count;
	const struct walk_step *steps;
	size_t tag_count, tag_room;
	struct doctor_tag *tags;
	size_t address_count, address_room;
	struct doctor_address *addresses;
};

struct doctor_exchange {
	const char *name;
	unsigned preference;
	const char *status; /* "good", "null", "missing", "alias", "literal", "private", "failed" */
	struct strings addresses;
};

struct doctor_mx {
	bool failed, null;
	size_t count, room;
	struct doctor_exchange *exchanges;
};

struct doctor_host {
	const char *address;
	const char *status; /* "good", "unnamed", "mismatch", "private", "failed" */
	const char *name;   /* that leads back, or the first */
	bool generic;
	const char *helo_result; /* SPF of the name in HELO, or NULL */
};

struct doctor_hosts {
	size_t count;
	struct doctor_host hosts[DOCTOR_HOSTS_MAX];
};

struct doctor {
	const struct doctor_asked *asked;
	const struct services *services;
	struct arena *arena;
	size_t count, room;
	struct doctor_finding *findings;
	size_t left_out;                      /* findings beyond the limit */
	unsigned count_by_code[DOCTOR_CODES]; /* findings of each code */
	struct doctor_finding discarded;      /* those findings are written here */
	size_t lookups_failed;
	bool answered; /* at least one lookup was answered */
	bool exists;
	bool secure;
	struct doctor_spf spf;
	struct doctor_dkim dkim;
	struct doctor_dmarc dmarc;
	struct doctor_mx mx;
	struct doctor_hosts hosts;
};

/* The texts for the {} of a sentence, in order. */
#define DOCTOR_WORDS(...)                                                                          \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

/* Adds a finding; texts and names may hold anything. `fix` NULL: nothing to publish. Two that say
 * the same are one. */
struct doctor_finding *doctor_add(struct doctor *doctor, enum doctor_code code, const char *name,
                                  const char *fix, const char *const *names);

/* "NAME. IN TXT "VALUE"", in strings of 255 octets. */
const char *doctor_txt(struct doctor *doctor, const char *name, const char *value);

/* The record with a caret below `at`: what is far from it is left out. */
const char *doctor_caret(struct doctor *doctor, const char *record, size_t length, size_t at);

/* Text from outside, made safe and short. */
const char *doctor_safe(struct doctor *doctor, const char *bytes, size_t length);
const char *doctor_number(struct doctor *doctor, unsigned long number);

/* Adds a finding that says how many were left out. */
void doctor_report_left_out(struct doctor *doctor);

/* The worst level of an area; LEVEL_GOOD where there is none. */
enum doctor_level doctor_worst(const struct doctor *doctor, enum doctor_area area);

/* A lookup. One that failed becomes a finding, once. */
const struct answer *doctor_ask(struct doctor *doctor, const char *name, enum record_type type);

/* The parts, in the order in which one needs what the others found. */
void doctor_spf_examine(struct doctor *doctor);
void doctor_dkim_examine(struct doctor *doctor);
void doctor_mx_examine(struct doctor *doctor);
void doctor_dmarc_examine(struct doctor *doctor);
void doctor_hosts_examine(struct doctor *doctor);
void doctor_domain_examine(struct doctor *doctor);

/* After all rounds: what others reported about the domain. Gives up the rights of root. */
void doctor_received_examine(struct doctor *doctor);

/* Before all of them: whether the name exists. */
void doctor_domain_begin(struct doctor *doctor);

/* A copy without the octets that word processors and web forms bring, with single spaces; NULL
 * where it is long. */
char *doctor_spf_repair_clean(struct arena *arena, const char *text, size_t length);

/* Whether the address cannot be reached over the Internet (RFC 6890). */
bool doctor_mx_is_private(const struct address *address);

struct query_session_query;

void doctor_print(struct doctor *doctor, FILE *to);
void doctor_json(struct doctor *doctor, size_t query_count,
                 const struct query_session_query *queries, FILE *to);

#endif

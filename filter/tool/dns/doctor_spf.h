/*
 * doctor_spf.h - the parts of the examination of SPF; only for the files doctor_spf*.c.
 */
#ifndef ASSAY_DOCTOR_SPF_H
#define ASSAY_DOCTOR_SPF_H

#include "spf/spf_record.h"
#include "tool/dns/doctor.h"

enum {
	/* terms that are counted; the tenth is the last one that receivers evaluate */
	DOCTOR_SPF_LOOKUPS = 40,
	/* terms of a record that are compared with each other, and of all records that are shown */
	DOCTOR_SPF_TERMS = 200,
	DOCTOR_SPF_TERM_SHOWN = 300 /* octets of a term */
};

/* Walks the record of the domain and all records that it leads to, as if no mechanism matched.
 * Fills in doctor->spf: the record and the counts of lookups. */
void doctor_spf_tree_walk(struct doctor *doctor);

/* Checks a mechanism in the record of `owner` that names or leads to networks. */
void doctor_spf_network_check(struct doctor *doctor, const struct spf_term *term,
                              const char *owner);

/* Keeps a single address that the record of the domain allows, with the name that the term looked
 * up; NULL for ip4 and ip6. */
void doctor_spf_network_keep(struct doctor *doctor, const struct address *address,
                             const char *name);

/* Reports terms of the domain's own record that are superfluous, missing or dangerous, with the
 * record as it should be. */
void doctor_spf_tidy(struct doctor *doctor, const char *text, const struct spf_record *record);

/* Reports TXT records that were probably meant to be SPF records. */
void doctor_spf_repair_near(struct doctor *doctor, const char *domain, const struct answer *answer);

/* What a broken record was probably meant to be: a correct record, or NULL if that is uncertain. */
const char *doctor_spf_repair(struct doctor *doctor, const char *text, size_t length);

/* Where two strings were joined without a space: the offset of the second; 0 if they were not. */
size_t doctor_spf_repair_seam(const char *text, size_t length);

/* SPF for the address of --ip, and for the name of a server in HELO; `result` is its name. */
void doctor_spf_client(struct doctor *doctor);
void doctor_spf_client_helo(struct doctor *doctor, const struct address *address, const char *name,
                            const char **result);

#endif

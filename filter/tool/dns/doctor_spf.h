/*
 * doctor_spf.h - the parts of the examination of SPF; of the files doctor_spf*.c alone.
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

/* Walks the record of the domain, and all records that it leads to, as if no mechanism matched. */
void doctor_spf_tree_walk(struct doctor *doctor);

/* Looks at one mechanism that names or leads to networks. `owner` has the record. */
void doctor_spf_network_check(struct doctor *doctor, const struct spf_term *term,
                              const char *owner);

/* Remembers a single address that the domain's record lets pass, and its name where a term has
 * that. */
void doctor_spf_network_keep(struct doctor *doctor, const struct address *address,
                             const char *name);

/* Says what of the domain's own record is too much, missing or dangerous, with the record as it
 * should be. */
void doctor_spf_tidy(struct doctor *doctor, const char *text, const struct spf_record *record);

/* TXT records that were probably meant to be SPF records. */
void doctor_spf_repair_near(struct doctor *doctor, const char *domain, const struct answer *answer);

/* What a broken record was probably meant to be: sound, or NULL where that is not certain. */
const char *doctor_spf_repair(struct doctor *doctor, const char *text, size_t length);

/* Where two strings were joined without a space: the octet where the second begins; 0 for nowhere.
 */
size_t doctor_spf_repair_seam(const char *text, size_t length);

/* check_host() for --ip, and for the name of a server in HELO. */
void doctor_spf_client(struct doctor *doctor);
void doctor_spf_client_helo(struct doctor *doctor, const struct address *address, const char *name,
                            const char **result);

#endif

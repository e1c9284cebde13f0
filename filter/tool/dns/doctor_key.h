/*
 * doctor_key.h - one DKIM key record. Of doctor_dkim.c alone.
 */
#ifndef ASSAY_DOCTOR_KEY_H
#define ASSAY_DOCTOR_KEY_H

#include "tool/dns/doctor.h"

/* Fills in what the answer says about the key, and reports what is wrong with it. The answer has records.
 */
void doctor_key_examine(struct doctor *doctor, struct doctor_key *key, const struct answer *answer);

#endif

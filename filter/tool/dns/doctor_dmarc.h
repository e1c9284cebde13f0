/*
 * doctor_dmarc.h - the parts of the examination of DMARC; of the files doctor_dmarc*.c alone.
 */
#ifndef ASSAY_DOCTOR_DMARC_H
#define ASSAY_DOCTOR_DMARC_H

#include "tool/dns/doctor.h"

/* The record that applies, tag by tag. `text` is as published. */
void doctor_dmarc_record(struct doctor *doctor, const char *text, size_t length);

/* The row of a tag that stands there, the first one; NULL for none. */
const struct doctor_tag *doctor_dmarc_record_given(const struct doctor *doctor, const char *tag);

/* Points at an octet of the record. */
void doctor_dmarc_record_show(struct doctor *doctor, struct doctor_finding *finding, size_t at);

/* Where its reports go. */
void doctor_dmarc_reports(struct doctor *doctor, struct tree_walks *walks);

/* What a record that is none or broken was probably meant to be: sound, or NULL where that is not
 * certain. */
const char *doctor_dmarc_repair(struct doctor *doctor, const char *text, size_t length);

/* Does it look like a DMARC record that somebody meant? */
bool doctor_dmarc_repair_is_near(struct doctor *doctor, const char *text, size_t length);

/* Where in a value another tag begins, without a semicolon between them, and which; NULL for
 * nowhere. */
const char *doctor_dmarc_repair_run_on(struct arena *arena, const char *value, const char **tag);

/* The tag that an unknown name was probably meant to be, or NULL. */
const char *doctor_dmarc_repair_tag(const char *name);

#endif

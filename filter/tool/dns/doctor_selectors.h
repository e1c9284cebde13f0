/*
 * doctor_selectors.h - selectors that are in use all over the world, so that keys are found without
 * being named.
 */
#ifndef ASSAY_DOCTOR_SELECTORS_H
#define ASSAY_DOCTOR_SELECTORS_H

struct doctor_selector {
	const char *name;
	const char *owner; /* who uses it */
};

/* Ends with a row without name. */
extern const struct doctor_selector doctor_selectors[];

#endif

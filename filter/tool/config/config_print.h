/*
 * config_print.h - what `assay config` shows beside the settings: the signing keys, and all as
 * JSON.
 */
#ifndef ASSAY_CONFIG_PRINT_H
#define ASSAY_CONFIG_PRINT_H

#include "review/review.h"

/* A comment line a key, so that what is printed is still an assay.conf. */
void config_print_keys(const struct settings *settings, FILE *to);

/* One object: the settings file, its findings and its keys. */
void config_print_json(const struct settings *settings, const struct review *review, FILE *to);

/* The same for settings that cannot be read: `problem` is the one finding. */
void config_print_json_problem(const char *path, const struct problem *problem, FILE *to);

#endif

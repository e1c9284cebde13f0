/*
 * config_set.h - `assay config set NAME VALUE`.
 */
#ifndef ASSAY_CONFIG_SET_H
#define ASSAY_CONFIG_SET_H

/* Changes one setting of the file, and leaves everything else in it as it is. The settings have to
 * be valid afterwards, or nothing changes. Returns the exit status after a message. */
int config_set(const char *path, const char *name, const char *value);

#endif

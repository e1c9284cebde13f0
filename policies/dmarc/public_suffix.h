/*
 * public_suffix.h - organizational domains by the Public Suffix List (RFC 7489 3.2), for
 * dmarc.discovery = "psl".
 */
#ifndef ASSAY_PUBLIC_SUFFIX_H
#define ASSAY_PUBLIC_SUFFIX_H

#include <stddef.h>

#include "base/problem.h"

struct public_suffix_list;

/*
 * The newest list on this machine, or the one built into libpsl. NULL, with the problem, where
 * there is none. The list is never changed: threads share it.
 */
struct public_suffix_list *public_suffix_open(struct problem *problem);
void public_suffix_close(struct public_suffix_list *list);

/*
 * The public suffix of `name` and one label more, as a pointer into `name`; `name` itself where it
 * is a public suffix. `name` is in the internal form of domain.h.
 */
const char *public_suffix_organization(const struct public_suffix_list *list, const char *name);

/* The version of libpsl that runs. */
void public_suffix_version(char *text, size_t room);

#endif

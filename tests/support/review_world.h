/*
 * review_world.h - a machine that is made up, for the checks of settings (review/review.h): users,
 * groups and the rights that a user has.
 */
#ifndef ASSAY_REVIEW_WORLD_H
#define ASSAY_REVIEW_WORLD_H

#include "review/review.h"

/* Who runs the checks, and what /etc/resolv.conf has. */
extern bool review_world_root, review_world_name_servers;

extern const struct review_world review_world_made_up;

#endif

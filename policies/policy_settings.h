/*
 * policy_settings.h - open() of a policy that needs nothing but its settings: they are its state.
 */
#ifndef ASSAY_POLICY_SETTINGS_H
#define ASSAY_POLICY_SETTINGS_H

#include <stdbool.h>

#include "base/problem.h"

/* As the open() of struct policy; never fails. begin() gets the settings as its state. */
bool policy_settings_open(const void *settings, void **state, struct problem *problem);

#endif

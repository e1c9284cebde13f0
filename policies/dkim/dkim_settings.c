/*
 * dkim_settings.c - the settings of group "dkim", which dkim.c obeys.
 */
#include "dkim/dkim_settings.h"

#include <stddef.h>

static const char *const body_length_limit_names[] = {[BODY_LENGTH_DISTRUST] = "distrust",
                                                      [BODY_LENGTH_PARTIAL] = "partial",
                                                      [BODY_LENGTH_ACCEPT] = "accept",
                                                      NULL};

static const struct setting rows[] = {
    {"minimum_rsa_bits", SETTING_NUMBER, offsetof(struct dkim_settings, minimum_rsa_bits), "1024",
     1024, 4096, NULL, NULL, "Signatures of shorter RSA keys never pass"},
    {"maximum_signatures", SETTING_NUMBER, offsetof(struct dkim_settings, maximum_signatures), "10",
     1, 100, NULL, NULL, "Signatures of one message that are verified, from the top"},
    {"body_length_limit", SETTING_WORD, offsetof(struct dkim_settings, body_length_limit),
     "\"distrust\"", 0, 0, body_length_limit_names, NULL,
     "A signature with l= counts never (distrust), unless octets follow what it covers (partial), "
     "or always (accept)"},
    {.name = NULL},
};

const struct setting_group dkim_settings_group = {"dkim", rows, sizeof(struct dkim_settings)};

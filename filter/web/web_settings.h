/*
 * web_settings.h - the settings group "web": where `assay web` serves its page, and to whom.
 */
#ifndef ASSAY_WEB_SETTINGS_H
#define ASSAY_WEB_SETTINGS_H

#include "base/setting.h"

struct web_settings {
	const char *listen;            /* "unix:/PATH", "inet:PORT@ADDRESS" */
	struct networks trusted_proxy; /* clients that are answered besides this host itself */
	struct strings hosts;          /* names under which browsers ask, in internal form */
};
extern const struct setting_group web_settings_group; /* "web" */

#endif

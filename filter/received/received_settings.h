/*
 * received_settings.h - the settings group "received": the addresses that reports of others come
 * to, and what becomes of them. settings.c fills the struct; the session, the reader and the
 * commands get it.
 */
#ifndef ASSAY_RECEIVED_SETTINGS_H
#define ASSAY_RECEIVED_SETTINGS_H

#include "base/arena.h"
#include "base/setting.h"

/* What becomes of mail to `addresses` after a copy of it was kept. */
enum received_after {
	RECEIVED_DELIVER,
	RECEIVED_DISCARD
};

/* A source that the operator names: addresses that send as his domains with his consent. */
struct received_known {
	struct networks networks;
	const char *name; /* "Newsletter service" */
};

struct received_settings {
	/* LOCAL@DOMAIN, each domain in the internal form of domain.h; none: nothing is kept */
	struct strings addresses;
	int after;                 /* enum received_after */
	long keep_days;            /* how long reports are stored */
	struct setting_list known; /* of struct received_known */
	const char *geo;           /* path of a file of MaxMind's format, or "" */
	bool keep_failures;        /* the content of failure reports too, not only their number */
};

extern const struct setting_group received_settings_group;

/*
 * Is the recipient, without angle brackets, one of `addresses`? Without case, as mail servers
 * deliver. What follows a + in its local part does not count, unless the setting has it too:
 * dmarc+example.com@example.org is for dmarc@example.org. The arena is for the comparison alone.
 */
bool received_settings_match(const struct received_settings *settings, const char *recipient,
                             struct arena *arena);

#endif

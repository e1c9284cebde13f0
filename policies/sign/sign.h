/*
 * sign.h - the settings of signing (the list "sign"). The policy itself is policy_sign, in
 * policy.h; it works on outbound mail.
 */
#ifndef ASSAY_SIGN_H
#define ASSAY_SIGN_H

#include "base/setting.h"
#include "sign/signing_table.h"

/* Header and body canonicalisation (RFC 6376 3.5 c=), in the order of their words. */
enum sign_canonicalization {
	SIGN_RELAXED_RELAXED,
	SIGN_RELAXED_SIMPLE,
	SIGN_SIMPLE_RELAXED,
	SIGN_SIMPLE_SIMPLE
};

struct sign_entry {
	/* author domains: "example.org", "*.example.org" for all below it; "" all that `keys` has
	 */
	const char *domain;
	bool subdomains;  /* and the author domains below */
	const char *keys; /* folder of keys, or one key file; see filter/settings/keys.h */
	/* s= of the one key file, whatever its name; "" as the file is called */
	const char *selector;
	/* author addresses that it is for, with * as wildcard; none: all of `domain` */
	struct strings authors;
	/* logins that may use it, with * as wildcard; none: everybody whose mail is outbound,
	 * unless an entry before it refused the login */
	struct strings users;
	/* d= of another domain than the author's; "" the author's; "*" the author's, whatever it
	 * is, with the one key file */
	const char *sign_as;
	int canonicalization;             /* enum sign_canonicalization */
	long expire_days;                 /* x=, 0 for none */
	bool identity;                    /* i= with the author domain */
	struct strings headers, oversign; /* signed_fields.h; names in lower case */
	bool go_on;                       /* the entries below may sign too */
};

struct sign_settings {
	struct setting_list entries; /* first: the list of the settings file */
	long line_limit; /* octets after which Postfix breaks a line that it sends; 0: never */
	/* the setting that the entries are of, for people; NULL: "sign", and the line of each */
	const char *where;
	struct signing_table *table; /* filled by filter/settings/keys.c; const for messages */
};

/* Does the entry sign as whatever domain the author has? Its key then stands under "*" in the
 * table. */
bool sign_entry_signs_as_author(const struct sign_entry *entry);

/* Is the entry for this author domain? Names in the internal form of domain.h. */
bool sign_entry_covers(const struct sign_entry *entry, const char *author);

/* Do keys of a domain sign for authors below it? */
bool sign_entry_covers_below(const struct sign_entry *entry);

/* The keys that an entry has for an author domain that it covers: under the name that it signs as,
 * the author's own, or, where it takes subdomains, the nearest above. NULL: none. */
const struct signing_keys *sign_entry_keys(const struct sign_settings *settings, size_t index,
                                           const char *author);

extern const struct setting_group sign_settings_group; /* of one entry */

#endif

/*
 * key_record.c - reads one TXT record of a key name. Called by signature_key.c for each record
 * there.
 */
#include "dkim/key_record.h"

#include <string.h>

#include "base/invariant.h"
#include "base/tag_list.h"
#include "base/text.h"
#include "crypto/base64.h"

enum {
	KEY_RECORD_MAX = 8192, /* octets; a 4,096 bit key has about 750 */
	SHOWN_MAX = 64
};

/* t= is a colon list of flags; unknown ones are ignored. */
static void read_flags(const struct tag_list *tags, struct key_record *record)
{
	const char *flags = tag_list_value(tags, "t");

	record->testing = flags != NULL && tag_list_has_word(flags, "y");
	record->same_domain = flags != NULL && tag_list_has_word(flags, "s");
}

static const char *key_record_read_key(struct arena *arena, const struct tag_list *tags,
                                       struct key_record *record)
{
	const char *kind = tag_list_value(tags, "k");
	const char *value = tag_list_value(tags, "p");
	int word = text_word(crypto_kind_names, kind == NULL ? "rsa" : kind);
	unsigned char *bytes;
	const char *wrong;
	size_t length;

	if (value == NULL)
		return "the key record has no p=";
	record->revoked = *value == '\0';
	if (record->revoked)
		return "key revoked (p= is empty)";
	if (word < 0)
		return arena_format(arena, "unknown key type k=%s",
		                    text_excerpt(arena, kind, SHOWN_MAX));
	bytes = base64_decode(arena, value, &length);
	if (bytes == NULL)
		return "p= of the key record is not base64";
	wrong = crypto_read_key(arena, (enum crypto_kind)word, bytes, length, &record->key);
	record->has_key = wrong == NULL;
	return wrong;
}

/* RFC 6376 3.6.1 v=, h=. */
static const char *check_use(const struct tag_list *tags)
{
	const char *version = tag_list_value(tags, "v");
	const char *hashes = tag_list_value(tags, "h");

	if (version != NULL && strcmp(version, "DKIM1") != 0)
		return "the key record has another version than DKIM1";
	invariant(version == NULL || tags->count > 0);
	if (version != NULL && strcmp(tags->tags[0].name, "v") != 0)
		return "v= is not the first tag of the key record";
	if (hashes != NULL && !tag_list_has_word(hashes, "sha256"))
		return "the key is not for sha256 (h= of the key record)";
	return NULL;
}

/* s= (RFC 6376 3.6.1). A key for reports about TLS alone is not for mail, whatever the mail is:
 * whether it is such a report is for others to find out. */
static const char *check_service(const struct tag_list *tags, bool *tls_reports)
{
	const char *services = tag_list_value(tags, "s");

	if (services == NULL || tag_list_has_word(services, "*") ||
	    tag_list_has_word(services, "email"))
		return NULL;
	*tls_reports = tag_list_has_word(services, "tlsrpt");
	return *tls_reports ? "the key is for TLS reports alone (s= of the key record)"
	                    : "the key is not for mail (s= of the key record)";
}

void key_record_read(struct arena *arena, const char *text, size_t length,
                     struct key_record *record)
{
	struct tag_list *tags;
	const char *wrong, *unfit, *elsewhere;
	bool tls_reports = false;

	invariant(text != NULL);
	*record = (struct key_record){.problem = NULL};
	if (length > KEY_RECORD_MAX) {
		record->problem = "the key record is longer than 8192 octets";
		return;
	}
	tags = arena_allocate_raw(arena, sizeof *tags);
	wrong = tag_list_read(arena, text, length, tags);
	if (wrong != NULL) {
		record->problem = arena_format(arena, "the key record cannot be read: %s", wrong);
		return;
	}
	read_flags(tags, record);
	unfit = check_use(tags);
	elsewhere = check_service(tags, &tls_reports);
	wrong = key_record_read_key(arena, tags, record);
	record->tls_reports = tls_reports && unfit == NULL && wrong == NULL;
	record->problem = unfit != NULL ? unfit : elsewhere != NULL ? elsewhere : wrong;
}

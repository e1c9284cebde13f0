/*
 * key_text.c - the DNS record that publishes a key, as text for a zone file and for a web form.
 * Called by the verbs of `assay key`.
 */
#include <string.h>
#include <time.h>

#include "base/invariant.h"
#include "crypto/base64.h"
#include "tool/key/key.h"

enum {
	STRING_MAX = 255 /* octets of a character-string, RFC 1035 3.3 */
};

const char *key_text_name(const struct key_file *file, struct arena *arena)
{
	invariant(file->selector != NULL && file->domain != NULL);
	return arena_format(arena, "%s._domainkey.%s", file->selector, file->domain);
}

const char *key_text_value(const struct key_file *file, struct arena *arena)
{
	const unsigned char *public;
	size_t length;

	if (file->private == NULL)
		return NULL;
	public = crypto_private_public(file->private, arena, &length);
	if (public == NULL)
		return NULL;
	return arena_format(arena, "v=DKIM1; k=%s; p=%s",
	                    crypto_kind_names[crypto_private_kind(file->private)],
	                    base64_encode(arena, public, length));
}

/* OpenSSL can fail to export a key if memory is short. */
static const char *value_or_why(const struct key_file *file, struct arena *arena)
{
	const char *value = key_text_value(file, arena);

	return value != NULL ? value : "(the public key cannot be read)";
}

static void print_zone(const struct key_file *file, struct arena *arena, FILE *to)
{
	const char *value = value_or_why(file, arena);
	size_t left = strlen(value);
	bool several = left > STRING_MAX;

	fprintf(to, "%s. IN TXT%s", key_text_name(file, arena), several ? " (" : "");
	while (left > 0) {
		size_t piece = left < STRING_MAX ? left : STRING_MAX;

		fprintf(to, "%s\"%.*s\"", several ? "\n\t" : " ", (int)piece, value);
		value += piece;
		left -= piece;
	}
	fputs(several ? " )\n" : "\n", to);
}

void key_text_publish(const struct key_file *file, struct arena *arena, FILE *to)
{
	fprintf(to, "; %s, %s, for a zone file:\n", file->path,
	        key_text_kind(file->private, arena));
	print_zone(file, arena, to);
	fprintf(to, "; the same for a web form: name %s, type TXT, value\n; %s\n",
	        key_text_name(file, arena), value_or_why(file, arena));
}

const char *key_text_kind(const struct crypto_private *key, struct arena *arena)
{
	if (key == NULL)
		return "unreadable";
	if (crypto_private_kind(key) != CRYPTO_RSA)
		return crypto_kind_names[crypto_private_kind(key)];
	return arena_format(arena, "rsa %u", crypto_private_bits(key));
}

const char *key_text_day(struct arena *arena, unsigned days, bool dashes)
{
	time_t then = time(NULL) + (time_t)days * 24 * 60 * 60;
	struct tm utc;
	char day[16];

	gmtime_r(&then, &utc);
	strftime(day, sizeof day, dashes ? "%Y-%m-%d" : "%Y%m%d", &utc);
	return arena_string(arena, day);
}

void key_text_reload(void)
{
	puts("Then let assayd read its keys again: systemctl reload assay (or kill -USR1 its "
	     "process).");
}

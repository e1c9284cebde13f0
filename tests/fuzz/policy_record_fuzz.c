/*
 * policy_record_fuzz.c - TXT octets through policy_record.c: whatever comes in, what comes out
 * keeps to policy_record.h.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dmarc/policy_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_printable(const char *string)
{
	for (; string != NULL && *string != '\0'; string++)
		must((unsigned char)*string >= 0x20 && *string != 0x7F);
}

static void check_uris(const struct strings *uris)
{
	must(uris->count <= 32);
	for (size_t i = 0; i < uris->count; i++) {
		must(text_same_bytes(uris->items[i], "mailto:", 7));
		must(strpbrk(uris->items[i], ",! \t;") == NULL);
		check_printable(uris->items[i]);
	}
}

static void check(const struct policy_record *record)
{
	must(record->p <= REQUEST_REJECT && record->sp <= REQUEST_REJECT &&
	     record->np <= REQUEST_REJECT);
	must(record->has_p || (record->p == REQUEST_NONE && record->broken));
	must(record->has_sp || record->sp == record->p);
	must(record->has_np || record->np == record->sp);
	must(!record->unusable || (record->broken && record->rua.count == 0));
	must(!record->empty || (record->unusable && !record->has_p));
	must(!record->broken || record->error != NULL);
	must(record->fo != NULL && strspn(record->fo, "01ds:") == strlen(record->fo) &&
	     record->fo[0] != '\0');
	must(record->error == NULL || strlen(record->error) <= 500);
	check_uris(&record->rua);
	check_uris(&record->ruf);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	const struct policy_record *record = policy_record_read(arena, (const char *)bytes, length);
	enum psd psd;

	must(record != NULL || length < 8 ||
	     memcmp(bytes, "v=DMARC1;", 9 < length ? 9 : length) != 0);
	must(record == NULL ||
	     ((bytes[0] | 0x20) == 'v' && memmem(bytes, length, "DMARC1", 6) != NULL));
	must(policy_record_peek((const char *)bytes, length, &psd) == (record != NULL));
	must(record == NULL || record->psd == psd);
	if (record != NULL)
		check(record);
	arena_free(arena);
	return 0;
}

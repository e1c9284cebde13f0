/*
 * destination_fuzz.c - rua values of hostile domains, up to the addresses that a report goes to and
 * the header field that names them.
 *
 * The input is a list of strings, each ended by a NUL: the value of a rua tag, a mailto URI, a
 * domain.
 */
#include "fuzz.h"

#include "base/domain.h"
#include "dmarc/report_uri.h"
#include "report/destination.h"

/* What stands in an address is one address, and ends no command or field of a mail. */
static void check_uri(const char *uri, struct arena *arena)
{
	const char *host = NULL, *address = destination_address(arena, uri, &host);

	if (address == NULL)
		return;
	const char *again = domain_normalize(arena, host, strlen(host));

	must(again != NULL && strcmp(again, host) == 0);
	fuzz_must_be_printable(address);
	must(address[0] != '\0' && address[0] != '@' && strrchr(address, '@') != NULL);
	must(strpbrk(strrchr(address, '@'), " \t,;:<>()\"") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct fuzz_input input = {(const char *)bytes, (const char *)bytes + length};
	struct arena *arena = arena_new();
	const char *value = fuzz_string(&input, arena);
	const struct report_uris uris = report_uri_list(arena, value);
	struct strings entries = destination_entries(arena, value);
	const char *const names[] = {fuzz_string(&input, arena), "example.org"};
	const struct strings skip = {2, names};

	must(uris.mailto.count <= REPORT_URI_MAX && uris.limits.count == uris.mailto.count);
	for (size_t i = 0; i < uris.mailto.count; i++) {
		check_uri(uris.mailto.items[i], arena);
		must(strspn(uris.limits.items[i], "0123456789kmgtKMGT") ==
		     strlen(uris.limits.items[i]));
	}
	for (size_t i = 0; i < entries.count && i < 100; i++)
		check_uri(entries.items[i], arena);
	check_uri(names[0], arena);
	destination_skips_domain(&skip, fuzz_string(&input, arena), arena);
	for (const char *rest = value; *rest != '\0'; rest = destination_next(rest)) {
		must(destination_first(rest) <= strlen(rest));
		must(destination_next(rest) > rest);
	}
	arena_free(arena);
	return 0;
}

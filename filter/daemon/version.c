/*
 * version.c - the version of Assay and of the libraries that it runs with. Called for --version by
 * assayd and assay.
 */
#include "daemon/version.h"

#include "base/domain.h"
#include "crypto/crypto.h"
#include "dkim/verifier.h"
#include "dmarc/public_suffix.h"
#include "dns/upstream.h"
#include "report/aggregate.h"
#include "report/gzip.h"
#include "settings/settings_tree.h"
#include "spf/spf_libspf2.h"
#include "store/store.h"

/* Each module that knows a library tells; libopendmarc has no version to tell. */
static const struct {
	const char *name;
	void (*version)(char *text, size_t room);
} libraries[] = {
    {"libopendkim", verifier_version}, {"libspf2", spf_libspf2_version},
    {"libunbound", upstream_version},  {"OpenSSL", crypto_version},
    {"libidn2", domain_version},       {"libpsl", public_suffix_version},
    {"SQLite", store_version},         {"libconfig", settings_tree_version},
    {"libxml2", aggregate_version},    {"zlib", gzip_version},
};

void version_print(const char *program, FILE *to)
{
	fprintf(to, "%s %s\n", program, VERSION);
	for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
		char text[64] = "";

		libraries[i].version(text, sizeof text);
		fprintf(to, "  %s %s\n", libraries[i].name, text);
	}
}

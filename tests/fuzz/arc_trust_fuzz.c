/*
 * arc_trust_fuzz.c - hostile results in the sets of a chain that passes: whatever a sealer wrote,
 * nothing is restored but what stands there, few organizational domains are compared, and an
 * address is an address.
 *
 * The input is the number of sets and flags, then two strings for each set: its sealer, and what it
 * found.
 */
#include "fuzz.h"

#include "arc/arc_trust.h"
#include "base/domain.h"
#include "dmarc/organization.h"
#include "dmarc/policy_record.h"

enum {
	SETS_MAX = 4,
	LOOKUPS_MAX = 100 /* six comparisons, each of two walks of at most eight names */
};

struct fuzz_names {
	struct answer answer;
	unsigned lookups;
};

static const struct answer *fuzz_lookup(void *context, const char *name, enum record_type type)
{
	struct fuzz_names *names = context;

	must(name != NULL && type == RECORD_TXT);
	names->lookups++;
	return &names->answer;
}

static bool holds(const char *text, const char *word)
{
	return strcasestr(text, word) != NULL;
}

static void check_restored(const struct arc_finding *arc, const struct strings *trusted)
{
	const struct arc_set *set = &arc->sets[arc->restored_set - 1];

	must(arc->restored_set > 0 && arc->restored_set <= arc->count);
	must(trusted->count > 0 && set->trusted && arc->sets[arc->count - 1].trusted);
	must(holds(set->results, "pass") && holds(set->results, "author.example"));
	must(strcmp(arc->trusted_by, arc->sets[arc->count - 1].domain) == 0);
	must(arc->would_restore == NULL);
}

static void check_trust(const struct arc_finding *arc, const struct strings *trusted)
{
	struct address address;

	must((arc->restored != NULL) == (arc->trusted_by != NULL));
	must((arc->restored != NULL) == (arc->restored_set > 0));
	must(arc->remote_address == NULL || address_parse(arc->remote_address, &address));
	for (size_t i = 1; i < arc->count; i++)
		must(!arc->sets[i - 1].trusted || arc->sets[i].trusted);
	if (arc->restored != NULL)
		check_restored(arc, trusted);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char *const listed[] = {"sealer.example", "*.sealer.example"};
	struct arena *arena = arena_new();
	struct fuzz_input input = {(const char *)bytes, (const char *)bytes + length};
	unsigned octet = fuzz_octet(&input);
	struct fuzz_names names = {.answer = {.status = LOOKUP_NO_NAME}};
	struct services services = {.context = &names, .lookup = fuzz_lookup};
	struct organizations organizations = {.walks = tree_walk_begin(&services, arena)};
	struct policy_record record = {.strict_dkim = octet & 0x10, .strict_spf = octet & 0x20};
	struct strings trusted = {octet & 0x40 ? 0 : 2, listed};
	struct dmarc_finding dmarc = {.result = RESULT_FAIL,
	                              .author = {.state = AUTHOR_ONE, .domain = "author.example"},
	                              .record = &record,
	                              .organizations = &organizations};
	struct arc_set sets[SETS_MAX];
	struct arc_finding arc = {
	    .result = RESULT_PASS, .count = octet % SETS_MAX + 1, .sets = sets};

	for (size_t i = 0; i < arc.count; i++) {
		const char *sealer = fuzz_string(&input, arena);

		sealer = domain_normalize(arena, sealer, strlen(sealer));
		sets[i] = (struct arc_set){.instance = (unsigned)i + 1,
		                           .domain = sealer == NULL ? "sealer.example" : sealer,
		                           .selector = "s",
		                           .ams_domain = octet & 0x80     ? "mx.sealer.example"
		                                         : sealer == NULL ? "sealer.example"
		                                                          : sealer,
		                           .results = fuzz_string(&input, arena)};
	}
	arc_trust_judge(&arc, &trusted, &dmarc, NULL, arena);
	check_trust(&arc, &trusted);
	must(names.lookups <= LOOKUPS_MAX);
	arena_free(arena);
	return 0;
}

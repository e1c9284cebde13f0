/*
 * crosscheck.c - compares our result with the verdict of libopendmarc on the same facts. Called by
 * judgement.c.
 */
#include "dmarc/crosscheck.h"

#include <opendmarc/dmarc.h>
#include <stdint.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "dmarc/policy_record.h"

static bool opened;

void crosscheck_open(void)
{
	OPENDMARC_LIB_T library = {.tld_type = OPENDMARC_TLD_TYPE_NONE};

	/* It keeps these settings in a global; that and ours must not be written while threads run,
	 * as they do at a reload. */
	if (opened)
		return;
	opendmarc_policy_library_init(&library);
	opened = true;
}

/* The library takes text as `u_char *`, but does not change it. */
static u_char *bytes(const char *string)
{
	return (u_char *)(uintptr_t)string;
}

/* Passes the facts to the library. False if it refuses them. */
static bool crosscheck_store(DMARC_POLICY_T *context, const struct dmarc_finding *finding,
                             const char *author_domain, struct arena *arena)
{
	const char *record;

	invariant(finding->record != NULL);
	record = arena_format(
	    arena, "v=DMARC1; p=%s; adkim=%c; aspf=%c", request_names[finding->effective],
	    finding->record->strict_dkim ? 's' : 'r', finding->record->strict_spf ? 's' : 'r');

	if (opendmarc_policy_store_from_domain(context, bytes(author_domain)) != DMARC_PARSE_OKAY)
		return false;
	if (opendmarc_policy_store_dmarc(context, bytes(record), bytes(author_domain), NULL) !=
	    DMARC_PARSE_OKAY)
		return false;
	if (finding->spf_aligned &&
	    opendmarc_policy_store_spf(context, bytes(author_domain), DMARC_POLICY_SPF_OUTCOME_PASS,
	                               DMARC_POLICY_SPF_ORIGIN_MAILFROM, NULL) != DMARC_PARSE_OKAY)
		return false;
	return !finding->dkim_aligned ||
	       opendmarc_policy_store_dkim(context, bytes(author_domain), NULL,
	                                   DMARC_POLICY_DKIM_OUTCOME_PASS,
	                                   NULL) == DMARC_PARSE_OKAY;
}

static int expected(const struct dmarc_finding *finding)
{
	static const int verdicts[] = {[REQUEST_NONE] = DMARC_POLICY_NONE,
	                               [REQUEST_QUARANTINE] = DMARC_POLICY_QUARANTINE,
	                               [REQUEST_REJECT] = DMARC_POLICY_REJECT};

	return finding->result == RESULT_PASS ? DMARC_POLICY_PASS : verdicts[finding->effective];
}

static const char *verdict_text(int verdict)
{
	switch (verdict) {
	case DMARC_POLICY_PASS:
		return "pass";
	case DMARC_POLICY_NONE:
		return "fail, none";
	case DMARC_POLICY_QUARANTINE:
		return "fail, quarantine";
	case DMARC_POLICY_REJECT:
		return "fail, reject";
	case DMARC_POLICY_ABSENT:
		return "no policy";
	default:
		return "no verdict";
	}
}

const char *crosscheck_compare(const struct dmarc_finding *finding, const char *author_domain,
                               struct arena *arena)
{
	const char *difference = NULL;
	DMARC_POLICY_T *context;

	invariant(opened);
	if (finding->result != RESULT_PASS && finding->result != RESULT_FAIL)
		return NULL;
	/* It reverses names label by label, and reads before its buffer if there is a single label
	 * of one letter. */
	if (domain_labels(author_domain) < 2)
		return NULL;
	/* The verdict does not depend on the address of the client, but the library needs one. */
	context = opendmarc_policy_connect_init(bytes("192.0.2.1"), 0);
	if (context == NULL)
		return NULL;
	if (crosscheck_store(context, finding, author_domain, arena)) {
		int verdict = opendmarc_get_policy_to_enforce(context);

		if (verdict != expected(finding))
			difference =
			    arena_format(arena, "libopendmarc says %s, assay says %s",
			                 verdict_text(verdict), verdict_text(expected(finding)));
	}
	opendmarc_policy_connect_shutdown(context);
	return difference;
}

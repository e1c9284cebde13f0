/*
 * indirect.c - signs of indirect mail, each compared with what passed. Called by decision_dmarc.c
 * for mail that fails DMARC under p=reject; pure.
 */
#include "decision/indirect.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "fields/results_reader.h"
#include "mailbox_list.h"

enum {
	SRS_TAG = 5,       /* octets of "SRS0=" */
	SRS_SEPARATORS = 3 /* at least, behind the tag: hash, time or host, domain, local part */
};

struct indirect_search {
	const struct message *message;
	const struct findings *findings;
	struct arena *arena;
};

/* Is `passed` the domain that a field names, or one above or below it? No top-level domain counts.
 */
static bool is_of(const char *passed, const char *named)
{
	return domain_labels(passed) > 1 && domain_labels(named) > 1 &&
	       (domain_within(passed, named) || domain_within(named, passed));
}

/* The domain that passed SPF or DKIM and is that of `named`, or NULL. */
static const char *passed_for(const struct indirect_search *search, const char *named)
{
	const struct spf_finding *spf = &search->findings->spf;
	const struct dkim_finding *dkim = &search->findings->dkim;

	if (spf->result == RESULT_PASS && spf->domain != NULL && is_of(spf->domain, named))
		return spf->domain;
	for (size_t i = 0; i < dkim->count; i++) {
		const struct dkim_signature *signature = &dkim->signatures[i];

		if (signature->result == RESULT_PASS && signature->domain != NULL &&
		    is_of(signature->domain, named))
			return signature->domain;
	}
	return NULL;
}

static const char *passed_for_list(const struct indirect_search *search, const char *name)
{
	const char *identifier = message_list_identifier(search->message, search->arena);
	const char *dot = identifier == NULL ? NULL : strchr(identifier, '.');
	const char *domain = NULL;

	(void)name;
	if (dot != NULL)
		domain = domain_normalize(search->arena, dot + 1, strlen(dot + 1));
	return domain == NULL ? NULL : passed_for(search, domain);
}

/* SRS0=hash=time=domain=local-part, or SRS1=hash=host==hash=...; the first separator may be + or -
 * too. */
static const char *passed_for_srs(const struct indirect_search *search, const char *name)
{
	const struct spf_finding *spf = &search->findings->spf;
	const char *local = search->message->mail_from;
	size_t separators = 0;

	(void)name;
	if (local == NULL || strlen(local) < SRS_TAG || !text_same_bytes(local, "SRS", 3) ||
	    strchr("01", local[3]) == NULL || strchr("=+-", local[4]) == NULL)
		return NULL;
	for (const char *at = local + SRS_TAG; *at != '\0' && *at != '@'; at++)
		separators += *at == '=';
	return separators >= SRS_SEPARATORS && spf->result == RESULT_PASS ? spf->domain : NULL;
}

/* The first field of the name; one that holds addresses of several domains says nothing. */
static const char *passed_for_field(const struct indirect_search *search, const char *name)
{
	const struct header *header = message_header(search->message, name);
	struct mailbox_list list = {0};

	if (header == NULL)
		return NULL;
	mailbox_list_read(&list, header->value, search->arena);
	return list.problem == NULL && list.domain_count == 1 ? passed_for(search, list.domains[0])
	                                                      : NULL;
}

/* What the results of a set say about DMARC, while they are read. */
struct indirect_results {
	const struct indirect_search *search;
	bool failed;  /* the method before is dmarc=fail, and not for another domain so far */
	bool forgery; /* one of them was */
};

static void results_method(void *context, const char *method, const char *result)
{
	struct indirect_results *results = context;

	results->forgery = results->forgery || results->failed;
	results->failed = strcmp(method, "dmarc") == 0 && text_same(result, "fail");
}

/* header.from is a domain; some write the whole address. */
static void results_property(void *context, const char *name, const char *value)
{
	struct indirect_results *results = context;
	const char *author = results->search->findings->dmarc.author.domain;
	const char *at = strrchr(value, '@');
	const char *domain = at == NULL ? value : at + 1;

	if (!results->failed || strcmp(name, "header.from") != 0)
		return;
	domain = domain_normalize(results->search->arena, domain, strlen(domain));
	if (author == NULL || (domain != NULL && !domain_equal(domain, author)))
		results->failed = false;
}

/* Does the first hop say that the message failed DMARC already when it came there? Then no hop
 * since then is the reason, and the chain shows a forgery on its way. */
static bool was_forged_before(const struct indirect_search *search)
{
	struct indirect_results results = {.search = search};
	const struct results_sink sink = {&results, results_method, results_property};

	results_reader_read(search->arena, search->findings->arc.sets[0].results, &sink);
	return results.forgery || results.failed;
}

/*
 * Whoever sealed last vouches for the message, as a signature of his would: a valid chain costs a
 * domain, and that domain can be held responsible. Where the message was changed after the newest
 * seal, the chain may have been taken from another one; then the domain has to have passed for this
 * message. A chain that fails in any other way says nothing.
 */
static const char *passed_for_chain(const struct indirect_search *search, const char *name)
{
	const struct arc_finding *arc = &search->findings->arc;
	const char *sealer = arc->count == 0 ? NULL : arc->sets[arc->count - 1].domain;

	(void)name;
	if (sealer == NULL || domain_labels(sealer) < 2 || was_forged_before(search))
		return NULL;
	if (arc->result == RESULT_PASS)
		return sealer;
	return arc->only_changed ? passed_for(search, sealer) : NULL;
}

static const struct {
	const char *name;
	bool is_list;
	const char *(*passed)(const struct indirect_search *search, const char *name);
} signs[] = {
    {"List-Id", true, passed_for_list},       {"SRS", false, passed_for_srs},
    {"Resent-From", false, passed_for_field}, {"Resent-Sender", false, passed_for_field},
    {"Sender", false, passed_for_field},      {"ARC", false, passed_for_chain},
};

const struct indirect_sign *indirect_find(const struct message *message,
                                          const struct findings *findings, struct arena *arena)
{
	const struct indirect_search search = {message, findings, arena};

	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		const char *domain = signs[i].passed(&search, signs[i].name);
		struct indirect_sign *sign;

		if (domain == NULL)
			continue;
		sign = arena_allocate(arena, sizeof *sign);
		*sign = (struct indirect_sign){signs[i].name, domain, signs[i].is_list};
		return sign;
	}
	return NULL;
}

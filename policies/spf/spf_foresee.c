/*
 * spf_foresee.c - foresight: as a record arrives, every name in it that can be known without waiting is asked
 * for.
 *
 * Begun by spf.c at MAIL FROM. The continuations run on the resolver's thread while the message goes on: they
 * read the request and the answer, write nothing but two atomic counters, and allocate nothing. What is
 * foreseen follows the evaluation: nothing behind a term that is sure to match, no more terms and names than
 * RFC 7208 4.6.4 allows.
 */
#include "spf/spf_foresee.h"

#include <stdatomic.h>

#include "spf/spf_record.h"

enum {
	ADDRESSES_MOST = 2 * SPF_NAMES_MOST, /* of MX and PTR names, in all */
	RECORD_MOST =
	    4096, /* octets: this is the resolver's thread, larger ones wait for the message's own */
	WORK_PER_RECORD = 1 << 14
};

/* Whether the records that arrive may need their explanation: not inside an include. */
struct branch {
	struct foresight *foresight;
	bool explains;
};

struct foresight {
	const struct spf_request *request;
	atomic_uint terms;
	atomic_uint addresses;
	struct branch explaining, included;
};

static void record_arrived(const struct services *services, const char *name, const struct answer *answer,
                           void *with);

static bool take(atomic_uint *counter, unsigned most)
{
	return atomic_fetch_add(counter, 1) < most;
}

/* MX and PTR answers: the addresses of the names in them. */
static void names_arrived(const struct services *services, const char *name, const struct answer *answer,
                          void *with)
{
	struct foresight *foresight = ((struct branch *)with)->foresight;

	(void)name;
	for (size_t i = 0; i < answer->count && i < SPF_NAMES_MOST; i++)
		if (answer->records[i].name[0] != '\0' && take(&foresight->addresses, ADDRESSES_MOST))
			services_foresee(services, answer->records[i].name,
			                 services_address_type(&foresight->request->client));
}

static void foresee_pointers(const struct services *services, struct branch *branch)
{
	char reverse[ADDRESS_REVERSE_NAME];

	address_reverse_name(&branch->foresight->request->client, reverse);
	services->foresee(services->context, reverse, RECORD_PTR, names_arrived, branch);
}

static void foresee_target(const struct services *services, struct branch *branch, enum spf_term_kind kind,
                           const char *name)
{
	struct foresight *foresight = branch->foresight;

	switch (kind) {
	case SPF_TERM_INCLUDE:
		services->foresee(services->context, name, RECORD_TXT, record_arrived, &foresight->included);
		break;
	case SPF_TERM_REDIRECT:
		services->foresee(services->context, name, RECORD_TXT, record_arrived, branch);
		break;
	case SPF_TERM_MX:
		services->foresee(services->context, name, RECORD_MX, names_arrived, branch);
		break;
	case SPF_TERM_A:
		services_foresee(services, name, services_address_type(&foresight->request->client));
		break;
	case SPF_TERM_EXISTS:
		services_foresee(services, name, RECORD_A);
		break;
	default:
		services_foresee(services, name, RECORD_TXT);
	}
}

static void foresee_term(const struct services *services, struct branch *branch, const struct spf_term *term,
                         const char *domain, size_t *work)
{
	struct spf_macro_values values = {branch->foresight->request, domain, NULL, work};
	char name[DOMAIN_MAX + 1];

	if (term->kind != SPF_TERM_EXPLANATION && !take(&branch->foresight->terms, SPF_TERMS_MOST))
		return;
	if (term->kind == SPF_TERM_PTR || term->use.validated_name)
		foresee_pointers(services, branch);
	else if (term->spec == NULL)
		foresee_target(services, branch, term->kind, domain);
	else if (spf_macro_name(&values, term->spec, term->spec_length, name))
		foresee_target(services, branch, term->kind, name);
}

/* Is the evaluation of this record sure to end here? */
static bool ends_here(const struct spf_request *request, const struct spf_term *term)
{
	unsigned bits = term->kind == SPF_TERM_IP4 ? term->bits4 : term->bits6;

	if (term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6)
		return address_in_network(&request->client, &term->address, bits);
	return term->kind == SPF_TERM_ALL;
}

static void record_arrived(const struct services *services, const char *name, const struct answer *answer,
                           void *with)
{
	struct branch *branch = with;
	size_t work = WORK_PER_RECORD;
	struct spf_record record;
	struct spf_fault fault;
	struct spf_term term;
	const char *text, *at;
	size_t length;
	bool ended = false, may_fail = false;

	if (spf_record_select(answer, &text, &length) != 1 || length > RECORD_MOST ||
	    !spf_record_read(text, length, &record, &fault))
		return;
	at = record.terms;
	while (!ended && spf_record_next(&at, record.end, &term, &fault)) {
		if (term.kind >= SPF_TERM_REDIRECT)
			continue;
		ended = ends_here(branch->foresight->request, &term);
		may_fail = may_fail || term.qualifier == RESULT_FAIL;
		if (!ended && term.kind != SPF_TERM_IP4 && term.kind != SPF_TERM_IP6)
			foresee_term(services, branch, &term, name, &work);
	}
	if (!ended && record.redirect.spec != NULL)
		foresee_term(services, branch, &record.redirect, name, &work);
	if (branch->explains && may_fail && record.explanation.spec != NULL)
		foresee_term(services, branch, &record.explanation, name, &work);
}

void spf_foresee(const struct spf_request *request)
{
	struct foresight *foresight = arena_allocate(request->arena, sizeof *foresight);

	foresight->request = request;
	foresight->explaining = (struct branch){foresight, true};
	foresight->included = (struct branch){foresight, false};
	atomic_init(&foresight->terms, 0);
	atomic_init(&foresight->addresses, 0);
	request->services->foresee(request->services->context, request->domain, RECORD_TXT, record_arrived,
	                           &foresight->explaining);
}

/*
 * indirect.c - signs of indirect mail, each compared with what passed. Called by decision_dmarc.c
 * for mail that fails DMARC under p=reject; pure.
 */
#include "decision/indirect.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"
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

static const struct {
	const char *name;
	bool is_list;
	const char *(*passed)(const struct indirect_search *search, const char *name);
} signs[] = {
    {"List-Id", true, passed_for_list},       {"SRS", false, passed_for_srs},
    {"Resent-From", false, passed_for_field}, {"Resent-Sender", false, passed_for_field},
    {"Sender", false, passed_for_field},
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

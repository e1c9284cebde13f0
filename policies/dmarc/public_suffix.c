/*
 * public_suffix.c - organizational domains by the Public Suffix List (libpsl). Called by
 * organization.c if dmarc.discovery is "psl". The list is read together with the settings.
 */
#include "dmarc/public_suffix.h"

#include <libpsl.h>
#include <stdio.h>

#include "base/invariant.h"

struct public_suffix_list *public_suffix_open(struct problem *problem)
{
	psl_ctx_t *list = psl_latest(NULL);

	if (list == NULL)
		problem_say(
		    problem,
		    "dmarc.discovery = \"psl\" needs the Public Suffix List, and libpsl has none; "
		    "install the package publicsuffix or use \"treewalk\"");
	return (struct public_suffix_list *)list;
}

void public_suffix_close(struct public_suffix_list *list)
{
	psl_free((psl_ctx_t *)list);
}

const char *public_suffix_organization(const struct public_suffix_list *list, const char *name)
{
	const char *organization;

	invariant(list != NULL && name != NULL);
	organization = psl_registrable_domain((const psl_ctx_t *)list, name);

	return organization == NULL ? name : organization;
}

void public_suffix_version(char *text, size_t room)
{
	snprintf(text, room, "%s", psl_get_version());
}

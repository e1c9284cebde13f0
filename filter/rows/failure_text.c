/*
 * failure_text.c - one failure as one line of a journal, and back. recorder.c writes, the import
 * checks, store_failures.c and the sender read.
 */
#include "rows/failure_text.h"

#include <string.h>

#include "rows/record_text.h"

#define MEMBER(name) offsetof(struct failure, name)

static const char kind[] = "F";

static const size_t members[] = {MEMBER(policy_domain), MEMBER(header_from),   MEMBER(ruf),
                                 MEMBER(group),         MEMBER(alignment),     MEMBER(dkim_domain),
                                 MEMBER(dkim_identity), MEMBER(dkim_selector), MEMBER(spf_domain),
                                 MEMBER(spf_record),    MEMBER(mail_from),     MEMBER(source),
                                 MEMBER(delivery),      MEMBER(list),          MEMBER(header)};
enum {
	MEMBERS = sizeof members / sizeof members[0]
};

const char *failure_text_write(const struct failure *failure, struct arena *arena, size_t *length)
{
	struct text text;

	record_text_begin(&text, arena, FAILURE_TEXT_MAX, kind, failure->received);
	record_text_add_members(&text, failure, members, MEMBERS);
	return record_text_end(&text, length);
}

bool failure_text_check(const char *bytes, size_t length)
{
	const char *at = length > FAILURE_TEXT_MAX ? NULL : record_text_check(bytes, length);

	return at != NULL && *at == kind[0];
}

const struct failure *failure_text_read(const char *bytes, size_t length, struct arena *arena)
{
	struct failure *failure = arena_allocate(arena, sizeof *failure);
	const char *at = record_text_check(bytes, length);
	char *rest;

	if (at == NULL || *at != kind[0])
		return NULL;
	at++;
	rest = arena_copy(arena, at, length - (size_t)(at - bytes));
	failure->received = record_text_time(rest);
	rest = strchr(rest, '\t');
	if (rest == NULL)
		return NULL;
	rest++;
	return record_text_read_members(&rest, failure, members, MEMBERS) && rest == NULL ? failure
	                                                                                  : NULL;
}

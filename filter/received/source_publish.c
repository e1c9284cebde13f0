/*
 * source_publish.c - see source_publish.h.
 */
#include "received/source_publish.h"

#include <string.h>

#include "base/domain.h"
#include "base/tag_list.h"
#include "base/text.h"
#include "base/zone_text.h"
#include "spf/spf_record.h"
#include "spf/spf_request.h"

enum {
	RECORD_MAX = 2000
};

/* Where a term goes in: before what ends the evaluation, else at the end. */
static size_t source_publish_place(const char *text, const struct spf_record *record)
{
	const char *at = record->terms;
	struct spf_fault fault;
	struct spf_term term;

	while (spf_record_next(&at, record->end, &term, &fault))
		if (term.kind == SPF_TERM_ALL || term.kind >= SPF_TERM_REDIRECT)
			return (size_t)(term.text - text);
	return strlen(text);
}

static const char *with_term(struct source_facts *facts, const char *text, const char *term)
{
	struct spf_record record;
	struct spf_fault fault;
	struct text line;
	size_t place;

	if (!spf_record_read(text, strlen(text), &record, &fault))
		return NULL;
	place = source_publish_place(text, &record);
	text_begin(&line, facts->arena, RECORD_MAX);
	text_add_bytes(&line, text, place);
	while (line.length > 0 && line.bytes[line.length - 1] == ' ')
		line.bytes[--line.length] = '\0';
	text_add_format(&line, " %s", term);
	if (text[place] != '\0')
		text_add_format(&line, " %s", text + place);
	if (line.cut || !spf_record_read(line.bytes, line.length, &record, &fault))
		return NULL;
	return line.bytes;
}

/* Does one lookup more, with what is behind it, stay within RFC 7208 4.6.4? */
static bool has_lookups_left(struct source_facts *facts, const char *owner, const char *term)
{
	const char *target = strchr(term, ':');

	if (strncmp(term, "include:", strlen("include:")) != 0)
		return true;
	return source_facts_spf_lookups(facts, owner) + 1 +
	           source_facts_spf_lookups(facts, target + 1) <=
	       SPF_TERMS_MAX;
}

const char *source_publish_spf(struct source_facts *facts, const char *owner, const char *term)
{
	const struct answer *answer = services_lookup(facts->site->services, owner, RECORD_TXT);
	const char *text, *amended;
	size_t length, count;

	if (answer->status == LOOKUP_FAILED)
		return NULL;
	count = spf_record_select(answer, &text, &length);
	if (count > 1)
		return NULL;
	if (count == 0)
		amended = arena_format(facts->arena, "v=spf1 %s%s %s",
		                       domain_equal(owner, facts->site->domain) ? "mx " : "", term,
		                       domain_equal(owner, facts->site->domain) ? "~all" : "-all");
	else if (has_lookups_left(facts, owner, term))
		amended = with_term(facts, arena_copy(facts->arena, text, length), term);
	else
		amended = NULL;
	return amended == NULL ? NULL : zone_text_txt(facts->arena, owner, amended);
}

const char *source_publish_reject(struct source_facts *facts)
{
	const struct tag *tag;
	struct tag_list list;
	const char *text = facts->policy_text;

	if (text == NULL || !domain_equal(facts->policy_domain, facts->site->domain) ||
	    tag_list_read(facts->arena, text, strlen(text), &list) != NULL)
		return NULL;
	tag = tag_list_find(&list, "p");
	if (tag == NULL)
		return NULL;
	return zone_text_txt(
	    facts->arena, arena_format(facts->arena, "_dmarc.%s", facts->policy_domain),
	    arena_format(facts->arena, "%.*sreject%s", (int)tag->from, text, text + tag->to));
}

const char *source_publish_term(const struct source_address *address, struct arena *arena)
{
	return arena_format(arena, "%s:%s", address->address.family == ADDRESS_IPV6 ? "ip6" : "ip4",
	                    address->text);
}

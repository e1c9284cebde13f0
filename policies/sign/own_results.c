/*
 * own_results.c - mail that was found forged when it came in is not signed when it is sent on.
 * Called by sign.c once the author is known; results_reader.c reads the fields.
 *
 * Only a pass for the author domain is evidence that it sent the message. Where the domain has no
 * policy (dmarc=none), a pass of SPF or DKIM for that domain or one above it stands in for it.
 */
#include "sign/own_results.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "fields/results_reader.h"

/* One field: the method that is being read, and what was found so far. */
struct own_results_reading {
	struct arena *arena;
	const char *author;
	const char *method, *result;
	const char *from;       /* header.from of it */
	const char *not_passed; /* result of DMARC for the author other than pass */
	bool is_none;           /* ... and it was none */
	bool has_pass;          /* of SPF or DKIM, for the author's domain or one above it */
};

static const char *own_results_domain_of(const struct own_results_reading *reading,
                                         const char *value)
{
	const char *at = strrchr(value, '@');
	const char *name = at == NULL ? value : at + 1;

	return domain_normalize(reading->arena, name, strlen(name));
}

/* Not those below it, which may be given to others. */
static bool is_author_or_above(const struct own_results_reading *reading, const char *value)
{
	const char *domain = own_results_domain_of(reading, value);

	return domain != NULL && domain_within(reading->author, domain);
}

/* A result of DMARC without header.from is taken to be about this author. */
static void end_method(struct own_results_reading *reading)
{
	const char *from =
	    reading->from == NULL ? NULL : own_results_domain_of(reading, reading->from);

	if (reading->method == NULL || strcmp(reading->method, "dmarc") != 0 ||
	    strcmp(reading->result, "pass") == 0 ||
	    (from != NULL && !domain_equal(from, reading->author)))
		return;
	reading->is_none = strcmp(reading->result, "none") == 0 &&
	                   (reading->not_passed == NULL || reading->is_none);
	reading->not_passed = reading->result;
}

static void begin_method(void *context, const char *method, const char *result)
{
	struct own_results_reading *reading = context;

	end_method(reading);
	reading->method = method;
	reading->result = result;
	reading->from = NULL;
}

static void add_property(void *context, const char *name, const char *value)
{
	static const struct {
		const char *method, *property;
	} evidence[] = {{"spf", "smtp.mailfrom"}, {"spf", "smtp.helo"}, {"dkim", "header.d"}};
	struct own_results_reading *reading = context;

	if (strcmp(name, "header.from") == 0)
		reading->from = value;
	for (size_t i = 0; i < sizeof evidence / sizeof evidence[0]; i++)
		if (strcmp(reading->method, evidence[i].method) == 0 &&
		    strcmp(name, evidence[i].property) == 0 && strcmp(reading->result, "pass") == 0)
			reading->has_pass = reading->has_pass || is_author_or_above(reading, value);
}

static const char *objection_of(const char *value, const char *author, struct arena *arena)
{
	struct own_results_reading reading = {.arena = arena, .author = author};
	const struct results_sink sink = {&reading, begin_method, add_property};
	bool readable = results_reader_read(arena, value, &sink);

	end_method(&reading);
	if (!readable)
		return "an Authentication-Results field in our own name cannot be read";
	if (reading.not_passed == NULL || (reading.is_none && reading.has_pass))
		return NULL;
	return arena_format(
	    arena, "it came from outside, and our own Authentication-Results say dmarc=%s for %s",
	    text_printable(arena, reading.not_passed, 20), author);
}

static bool is_our_name(const struct message *message, const char *name, struct arena *arena)
{
	return results_reader_names(arena, name, message->receiver) ||
	       (message->other_receiver != NULL &&
	        results_reader_names(arena, name, message->other_receiver));
}

const char *own_results_objection(const struct message *message, const char *author,
                                  struct arena *arena)
{
	for (size_t i = 0; i < message->header_count; i++) {
		const struct header *header = &message->headers[i];
		struct results_owner owner;
		const char *objection;

		if (!message_header_is(header, "Authentication-Results"))
			continue;
		owner = results_reader_owner(arena, header->value);
		if (!owner.readable || !is_our_name(message, owner.id, arena))
			continue;
		objection = objection_of(header->value, author, arena);
		if (objection != NULL)
			return objection;
	}
	return NULL;
}

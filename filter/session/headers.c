/*
 * headers.c - the third stage: the header fields, one after the other, then their end. Before it:
 * envelope.c; next: body.c.
 *
 * Fields are kept octet for octet, because simple canonicalization covers them as they are. Fields
 * beyond limits.header_bytes are not kept, and the message says so.
 */
#include <string.h>

#include "author.h"
#include "base/invariant.h"
#include "base/text.h"
#include "fields/claim.h"
#include "session/copy.h"

enum {
	HEADERS_FIRST = 32,
	FIELD_COST = 32 /* octets of memory that a field takes beside its own, counted like these */
};

/* The first LF from `at` on that does not follow a CR; `end` if there is none. */
static const char *find_bare(const char *value, const char *at, const char *end)
{
	const char *feed;

	while ((feed = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		if (feed == value || feed[-1] != '\r')
			return feed;
		at = feed + 1;
	}
	return end;
}

static size_t count_bare(const char *value, const char *end)
{
	size_t count = 0;

	for (const char *at = find_bare(value, value, end); at < end;
	     at = find_bare(value, at + 1, end))
		count++;
	return count;
}

/* A bare LF becomes CRLF; nothing else changes. */
static char *copy_with_crlf(struct arena *arena, const char *value, size_t length)
{
	const char *end = value + length, *feed;
	size_t bare = count_bare(value, end);
	char *copy, *to;

	if (bare == 0)
		return arena_copy(arena, value, length);
	to = copy = arena_allocate_raw(arena, length + bare + 1);
	for (const char *at = value; at < end; at = feed) {
		feed = find_bare(value, at, end);
		to = mempcpy(to, at, (size_t)(feed - at));
		if (feed < end) {
			*to++ = '\r';
			*to++ = *feed++;
		}
	}
	*to = '\0';
	return copy;
}

/* Once the header is cut, no further field is kept, however small. */
static bool headers_has_room(struct session *session, size_t octets)
{
	session->header_bytes += octets;
	if (session->header_bytes > (size_t)session->settings->limits.header_bytes) {
		if (!session->message.header_cut)
			session_debug(session, "header: fields after the first %zu are not kept",
			              session->message.header_count);
		session->message.header_cut = true;
	}
	return !session->message.header_cut;
}

/* A field that is not kept is counted if it might have to be removed. */
static void skip_field(struct session *session, const char *name)
{
	const struct header field = {.name = name};

	session->message.forged_cut += claim_may_be_forged(&session->message, &field);
}

/* Counts to one more than the limit, which is enough to reject the message. */
static void count_forged(struct session *session, const struct header *header)
{
	if (session->message.forged > CLAIM_FORGED_MAX ||
	    !claim_is_forged(&session->message, header, session->arena))
		return;
	session->message.forged++;
	session_debug(session, "header: field %zu, %s, is forged", session->message.header_count,
	              header->name);
}

static void keep_field(struct session *session, const char *name, const char *value)
{
	struct header *header;

	/* policies keep pointers to fields; an array that was outgrown stays valid in the arena */
	session->message.headers = session->headers =
	    arena_grow(session->arena, session->headers, session->message.header_count,
	               &session->headers_capacity, HEADERS_FIRST, sizeof *session->headers);
	invariant(session->message.header_count < session->headers_capacity);
	header = &session->headers[session->message.header_count++];
	header->name = arena_string(session->arena, name);
	header->value = copy_with_crlf(session->arena, value, strlen(value));
	count_forged(session, header);
	evaluate_header(session->evaluation, header);
}

void headers_field(struct session *session, const char *name, const char *value)
{
	if (!session->under_way)
		return;
	if (headers_has_room(session,
	                     strlen(name) + strlen(value) + sizeof ":\r\n" - 1 + FIELD_COST))
		keep_field(session, name, value);
	else
		skip_field(session, name);
}

/* Is a domain of From in log.trace? */
static bool author_is_traced(const struct session *session)
{
	struct author *author = author_begin(session->arena);

	for (size_t i = 0; i < session->message.header_count; i++)
		if (text_same(session->message.headers[i].name, "From"))
			author_field(author, session->message.headers[i].value, session->arena);
	author_finish(author, session->message.header_cut, session->arena);
	for (size_t i = 0; i < author->domain_count; i++)
		if (log_traces_author(&session->settings->log, author->domains[i]))
			return true;
	return false;
}

void headers_end(struct session *session)
{
	if (!session->under_way)
		return;
	if (session->trail != NULL && trail_is_waiting(session->trail))
		trail_decide(session->trail, author_is_traced(session));
	session_debug(session, "end of headers: %zu fields, %zu octets%s",
	              session->message.header_count, session->header_bytes,
	              session->message.header_cut ? ", cut at limits.header_bytes" : "");
	evaluate_end_of_headers(session->evaluation);
	copy_begin(session);
}

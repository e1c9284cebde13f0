/*
 * fake_dns.h - services.h played from a table, for unit tests.
 *
 * The zone is text, a line a record:
 *     example.org TXT v=spf1 -all          (the text is the rest of the line; \xNN is that octet)
 *     example.org A 192.0.2.1
 *     example.org MX 10 mx.example.org
 *     4.3.2.1.in-addr.arpa PTR host.example.org
 *     slow.example TXT !fail timed out     (LOOKUP_FAILED with these words)
 *     empty.example EXISTS                 (no records at all: LOOKUP_NO_DATA for every type)
 * A name without a line, and without a name below it that has one, is LOOKUP_NO_NAME. Lines
 * starting with # are comments.
 */
#ifndef ASSAY_FAKE_DNS_H
#define ASSAY_FAKE_DNS_H

#include "answer_note.h"
#include "base/arena.h"
#include "base/text.h"
#include "services.h"

struct fake_query {
	const char *name;
	enum record_type type;
	bool prefetched; /* asked by prefetch(), otherwise by lookup() */
};

struct fake_dns {
	struct services services;
	struct arena *arena;
	const char *zone;
	time_t now;
	struct fake_answer *answers; /* given so far; they keep the notes of their readers */
	struct answer_note_budget budget;
	size_t query_count;
	struct fake_query queries[512]; /* the first ones, in order */
	struct text debug;              /* the lines of services_debug(), each with a line end */
};

/* Lives in the arena. A prefetched continuation is called at once. */
struct fake_dns *fake_dns_new(struct arena *arena, const char *zone);

/* How often this name and type were looked up or prefetched. */
size_t fake_dns_asked(const struct fake_dns *dns, const char *name, enum record_type type);

#endif

/*
 * capture_facts.h - what is known about a message when a copy of it is kept: the first
 * CAPTURE_BLOCK octets of the file. The message follows behind them as it came.
 *
 * They are lines "KEY VALUE", the first with the version, the last "end", and line ends up to the
 * size. That size is fixed: a sender writes nothing before the message's own first octet, whatever
 * he sends. Who reads them trusts them no more than any other file.
 */
#ifndef ASSAY_CAPTURE_FACTS_H
#define ASSAY_CAPTURE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/problem.h"
#include "finding.h"
#include "message.h"
#include "rows/received_report.h"

enum {
	CAPTURE_BLOCK = 4096,
	CAPTURE_SIGNATURES_MAX = 5 /* signatures that are named, those of the author first */
};

/* A signature that counts for something. */
struct capture_signature {
	const char *domain, *selector;
	bool tls_report; /* it verifies with a key for TLS reports, and is no pass */
};

struct capture_facts {
	int64_t received;     /* when */
	const char *queue_id; /* of the mail server, or NULL */
	const char *client;   /* its address, or "unknown" */
	bool accepted;        /* the verdict was to accept it; else it was quarantined */
	/* The one domain of From in internal form; NULL where there is none, or several. */
	const char *author;
	enum result dmarc;
	/* For `author`: SPF or DKIM passed and is aligned (whether it has a policy or not), or a
	 * signature verifies with a key for TLS reports whose domain is the author's or its
	 * organizational domain. */
	bool spf_aligned, dkim_aligned, tls_aligned;
	size_t signature_count;
	struct capture_signature signatures[CAPTURE_SIGNATURES_MAX];
};

void capture_facts_find(const struct message *message, const struct findings *findings,
                        bool accepted, struct arena *arena, struct capture_facts *facts);

void capture_facts_write(const struct capture_facts *facts, struct arena *arena,
                         char block[CAPTURE_BLOCK]);

/* False and a problem: this is not what capture_facts_write() made. Texts are in the arena. */
bool capture_facts_read(const char block[CAPTURE_BLOCK], struct arena *arena,
                        struct capture_facts *facts, struct problem *problem);

/*
 * Does a report of that kind count that came by such a mail, and whose is it? It does if DMARC
 * found an aligned pass for the only domain of From; a TLS report only if that is by DKIM (RFC 8460
 * 3). `place` is for people. Texts are in the arena.
 */
void capture_facts_arrival(const struct capture_facts *facts, enum received_kind kind,
                           struct arena *arena, struct received_arrival *arrival);

/* Could a report of some kind count that came by it? */
bool capture_facts_may_count(const struct capture_facts *facts, struct arena *arena);

#endif

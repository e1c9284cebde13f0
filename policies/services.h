/*
 * services.h - what a policy may ask of the outside: lookups, prefetched lookups, the time.
 *
 * The resolver's query_session (filter/dns/query_session.h) implements it for one message; tests
 * implement it with a table. Policies do nothing else that leaves their own memory.
 */
#ifndef ASSAY_SERVICES_H
#define ASSAY_SERVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/address.h"

/* The numbers are those of the DNS (RFC 1035 3.2.2, RFC 3596). */
enum record_type {
	RECORD_A = 1,
	RECORD_CNAME = 5, /* only `assay dns` asks for it; every other answer has followed it */
	RECORD_PTR = 12,
	RECORD_MX = 15,
	RECORD_TXT = 16,
	RECORD_AAAA = 28,
	RECORD_SPF = 99 /* the retired type of RFC 4408; only `assay dns` asks for it */
};
extern const char
    *const record_type_names[]; /* "A", "PTR", ...; a name can have other types too: NULL */

enum lookup_status {
	LOOKUP_FOUND, /* at least one record of the type */
	/* the name exists, records of the type do not (NOERROR, empty; RFC 2308 2.2) */
	LOOKUP_NO_DATA,
	LOOKUP_NO_NAME, /* NXDOMAIN */
	/* anything else: time-out, SERVFAIL, REFUSED, DNSSEC bogus, cancelled, over a limit: it may
	 * work later, `why` tells */
	LOOKUP_FAILED
};
extern const char *const lookup_names[]; /* "found", "no data", "no such name", "failed" */

/* Whose fault a failed lookup is. All but the first two are limits of this server: the DNS did not
 * answer in time or was not asked, so the failure says nothing about the name. */
enum lookup_fault {
	/* the servers answer, but nothing of use for this name, or not in time */
	LOOKUP_FAULT_DOMAIN,
	/* none of the servers that we ask answers anything, or none can be validated */
	LOOKUP_FAULT_RESOLVER,
	LOOKUP_FAULT_MESSAGE_TIME,    /* limits.message_ms is used up */
	LOOKUP_FAULT_MESSAGE_LOOKUPS, /* the message has asked too much */
	LOOKUP_FAULT_CLIENT_LOOKUPS,  /* too many lookups for this client are under way */
	LOOKUP_FAULT_IN_FLIGHT,       /* resolver.in_flight is reached */
	LOOKUP_FAULTS
};
extern const char *const lookup_fault_names[]; /* "domain", "resolver", "message_time", ..., NULL */

static inline bool lookup_fault_is_limit(enum lookup_fault fault)
{
	return fault > LOOKUP_FAULT_RESOLVER;
}

/* One record; which member counts follows from the type asked for. */
struct record {
	struct address address; /* A, AAAA */
	/* MX exchange, PTR and CNAME target: lower case, no trailing dot; "" is the root (null MX,
	 * RFC 7505) */
	const char *name;
	unsigned preference; /* MX */
	/* TXT, SPF: its character-strings joined with nothing between, NUL-terminated */
	const char *text;
	size_t text_length; /* a TXT may hold any octet, NUL too */
};

struct answer_note_place; /* answer_note.h */

/* Never changed once handed out. */
struct answer {
	enum lookup_status status;
	size_t count; /* 0 unless LOOKUP_FOUND */
	const struct record *records;
	bool secure;             /* validated by DNSSEC */
	const char *why;         /* words for LOOKUP_FAILED, else NULL */
	enum lookup_fault fault; /* with LOOKUP_FAILED */
	/* where its readers keep what they made of it; NULL: nowhere */
	struct answer_note_place *note_place;
};

struct services;

/*
 * Called once when a prefetched answer is there: at once on the caller's thread where it was known,
 * otherwise on the resolver's thread while the message goes on; one after the other, never two of
 * one message at a time nor one inside another. Looks at the answer and may prefetch() more; must
 * not look up, wait, allocate from the message's arena or write to anything that the message's own
 * thread reads.
 */
typedef void prefetched_function(const struct services *services, const char *name,
                                 const struct answer *answer, void *then_context);

struct services {
	void *context;

	/*
	 * Waits for the answer, at most until the lookup's or the message's deadline. Never NULL;
	 * valid until the message's arena is released. `name` is any text: what is not a domain
	 * name is answered LOOKUP_NO_NAME without a query.
	 */
	const struct answer *(*lookup)(void *context, const char *name, enum record_type type);

	/*
	 * Starts the lookup and returns; its answer goes into the cache. `then` may be NULL;
	 * `then_context` must live until the arena is released. A `then` that has not been called
	 * by that time is never called.
	 */
	void (*prefetch)(void *context, const char *name, enum record_type type,
	                 prefetched_function *then, void *then_context);

	/*
	 * A line about this message for the log, where its way is to be shown (log.level debug, or
	 * log.trace); NULL where nobody wants it. Call it through services_debug().
	 */
	void (*debug)(void *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

	/* Seconds since 1970. */
	time_t (*now)(void *context);

	/*
	 * The same services with another share of the message's time and of the questions under
	 * way. `author` is for names that tell what the author domain asks for and whether anything
	 * passed for it: nothing else can use its reserve up. `aside` is for what never weighs in
	 * the verdict. NULL: no difference is made.
	 */
	const struct services *author, *aside;
};

/* Is the way of this message to be shown? `services` may be NULL. */
static inline bool services_have_debug(const struct services *services)
{
	return services != NULL && services->debug != NULL;
}

/* Logs a line at level debug. Costs a comparison where nobody reads it: the arguments are not even
 * evaluated. */
#define services_debug(services, ...)                                                              \
	(services_have_debug(services) ? (services)->debug((services)->context, __VA_ARGS__)       \
	                               : (void)0)

static inline const struct services *services_author(const struct services *services)
{
	return services->author == NULL ? services : services->author;
}

static inline const struct services *services_aside(const struct services *services)
{
	return services->aside == NULL ? services : services->aside;
}

static inline const struct answer *services_lookup(const struct services *services,
                                                   const char *name, enum record_type type)
{
	return services->lookup(services->context, name, type);
}

/* The records in which a name has addresses of the same family. */
static inline enum record_type services_address_type(const struct address *address)
{
	return address->family == ADDRESS_IPV6 ? RECORD_AAAA : RECORD_A;
}

static inline void services_prefetch(const struct services *services, const char *name,
                                     enum record_type type)
{
	services->prefetch(services->context, name, type, NULL, NULL);
}

#endif

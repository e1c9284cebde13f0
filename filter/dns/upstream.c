/*
 * upstream.c - the only file that knows libunbound: its options, names and results.
 *
 * recursor.c's thread calls it. libunbound's own cache is small, because cache.c is in front of it.
 * Names that libunbound would answer itself (private reverse names, test., invalid.) are sent to
 * the servers if there are any: those decide.
 */
#include "dns/upstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unbound.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "dns/resolv_conf.h"

enum {
	REPEAT_MS_MIN = 50,
	REPEAT_MS_MAX = 2000,
	CLASS_IN = 1,
	RCODE_NOERROR = 0,
	RCODE_NXDOMAIN = 3,
	TTL_MAX = 86400,         /* seconds; the longest that an answer is kept */
	NEGATIVE_TTL = 5,        /* if there is no SOA (RFC 2308 5) */
	NEGATIVE_TTL_MAX = 10800 /* RFC 2308 5 */
};

struct upstream {
	struct ub_ctx *context;
};

/* Zones that libunbound would answer itself instead of asking the servers: names of the local host,
 * private reverse names, and domains reserved by RFC 6761 and RFC 7686. */
static const char *const local_zones[] = {
    "localhost.",
    "127.in-addr.arpa.",
    "test.",
    "invalid.",
    "onion.",
    "home.arpa.",
    "10.in-addr.arpa.",
    "168.192.in-addr.arpa.",
    "0.in-addr.arpa.",
    "254.169.in-addr.arpa.",
    "2.0.192.in-addr.arpa.",
    "100.51.198.in-addr.arpa.",
    "113.0.203.in-addr.arpa.",
    "255.255.255.255.in-addr.arpa.",
    "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.",
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.",
    "d.f.ip6.arpa.",
    "8.e.f.ip6.arpa.",
    "9.e.f.ip6.arpa.",
    "a.e.f.ip6.arpa.",
    "b.e.f.ip6.arpa.",
    "8.b.d.0.1.0.0.2.ip6.arpa.",
    NULL};

/* Domains that the signed root does not have, but some networks use. */
static const char *const private_domains[] = {
    "test.", "invalid.", "local.", "internal.", "localhost.", "home.arpa.", "lan.",
    "home.", "corp.",    "mail.",  "intranet.", "private.",   NULL};

static void remove_local_zones(struct ub_ctx *context)
{
	char zone[64];

	for (size_t i = 0; local_zones[i] != NULL; i++)
		ub_ctx_zone_remove(context, local_zones[i]);
	for (unsigned second = 16; second < 32; second++) {
		snprintf(zone, sizeof zone, "%u.172.in-addr.arpa.", second);
		ub_ctx_zone_remove(context, zone);
	}
	for (unsigned second = 64; second < 128; second++) {
		snprintf(zone, sizeof zone, "%u.100.in-addr.arpa.", second);
		ub_ctx_zone_remove(context, zone);
	}
}

/* "ADDRESS" or "ADDRESS@PORT". */
static bool server_is_valid(const char *server)
{
	struct address address;
	char text[ADDRESS_TEXT];
	size_t length = strcspn(server, "@");
	char *end;

	if (length >= sizeof text)
		return false;
	memcpy(text, server, length);
	text[length] = '\0';
	if (!address_parse(text, &address))
		return false;
	if (server[length] == '\0')
		return true;
	if (!text_is_digit(server[length + 1]))
		return false;
	long port = strtol(server + length + 1, &end, 10);

	return *end == '\0' && port > 0 && port < 65536;
}

/* Without servers libunbound asks the root servers itself. */
static bool has_servers(const struct strings *servers)
{
	return servers->count > 0 || resolv_conf_has_server();
}

/*
 * A recursive server is quick for names in its cache and slow for others, and may be far away.
 * libunbound would send a query again after 50 ms and ignore an answer to the first one: an answer
 * that takes longer than the third wait is always lost. So the first wait is as long as it can be
 * and still leave time for another server: it takes two waits to find out that a server is dead.
 */
static void set_retransmission(struct ub_ctx *context, long timeout_ms)
{
	long wait = timeout_ms / 5 * 2;
	char number[24];

	if (wait > REPEAT_MS_MAX)
		wait = REPEAT_MS_MAX;
	snprintf(number, sizeof number, "%ld", wait < REPEAT_MS_MIN ? REPEAT_MS_MIN : wait);
	ub_ctx_set_option(context, "infra-cache-min-rtt:", number);
	/* A server that was down is tried again after seconds, not minutes. */
	ub_ctx_set_option(context, "infra-cache-max-rtt:", "24000");
}

static bool set_servers(struct ub_ctx *context, const struct strings *servers,
                        struct problem *problem)
{
	int error = 0;

	for (size_t i = 0; i < servers->count; i++) {
		if (!server_is_valid(servers->items[i]) ||
		    ub_ctx_set_fwd(context, servers->items[i]) != 0)
			return problem_say(
			    problem,
			    "resolver.servers: \"%s\" is not \"ADDRESS\" or \"ADDRESS@PORT\"",
			    servers->items[i]);
	}
	if (servers->count == 0)
		error = ub_ctx_resolvconf(context, NULL);
	if (error != 0)
		return problem_say(problem, "/etc/resolv.conf: %s", ub_strerror(error));
	if (ub_ctx_set_option(context, "do-not-query-localhost:", "no") != 0)
		return problem_say(problem, "libunbound refuses servers on the local host");
	return true;
}

/* Each query in flight has a socket. By default libunbound has 16: so many names without an answer
 * would stop all others. It repeats queries for a while that were given up here, so it gets four
 * times as many. */
static void set_bounds(struct ub_ctx *context, long in_flight)
{
	struct rlimit files = {.rlim_cur = 1024};
	unsigned long sockets = 4 * (unsigned long)in_flight;
	char number[24];

	getrlimit(RLIMIT_NOFILE, &files);
	if (sockets > files.rlim_cur / 2)
		sockets = files.rlim_cur / 2;
	snprintf(number, sizeof number, "%lu", sockets < 16 ? 16 : sockets);
	ub_ctx_set_option(context, "outgoing-range:", number);
	ub_ctx_set_option(context, "num-queries-per-thread:", number);
}

static bool set_options(struct ub_ctx *context, const char *trust_anchor, struct problem *problem)
{
	/* Small caches: libunbound's are for delegations and keys, cache.c keeps the answers. */
	static const char *const options[][2] = {
	    {"edns-buffer-size:", "1232"},     {"msg-cache-size:", "1m"},
	    {"rrset-cache-size:", "4m"},       {"msg-cache-slabs:", "1"},
	    {"rrset-cache-slabs:", "1"},       {"infra-cache-slabs:", "1"},
	    {"key-cache-slabs:", "1"},         {"key-cache-size:", "1m"},
	    {"neg-cache-size:", "256k"},       {"infra-keep-probing:", "yes"},
	    {"val-log-level:", "0"},           {"use-syslog:", "no"},
	    {"outgoing-num-tcp:", "50"},       {"outbound-msg-retry:", "2"},
	    {"trust-anchor-signaling:", "no"},
	};
	int error = 0;

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		error = ub_ctx_set_option(context, options[i][0], options[i][1]);
		if (error != 0)
			log_debug("libunbound does not know the option %s", options[i][0]);
	}
	if (trust_anchor == NULL)
		error = ub_ctx_set_option(context, "module-config:", "iterator");
	else
		error = ub_ctx_add_ta_file(context, trust_anchor);
	for (size_t i = 0; trust_anchor != NULL && private_domains[i] != NULL; i++)
		ub_ctx_set_option(context, "domain-insecure:", private_domains[i]);
	if (error != 0)
		return problem_say(problem, "libunbound does not start: %s", ub_strerror(error));
	return true;
}

static int64_t milliseconds_of(const struct ub_result *result)
{
	int64_t ttl = result->ttl < 0 ? 0 : result->ttl;
	int64_t max = result->havedata ? TTL_MAX : NEGATIVE_TTL_MAX;

	if (!result->havedata && ttl == 0)
		ttl = NEGATIVE_TTL;
	return (ttl < max ? ttl : max) * 1000;
}

static struct answer *answer_with_records(enum record_type type, const struct ub_result *result)
{
	struct record_data data[ANSWER_RECORDS_MAX + 1];
	size_t count = 0;

	while (count <= ANSWER_RECORDS_MAX && result->data[count] != NULL) {
		data[count] =
		    (struct record_data){(const unsigned char *)result->data[count],
		                         result->len[count] > 0 ? (size_t)result->len[count] : 0};
		count++;
	}
	return answer_found(type, data, count, result->secure);
}

static struct answer *answer_failed(int error, const struct ub_result *result)
{
	/* libunbound reports REFUSED and unusable answers as SERVFAIL */
	static const char *const names[] = {
	    [1] = "the name servers answer FORMERR",
	    [2] = "the name servers answer SERVFAIL, REFUSED, or nothing usable",
	    [4] = "the name servers answer NOTIMP",
	    [5] = "the name servers answer REFUSED",
	};
	size_t rcode = error == 0 ? (size_t)result->rcode : 0;
	char why[256];

	if (error != 0)
		snprintf(why, sizeof why, "libunbound: %s", ub_strerror(error));
	else if (result->bogus)
		snprintf(why, sizeof why, "DNSSEC validation failed: %s",
		         result->why_bogus == NULL ? "bogus" : result->why_bogus);
	else if (rcode < sizeof names / sizeof names[0] && names[rcode] != NULL)
		snprintf(why, sizeof why, "%s", names[rcode]);
	else
		snprintf(why, sizeof why, "the name servers answer with code %zu", rcode);
	return answer_without(LOOKUP_FAILED, why, false);
}

static struct answer *answer_of(int type, int error, const struct ub_result *result)
{
	if (error != 0 || result->bogus)
		return answer_failed(error, result);
	if (result->rcode == RCODE_NOERROR && result->havedata)
		return answer_with_records((enum record_type)type, result);
	if (result->rcode == RCODE_NOERROR)
		return answer_without(LOOKUP_NO_DATA, NULL, result->secure);
	if (result->rcode == RCODE_NXDOMAIN)
		return answer_without(LOOKUP_NO_NAME, NULL, result->secure);
	return answer_failed(error, result);
}

/* The name as libunbound reads it: every octet that is not a letter, digit, hyphen, underscore or
 * dot as \DDD. */
static void name_for_unbound(const char *name, char text[4 * DOMAIN_MAX + 2])
{
	for (; *name != '\0'; name++) {
		unsigned char octet = (unsigned char)*name;

		if (text_is_letter((char)octet) || text_is_digit((char)octet) ||
		    strchr("-_.", octet) != NULL)
			*text++ = (char)octet;
		else
			text += sprintf(text, "\\%03u", octet);
	}
	*text++ = '.';
	*text = '\0';
}

static void upstream_arrived(void *context, int error, struct ub_result *result)
{
	struct upstream_query *query = context;
	struct upstream_reply reply = {
	    .answer = answer_of(query->type, error, result),
	    .milliseconds = error == 0 ? milliseconds_of(result) : 0,
	};

	if (error == 0) {
		reply.bogus = result->bogus;
		reply.secure = result->secure;
		reply.usable = result->bogus || result->rcode == RCODE_NOERROR ||
		               result->rcode == RCODE_NXDOMAIN;
	}
	if (reply.answer != NULL && reply.answer->status == LOOKUP_FAILED)
		reply.milliseconds = 0;
	ub_resolve_free(result);
	query->pending = false;
	query->done(query, &reply);
}

bool upstream_ask(struct upstream *upstream, const char *name, struct upstream_query *query)
{
	char text[4 * DOMAIN_MAX + 2];

	invariant(!query->pending && query->done != NULL);
	name_for_unbound(name, text);
	query->pending = ub_resolve_async(upstream->context, text, query->type, CLASS_IN, query,
	                                  upstream_arrived, &query->id) == 0;
	return query->pending;
}

void upstream_cancel(struct upstream *upstream, struct upstream_query *query)
{
	if (query->pending)
		ub_cancel(upstream->context, query->id);
	query->pending = false;
}

int upstream_file(const struct upstream *upstream)
{
	return ub_fd(upstream->context);
}

void upstream_process(struct upstream *upstream)
{
	ub_process(upstream->context);
}

static void log_servers(const struct strings *servers, bool forwards, bool validates)
{
	const char *kind = validates ? "with DNSSEC" : "without DNSSEC";

	if (!forwards)
		log_debug("DNS %s: no name server is set, libunbound asks the root servers", kind);
	else if (servers->count == 0)
		log_debug("DNS %s: the name servers are those of /etc/resolv.conf", kind);
	for (size_t i = 0; i < servers->count; i++)
		log_debug("DNS %s: name server %s", kind, servers->items[i]);
}

static bool context_open(struct ub_ctx *context, const struct strings *servers, long timeout_ms,
                         long in_flight, const char *trust_anchor, struct problem *problem)
{
	bool forwards = has_servers(servers);

	log_servers(servers, forwards, trust_anchor != NULL);
	ub_ctx_debugout(context, NULL);
	set_bounds(context, in_flight);
	if (!set_options(context, trust_anchor, problem) ||
	    (forwards && !set_servers(context, servers, problem)))
		return false;
	if (forwards)
		set_retransmission(context, timeout_ms);
	ub_ctx_async(context, 1);
	if (forwards)
		remove_local_zones(context); /* no option can be set after this */
	return true;
}

struct upstream *upstream_open(const struct strings *servers, long timeout_ms, long in_flight,
                               const char *trust_anchor, struct problem *problem)
{
	struct upstream *upstream = calloc(1, sizeof *upstream);

	if (upstream == NULL || (upstream->context = ub_ctx_create()) == NULL) {
		problem_say(problem, "libunbound does not start: no memory");
		free(upstream);
		return NULL;
	}
	if (context_open(upstream->context, servers, timeout_ms, in_flight, trust_anchor, problem))
		return upstream;
	upstream_close(upstream);
	return NULL;
}

void upstream_close(struct upstream *upstream)
{
	if (upstream == NULL)
		return;
	ub_ctx_delete(upstream->context);
	free(upstream);
}

void upstream_version(char *text, size_t room)
{
	snprintf(text, room, "%s", ub_version());
}

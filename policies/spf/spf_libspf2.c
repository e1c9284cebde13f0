/*
 * spf_libspf2.c - evaluates with libspf2 the records that libspf2 can be trusted with.
 *
 * Called by spf.c if spf.engine is "libspf2", or for a second opinion. libspf2 1.2 overruns its
 * stack on macros, drops what exceeds 511 bytes of compiled mechanisms, starts counting again in
 * every include, and treats redirect, /0, ptr and loopback clients differently from RFC 7208. So it
 * gets only records that our own check found small, plain and free of all these, and it looks names
 * up through our services. If any record on the way is different, or a limit is reached, its result
 * is discarded.
 */
#include "spf/spf_libspf2.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <spf2/spf.h>

#include "base/invariant.h"
#include "base/text.h"
#include "spf/spf_record.h"

enum {
	TEXT_MAX = 1000,    /* of a record */
	COMPILED_MAX = 400, /* of its 511 bytes */
	/* octets of a compiled term besides its name: mechanism, prefix lengths, padding */
	TERM_OVERHEAD = 16
};

/* One request, found through the hook of its SPF_dns_server_t. */
struct opinion {
	const struct spf_request *request;
	bool unsuited; /* it is for spf_evaluate() after all */
	bool started;  /* the first record was looked up */
	unsigned lookups;
	unsigned void_lookups;
	size_t pending; /* address lookups that belong to the MX names handed out last */
	const char *failure;
	enum lookup_fault fault; /* of the lookup that failed */
};

static bool is_plain_name(const char *spec, size_t length)
{
	size_t label = 0;

	if (length > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < length; i++) {
		char byte = spec[i];

		if (byte == '.' ? label == 0
		                : !text_is_letter(byte) && !text_is_digit(byte) &&
		                      strchr("-_", byte) == NULL)
			return false;
		label = byte == '.' ? 0 : label + 1;
		if (label > LABEL_MAX)
			return false;
	}
	return label > 0;
}

static size_t compiled_size(const struct spf_term *term)
{
	if (term->kind == SPF_TERM_ALL)
		return 4;
	if (term->kind == SPF_TERM_IP4)
		return 8;
	if (term->kind == SPF_TERM_IP6)
		return 20;
	return TERM_OVERHEAD + term->spec_length;
}

static bool suits_term(const struct spf_term *term)
{
	bool may_go_on = term->kind == SPF_TERM_INCLUDE || term->kind == SPF_TERM_MX;

	/* If a match ends an include but not the evaluation, lookups that an MX still had pending
	 * would be attributed to the terms behind it. */
	if (may_go_on && term->qualifier != RESULT_PASS)
		return false;
	switch (term->kind) {
	case SPF_TERM_PTR: /* libspf2 takes a DNS error for an error, against RFC 7208 5.5 */
	case SPF_TERM_EXPLANATION:
	case SPF_TERM_OTHER:
		return false;
	case SPF_TERM_IP4:
	case SPF_TERM_IP6:
	case SPF_TERM_A:
	case SPF_TERM_MX:
		if (term->bits4 == 0 || term->bits6 == 0)
			return false;
		break;
	default:
		break;
	}
	return term->spec == NULL || is_plain_name(term->spec, term->spec_length);
}

/* Does libspf2 evaluate this record as RFC 7208 requires? `all` and redirect must be last. */
static bool suits(const char *text, size_t length)
{
	struct spf_record record;
	struct spf_fault fault;
	struct spf_term term;
	size_t compiled = 0;
	bool ended = false;
	const char *at;

	if (length > TEXT_MAX || !spf_record_read(text, length, &record, &fault))
		return false;
	at = record.terms;
	while (spf_record_next(&at, record.end, &term, &fault)) {
		if (ended || !suits_term(&term))
			return false;
		ended = term.kind == SPF_TERM_ALL || term.kind == SPF_TERM_REDIRECT;
		compiled += compiled_size(&term);
	}
	return compiled <= COMPILED_MAX;
}

static SPF_errcode_t spf_libspf2_refuse(SPF_response_t *response, SPF_result_t result,
                                        SPF_errcode_t code)
{
	response->result = result;
	response->reason = SPF_REASON_FAILURE;
	response->err = code;
	return SPF_response_add_error(response, code, "no record");
}

static void store_failure(struct opinion *opinion, const struct answer *answer)
{
	opinion->failure = answer->why;
	opinion->fault = answer->fault;
}

/* libspf2's get_spf: the record of the current domain. */
static SPF_errcode_t get_record(SPF_server_t *server, SPF_request_t *spf_request,
                                SPF_response_t *response, SPF_record_t **record)
{
	struct opinion *opinion = server->resolver->hook;
	const struct answer *answer;
	const char *text;
	size_t length, found;

	*record = NULL;
	if (opinion->started && ++opinion->lookups > SPF_TERMS_MAX)
		opinion->unsuited = true;
	opinion->started = true;
	if (opinion->unsuited)
		return spf_libspf2_refuse(response, SPF_RESULT_TEMPERROR, SPF_E_DNS_ERROR);
	answer = services_lookup(opinion->request->services, spf_request->cur_dom, RECORD_TXT);
	if (answer->status == LOOKUP_FAILED) {
		store_failure(opinion, answer);
		return spf_libspf2_refuse(response, SPF_RESULT_TEMPERROR, SPF_E_DNS_ERROR);
	}
	found = spf_record_select(answer, &text, &length);
	if (found == 0)
		return spf_libspf2_refuse(response, SPF_RESULT_NONE, SPF_E_NOT_SPF);
	if (found > 1)
		return spf_libspf2_refuse(response, SPF_RESULT_PERMERROR, SPF_E_MULTIPLE_RECORDS);
	opinion->unsuited = !suits(text, length);
	if (opinion->unsuited)
		services_debug(opinion->request->services,
		               "SPF: the record of %s is not for libspf2", spf_request->cur_dom);
	if (opinion->unsuited)
		return spf_libspf2_refuse(response, SPF_RESULT_TEMPERROR, SPF_E_DNS_ERROR);
	return SPF_record_compile(server, response, record,
	                          arena_copy(opinion->request->arena, text, length));
}

static bool within_limits(struct opinion *opinion, bool of_mx)
{
	if (of_mx)
		opinion->pending--;
	else if (++opinion->lookups > SPF_TERMS_MAX)
		opinion->unsuited = true;
	return !opinion->unsuited;
}

static bool spf_libspf2_fill(SPF_dns_rr_t *records, int index, const struct record *record)
{
	bool is_mx = records->rr_type == ns_t_mx;
	const char *name;
	size_t length;

	invariant(record != NULL && (!is_mx || record->name != NULL));
	name = is_mx ? record->name : NULL;
	length = name == NULL ? 0 : strlen(name) + 1;
	if (SPF_dns_rr_buf_realloc(records, index, length) != SPF_E_SUCCESS)
		return false;
	if (name != NULL)
		memcpy(records->rr[index]->mx, name, length);
	else if (records->rr_type == ns_t_aaaa)
		memcpy(&records->rr[index]->aaaa, record->address.bytes, 16);
	else
		memcpy(&records->rr[index]->a, record->address.bytes, 4);
	return true;
}

/* The answer in libspf2's form. libspf2 aborts on success without a record, and on NULL. */
static SPF_dns_rr_t *convert_answer(SPF_dns_server_t *server, const char *name, ns_type type,
                                    const struct answer *answer)
{
	static const int errors[] = {[LOOKUP_FOUND] = NETDB_SUCCESS,
	                             [LOOKUP_NO_DATA] = NO_DATA,
	                             [LOOKUP_NO_NAME] = HOST_NOT_FOUND,
	                             [LOOKUP_FAILED] = TRY_AGAIN};
	SPF_dns_rr_t *records = SPF_dns_rr_new_init(server, name, type, 0, errors[answer->status]);

	if (records == NULL)
		return NULL;
	while ((size_t)records->num_rr < answer->count &&
	       spf_libspf2_fill(records, records->num_rr, &answer->records[records->num_rr]))
		records->num_rr++;
	if (records->num_rr == 0 && answer->status == LOOKUP_FOUND)
		records->herrno = TRY_AGAIN;
	return records;
}

/* A term that finds nothing is a void lookup; the addresses of its MX names do not count (RFC
 * 7208 4.6.4). */
static void count_answer(struct opinion *opinion, ns_type type, bool of_mx,
                         const struct answer *answer)
{
	if (answer->status == LOOKUP_FAILED)
		store_failure(opinion, answer);
	else if (answer->status != LOOKUP_FOUND && !of_mx &&
	         ++opinion->void_lookups > opinion->request->void_lookups_max)
		opinion->unsuited = true;
	if (type != ns_t_mx)
		return;
	opinion->pending = answer->count;
	if (answer->count > SPF_NAMES_MAX)
		opinion->unsuited = true;
}

/* libspf2's lookup: A, AAAA and MX; suitable records have no ptr. */
static SPF_dns_rr_t *look_up(SPF_dns_server_t *server, const char *name, ns_type type,
                             int should_cache)
{
	static const struct answer failed = {.status = LOOKUP_FAILED};
	static const struct answer nothing = {.status = LOOKUP_NO_DATA};
	struct opinion *opinion = server->hook;
	const struct answer *answer = &nothing;
	bool of_mx = type != ns_t_mx && opinion->pending > 0;

	(void)should_cache;
	if (type != ns_t_a && type != ns_t_aaaa && type != ns_t_mx)
		return convert_answer(server, name, type, &nothing);
	if (!within_limits(opinion, of_mx))
		return convert_answer(server, name, type, &failed);
	if (name[0] != '\0')
		answer = services_lookup(opinion->request->services, name, (enum record_type)type);
	count_answer(opinion, type, of_mx, answer);
	return convert_answer(server, name, type, opinion->unsuited ? &failed : answer);
}

static void ignore_message(const char *file, int line, const char *message)
{
	(void)file;
	(void)line;
	(void)message;
}

/* Its warnings would go to standard error. */
static void silence(void)
{
	SPF_warning_handler = ignore_message;
	SPF_info_handler = ignore_message;
	SPF_debug_handler = ignore_message;
}

static enum result translate(SPF_result_t result, const struct opinion *opinion)
{
	switch (result) {
	case SPF_RESULT_NEUTRAL:
		return RESULT_NEUTRAL;
	case SPF_RESULT_PASS:
		return RESULT_PASS;
	case SPF_RESULT_FAIL:
		return RESULT_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return RESULT_SOFTFAIL;
	case SPF_RESULT_NONE:
		return RESULT_NONE;
	case SPF_RESULT_TEMPERROR:
		return RESULT_TEMPERROR;
	default: /* libspf2 does not tell the two errors apart */
		return opinion->failure != NULL ? RESULT_TEMPERROR : RESULT_PERMERROR;
	}
}

static void set_client(SPF_request_t *spf_request, const struct address *client)
{
	struct in_addr ipv4;
	struct in6_addr ipv6;

	if (client->family == ADDRESS_IPV4) {
		memcpy(&ipv4, client->bytes, sizeof ipv4);
		SPF_request_set_ipv4(spf_request, ipv4);
	} else {
		memcpy(&ipv6, client->bytes, sizeof ipv6);
		SPF_request_set_ipv6(spf_request, ipv6);
	}
}

/* Suitable records do not use the local part, so libspf2 does not get it. */
static bool spf_libspf2_ask(SPF_server_t *server, struct opinion *opinion, enum result *result)
{
	SPF_request_t *spf_request = SPF_request_new(server);
	SPF_response_t *response = NULL;
	bool answered = false;

	if (spf_request == NULL)
		return false;
	set_client(spf_request, &opinion->request->client);
	if (SPF_server_set_rec_dom(server, "localhost") == SPF_E_SUCCESS &&
	    SPF_request_set_env_from(spf_request, opinion->request->domain) == SPF_E_SUCCESS) {
		SPF_request_query_mailfrom(spf_request, &response);
		answered = response != NULL && !opinion->unsuited;
	}
	if (answered)
		*result = translate(SPF_response_result(response), opinion);
	if (response != NULL)
		SPF_response_free(response);
	SPF_request_free(spf_request);
	return answered;
}

static bool is_loopback(const struct address *client)
{
	static const unsigned char loopback[16] = {[15] = 1};

	if (client->family == ADDRESS_IPV4)
		return client->bytes[0] == 127;
	return memcmp(client->bytes, loopback, sizeof loopback) == 0;
}

bool spf_libspf2(const struct spf_request *request, struct spf_finding *finding)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct opinion opinion = {.request = request};
	SPF_dns_server_t dns = {
	    .lookup = look_up, .get_spf = get_record, .name = "assay", .hook = &opinion};
	SPF_server_t *server;
	bool answered;

	invariant(request->domain != NULL && request->client.family != ADDRESS_UNKNOWN);
	if (is_loopback(&request->client))
		return false;
	pthread_once(&once, silence);
	server = SPF_server_new_dns(&dns, 0);
	if (server == NULL)
		return false;
	answered = spf_libspf2_ask(server, &opinion, &finding->result);
	SPF_server_free(server);
	services_debug(request->services, "SPF of %s: %s", request->domain,
	               answered ? "evaluated by libspf2" : "not for libspf2");
	if (!answered)
		return false;
	finding->engine = "libspf2";
	finding->fault = opinion.fault;
	finding->lookups = opinion.lookups;
	finding->void_lookups = opinion.void_lookups;
	if (finding->result != RESULT_PASS)
		finding->reason =
		    arena_format(request->arena, "libspf2 finds %s%s%s",
		                 result_names[finding->result], opinion.failure == NULL ? "" : ": ",
		                 opinion.failure == NULL ? "" : opinion.failure);
	return true;
}

void spf_libspf2_version(char *text, size_t room)
{
	int major, minor, patch;

	SPF_get_lib_version(&major, &minor, &patch);
	snprintf(text, room, "%d.%d.%d", major, minor, patch);
}

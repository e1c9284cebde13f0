/*
 * keys_check.c - tries every signing key once. Called by keys.c; a key that signs rubbish is found
 * at the start and not by the receivers of the mail.
 */
#include "settings/keys_check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/crypto_hash.h"
#include "dkim/verifier.h"
#include "sign/signature_make.h"

enum {
	THREADS_MAX = 16,
	ALONE = 32 /* fewer keys are not worth a thread */
};

struct keys_check_checking {
	const struct signing_table *table;
	const struct verifier *verifier;
	atomic_size_t next;
	atomic_size_t broken; /* number of a key that does not work, or the count of keys */
};

static size_t how_many(const struct signing_table *table)
{
	size_t count = signing_table_count(table);

	return count < KEYS_TRIED ? count : KEYS_TRIED;
}

static const struct header test_header = {"From", " <postmaster@example.org>"};
static const char body[] = "\r\n";
static const char any_domain[] = "example.org";

static bool verifies(const struct verifier *verifier, const struct signing_key *key,
                     const char *value, struct arena *arena)
{
	struct verification *verification = verifier_begin(verifier, arena, 1);
	struct crypto_key public = {.kind = crypto_private_kind(key->private),
	                            .bits = crypto_private_bits(key->private)};
	const char *sent = signature_make_sent(arena, value);
	size_t number;

	public.bytes = crypto_private_public(key->private, arena, &public.length);
	if (public.bytes == NULL)
		return false;
	number = verifier_signature(verification, "DKIM-Signature", sent, true);
	verifier_field(verification, test_header.name, test_header.value);
	verifier_end_of_headers(verification);
	verifier_body(verification, (const unsigned char *)body, strlen(body));
	verifier_key(verification, number, &public);
	verifier_finish(verification);
	return verifier_outcome(verification, number).result == VERIFIER_PASS;
}

static bool works(const struct verifier *verifier, const struct signing_key *key,
                  const char *domain, struct arena *arena)
{
	const struct message message = {.headers = &test_header, .header_count = 1};
	const struct line_rule rule = {998, true};
	unsigned char body_hash[CRYPTO_HASH];
	struct crypto_hash *hash = crypto_hash_begin(arena);
	struct made_signature made;
	static const struct strings standard;
	struct signing signing = {.message = &message,
	                          .fields = signed_fields_of(arena, &standard, &standard),
	                          .sent = sent_fields_make(arena, &message, &rule),
	                          .domain = domain,
	                          .header_form = CANON_RELAXED,
	                          .body_form = CANON_SIMPLE,
	                          .when = time(NULL),
	                          .body_hash = body_hash,
	                          .arena = arena};
	struct signature_cover cover = signature_make_cover(&signing);

	if (hash == NULL)
		return false;
	crypto_hash_add(hash, body, strlen(body));
	crypto_hash_end(hash, body_hash);
	return signature_make(&signing, &cover, key, &made) &&
	       verifies(verifier, key, made.value, arena);
}

static void *check_some(void *context)
{
	struct keys_check_checking *checking = context;
	size_t count = how_many(checking->table);
	struct arena *arena = arena_new();
	size_t number;

	while ((number = atomic_fetch_add(&checking->next, 1)) < count &&
	       atomic_load(&checking->broken) == count) {
		const char *domain;
		const struct signing_key *key = signing_table_key(checking->table, number, &domain);

		if (domain[0] == '*') /* the author's, whatever it is */
			domain = any_domain;
		if (!works(checking->verifier, key, domain, arena))
			atomic_store(&checking->broken, number);
		arena_reset(arena);
	}
	arena_free(arena);
	return NULL;
}

static void check_all(struct keys_check_checking *checking)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t wanted = how_many(checking->table) / ALONE;
	pthread_t threads[THREADS_MAX];
	size_t made = 0;

	while (made < wanted && made < THREADS_MAX && (long)made + 1 < processors &&
	       pthread_create(&threads[made], NULL, check_some, checking) == 0)
		made++;
	check_some(checking);
	while (made > 0)
		pthread_join(threads[--made], NULL);
}

bool keys_check(const struct signing_table *table, struct problem *problem)
{
	struct keys_check_checking checking = {.table = table};
	size_t count = how_many(table);
	struct verifier *verifier = count == 0 ? NULL : verifier_open(problem);
	const char *domain;

	if (count == 0 || verifier == NULL)
		return count == 0;
	checking.verifier = verifier;
	atomic_init(&checking.next, 0);
	atomic_init(&checking.broken, count);
	check_all(&checking);
	verifier_close(verifier);
	if (atomic_load(&checking.broken) == count) {
		log_debug("keys: %zu tried, libopendkim verifies what they sign", count);
		return true;
	}
	return problem_say(
	    problem,
	    "the key %s does not work: libopendkim does not verify what it signs; make a new one",
	    signing_table_key(table, atomic_load(&checking.broken), &domain)->file);
}

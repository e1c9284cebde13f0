/*
 * sign_messages.c - signs message files with policy_sign, for sign_differential.py.
 *
 * usage: sign_messages KEYS CANONICALIZATION CHUNK < LIST. Each line of LIST is the path of a
 * message whose author domain is example.org; PATH.signed becomes that message as the next server
 * gets it, signed with every key in the folder KEYS. For each one line comes out: what libopendkim
 * says to the signatures, "pass", "fail" or "unable", or why nothing was signed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dkim/line_ends.h"
#include "dkim/verifier.h"
#include "policy.h"
#include "run_dkim.h"
#include "settings/keys.h"
#include "sign/signature_make.h"
#include "whole_file.h"

struct signer {
	struct sign_settings settings;
	void *state;
	struct verifier *verifier;
	size_t chunk;
};

static int canonicalization(const char *words)
{
	static const char *const all[] = {"relaxed/relaxed", "relaxed/simple", "simple/relaxed",
	                                  "simple/simple", NULL};
	int found = text_word(all, words);

	if (found < 0)
		exit(64);
	return found;
}

static void open_signer(struct signer *signer, const char *keys, const char *form,
                        struct arena *arena)
{
	struct sign_entry *entry = arena_allocate(arena, sizeof *entry);
	struct problem problem;

	*entry = (struct sign_entry){.domain = "example.org",
	                             .keys = keys,
	                             .sign_as = "",
	                             .selector = "",
	                             .canonicalization = canonicalization(form)};
	signer->settings.entries = (struct setting_list){
	    .count = 1,
	    .items = entry,
	    .lines = arena_allocate(arena, sizeof *signer->settings.entries.lines)};
	signer->verifier = verifier_open(&problem);
	if (signer->verifier == NULL || !keys_load(&signer->settings, arena, &problem) ||
	    !policy_sign.open(&signer->settings, &signer->state, &problem)) {
		fprintf(stderr, "sign_messages: %s\n", problem.message);
		exit(2);
	}
}

struct body {
	const char *bytes;
	size_t length;
};

static struct sign_finding sign(const struct signer *signer, struct arena *arena,
                                struct message *message, struct body body)
{
	struct findings findings = {.judged = false};
	void *work = policy_sign.begin(signer->state, message, NULL, arena);
	bool wanted = true;

	for (size_t i = 0; i < message->header_count; i++)
		policy_sign.header(work, &message->headers[i]);
	policy_sign.end_of_headers(work);
	for (size_t at = 0; wanted && at < body.length; at += signer->chunk) {
		size_t left = body.length - at;

		wanted = policy_sign.body(work, (const unsigned char *)body.bytes + at,
		                          left < signer->chunk ? left : signer->chunk);
	}
	policy_sign.judge(work, &findings);
	return findings.sign;
}

static void add_octets(void *with, const unsigned char *bytes, size_t length)
{
	text_add_bytes(with, (const char *)bytes, length);
}

/* The body as it goes out: its line ends CRLF, the last line with one. */
static struct body sent_body(struct body body, struct arena *arena)
{
	struct text *sent = arena_allocate(arena, sizeof *sent);
	struct line_ends ends = {.give = add_octets, .context = sent};

	text_begin(sent, arena, body.length * 2 + 2);
	line_ends_pass(&ends, (const unsigned char *)body.bytes, body.length);
	line_ends_finish(&ends);
	return (struct body){sent->bytes, sent->length};
}

static void write_signed(const char *path, const struct sign_finding *made,
                         const struct message *message, struct body body, struct arena *arena)
{
	FILE *file = fopen(arena_format(arena, "%s.signed", path), "wb");

	if (file == NULL)
		exit(2);
	for (size_t i = 0; i < made->count; i++)
		fprintf(file, "DKIM-Signature:%s\r\n",
		        signature_make_sent(arena, made->signatures[i].value));
	for (size_t i = 0; i < message->header_count; i++)
		fprintf(file, "%s:%s\r\n", message->headers[i].name, message->headers[i].value);
	fputs("\r\n", file);
	fwrite(body.bytes, 1, body.length, file);
	fclose(file);
}

static void give_key(struct verification *verification, size_t number,
                     const struct signing_key *key, struct arena *arena)
{
	struct crypto_key public = {.kind = crypto_private_kind(key->private),
	                            .bits = crypto_private_bits(key->private)};

	public.bytes = crypto_private_public(key->private, arena, &public.length);
	verifier_key(verification, number, &public);
}

static void verify(const struct signer *signer, const struct sign_finding *made,
                   const struct message *message, struct body body, struct arena *arena)
{
	static const char *const words[] = {[VERIFIER_UNABLE] = "unable", [VERIFIER_PASS] = "pass"};
	const struct signing_keys *keys =
	    signing_table_find(signer->settings.table, 0, "example.org");
	struct verification *verification = verifier_begin(signer->verifier, arena, made->count);

	for (size_t i = 0; i < made->count; i++)
		verifier_signature(verification, "DKIM-Signature",
		                   signature_make_sent(arena, made->signatures[i].value), true);
	for (size_t i = 0; i < message->header_count; i++)
		verifier_field(verification, message->headers[i].name, message->headers[i].value);
	verifier_end_of_headers(verification);
	if (body.length > 0)
		verifier_body(verification, (const unsigned char *)body.bytes, body.length);
	for (size_t i = 0; i < made->count; i++)
		give_key(verification, i, &keys->keys[i], arena);
	verifier_finish(verification);
	for (size_t i = 0; i < made->count; i++) {
		enum verifier_result result = verifier_outcome(verification, i).result;

		printf("%s%s", i > 0 ? " | " : "",
		       result <= VERIFIER_PASS ? words[result] : "fail");
	}
	printf("\n");
}

static void one(const struct signer *signer, const char *path)
{
	struct arena *arena = arena_new();
	struct message message = {.outbound = true, .received = 1795341600, .mail_from = ""};
	size_t length;
	char *raw = whole_file_read(arena, path, &length);
	const char *at = run_dkim_split(arena, &message, raw, raw + length);
	struct body body = {at, (size_t)(raw + length - at)};
	struct sign_finding made = sign(signer, arena, &message, body);

	if (made.count == 0) {
		printf("%s\n", made.reason == NULL ? "no reason" : made.reason);
	} else {
		body = sent_body(body, arena);
		write_signed(path, &made, &message, body, arena);
		verify(signer, &made, &message, body, arena);
	}
	arena_free(arena);
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct signer signer = {.state = NULL};
	char path[4096];

	if (argc != 4 || atol(argv[3]) <= 0) {
		fprintf(stderr, "usage: sign_messages KEYS CANONICALIZATION CHUNK < LIST\n");
		return 64;
	}
	signer.chunk = (size_t)atol(argv[3]);
	open_signer(&signer, argv[1], argv[2], arena);
	while (fgets(path, sizeof path, stdin) != NULL) {
		path[strcspn(path, "\n")] = '\0';
		one(&signer, path);
	}
	verifier_close(signer.verifier);
	signing_table_free(signer.settings.table);
	arena_free(arena);
	return 0;
}

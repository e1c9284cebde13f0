/*
 * received_spf.c - writes one Received-SPF value. Called by spf.c where spf.received_spf asks for
 * it; apply.c puts it on top of the message.
 *
 * Of the fields of this name that came with a message, only those that could be taken for ours are
 * removed (received_spf_reader.c). Those of earlier servers stay, since they may be signed; readers
 * tell them apart by their place: ours is above the Received field of this server, all others are
 * below it.
 */
#include "fields/received_spf.h"

#include <string.h>

#include "base/invariant.h"
#include "fields/field_text.h"

struct received_spf_writing {
	const struct message *message;
	const struct spf_finding *finding;
	struct arena *arena;
	const char *client, *receiver;
	struct field_text field;
	bool has_pair;
};

static const char *received_spf_comment(const struct received_spf_writing *writing)
{
	const struct spf_finding *finding = writing->finding;

	if (finding->result == RESULT_PASS)
		return arena_format(writing->arena, "%s: %s permits %s to send its mail",
		                    writing->receiver, finding->domain, writing->client);
	return arena_format(writing->arena, "%s: %s", writing->receiver,
	                    finding->reason == NULL ? result_names[finding->result]
	                                            : finding->reason);
}

/* "pass" and why; a comment is never split, so it may have to go to the next line. */
static void write_result(struct received_spf_writing *writing)
{
	struct text word;

	field_text_begin(&writing->field, writing->arena, "Received-SPF");
	field_text_word(&writing->field, &word);
	text_add(&word, result_names[writing->finding->result]);
	field_text_add(&writing->field, &word, false);
	field_text_word(&writing->field, &word);
	field_text_text(&word, "(", received_spf_comment(writing), ")");
	field_text_add(&writing->field, &word, false);
}

static void begin_pair(struct received_spf_writing *writing, const char *key, struct text *word)
{
	if (writing->has_pair)
		field_text_append(&writing->field, ";");
	field_text_word(&writing->field, word);
	text_add_format(word, "%s=", key);
}

static void end_pair(struct received_spf_writing *writing, const struct text *word)
{
	field_text_add(&writing->field, word, !writing->has_pair);
	writing->has_pair = true;
}

/* key-value-pair = key [CFWS] "=" ( dot-atom / quoted-string ) */
static void write_pair(struct received_spf_writing *writing, const char *key, const char *value)
{
	struct text word;

	if (value == NULL || !field_text_is_plain(value))
		return;
	begin_pair(writing, key, &word);
	if (field_text_is_dot_atom(value, value + strlen(value)) && field_text_is_token(value))
		text_add(&word, value);
	else
		field_text_quote(&word, value);
	end_pair(writing, &word);
}

static void write_problem(struct received_spf_writing *writing)
{
	const struct spf_finding *finding = writing->finding;
	struct text word;

	if ((finding->result != RESULT_TEMPERROR && finding->result != RESULT_PERMERROR) ||
	    finding->reason == NULL)
		return;
	begin_pair(writing, "problem", &word);
	field_text_text(&word, "\"", finding->reason, "\"");
	end_pair(writing, &word);
}

/* With the null reverse-path the identity is postmaster at HELO (RFC 7208 2.4). */
static const char *sender(const struct received_spf_writing *writing)
{
	const char *mail_from = writing->message->mail_from;

	if (mail_from[0] != '\0' || writing->finding->domain == NULL)
		return mail_from;
	return arena_format(writing->arena, "postmaster@%s", writing->finding->domain);
}

const char *received_spf_write(const struct message *message, const struct spf_finding *finding,
                               struct arena *arena)
{
	char address[ADDRESS_TEXT];
	struct received_spf_writing writing = {
	    .message = message,
	    .finding = finding,
	    .arena = arena,
	    .client = arena_string(arena, address_print(&message->client, address)),
	    .receiver = message->receiver == NULL ? "unknown" : message->receiver,
	};

	invariant(message->mail_from != NULL);
	write_result(&writing);
	write_pair(&writing, "client-ip", writing.client);
	write_pair(&writing, "envelope-from", sender(&writing));
	write_pair(&writing, "helo", message->helo);
	write_problem(&writing);
	write_pair(&writing, "receiver", writing.receiver);
	write_pair(&writing, "identity", "mailfrom");
	write_pair(&writing, "mechanism", finding->mechanism);
	return writing.field.text.bytes;
}

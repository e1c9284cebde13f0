/*
 * received_spf.c - writes one Received-SPF value. Called by spf.c where spf.received_spf asks for
 * it; apply.c puts it on top of the message.
 *
 * Of fields of the same name that a message brings along only those go that could be taken for ours
 * (received_spf_reader.c). Those of servers before us stay, since they may be signed; a reader
 * tells them by their place: ours stands above the Received field of our own server, whatever came
 * from outside below it.
 */
#include "fields/received_spf.h"

#include <string.h>

#include "fields/field_text.h"

struct received_spf_writing {
	const struct message *message;
	const struct spf_finding *finding;
	struct arena *arena;
	const char *client, *receiver;
	struct field_text field;
	bool has_pair;
};

static const char *received_spf_comment(const struct received_spf_writing *on)
{
	const struct spf_finding *finding = on->finding;

	if (finding->result == RESULT_PASS)
		return arena_format(on->arena, "%s: %s permits %s to send its mail", on->receiver,
		                    finding->domain, on->client);
	return arena_format(on->arena, "%s: %s", on->receiver,
	                    finding->reason == NULL ? result_names[finding->result]
	                                            : finding->reason);
}

/* "pass" and why; a comment is one word, so it may have to go to the next line. */
static void write_result(struct received_spf_writing *on)
{
	struct text word;

	field_text_begin(&on->field, on->arena, "Received-SPF");
	field_text_word(&on->field, &word);
	text_add(&word, result_names[on->finding->result]);
	field_text_add(&on->field, &word, false);
	field_text_word(&on->field, &word);
	field_text_text(&word, "(", received_spf_comment(on), ")");
	field_text_add(&on->field, &word, false);
}

static void begin_pair(struct received_spf_writing *on, const char *key, struct text *word)
{
	if (on->has_pair)
		field_text_append(&on->field, ";");
	field_text_word(&on->field, word);
	text_add_format(word, "%s=", key);
}

static void end_pair(struct received_spf_writing *on, const struct text *word)
{
	field_text_add(&on->field, word, !on->has_pair);
	on->has_pair = true;
}

/* key-value-pair = key [CFWS] "=" ( dot-atom / quoted-string ) */
static void write_pair(struct received_spf_writing *on, const char *key, const char *value)
{
	struct text word;

	if (value == NULL || !field_text_is_plain(value))
		return;
	begin_pair(on, key, &word);
	if (field_text_is_dot_atom(value, value + strlen(value)) && field_text_is_token(value))
		text_add(&word, value);
	else
		field_text_quote(&word, value);
	end_pair(on, &word);
}

static void write_problem(struct received_spf_writing *on)
{
	const struct spf_finding *finding = on->finding;
	struct text word;

	if ((finding->result != RESULT_TEMPERROR && finding->result != RESULT_PERMERROR) ||
	    finding->reason == NULL)
		return;
	begin_pair(on, "problem", &word);
	field_text_text(&word, "\"", finding->reason, "\"");
	end_pair(on, &word);
}

/* With the null reverse-path the identity is postmaster at HELO (RFC 7208 2.4). */
static const char *sender(const struct received_spf_writing *on)
{
	const char *mail_from = on->message->mail_from;

	if (mail_from[0] != '\0' || on->finding->domain == NULL)
		return mail_from;
	return arena_format(on->arena, "postmaster@%s", on->finding->domain);
}

const char *received_spf_write(const struct message *message, const struct spf_finding *finding,
                               struct arena *arena)
{
	char address[ADDRESS_TEXT];
	struct received_spf_writing on = {
	    .message = message,
	    .finding = finding,
	    .arena = arena,
	    .client = arena_string(arena, address_print(&message->client, address)),
	    .receiver = message->receiver == NULL ? "unknown" : message->receiver,
	};

	write_result(&on);
	write_pair(&on, "client-ip", on.client);
	write_pair(&on, "envelope-from", sender(&on));
	write_pair(&on, "helo", message->helo);
	write_problem(&on);
	write_pair(&on, "receiver", on.receiver);
	write_pair(&on, "identity", "mailfrom");
	write_pair(&on, "mechanism", finding->mechanism);
	return on.field.text.bytes;
}

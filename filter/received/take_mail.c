/*
 * take_mail.c - a mail taken apart by GMime: what it says of itself, and each part that may be a
 * report. Runs in the confined process.
 */
#include <gmime/gmime.h>
#include <string.h>

#include "base/text.h"
#include "received/clean.h"
#include "received/take.h"

enum {
	PARTS_MAX = 50,
	NESTED_MAX = 4, /* multiparts in multiparts */
	FAILURE_FIELDS = 65536
};

struct take_mail {
	struct take *take;
	unsigned parts, nested;
	bool inside; /* of a mail in the mail */
	/* of a failure report */
	GByteArray *feedback, *original;
};

void take_mail_prepare(void)
{
	g_mime_init();
}

static const char *mail_text(struct take *take, const char *text)
{
	bool changed = false;

	return text == NULL ? NULL : clean_text(take->arena, text, strlen(text), &changed);
}

static void read_author(struct take *take, GMimeMessage *message, struct reader_mail *mail)
{
	InternetAddressList *list = g_mime_message_get_from(message);
	InternetAddress *author = list != NULL && internet_address_list_length(list) == 1
	                              ? internet_address_list_get_address(list, 0)
	                              : NULL;

	if (author == NULL || !INTERNET_ADDRESS_IS_MAILBOX(author))
		return;
	take->author =
	    mail_text(take, internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(author)));
	mail->from = clean_domain(take->arena, take->author);
}

static void read_results(struct take *take, GMimeHeaderList *headers)
{
	int count = g_mime_header_list_get_count(headers), found = 0;

	for (int i = 0; i < count && found < READER_RESULTS_MAX; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(headers, i);
		struct wire_text value;

		if (!text_same(g_mime_header_get_name(header), "Authentication-Results"))
			continue;
		value.text = mail_text(take, g_mime_header_get_raw_value(header));
		if (value.text == NULL)
			continue;
		wire_write(take->wire, WIRE_RESULTS, &value);
		found++;
	}
}

static void read_facts(struct take *take, GMimeMessage *message)
{
	struct reader_mail mail = {.is_mail = true};
	GDateTime *date = g_mime_message_get_date(message);

	read_author(take, message, &mail);
	take->subject = mail_text(take, g_mime_message_get_subject(message));
	take->message_id = mail_text(take, g_mime_message_get_message_id(message));
	if (date != NULL)
		mail.date = g_date_time_to_unix(date);
	/* a time that its sender chose: not before there were reports, not in the future */
	if (mail.date < INT64_C(1262304000) || mail.date > take->now)
		mail.date = 0;
	if (mail.date != 0)
		take->arrived = mail.date;
	wire_write(take->wire, WIRE_MAIL, &mail);
	read_results(take, g_mime_object_get_header_list(GMIME_OBJECT(message)));
}

/* The decoded octets of a part, with a NUL behind them; to be unreferenced. */
static GByteArray *mail_octets(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GByteArray *octets = g_byte_array_new();
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(octets);

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	if (content != NULL)
		g_mime_data_wrapper_write_to_stream(content, stream);
	g_object_unref(stream);
	return g_byte_array_append(octets, (const guint8 *)"", 1);
}

static bool has_type(GMimeObject *object, const char *type, const char *subtype)
{
	GMimeContentType *content = g_mime_object_get_content_type(object);

	return content != NULL && g_mime_content_type_is_type(content, type, subtype);
}

static bool names_report(const char *name)
{
	static const char *const endings[] = {"*.xml", "*.gz", "*.zip", "*.json", NULL};

	for (size_t i = 0; name != NULL && endings[i] != NULL; i++)
		if (text_matches(endings[i], name))
			return true;
	return false;
}

static bool begins_like_report(const char *text)
{
	text += strspn(text, " \t\r\n");
	return strncmp(text, "<?xml", 5) == 0 || strncmp(text, "<feedback", 9) == 0 ||
	       strncmp(text, "{", 1) == 0 || strncmp(text, "PK\003\004", 4) == 0 ||
	       strncmp(text, "\037\213", 2) == 0;
}

/* Without the blanks that lines begin with. */
static char *strip_lines(struct arena *arena, const char *text, size_t length)
{
	char *stripped = arena_copy(arena, text, length), *to = stripped;
	bool begins = true;

	for (size_t i = 0; i < length; i++) {
		if (begins && (text[i] == ' ' || text[i] == '\t'))
			continue;
		begins = text[i] == '\n';
		*to++ = text[i];
	}
	*to = '\0';
	return stripped;
}

/* One system writes failure reports as text, with the mail in question behind them. */
static bool take_text_failure(struct take_mail *mail, const char *text)
{
	const char *original;

	if (strstr(text, "A message claiming to be from you has failed") == NULL)
		return false;
	original = strstr(text, "detected.");
	take_failure(mail->take,
	             strip_lines(mail->take->arena, text,
	                         strnlen(text, original == NULL ? FAILURE_FIELDS
	                                                        : (size_t)(original - text))),
	             original == NULL ? "" : original);
	return true;
}

static void take_leaf(struct take_mail *mail, GMimePart *part)
{
	GMimeObject *object = GMIME_OBJECT(part);
	const char *name = g_mime_part_get_filename(part);
	GByteArray *octets = mail_octets(part);
	const char *text = (const char *)octets->data;
	size_t length = octets->len - 1;
	bool named = names_report(name);

	mail->take->part = mail_text(mail->take, name);
	if (has_type(object, "text", "plain") && !named && take_text_failure(mail, text))
		length = 0;
	if ((has_type(object, "text", "html") && !named) ||
	    (has_type(object, "text", "plain") && !named && !begins_like_report(text)))
		length = 0;
	if (length > 0)
		take_part(mail->take, text, length);
	mail->take->part = NULL;
	g_byte_array_unref(octets);
}

static void walk_part(struct take_mail *mail, GMimeObject *object);

/* Keeps the first FAILURE_FIELDS octets; the other party's base64 may stand where the type says
 * that there is none. */
static GByteArray *keep_fields(GMimeObject *object)
{
	GByteArray *octets = mail_octets(GMIME_PART(object));
	const char *text = (const char *)octets->data;

	if (strchr(text, ':') == NULL) {
		gsize length;
		guchar *decoded = g_base64_decode(text, &length);

		g_byte_array_set_size(octets, 0);
		g_byte_array_append(octets, decoded, (guint)length);
		g_byte_array_append(octets, (const guint8 *)"", 1);
		g_free(decoded);
	}
	if (octets->len > FAILURE_FIELDS) {
		g_byte_array_set_size(octets, FAILURE_FIELDS);
		octets->data[FAILURE_FIELDS - 1] = '\0';
	}
	return octets;
}

static GByteArray *keep_headers(GMimeObject *object)
{
	GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
	GByteArray *octets = g_byte_array_new();
	char *headers =
	    message == NULL ? NULL : g_mime_object_get_headers(GMIME_OBJECT(message), NULL);

	if (headers != NULL)
		g_byte_array_append(octets, (const guint8 *)headers,
		                    (guint)strnlen(headers, FAILURE_FIELDS));
	g_free(headers);
	return g_byte_array_append(octets, (const guint8 *)"", 1);
}

static bool is_headers_part(GMimeObject *object)
{
	return GMIME_IS_PART(object) && (has_type(object, "text", "rfc822-headers") ||
	                                 has_type(object, "message", "rfc822-headers") ||
	                                 has_type(object, "message", "rfc-822"));
}

static void keep_failure_part(struct take_mail *mail, GMimeObject *object)
{
	if (GMIME_IS_PART(object) && has_type(object, "message", "feedback-report") &&
	    mail->feedback == NULL)
		mail->feedback = keep_fields(object);
	else if (is_headers_part(object) && mail->original == NULL)
		mail->original = keep_fields(object);
	else if (GMIME_IS_MESSAGE_PART(object) && mail->original == NULL)
		mail->original = keep_headers(object);
}

/* RFC 5965: text, the fields, and the mail that it is about, which is not looked into. */
static void take_feedback(struct take_mail *mail, GMimeMultipart *multipart)
{
	int count = g_mime_multipart_get_count(multipart);

	for (int i = 0; i < count && i < PARTS_MAX; i++)
		keep_failure_part(mail, g_mime_multipart_get_part(multipart, i));
	if (mail->feedback != NULL)
		take_failure(mail->take, (const char *)mail->feedback->data,
		             mail->original == NULL ? "" : (const char *)mail->original->data);
	else
		take_refuse(mail->take, "it is a failure report without its fields");
	if (mail->feedback != NULL)
		g_byte_array_unref(mail->feedback);
	if (mail->original != NULL)
		g_byte_array_unref(mail->original);
	mail->feedback = mail->original = NULL;
}

static bool has_feedback(GMimeMultipart *multipart)
{
	int count = g_mime_multipart_get_count(multipart);

	for (int i = 0; i < count && i < PARTS_MAX; i++)
		if (has_type(g_mime_multipart_get_part(multipart, i), "message", "feedback-report"))
			return true;
	return false;
}

static void take_multipart(struct take_mail *mail, GMimeMultipart *multipart)
{
	const char *type =
	    g_mime_object_get_content_type_parameter(GMIME_OBJECT(multipart), "report-type");
	int count = g_mime_multipart_get_count(multipart);

	if (text_same(type, "delivery-status") || text_same(type, "disposition-notification")) {
		/* what is in it is a mail that went out from here */
		take_refuse(mail->take, "it is a notice on a mail that went out, no report");
		return;
	}
	if (text_same(type, "feedback-report") || has_feedback(multipart)) {
		take_feedback(mail, multipart);
		return;
	}
	if (mail->nested++ < NESTED_MAX)
		for (int i = 0; i < count && mail->parts <= PARTS_MAX; i++)
			walk_part(mail, g_mime_multipart_get_part(multipart, i));
	else
		take_refuse(mail->take, "its parts are nested more than %d deep", NESTED_MAX);
	mail->nested--;
}

static void take_message_part(struct take_mail *mail, GMimeMessagePart *part)
{
	GMimeMessage *message = g_mime_message_part_get_message(part);

	if (mail->inside || message == NULL)
		return;
	mail->inside = true;
	walk_part(mail, g_mime_message_get_mime_part(message));
	mail->inside = false;
}

static void walk_part(struct take_mail *mail, GMimeObject *object)
{
	if (object == NULL)
		return;
	if (++mail->parts > PARTS_MAX)
		take_refuse(mail->take, "it has more than %d parts; the others were left out",
		            PARTS_MAX);
	else if (GMIME_IS_MULTIPART(object))
		take_multipart(mail, GMIME_MULTIPART(object));
	else if (GMIME_IS_MESSAGE_PART(object))
		take_message_part(mail, GMIME_MESSAGE_PART(object));
	else if (GMIME_IS_PART(object))
		take_leaf(mail, GMIME_PART(object));
}

static void walk_message(struct take *take, GMimeMessage *message)
{
	struct take_mail mail = {.take = take};
	GMimeHeaderList *headers = g_mime_object_get_header_list(GMIME_OBJECT(message));

	if (g_mime_header_list_get_count(headers) == 0) {
		take->nothing = "it is neither a mail nor a report";
		return;
	}
	read_facts(take, message);
	walk_part(&mail, g_mime_message_get_mime_part(message));
	take->nothing = "no part of the mail is a report";
}

void take_mail(struct take *take, const char *bytes, size_t length)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	if (message != NULL) {
		walk_message(take, message);
		g_object_unref(message);
	} else {
		take->nothing = "it is neither a mail nor a report";
	}
	g_object_unref(parser);
	g_object_unref(stream);
}

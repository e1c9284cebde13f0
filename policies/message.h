/*
 * message.h - the facts of one message, filled in as it arrives.
 *
 * The session owns it and fills it in; policies read it and keep the pointer from begin() to
 * judge(), each member being final once its stage has passed (see the comments). All strings are in
 * the message's arena and outlive the judgement.
 */
#ifndef ASSAY_MESSAGE_H
#define ASSAY_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/address.h"
#include "base/arena.h"

/*
 * One field. `value` is everything between the colon and the final line end, byte for byte: its
 * leading white space is kept and a fold is CRLF followed by white space (a bare LF has become
 * CRLF, since that is how the next server will send it; a bare CR stays, as it does there).
 */
struct header {
	const char *name;
	const char *value;
};

struct message {
	/* connection */
	struct address client;
	const char *client_name; /* as the mail server resolved it; NULL where it did not */
	const char *helo;        /* as given; NULL where there was none */
	/* the mail server is a Sendmail, which writes address fields anew as it sends them */
	bool by_sendmail;
	/* ... is a Postfix, which breaks long lines as it sends them; neither: not known */
	bool by_postfix;
	const char *receiver; /* our authserv_id: SPF's %{r}, RFC 7208 7.3 */
	/* another name of ours, so that nobody else may speak in it either; NULL for none */
	const char *other_receiver;

	/* MAIL FROM; fixed before begin() */
	const char *mail_from; /* without angle brackets; "" is the null reverse-path */
	const char *auth_user; /* SASL login; NULL where not authenticated */
	/* from networks.ours, authenticated or submitted locally: signed, not judged */
	bool outbound;
	time_t received;        /* seconds since 1970 */
	bool may_be_redirected; /* the site redirects what it quarantines */
	bool gets_received_spf; /* the site adds Received-SPF to what it judges */

	/* RCPT TO; fixed before the first header() */
	size_t recipient_count;
	const char *const *recipients; /* without angle brackets */
	bool recipients_cut;           /* there were more, over limits.recipients */

	/* header; fixed before end_of_headers() */
	size_t header_count;
	const struct header *headers; /* from the top */
	/* the header went over limits.header_bytes: `headers` holds only its beginning */
	bool header_cut;
	/* forged fields (fields/claim.h); counting stops at one more than are removed */
	size_t forged;
	size_t forged_cut; /* fields beyond limits.header_bytes that may be forged */

	/* end of message */
	const char *queue_id; /* NULL until the mail server sends it */
	/* octets seen; fewer than there are where the mail server was asked to skip the rest */
	size_t body_bytes;
};

/* Is the field named so? Without case, and without the white space before the colon that RFC
 * 5322 4.5 once allowed. */
bool message_header_is(const struct header *header, const char *name);

/* The first field of that name from the top, or NULL. Names compare without case. */
const struct header *message_header(const struct message *message, const char *name);

/* How many fields of that name there are. */
size_t message_header_count(const struct message *message, const char *name);

/* A field's value on one line: leading and trailing white space dropped, each CRLF of a fold
 * removed (RFC 5322 2.2.3). */
const char *message_unfold(struct arena *arena, const char *value);

/* The identifier of the first List-Id field: what stands between its last angle brackets (RFC 2919
 * 3), else the whole value on one line; NULL without such a field. */
const char *message_list_identifier(const struct message *message, struct arena *arena);

/* The domain part of an address of the envelope, in the internal form of domain.h; NULL where there
 * is none. */
const char *message_address_domain(struct arena *arena, const char *address);

#endif

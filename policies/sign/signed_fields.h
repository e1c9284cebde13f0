/*
 * signed_fields.h - which header fields a signature covers, and of which none can be added later
 * (RFC 6376 5.4, 8.15).
 */
#ifndef ASSAY_SIGNED_FIELDS_H
#define ASSAY_SIGNED_FIELDS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/setting.h"

/*
 * The defaults. Signed is what a reader sees or what says how to read the rest (RFC 6376 5.4.1, RFC
 * 8058 4); nothing can be added of what a reader takes for the author's own words, nor of what
 * would make other words of the same body: a plain text becomes multipart with a Content-Type (RFC
 * 6376 8.15). A list that adds one in good faith, for its footer, changes the body as well. Sender,
 * List-* and MIME-Version it adds without breaking anything, as Sendmail does Date and Message-ID
 * after the last milter has spoken (RFC 6409 8.2, 8.3).
 */
#define SIGNED_FIELDS_HEADERS(FIELD)                                                               \
	FIELD("from")                                                                              \
	FIELD("to")                                                                                \
	FIELD("cc")                                                                                \
	FIELD("subject")                                                                           \
	FIELD("date")                                                                              \
	FIELD("reply-to")                                                                          \
	FIELD("sender")                                                                            \
	FIELD("message-id")                                                                        \
	FIELD("in-reply-to")                                                                       \
	FIELD("references")                                                                        \
	FIELD("mime-version")                                                                      \
	FIELD("content-type")                                                                      \
	FIELD("content-transfer-encoding")                                                         \
	FIELD("content-id")                                                                        \
	FIELD("content-description")                                                               \
	FIELD("content-disposition")                                                               \
	FIELD("resent-date")                                                                       \
	FIELD("resent-from")                                                                       \
	FIELD("resent-sender")                                                                     \
	FIELD("resent-to")                                                                         \
	FIELD("resent-cc")                                                                         \
	FIELD("resent-message-id")                                                                 \
	FIELD("list-id")                                                                           \
	FIELD("list-help")                                                                         \
	FIELD("list-unsubscribe")                                                                  \
	FIELD("list-unsubscribe-post")                                                             \
	FIELD("list-subscribe")                                                                    \
	FIELD("list-post")                                                                         \
	FIELD("list-owner")                                                                        \
	FIELD("list-archive")                                                                      \
	FIELD("feedback-id")
#define SIGNED_FIELDS_OVERSIGN(FIELD)                                                              \
	FIELD("from")                                                                              \
	FIELD("to")                                                                                \
	FIELD("cc")                                                                                \
	FIELD("subject")                                                                           \
	FIELD("reply-to")                                                                          \
	FIELD("in-reply-to")                                                                       \
	FIELD("references")                                                                        \
	FIELD("content-type")                                                                      \
	FIELD("content-transfer-encoding")
#define SIGNED_FIELDS_OVERSIGN_PRESENT(FIELD)                                                      \
	FIELD("date")                                                                              \
	FIELD("message-id")                                                                        \
	FIELD("mime-version")
#define SIGNED_FIELDS_WORD(name) " " name

/* The first of them as a list, NULL-terminated. */
extern const char *const signed_fields_headers[];

/* How often a name stands in h= (RFC 6376 5.4.2). */
enum signed_how {
	SIGNED_PRESENT,          /* once for each field of that name */
	SIGNED_ONE_MORE_PRESENT, /* and once more, if there is any */
	SIGNED_ONE_MORE          /* and once more, whether there is any or not */
};

struct signed_field {
	const char *name;
	enum signed_how how;
};

struct signed_fields {
	size_t count;
	const struct signed_field *fields; /* each name once, in the order in which h= has them */
};

/*
 * What the settings `headers` and `oversign` of one entry ask for; an empty list stands for its
 * default, of oversign as far as `headers` has the names. From is always signed once more than it
 * is there, and so is what a list of oversign names. In the arena; the names are those of the
 * lists.
 */
struct signed_fields signed_fields_of(struct arena *arena, const struct strings *headers,
                                      const struct strings *oversign);

/* May it stand in h=? (RFC 5322 2.2; a semicolon would end the tag, RFC 6376 3.2) */
bool signed_fields_is_name(const char *name);

/* Do servers on the way add, change or remove fields of that name as a matter of course, or is it
 * never to be signed (RFC 6376 5.4.1, RFC 8601 4, RFC 8617 4.1)? */
bool signed_fields_is_unsound(const char *name);

#endif

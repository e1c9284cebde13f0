/*
 * shared_body.c - the body on its way from policy_dkim to the hashes that are wanted of it. Called
 * by dkim.c; arc/ wants a hash for its message signature.
 */
#include "dkim/shared_body.h"

#include "base/invariant.h"

static void shared_body_pass(void *context, const unsigned char *bytes, size_t length)
{
	struct shared_body *body = context;

	body_hashes_add(body->hashes, bytes, length);
	if (body->also != NULL)
		body->also(body->also_context, bytes, length);
}

size_t shared_body_want(struct shared_body *body, enum canonicalization form, const uint64_t *limit)
{
	invariant(body->arena != NULL);
	if (body->hashes == NULL) {
		body->hashes = body_hashes_begin(body->arena);
		body->line_ends = (struct line_ends){.give = shared_body_pass, .context = body};
	}
	return body_hashes_want(body->hashes, form, limit);
}

bool shared_body_add(struct shared_body *body, const unsigned char *bytes, size_t length)
{
	if (body->hashes == NULL)
		return false;
	line_ends_pass(&body->line_ends, bytes, length);
	return true;
}

void shared_body_finish(struct shared_body *body)
{
	if (body->hashes == NULL)
		return;
	line_ends_finish(&body->line_ends);
	body_hashes_end(body->hashes);
}

/*
 * body.c - the fourth stage: the body, chunk by chunk, handed on without a copy. Before it:
 * headers.c; next: finish.c.
 */
#include "base/invariant.h"
#include "received/capture.h"
#include "session/session_state.h"

bool body_chunk(struct session *session, const unsigned char *bytes, size_t length)
{
	bool copied;

	if (!session->under_way)
		return false;
	invariant(session->evaluation != NULL && (bytes != NULL || length == 0));
	session->message.body_bytes += length;
	copied = session->capture != NULL && capture_body(session->capture, bytes, length);
	return evaluate_body(session->evaluation, bytes, length) || copied;
}

/*
 * evaluate.h - one message and all policies: hands each stage to each of them, then lets them
 * judge.
 */
#ifndef ASSAY_EVALUATE_H
#define ASSAY_EVALUATE_H

#include "policy.h"

struct evaluation;

/* At MAIL FROM. The evaluation lives in the arena, as long as the message. Outbound mail asks
 * nothing of the outside: for it `services` may be NULL, and serves for nothing but debug. */
struct evaluation *evaluate_begin(const struct policies *policies, const struct message *message,
                                  const struct services *services, struct arena *arena);
void evaluate_header(struct evaluation *evaluation, const struct header *header);
void evaluate_end_of_headers(struct evaluation *evaluation);

/* False: no policy wants more of the body. */
bool evaluate_body(struct evaluation *evaluation, const unsigned char *bytes, size_t length);

/* Once, after the last of the message. */
const struct findings *evaluate_judge(struct evaluation *evaluation);

#endif

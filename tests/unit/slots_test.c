/*
 * slots_test.c - how many clients it takes to use up all slots.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/slots.h"

/* Each client takes what it gets, one after the other. How many until all slots are taken? */
static unsigned clients_until_full(long max)
{
	static struct slots slots;
	unsigned client = RESOLVER_NO_CLIENT;
	enum slots_answer answer = SLOTS_CLIENT_HAS_ENOUGH;

	slots = (struct slots){0};
	while (answer == SLOTS_CLIENT_HAS_ENOUGH) {
		client++;
		do
			answer = slots_take(&slots, client, max);
		while (answer == SLOTS_TAKEN);
	}
	assert_int_equal(answer, SLOTS_FULL);
	assert_int_equal(slots_taken(&slots), max);
	return slots_of_client(&slots, client) == 0 ? client - 1 : client;
}

static void it_takes_many_clients_to_use_all_slots_up(void **state)
{
	(void)state;
	assert_int_equal(clients_until_full(20), 7);
	assert_int_equal(clients_until_full(200), 52);
	assert_int_equal(clients_until_full(1000), 252);
}

static void a_trusted_client_may_have_them_all(void **state)
{
	static struct slots slots;

	(void)state;
	for (int taken = 0; taken < 200; taken++)
		assert_int_equal(slots_take(&slots, RESOLVER_NO_CLIENT, 200), SLOTS_TAKEN);
	assert_int_equal(slots_take(&slots, RESOLVER_NO_CLIENT, 200), SLOTS_FULL);
	assert_int_equal(slots_taken(&slots), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_takes_many_clients_to_use_all_slots_up),
	    cmocka_unit_test(a_trusted_client_may_have_them_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * snapshot_test.c - settings are a counted snapshot that lives until its last holder
 * releases it, in whichever thread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "settings/settings.h"

static void a_snapshot_lives_until_its_last_holder_lets_go(void **state)
{
	struct problem problem;
	struct settings *settings = settings_read(NULL, &problem);

	(void)state;
	assert_non_null(settings);
	assert_true(settings->policies.count > 0);
	assert_ptr_equal(settings->decision.dmarc, &settings->dmarc);
	assert_true(strlen(settings->authserv_id) > 0);
	assert_ptr_equal(settings_hold(settings), settings);
	settings_release(settings);
	assert_string_equal(settings->listen, "unix:/run/assay/assay.sock");
	assert_true(settings->policies.count > 0);
	settings_release(settings);
}

static void *hold_and_release(void *settings)
{
	for (int i = 0; i < 20000; i++) {
		assert_ptr_equal(settings_hold(settings), settings);
		settings_release(settings);
	}
	settings_release(settings);
	return NULL;
}

static void many_threads_hold_one_snapshot(void **state)
{
	struct problem problem;
	struct settings *settings = settings_read(NULL, &problem);
	pthread_t threads[4];

	(void)state;
	assert_non_null(settings);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, hold_and_release, settings_hold(settings)),
		    0);
	settings_release(settings); /* whichever thread ends last closes the policies */
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_snapshot_lives_until_its_last_holder_lets_go),
	    cmocka_unit_test(many_threads_hold_one_snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

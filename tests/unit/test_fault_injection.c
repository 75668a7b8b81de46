/* That the call which was armed fails, once or from then on, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/check.h"
#include "base/log.h"
#include "stores/fault_injection.h"

static char folder[] = "/tmp/aizy-fault-XXXXXX";
static char path[64];
static char new_path[64];
static char fired_path[64];

static void note_nothing(void *context, enum store_outcome outcome, int64_t begun_us) {
    (void)context;
    (void)outcome;
    (void)begun_us;
}

static const struct store_watch watched = {.note = note_nothing};
static const struct store_watch unwatched = {.note = NULL};

static int open_folder(void **state) {
    (void)state;
    log_set_level(LOG_ERROR);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/fault", folder);
    (void)snprintf(new_path, sizeof(new_path), "%s/new", folder);
    (void)snprintf(fired_path, sizeof(fired_path), "%s/fault.fired", folder);
    fault_injection_init(str_of(path));
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    (void)unlink(path);
    (void)unlink(fired_path);
    return rmdir(folder);
}

static void arm(const char *text) {
    FILE *file = fopen(new_path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    (void)unlink(fired_path);
    assert_int_equal(rename(new_path, path), 0);
}

static enum fault_injection call(const char *store) {
    return fault_injection_next(store, &watched, 1);
}

static void strikes_the_call_that_was_armed(void **state) {
    (void)state;
    assert_int_equal(call("mysql"), INJECT_NOTHING);
    arm("mysql:3:lost");
    assert_int_equal(call("mysql"), INJECT_NOTHING);
    assert_int_equal(call("mongo"), INJECT_NOTHING);
    assert_int_equal(fault_injection_next("mysql", &unwatched, 1), INJECT_NOTHING);
    assert_int_equal(call("mysql"), INJECT_NOTHING);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(call("mysql"), INJECT_LOST);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(access(fired_path, F_OK), 0);
    assert_int_equal(call("mysql"), INJECT_NOTHING);
}

static void counts_anew_for_each_that_is_armed(void **state) {
    (void)state;
    arm("mysql:2:fail");
    assert_int_equal(call("mysql"), INJECT_NOTHING);
    arm("mysql:2:hang");
    assert_int_equal(call("mysql"), INJECT_NOTHING);
    assert_int_equal(call("mysql"), INJECT_HANG);
    arm("mongo:1:fail");
    assert_int_equal(call("mongo"), INJECT_FAIL);
}

static void goes_on_until_it_is_disarmed(void **state) {
    (void)state;
    arm("mongo:2+:fail");
    assert_int_equal(call("mongo"), INJECT_NOTHING);
    assert_int_equal(call("mongo"), INJECT_FAIL);
    assert_int_equal(call("mysql"), INJECT_NOTHING);
    assert_int_equal(call("mongo"), INJECT_FAIL);
    assert_int_equal(unlink(fired_path), 0);
    assert_int_equal(call("mongo"), INJECT_NOTHING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strikes_the_call_that_was_armed),
        cmocka_unit_test(counts_anew_for_each_that_is_armed),
        cmocka_unit_test(goes_on_until_it_is_disarmed),
    };
    return cmocka_run_group_tests(tests, open_folder, remove_folder);
}

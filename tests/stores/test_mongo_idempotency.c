#include "stores/idempotency_store.h"
#include "tests/stores/mongo_fixture.h"

/* What the effect of a test does, and how often it was asked to. */
struct effect {
    struct mongo_store *store;
    const char *name; /* of the product that it makes; NULL: none */
    struct str body;
    struct fault fault;   /* that it returns after its product */
    int transient_faults; /* before it succeeds */
    int runs;
    struct mongo_store *twin_store; /* asks under the same key, in the middle; NULL: nobody does */
    struct fault twin_fault;
};

static struct idempotency_key key_of(int number, int fingerprint) {
    struct idempotency_key key = {0};
    key.digest[0] = (unsigned char)number;
    key.fingerprint[0] = (unsigned char)fingerprint;
    return key;
}

static struct fault run(struct effect *effect, int number, int fingerprint,
                        struct idempotency_answer *answer, bool *is_replay);

static struct fault ask_as_twin(struct effect *effect) {
    struct effect twin = {.store = effect->twin_store, .name = "Twin"};
    struct idempotency_answer answer;
    bool is_replay = false;
    struct fault fault = run(&twin, 1, 1, &answer, &is_replay);
    assert_int_equal(twin.runs, 0);
    return fault;
}

static struct fault make(void *context, struct idempotency_answer *answer) {
    struct effect *effect = context;
    struct product product;
    effect->runs++;
    if (effect->name != NULL) {
        const struct product_edit edit = edit_of(effect->name, 100);
        TRY(product_store_create(effect->store, &arena, &edit, &author, &violations, &product));
    }
    if (effect->twin_store != NULL) {
        effect->twin_fault = ask_as_twin(effect);
    }
    if (effect->runs <= effect->transient_faults) {
        effect->store->is_transient = true;
        return fault_of(FAULT_BUSY);
    }
    TRY(effect->fault);
    *answer =
        (struct idempotency_answer){.status = 201, .etag = STR("\"1-0\""), .body = effect->body};
    return fault_none();
}

static struct fault run(struct effect *effect, int number, int fingerprint,
                        struct idempotency_answer *answer, bool *is_replay) {
    const struct idempotency_key key = key_of(number, fingerprint);
    return idempotency_store_run(effect->store, &arena, &key, make, effect, answer, is_replay);
}

static int64_t products(void) {
    int64_t count = -1;
    assert_done(product_store_count(store, &count));
    return count;
}

static int64_t records(void) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    mongo_put_str(&command, "count", STR("idempotency_keys"));
    CHECK(!fault_occurred(mongo_connection_read(store, "test", &command, &reply)));
    return mongo_get_int64(&reply, "n");
}

static void does_it_once_and_answers_the_same_again(void **state) {
    (void)state;
    struct effect effect = {.store = store, .name = "Once", .body = STR("{\"a\":\"\xc3\xa9\"}")};
    struct idempotency_answer answer;
    bool is_replay = true;
    assert_done(run(&effect, 1, 1, &answer, &is_replay));
    assert_false(is_replay);
    for (int i = 0; i < 3; i++) {
        assert_done(run(&effect, 1, 1, &answer, &is_replay));
        assert_true(is_replay);
        assert_int_equal(answer.status, 201);
        assert_text(answer.etag, "\"1-0\"");
        assert_true(str_is_absent(answer.location));
        assert_text(answer.body, "{\"a\":\"\xc3\xa9\"}");
    }
    assert_int_equal(effect.runs, 1);
    assert_int_equal(products(), 1);
    assert_int_equal(records(), 1);
}

static void refuses_another_request_under_the_key(void **state) {
    (void)state;
    struct effect effect = {.store = store, .name = "First", .body = STR("{}")};
    struct idempotency_answer answer;
    bool is_replay = false;
    assert_done(run(&effect, 1, 1, &answer, &is_replay));
    assert_fault(run(&effect, 1, 2, &answer, &is_replay), FAULT_IDEMPOTENCY_KEY_REUSED);
    assert_done(run(&effect, 2, 2, &answer, &is_replay));
    assert_false(is_replay);
    assert_int_equal(products(), 2);
}

static void keeps_no_record_of_what_failed(void **state) {
    (void)state;
    struct effect effect = {
        .store = store, .name = "Fails", .body = STR("{}"), .fault = fault_of(FAULT_NOT_FOUND)};
    struct idempotency_answer answer;
    bool is_replay = false;
    assert_fault(run(&effect, 1, 1, &answer, &is_replay), FAULT_NOT_FOUND);
    assert_int_equal(products(), 0);
    assert_int_equal(records(), 0);
    effect.fault = fault_none();
    assert_done(run(&effect, 1, 2, &answer, &is_replay));
    assert_int_equal(products(), 1);
}

static void refuses_at_once_while_it_is_being_done(void **state) {
    (void)state;
    struct mongo_store *other = fixture_open(fixture_url);
    struct effect effect = {.store = store, .name = "Slow", .body = STR("{}"), .twin_store = other};
    struct idempotency_answer answer;
    bool is_replay = false;
    assert_done(run(&effect, 1, 1, &answer, &is_replay));
    assert_fault(effect.twin_fault, FAULT_IN_PROGRESS);
    effect.store = other;
    assert_done(run(&effect, 1, 1, &answer, &is_replay));
    assert_true(is_replay);
    assert_int_equal(effect.runs, 1);
    assert_int_equal(products(), 1);
    mongo_store_close(other);
}

static void repeats_the_effect_with_its_transaction(void **state) {
    (void)state;
    struct effect effect = {
        .store = store, .name = "Repeated", .body = STR("{}"), .transient_faults = 2};
    struct idempotency_answer answer;
    bool is_replay = false;
    assert_done(run(&effect, 1, 1, &answer, &is_replay));
    assert_false(is_replay);
    assert_int_equal(effect.runs, 3);
    assert_int_equal(products(), 1);
    assert_int_equal(records(), 1);
}

static void does_nothing_when_the_answer_is_too_large_to_keep(void **state) {
    (void)state;
    char *large = arena_alloc(&arena, IDEMPOTENCY_ANSWER_MAX_BYTES + 1);
    memset(large, 'a', IDEMPOTENCY_ANSWER_MAX_BYTES + 1);
    struct effect effect = {.store = store, .name = "Large"};
    struct idempotency_answer answer;
    bool is_replay = false;
    effect.body = (struct str){large, IDEMPOTENCY_ANSWER_MAX_BYTES + 1};
    assert_fault(run(&effect, 1, 1, &answer, &is_replay), FAULT_ANSWER_TOO_LARGE);
    assert_int_equal(products(), 0);
    effect.body.size--;
    assert_done(run(&effect, 1, 1, &answer, &is_replay));
    assert_done(run(&effect, 1, 1, &answer, &is_replay));
    assert_true(is_replay);
    assert_int_equal(answer.body.size, IDEMPOTENCY_ANSWER_MAX_BYTES);
    assert_int_equal(products(), 1);
}

static void forgets_a_key_that_has_expired(void **state) {
    (void)state;
    struct effect effect = {.store = store, .name = "Expired", .body = STR("{}")};
    struct idempotency_answer answer;
    bool is_replay = false;
    assert_done(run(&effect, 1, 1, &answer, &is_replay));
    fixture_run("{\"update\": \"idempotency_keys\", \"updates\": [{\"q\": {}, \"u\": {\"$set\": "
                "{\"expires_at\": {\"$date\": \"2020-01-01T00:00:00Z\"}}}}]}");
    assert_done(run(&effect, 1, 2, &answer, &is_replay));
    assert_false(is_replay);
    assert_int_equal(effect.runs, 2);
    assert_int_equal(products(), 2);
    assert_int_equal(records(), 1);
    assert_fault(run(&effect, 1, 1, &answer, &is_replay), FAULT_IDEMPOTENCY_KEY_REUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(does_it_once_and_answers_the_same_again, fixture_reset),
        cmocka_unit_test_setup(refuses_another_request_under_the_key, fixture_reset),
        cmocka_unit_test_setup(keeps_no_record_of_what_failed, fixture_reset),
        cmocka_unit_test_setup(refuses_at_once_while_it_is_being_done, fixture_reset),
        cmocka_unit_test_setup(repeats_the_effect_with_its_transaction, fixture_reset),
        cmocka_unit_test_setup(does_nothing_when_the_answer_is_too_large_to_keep, fixture_reset),
        cmocka_unit_test_setup(forgets_a_key_that_has_expired, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}

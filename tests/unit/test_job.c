#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/lock.h"
#include "tests/unit/job_fixture.h"

static struct job *start(enum http_method method, const char *path) {
    struct job *job = fixture_next_job(&fixture);
    job->request.method = method;
    job->request.path = str_of(path);
    job_start(job);
    return job;
}

static const struct {
    enum http_method method;
    const char *path;
    int status;
    const char *in_body; /* "": none */
    const char *allow;   /* "": none */
} rows[] = {
    {HTTP_GET, "/healthz", 200, "{\"status\":\"ok\"}", ""},
    {HTTP_HEAD, "/healthz", 200, "{\"status\":\"ok\"}", ""},
    {HTTP_GET, "/openapi.json", 200, "\"openapi\":\"3.1.0\"", ""},
    {HTTP_GET, "/readyz", 503, "\"status\":\"down\"", ""},
    {HTTP_GET, "/nope", 404, "\"code\":\"not_found\"", ""},
    {HTTP_OPTIONS, "/nope", 404, "\"code\":\"not_found\"", ""},
    {HTTP_POST, "/healthz", 405, "\"code\":\"method_not_allowed\"", "GET, HEAD, OPTIONS"},
    {HTTP_METHOD_OTHER, "/healthz", 405, "\"code\":\"method_not_allowed\"", "GET, HEAD, OPTIONS"},
    {HTTP_OPTIONS, "/healthz", 204, "", "GET, HEAD, OPTIONS"},
    {HTTP_GET, "/api/products/%00", 400, "\"fields\":[{\"field\":\"path\"", ""},
    {HTTP_OPTIONS, "*", 400, "\"code\":\"invalid\"", ""},
    {HTTP_GET, "/auth/me", 401, "\"code\":\"unauthenticated\"", ""},
    {HTTP_POST, "/auth/login", 415, "\"code\":\"unsupported_media_type\"", ""},
};

static void answers_once_what_needs_no_store(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct job *job = start(rows[i].method, rows[i].path);
        assert_int_equal(fixture.finished, 1);
        assert_int_equal(job->reply.status, rows[i].status);
        const char *body = arena_c_string(&job->arena, buf_str(&job->reply.body));
        assert_int_equal(strlen(body) == 0, strlen(rows[i].in_body) == 0);
        assert_non_null(strstr(body, rows[i].in_body));
        const char *allow = fixture_header(job, "allow");
        assert_string_equal(allow == NULL ? "" : allow, rows[i].allow);
        assert_string_equal(fixture_header(job, "x-request-id"), job->request_id);
        assert_string_equal(fixture_header(job, "cache-control"), "no-store");
    }
}

static void says_which_stores_are_there(void **state) {
    (void)state;
    static const struct {
        bool mysql, mongo, is_stopping;
        int status;
        const char *in_body;
    } states[] = {
        {true, true, false, 200, "{\"status\":\"ok\",\"mysql\":\"up\",\"mongo\":\"up\""},
        {false, true, false, 200, "{\"status\":\"degraded\",\"mysql\":\"down\",\"mongo\":\"up\""},
        {true, false, false, 200, "{\"status\":\"degraded\",\"mysql\":\"up\",\"mongo\":\"down\""},
        {false, false, false, 503, "{\"status\":\"down\""},
        {true, true, true, 503, "{\"status\":\"down\""},
    };
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        breaker_note_probe(&fixture.app.mysql_breaker, states[i].mysql, 1);
        breaker_note_probe(&fixture.app.mongo_breaker, states[i].mongo, 1);
        atomic_store(&fixture.app.is_stopping, states[i].is_stopping);
        struct job *job = start(HTTP_GET, "/readyz");
        assert_int_equal(job->reply.status, states[i].status);
        assert_int_equal(fixture_header(job, "retry-after") != NULL, states[i].status == 503);
        assert_non_null(strstr(buf_str(&job->reply.body).data, states[i].in_body));
    }
}

static void refuses_without_a_route(void **state) {
    (void)state;
    job_refuse(&fixture.job, FAULT_BUSY);
    assert_int_equal(fixture.finished, 1);
    assert_int_equal(fixture.job.reply.status, 503);
    assert_true(strlen(fixture.job.request_id) > 0);
    assert_string_equal(fixture_header(&fixture.job, "retry-after"), "1");
}

/* A pool whose only worker waits until it is let go. */
struct gate {
    struct lock lock;
    struct condition changed;
    bool is_busy, is_open;
};

static void wait_at_gate(void *item, void *context) {
    struct gate *gate = item;
    (void)context;
    lock_acquire(&gate->lock);
    gate->is_busy = true;
    condition_broadcast(&gate->changed);
    while (!gate->is_open) {
        condition_wait(&gate->changed, &gate->lock);
    }
    lock_give(&gate->lock);
}

static void fill(struct pool *pool, struct gate *gate) {
    assert_true(pool_submit(pool, gate));
    lock_acquire(&gate->lock);
    while (!gate->is_busy) {
        condition_wait(&gate->changed, &gate->lock);
    }
    lock_give(&gate->lock);
    assert_true(pool_submit(pool, gate));
}

static void answers_at_once_when_the_pool_is_full(void **state) {
    (void)state;
    struct gate gate = {.is_busy = false};
    lock_init(&gate.lock);
    condition_init(&gate.changed);
    struct pool *pool = pool_open(
        &(struct pool_options){.name = "gate", .workers = 1, .queue = 1, .run = wait_at_gate});
    fill(pool, &gate);
    fixture.app.pools[POOL_MONGO] = pool;
    breaker_note_probe(&fixture.app.mongo_breaker, true, 1);

    struct job *job = start(HTTP_GET, "/api/products");
    assert_int_equal(fixture.finished, 1);
    assert_int_equal(job->reply.status, 503);
    assert_non_null(strstr(buf_str(&job->reply.body).data, "\"code\":\"busy\""));
    assert_string_equal(fixture_header(job, "retry-after"), "1");

    lock_acquire(&gate.lock);
    gate.is_open = true;
    condition_broadcast(&gate.changed);
    lock_give(&gate.lock);
    pool_close(pool);
    condition_release(&gate.changed);
    lock_release(&gate.lock);
}

/* No job is handed to the pool, which is not even there, and none is run that waited in it. */
/* As the frame does when it hands a job to a pool. */
static void run_stage(struct job *job, enum pool_name pool) {
    job_trace_wait(&job->trace, pool);
    job_run_stage(job, pool, NULL);
}

static void asks_no_store_that_is_down(void **state) {
    (void)state;
    struct job *job = start(HTTP_GET, "/api/products");
    assert_int_equal(fixture.finished, 1);
    assert_int_equal(job->reply.status, 503);
    assert_non_null(strstr(buf_str(&job->reply.body).data, "\"code\":\"store_unavailable\""));
    assert_string_equal(fixture_header(job, "retry-after"), "1");

    job = fixture_next_job(&fixture);
    job->route = fixture_route("list_products");
    run_stage(job, POOL_MONGO);
    assert_int_equal(fixture.finished, 1);
    assert_non_null(strstr(buf_str(&job->reply.body).data, "\"code\":\"store_unavailable\""));
}

/* No pool is there that could take it: it is refused before its first stage. */
static void hashes_nothing_for_a_store_that_is_down(void **state) {
    (void)state;
    struct job *job = fixture_next_job(&fixture);
    job->request.method = HTTP_POST;
    job->request.path = STR("/auth/register");
    job->request.content_type = STR("application/json");
    job->request.body = STR("{\"email\":\"a@example.com\",\"password\":\"correct horse\"}");
    job_start(job);
    assert_int_equal(fixture.finished, 1);
    assert_non_null(strstr(buf_str(&job->reply.body).data, "\"code\":\"store_unavailable\""));
}

static void does_not_begin_for_a_client_that_left(void **state) {
    (void)state;
    struct job *job = fixture_next_job(&fixture);
    job->route = fixture_route("list_products");
    atomic_store(&job->is_cancelled, true);
    run_stage(job, POOL_MONGO);
    assert_int_equal(fixture.finished, 1);
    assert_int_equal(job->reply.status, 503);
}

static void hashes_nothing_for_a_client_that_left(void **state) {
    (void)state;
    struct job *job = fixture_next_job(&fixture);
    job->route = fixture_route("login");
    job->stage = 1;
    job->input_is_decoded = true;
    atomic_store(&job->is_cancelled, true);
    run_stage(job, POOL_HASH);
    assert_int_equal(fixture.finished, 1);
    assert_int_equal(job->reply.status, 503);
    assert_int_equal(job->stage, 1);
}

static void refuses_a_bad_body_before_the_first_stage(void **state) {
    (void)state;
    struct job *job = fixture_next_job(&fixture);
    job->route = fixture_route("register");
    job->request.body = STR("{\"email\":\"a\",\"password\":\"short\"}");
    run_stage(job, POOL_HASH);
    assert_int_equal(fixture.finished, 1);
    assert_int_equal(job->reply.status, 400);
    assert_int_equal(job->violations.count, 3);
    assert_null(job->state);
}

static void tells_permissions_apart(void **state) {
    (void)state;
    struct str permissions[] = {STR_INIT("products:write"), STR_INIT("audit:read")};
    struct job *job = &fixture.job;
    assert_false(job_caller_may(job, PERMISSION_PRODUCTS_WRITE));
    job->caller.permissions = (struct str_list){permissions, COUNT_OF(permissions)};
    assert_true(job_caller_may(job, PERMISSION_PRODUCTS_WRITE));
    assert_true(job_caller_may(job, PERMISSION_AUDIT_READ));
    assert_false(job_caller_may(job, PERMISSION_USERS_WRITE));
}

static void derives_keys_of_their_own(void **state) {
    (void)state;
    assert_int_equal(fixture.app.cors_origins.count, 2);
    assert_true(str_equals(fixture.app.cors_origins.items[1], STR("https://shop.example")));
    assert_memory_not_equal(fixture.app.cursor_key, fixture_config.jwt_secret.data, APP_KEY_BYTES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_once_what_needs_no_store, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_which_stores_are_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_without_a_route, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_at_once_when_the_pool_is_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asks_no_store_that_is_down, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hashes_nothing_for_a_store_that_is_down, set_up, tear_down),
        cmocka_unit_test_setup_teardown(does_not_begin_for_a_client_that_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hashes_nothing_for_a_client_that_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_bad_body_before_the_first_stage, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(tells_permissions_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(derives_keys_of_their_own, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

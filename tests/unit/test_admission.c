#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "server/api/admission.h"
#include "server/api/auth/auth.h"
#include "tests/unit/job_fixture.h"

static struct job *job_of(const char *route) {
    struct job *job = fixture_next_job(&fixture);
    job->route = fixture_route(route);
    assert_non_null(job->route);
    return job;
}

static const struct {
    struct str accept;
    bool is_accepted;
} accepts[] = {
    {{NULL, 0}, true},
    {STR_INIT(""), true},
    {STR_INIT("*/*"), true},
    {STR_INIT("application/json"), true},
    {STR_INIT("Application/JSON"), true},
    {STR_INIT("application/*;q=0.1"), true},
    {STR_INIT("text/html, application/xhtml+xml, */*;q=0.8"), true},
    {STR_INIT("text/html,application/json;charset=utf-8"), true},
    {STR_INIT("application/json;q=0.001"), true},
    {STR_INIT("*/*;q=0, application/json"), true},
    {STR_INIT("text/html"), false},
    {STR_INIT("application/jsonp"), false},
    {STR_INIT("application/xml, text/*"), false},
    {STR_INIT("application/json;q=0"), false},
    {STR_INIT("application/json; Q=0.000, */*"), false},
    {STR_INIT("*/*;q=0"), false},
    {STR_INIT(","), false},
};

static void asks_whether_json_is_accepted(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(accepts); i++) {
        struct job *job = job_of("liveness");
        job->request.accept = accepts[i].accept;
        enum fault_name wanted = accepts[i].is_accepted ? FAULT_NONE : FAULT_NOT_ACCEPTABLE;
        assert_int_equal(admission_check(job).name, wanted);
    }
}

static const struct {
    struct str content_type;
    bool is_taken;
} content_types[] = {
    {STR_INIT("application/json"), true},
    {STR_INIT("Application/Json"), true},
    {STR_INIT("application/json; charset=utf-8"), true},
    {STR_INIT("application/json ;charset=\"UTF-8\""), true},
    {STR_INIT("application/json;"), true},
    {{NULL, 0}, false},
    {STR_INIT(""), false},
    {STR_INIT("text/plain"), false},
    {STR_INIT("text/plain; application/json"), false},
    {STR_INIT("application/json, text/plain"), false},
    {STR_INIT("application/json; charset=utf-16"), false},
    {STR_INIT("application/json; charset=utf-8; charset=utf-7"), false},
    {STR_INIT("application/jsonx"), false},
    {STR_INIT("application/x-www-form-urlencoded"), false},
    {STR_INIT("application/merge-patch+json"), false},
};

static void takes_bodies_that_are_json(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(content_types); i++) {
        struct job *job = job_of("login");
        job->request.content_type = content_types[i].content_type;
        enum fault_name wanted =
            content_types[i].is_taken ? FAULT_NONE : FAULT_UNSUPPORTED_MEDIA_TYPE;
        assert_int_equal(admission_check(job).name, wanted);
    }
}

static void bounds_bodies_by_the_route(void **state) {
    (void)state;
    static const char byte = 'x';
    static const struct {
        const char *route;
        size_t max_bytes;
    } rows[] = {{"login", 65536}, {"register", 65536}, {"liveness", ROUTE_BODY_MAX_BYTES}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        /* Only the size is looked at. */
        struct job *job = job_of(rows[i].route);
        job->request.content_type = STR("application/json");
        job->request.body = (struct str){&byte, rows[i].max_bytes};
        assert_int_equal(admission_check(job).name, FAULT_NONE);
        job->request.body.size++;
        assert_int_equal(admission_check(job).name, FAULT_BODY_TOO_LARGE);
    }
}

static void reads_the_query_of_every_route(void **state) {
    (void)state;
    struct job *job = job_of("liveness");
    job->request.query = STR("x=1");
    assert_int_equal(admission_check(job).name, FAULT_INVALID);
    assert_true(str_equals(job->violations.items[0].field, STR("x")));

    job = job_of("list_products");
    job->request.query = STR("limit=0");
    assert_int_equal(admission_check(job).name, FAULT_INVALID);

    job = job_of("list_products");
    job->request.query = STR("limit=5");
    assert_int_equal(admission_check(job).name, FAULT_NONE);
    assert_non_null(job->query);
    assert_false(job->is_managing);
}

static void refuses_headers_that_came_twice(void **state) {
    (void)state;
    struct job *job = job_of("liveness");
    job->request.has_refused_header = true;
    assert_int_equal(admission_check(job).name, FAULT_INVALID);
}

static struct str bearer_of(struct job *job, int64_t expired_for_ms) {
    struct str token;
    int64_t at_ms = clock_now_ms() - TOKEN_ACCESS_LIFETIME_MS - expired_for_ms;
    assert_false(fault_occurred(
        token_sign_access(&job->app->token_keys, &job->arena, 7, 42, at_ms, &token)));
    return arena_printf(&job->arena, "Bearer %.*s", STR_ARG(token));
}

static enum fault_name metrics_answer(struct str address, struct str forwarded,
                                      struct str authorization) {
    struct job *job = job_of("metrics");
    job->request.address = address;
    job->request.forwarded_for = forwarded;
    job->request.authorization = authorization;
    return admission_check(job).name;
}

static void shows_metrics_to_this_machine_and_to_the_token(void **state) {
    (void)state;
    const struct str none = {NULL, 0};
    const struct str good = STR("Bearer 0123456789abcdef-of-the-scraper");
    struct config config = fixture_config;
    fixture.app.config = &config;
    assert_int_equal(metrics_answer(STR("127.0.0.1"), none, none), FAULT_NONE);
    assert_int_equal(metrics_answer(STR("127.9.9.9"), none, none), FAULT_NONE);
    assert_int_equal(metrics_answer(STR("::1"), none, none), FAULT_NONE);
    assert_int_equal(metrics_answer(STR("127.0.0.1"), STR("192.0.2.1"), none), FAULT_FORBIDDEN);
    assert_int_equal(metrics_answer(STR("192.0.2.1"), none, none), FAULT_FORBIDDEN);
    assert_int_equal(metrics_answer(STR("192.0.2.1"), none, STR("Bearer ")), FAULT_FORBIDDEN);
    config.metrics_token = STR("0123456789abcdef-of-the-scraper");
    assert_int_equal(metrics_answer(STR("192.0.2.1"), none, none), FAULT_UNAUTHENTICATED);
    assert_int_equal(metrics_answer(STR("192.0.2.1"), none, good), FAULT_NONE);
    assert_int_equal(metrics_answer(STR("::1"), STR("192.0.2.1"), good), FAULT_NONE);
    assert_int_equal(metrics_answer(STR("192.0.2.1"), none, str_slice(good, 0, good.size - 1)),
                     FAULT_UNAUTHENTICATED);
    assert_int_equal(metrics_answer(STR("192.0.2.1"), none, STR("Bearer ")), FAULT_UNAUTHENTICATED);
    fixture.app.config = &fixture_config;
}

/* A query with a value for whatever the row demands. */
static struct str least_query(const struct route *route, struct arena *arena) {
    struct str query = STR("");
    for (size_t i = 0; route->query != NULL && i < route->query->field_count; i++) {
        const struct field *field = &route->query->fields[i];
        if (field->is_required) {
            query = arena_printf(arena, "%.*s%s=a&", STR_ARG(query), field->name);
        }
    }
    return query;
}

static void asks_for_a_token_where_the_row_does(void **state) {
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        struct job *job = job_of(routes[i].id);
        job->request.content_type = routes[i].upload != NULL
                                        ? STR("multipart/form-data; boundary=b")
                                        : STR("application/json");
        job->request.query = least_query(&routes[i], &job->arena);
        bool needs_token = routes[i].access != ACCESS_ANYONE && !routes[i].gives_cart;
        enum fault_name refusal = needs_token ? FAULT_UNAUTHENTICATED : FAULT_NONE;
        /* That one has no token set, and nobody calls from anywhere. */
        refusal = routes[i].access == ACCESS_METRICS ? FAULT_FORBIDDEN : refusal;
        assert_int_equal(admission_check(job).name, refusal);
        if (routes[i].managing != PERMISSION_NONE) {
            job = job_of(routes[i].id);
            job->request.query = STR("status=active");
            assert_int_equal(admission_check(job).name, FAULT_UNAUTHENTICATED);
        }
    }
}

static void verifies_the_token(void **state) {
    (void)state;
    struct job *job = job_of("me");
    job->request.authorization = bearer_of(job, -60000);
    assert_int_equal(admission_check(job).name, FAULT_NONE);
    assert_int_equal(job->claims.user_id, 7);
    assert_int_equal(job->claims.session_id, 42);
    /* Nobody is known before the store has been asked. */
    assert_int_equal(job->caller.id, 0);

    job = job_of("me");
    job->request.authorization = bearer_of(job, 120000);
    assert_int_equal(admission_check(job).name, FAULT_UNAUTHENTICATED);
}

static void refuses_other_authorizations(void **state) {
    (void)state;
    static const char *const patterns[] = {
        "",           "Bearer",        "Bearer ",      "Bearer  ",        "Basic %.*s", "%.*s",
        "Bearer%.*s", "Bearer %.*s x", "Bearer %.*s,", "Bearer \"%.*s\"", "Token %.*s",
    };
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        struct job *job = job_of("me");
        struct str token = bearer_of(job, -60000);
        token = str_slice(token, strlen("Bearer "), token.size);
        const char *at = strstr(patterns[i], "%.*s");
        struct str before =
            str_slice(str_of(patterns[i]), 0, at == NULL ? SIZE_MAX : (size_t)(at - patterns[i]));
        struct str after = at == NULL ? STR("") : str_of(at + strlen("%.*s"));
        job->request.authorization =
            arena_printf(&job->arena, "%.*s%.*s%.*s", STR_ARG(before),
                         at == NULL ? 0 : (int)token.size, token.data, STR_ARG(after));
        assert_int_equal(admission_check(job).name, FAULT_UNAUTHENTICATED);
        assert_int_equal(job->claims.user_id, 0);
    }
    struct job *job = job_of("me");
    job->request.authorization = bearer_of(job, -60000);
    job->request.authorization = arena_printf(&job->arena, "bEARER  %s",
                                              job->request.authorization.data + strlen("Bearer "));
    assert_int_equal(admission_check(job).name, FAULT_NONE);
}

static void decodes_the_body_by_the_route(void **state) {
    (void)state;
    struct job *job = job_of("login");
    job->request.body = STR("{\"email\":\"a@b.co\",\"password\":\" x \",\"remember\":true}");
    assert_int_equal(admission_decode_body(job).name, FAULT_NONE);
    const struct login_body *body = job->body;
    assert_true(str_equals(body->password, STR(" x ")));

    job = job_of("login");
    job->request.body = STR("");
    assert_int_equal(admission_decode_body(job).name, FAULT_MALFORMED_JSON);

    job = job_of("liveness");
    job->request.body = STR("not JSON");
    assert_int_equal(admission_decode_body(job).name, FAULT_NONE);
    assert_null(job->body);
}

#define SIXTY_FOUR "0123456789012345678901234567890123456789012345678901234567890123"

static const struct str usable_ids[] = {STR_INIT("a"), STR_INIT("A.b-c_9"), STR_INIT(SIXTY_FOUR)};
static const struct str unusable_ids[] = {
    {NULL, 0},       STR_INIT(""),         STR_INIT(SIXTY_FOUR "4"), STR_INIT("a b"),
    STR_INIT("a\n"), STR_INIT("a\0b"),     STR_INIT("a\"b"),         STR_INIT("<a>"),
    STR_INIT("a,b"), STR_INIT("\xC3\xBC"),
};

static void keeps_a_usable_request_id(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(usable_ids); i++) {
        struct job *job = fixture_next_job(&fixture);
        job->request.request_id = usable_ids[i];
        admission_give_request_id(job);
        assert_true(str_equals(str_of(job->request_id), usable_ids[i]));
    }
}

static void makes_another_for_an_unusable_one(void **state) {
    (void)state;
    char before[JOB_REQUEST_ID_MAX_BYTES + 1] = "";
    for (size_t i = 0; i < COUNT_OF(unusable_ids); i++) {
        struct job *job = fixture_next_job(&fixture);
        job->request.request_id = unusable_ids[i];
        admission_give_request_id(job);
        assert_true(strlen(job->request_id) > 16);
        assert_false(str_has_control(str_of(job->request_id)));
        assert_string_not_equal(job->request_id, before);
        memcpy(before, job->request_id, sizeof(before));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(asks_whether_json_is_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_bodies_that_are_json, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bounds_bodies_by_the_route, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_the_query_of_every_route, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_headers_that_came_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asks_for_a_token_where_the_row_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shows_metrics_to_this_machine_and_to_the_token, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(verifies_the_token, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_other_authorizations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(decodes_the_body_by_the_route, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_a_usable_request_id, set_up, tear_down),
        cmocka_unit_test_setup_teardown(makes_another_for_an_unusable_one, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The request headers that the API reads, one a line, on the way to a handler. */
#include <inttypes.h>

#include "server/api/admission.h"
#include "server/api/cors.h"
#include "server/api/encoding.h"
#include "server/api/etag.h"
#include "server/api/idempotency.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/job_fixture.h"

static struct fault admit(const char *route, struct str accept, struct str content_type,
                          struct str authorization) {
    struct job *job = fixture_next_job(&fixture);
    job->route = fixture_route(route);
    job->request.accept = accept;
    job->request.content_type = content_type;
    job->request.authorization = authorization;
    return admission_check(job);
}

static void check_types(struct str accept, struct str content_type, struct arena *arena) {
    struct str json = STR("application/json");
    struct fault fault = admit("login", accept, json, STR(""));
    CHECK(!fault_occurred(fault) || fault_is(fault, FAULT_NOT_ACCEPTABLE));
    struct str more = arena_printf(arena, "%s, text/html", arena_c_string(arena, accept));
    if (!str_is_empty(str_trim(accept)) && more.size == accept.size + sizeof(", text/html") - 1) {
        CHECK(admit("login", more, json, STR("")).name == fault.name);
    }
    fault = admit("login", STR(""), content_type, STR(""));
    CHECK(!fault_occurred(fault) || fault_is(fault, FAULT_UNSUPPORTED_MEDIA_TYPE));
    struct str type = str_trim(str_slice(content_type, 0, str_find_byte(content_type, ';')));
    CHECK(fault_occurred(fault) || str_equals_ignoring_case(type, json));
    more = arena_printf(arena, "%s;charset=utf-16", arena_c_string(arena, content_type));
    CHECK(fault_occurred(admit("login", STR(""), more, STR(""))));
}

static bool has_at(struct str text, struct str part) {
    return memmem(text.data, text.size, part.data, part.size) != NULL;
}

static void check_etag(struct str if_match, struct str if_none_match, struct arena *arena) {
    struct job *job = fixture_next_job(&fixture);
    struct expected_versions expected;
    job->request.if_match = if_match;
    struct fault fault = etag_expected_versions(job, &expected);
    CHECK(!fault_occurred(fault) || fault_is(fault, FAULT_INVALID) ||
          fault_is(fault, FAULT_PRECONDITION_FAILED));
    CHECK(fault_is(fault, FAULT_INVALID) == violations_any(&job->violations));
    CHECK(expected.count <= EXPECTED_VERSIONS_MAX);
    for (size_t i = 0; !fault_occurred(fault) && i < expected.count; i++) {
        struct str begin = arena_printf(arena, "\"%" PRId64, expected.items[i]);
        CHECK(expected.items[i] > 0 && has_at(if_match, begin));
    }
    job->request.if_none_match = if_none_match;
    (void)etag_client_has(job, STR("\"7-3\""));
    job->request.if_none_match = arena_printf(arena, "%.*s, W/\"7-3\"", STR_ARG(if_none_match));
    CHECK(etag_client_has(job, STR("\"7-3\"")));
}

static void check_id_and_origin(struct str request_id, struct str origin) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    struct job *job = fixture_next_job(&fixture);
    job->request.request_id = request_id;
    admission_give_request_id(job);
    size_t size = strlen(job->request_id);
    CHECK(size > 0 && strspn(job->request_id, letters) == size);

    job->request.origin = origin;
    job->request.cors_method = STR("PATCH");
    cors_answer_options(job, 1U << HTTP_GET);
    cors_finish(job);
    const char *allowed = fixture_header(job, "access-control-allow-origin");
    CHECK(allowed == NULL || strcmp(allowed, "http://localhost:3000") == 0 ||
          strcmp(allowed, "https://shop.example") == 0);
}

/* Before the token is looked at, so that a bad key is told to anybody. */
static void check_idempotency_key(struct str key) {
    struct job *job = fixture_next_job(&fixture);
    job->route = fixture_route("create_product");
    job->request.content_type = STR("application/json");
    job->request.idempotency_key = key;
    bool is_good = key.size > 0 && key.size <= IDEMPOTENCY_KEY_MAX_BYTES;
    for (size_t i = 0; i < key.size; i++) {
        is_good &= key.data[i] > ' ' && key.data[i] < 0x7f;
    }
    enum fault_name wanted = is_good ? FAULT_UNAUTHENTICATED : FAULT_INVALID;
    CHECK(fault_is(admission_check(job), wanted));
}

/* What is said last wins over whatever was said before. */
static void check_encoding(struct str accept_encoding, struct arena *arena) {
    static const struct {
        const char *last;
        bool prefers_gzip;
    } ends[] = {{", gzip;q=0", false}, {", identity;q=0, gzip", true}};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        const char *last = ends[i].last;
        struct str all = arena_printf(arena, "%.*s%s", STR_ARG(accept_encoding), last);
        /* A NUL ends what is printed. */
        bool is_whole = all.size == accept_encoding.size + strlen(last);
        CHECK(!is_whole || encoding_prefers_gzip(all) == ends[i].prefers_gzip);
    }
}

void fuzz_one(struct str input, struct arena *arena) {
    if (fixture.app.config == NULL) {
        fixture_open(&fixture);
    }
    struct str accept = fuzz_take_line(&input);
    check_types(accept, fuzz_take_line(&input), arena);
    struct str if_match = fuzz_take_line(&input);
    check_etag(if_match, fuzz_take_line(&input), arena);
    struct str request_id = fuzz_take_line(&input);
    check_id_and_origin(request_id, fuzz_take_line(&input));
    struct fault fault = admit("me", STR(""), STR(""), fuzz_take_line(&input));
    CHECK(fault_is(fault, FAULT_UNAUTHENTICATED));
    check_idempotency_key(fuzz_take_line(&input));
    check_encoding(fuzz_take_line(&input), arena);
    job_release(&fixture.job);
    fixture_open_job(&fixture);
}

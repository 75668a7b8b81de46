#include "server/api/admission.h"

#include <inttypes.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>

#include "server/api/guard.h"
#include "server/api/idempotency.h"
#include "server/api/route.h"
#include "server/api/schema.h"

static bool request_id_is_usable(struct str text) {
    if (text.size == 0 || text.size > JOB_REQUEST_ID_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        bool is_word = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9');
        if (!is_word && byte != '-' && byte != '_' && byte != '.') {
            return false;
        }
    }
    return true;
}

/* Unique over processes and restarts, not secret: a random prefix and a count. */
#define PREFIX_DIGITS 16
static char process_prefix[PREFIX_DIGITS + 1];

static void choose_process_prefix(void) {
    uint64_t number = 0;
    CHECK(RAND_bytes((unsigned char *)&number, sizeof(number)) == 1);
    (void)snprintf(process_prefix, sizeof(process_prefix), "%016" PRIx64, number);
}

/* Once for each request: printf would be a good part of what an answer from memory costs. */
static void print_count(uint64_t count, char *text) {
    static const char digits[] = "0123456789abcdef";
    int shift = 60;
    while (shift > 0 && count >> shift == 0) {
        shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
        *text++ = digits[count >> shift & 0xF];
    }
    *text = '\0';
}

void admission_give_request_id(struct job *job) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static atomic_uint_fast64_t count;
    if (request_id_is_usable(job->request.request_id)) {
        memcpy(job->request_id, job->request.request_id.data, job->request.request_id.size);
        return;
    }
    pthread_once(&once, choose_process_prefix);
    memcpy(job->request_id, process_prefix, PREFIX_DIGITS);
    job->request_id[PREFIX_DIGITS] = '-';
    print_count(atomic_fetch_add_explicit(&count, 1, memory_order_relaxed),
                job->request_id + PREFIX_DIGITS + 1);
}

/* Whether a range of Accept has the weight 0 (RFC 9110, 12.4.2): "not this". */
static bool is_refusal(struct str range) {
    struct str rest = range;
    struct str parameter;
    while (str_next(&rest, ';', &parameter)) {
        parameter = str_trim(parameter);
        if (str_equals_ignoring_case(str_slice(parameter, 0, 2), STR("q="))) {
            struct str weight = str_slice(parameter, 2, parameter.size);
            return str_starts_with(STR("0.000"), weight) && weight.size > 0;
        }
    }
    return false;
}

#define FITTING_COUNT 3
static const char *const json_fits[FITTING_COUNT] = {"*/*", "application/*", "application/json"};
static const char *const text_fits[FITTING_COUNT] = {"*/*", "text/*", "text/plain"};

/* The range that fits best decides; other weights than 0 do not matter with one type to give. */
static bool is_acceptable(struct str accept, const char *const fitting[static FITTING_COUNT]) {
    struct str rest = accept;
    struct str range;
    size_t best = 0;
    bool is_accepted = str_is_empty(str_trim(accept));
    while (str_next(&rest, ',', &range)) {
        struct str type = str_trim(str_slice(range, 0, str_find_byte(range, ';')));
        for (size_t i = best; i < FITTING_COUNT; i++) {
            if (str_equals_ignoring_case(type, str_of(fitting[i]))) {
                best = i;
                is_accepted = !is_refusal(range);
            }
        }
    }
    return is_accepted;
}

/* application/json with at most a charset, which must be utf-8. */
static bool is_json(struct str content_type) {
    struct str rest = content_type;
    struct str part;
    if (!str_next(&rest, ';', &part) ||
        !str_equals_ignoring_case(str_trim(part), STR("application/json"))) {
        return false;
    }
    while (str_next(&rest, ';', &part)) {
        part = str_trim(part);
        if (!str_equals_ignoring_case(part, STR("charset=utf-8")) &&
            !str_equals_ignoring_case(part, STR("charset=\"utf-8\""))) {
            return false;
        }
    }
    return true;
}

static struct fault check_body(const struct job *job) {
    const struct route *route = job->route;
    size_t max_bytes = route->body_max_bytes != 0 ? route->body_max_bytes : ROUTE_BODY_MAX_BYTES;
    ENSURE(job->request.body.size <= max_bytes, FAULT_BODY_TOO_LARGE);
    if (route->body != NULL) {
        ENSURE(is_json(job->request.content_type), FAULT_UNSUPPORTED_MEDIA_TYPE);
    }
    if (route->upload != NULL) {
        ENSURE(upload_type_fits(job), FAULT_UNSUPPORTED_UPLOAD);
    }
    return fault_none();
}

static struct schema_decoding decoding_of(struct job *job) {
    return (struct schema_decoding){.arena = &job->arena,
                                    .violations = &job->violations,
                                    .default_currency = job->app->config->currency};
}

/* A route without a query schema takes no query; a decoded one is left in job->query. */
static struct fault decode_query(struct job *job) {
    static const struct schema empty = {.name = "Nothing", .size = 1};
    const struct schema *schema = job->route->query != NULL ? job->route->query : &empty;
    struct schema_decoding decoding = decoding_of(job);
    return schema_decode_query(schema, job->request.query, &decoding, &job->query);
}

struct fault admission_check(struct job *job) {
    if (job->request.has_refused_header) {
        violations_add(&job->violations, STR("headers"), "one that may come only once came twice");
        return fault_of(FAULT_INVALID);
    }
    bool is_text = job->route->reply_kind == REPLY_TEXT;
    ENSURE(job->route->reply_kind == REPLY_FILE ||
               is_acceptable(job->request.accept, is_text ? text_fits : json_fits),
           FAULT_NOT_ACCEPTABLE);
    TRY(check_body(job));
    TRY(idempotency_check(job));
    TRY(decode_query(job));
    job->is_managing = job->route->managing != PERMISSION_NONE &&
                       schema_was_given(job->route->query, job->query, "status");
    if (guard_is_needed(job)) {
        TRY(guard_check_token(job));
    }
    if (job->route->access == ACCESS_USER_OR_CART && !guard_is_needed(job)) {
        TRY(guard_check_guest(job));
        TRY(idempotency_check_guest(job));
    }
    if (job->route->access == ACCESS_METRICS) {
        TRY(guard_check_reader_of_metrics(job));
    }
    return fault_none();
}

struct fault admission_decode_body(struct job *job) {
    if (job->route->upload != NULL) {
        return upload_decode(job);
    }
    if (job->route->body == NULL) {
        return fault_none();
    }
    struct schema_decoding decoding = decoding_of(job);
    TRY(schema_decode(job->route->body, job->request.body, &decoding, &job->body));
    job->decimal_currency = decoding.decimal_currency;
    return fault_none();
}

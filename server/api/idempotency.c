#include "server/api/idempotency.h"

#include <openssl/evp.h>

#include "server/api/reply.h"
#include "server/api/route.h"
#include "server/security/cart_token.h"
#include "stores/idempotency_store.h"

static bool is_visible(struct str text) {
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~') {
            return false;
        }
    }
    return true;
}

struct fault idempotency_check(struct job *job) {
    struct str key = job->request.idempotency_key;
    if (!job->route->is_idempotent || str_is_absent(key)) {
        return fault_none();
    }
    if (key.size == 0 || key.size > IDEMPOTENCY_KEY_MAX_BYTES || !is_visible(key)) {
        violations_add(&job->violations, STR("Idempotency-Key"),
                       "must be 1 to %d visible ASCII characters", IDEMPOTENCY_KEY_MAX_BYTES);
        return fault_of(FAULT_INVALID);
    }
    return fault_none();
}

struct fault idempotency_check_guest(struct job *job) {
    bool has_key = job->route->is_idempotent && !str_is_absent(job->request.idempotency_key);
    if (has_key && str_is_absent(job->cart_token)) {
        violations_add(&job->violations, STR("Idempotency-Key"),
                       "needs X-Cart-Token, which the first reservation answers");
        return fault_of(FAULT_INVALID);
    }
    return fault_none();
}

bool idempotency_applies(const struct job *job) {
    size_t next = job->stage + 1;
    bool is_last = next == ROUTE_STAGES_MAX || job->route->stages[next].run == NULL;
    return is_last && job->route->is_idempotent && !str_is_absent(job->request.idempotency_key);
}

/* The parts, with a line feed after each: none but the last can contain one. */
static void digest_of(const struct str *parts, size_t count,
                      unsigned char digest[static IDEMPOTENCY_DIGEST_BYTES]) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned size = 0;
    CHECK(context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    for (size_t i = 0; i < count; i++) {
        CHECK(EVP_DigestUpdate(context, parts[i].data, parts[i].size) == 1);
        CHECK(EVP_DigestUpdate(context, "\n", 1) == 1);
    }
    CHECK(EVP_DigestFinal_ex(context, digest, &size) == 1 && size == IDEMPOTENCY_DIGEST_BYTES);
    EVP_MD_CTX_free(context);
}

/* An access token's user, or a guest's cart. */
static struct str caller_of(struct job *job) {
    if (job->caller.id != 0) {
        return arena_printf(&job->arena, "%lld", (long long)job->caller.id);
    }
    CHECK(!str_is_absent(job->cart_token));
    struct str digest = cart_token_owner(&job->arena, job->cart_token);
    return arena_printf(&job->arena, "cart:%.*s", STR_ARG(digest));
}

/* No secret goes in, so that a change of JWT_SECRET does not make a retry a second effect. */
static struct idempotency_key key_of(struct job *job) {
    const struct request *request = &job->request;
    struct idempotency_key key;
    const struct str scope[] = {
        caller_of(job),
        str_of(job->route->id),
        request->idempotency_key,
    };
    const struct str asked[] = {request->path, request->query, request->body};
    digest_of(scope, COUNT_OF(scope), key.digest);
    digest_of(asked, COUNT_OF(asked), key.fingerprint);
    return key;
}

struct stage_run {
    struct job *job;
    struct violations noted_before;
};

static struct str header_of(const struct reply *reply, const char *name) {
    for (size_t i = 0; i < reply->header_count; i++) {
        if (strcmp(reply->headers[i].name, name) == 0) {
            return reply->headers[i].value;
        }
    }
    return (struct str){NULL, 0};
}

static struct fault run_effect(void *context, struct idempotency_answer *answer) {
    struct stage_run *run = context;
    struct job *job = run->job;
    const struct reply *reply = &job->reply;
    reply_restart(job);
    job->violations = run->noted_before;
    TRY(job->route->stages[job->stage].run(job));
    ENSURE(!arena_is_exhausted(&job->arena), FAULT_ANSWER_TOO_LARGE);
    CHECK(job->taker == NULL && "its effect would be in another transaction");
    CHECK(reply->status >= 200 && reply->status < 300);
    *answer = (struct idempotency_answer){
        .status = reply->status,
        .etag = header_of(reply, "etag"),
        .location = header_of(reply, "location"),
        .body = buf_str(&reply->body),
    };
    return fault_none();
}

static struct fault answer_again(struct job *job, const struct idempotency_answer *answer) {
    reply_restart(job);
    reply_status(job, (int)answer->status);
    if (!str_is_absent(answer->etag)) {
        reply_header(job, "etag", answer->etag);
    }
    if (!str_is_absent(answer->location)) {
        reply_header(job, "location", answer->location);
    }
    reply_header(job, "idempotency-replayed", STR("true"));
    return reply_json(job, answer->body);
}

struct fault idempotency_run_stage(struct job *job) {
    const struct idempotency_key key = key_of(job);
    struct stage_run run = {job, job->violations};
    struct idempotency_answer answer;
    bool is_replay = false;
    TRY(idempotency_store_run(job->mongo, &job->arena, &key, run_effect, &run, &answer,
                              &is_replay));
    return is_replay ? answer_again(job, &answer) : fault_none();
}

/* postgres_url_parse: what it read, written as a URL again, reads the same. */
#include "sinks/postgres_url.h"
#include "tests/fuzz/fuzz.h"

static const char *const place_names[] = {"user", "password", "host", "port", "dbname"};

static struct str encoded(struct arena *arena, const struct postgres_keywords *keywords,
                          const char *name) {
    return fuzz_percent_encode(arena, str_of(postgres_keywords_find(keywords, name)));
}

static bool is_place(const char *name) {
    for (size_t i = 0; i < COUNT_OF(place_names); i++) {
        if (strcmp(name, place_names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static struct str url_of(const struct postgres_keywords *keywords, struct arena *arena) {
    const char *port = postgres_keywords_find(keywords, "port");
    struct str url = arena_printf(
        arena, "postgresql://%.*s:%.*s@%.*s%s%s/%.*s?", STR_ARG(encoded(arena, keywords, "user")),
        STR_ARG(encoded(arena, keywords, "password")), STR_ARG(encoded(arena, keywords, "host")),
        port == NULL ? "" : ":", port == NULL ? "" : port,
        STR_ARG(encoded(arena, keywords, "dbname")));
    for (size_t i = 0; i < keywords->count; i++) {
        if (!is_place(keywords->names[i])) {
            struct str value = fuzz_percent_encode(arena, str_of(keywords->values[i]));
            url = arena_printf(arena, "%.*s%s=%.*s&", STR_ARG(url), keywords->names[i],
                               STR_ARG(value));
        }
    }
    return url;
}

/* libpq takes the last of two, the first is what is looked at here: there may be no two. */
static void check_names(const struct postgres_keywords *keywords) {
    for (size_t i = 0; i < keywords->count; i++) {
        CHECK(postgres_keywords_find(keywords, keywords->names[i]) == keywords->values[i]);
        CHECK(keywords->values[i][0] != '\0');
    }
    CHECK(keywords->names[keywords->count] == NULL && keywords->values[keywords->count] == NULL);
}

void fuzz_one(struct str input, struct arena *arena) {
    struct postgres_keywords keywords;
    struct postgres_keywords again;
    const char *problem = NULL;
    if (fault_occurred(postgres_url_parse(input, arena, &keywords, &problem))) {
        CHECK(problem != NULL);
        return;
    }
    check_names(&keywords);
    /* Who connects adds some; written as parameters, the defaults for TLS need room as well. */
    CHECK(keywords.count <= POSTGRES_KEYWORDS_MAX - 4);
    if (keywords.count > POSTGRES_KEYWORDS_MAX - 8) {
        return;
    }
    CHECK(!fault_occurred(postgres_url_parse(url_of(&keywords, arena), arena, &again, &problem)));
    CHECK(again.count == keywords.count);
    for (size_t i = 0; i < keywords.count; i++) {
        const char *value = postgres_keywords_find(&again, keywords.names[i]);
        CHECK(value != NULL && strcmp(value, keywords.values[i]) == 0);
    }
}

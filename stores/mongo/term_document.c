#include "stores/mongo/term_document.h"

#include "stores/mongo/mongo_command.h"

/* Terms that have a deletion in common with a word: not all of them are one typo away. */
#define TYPO_CANDIDATES_MAX 64

/* Above every term that begins with what stands before it. */
#define LAST_CODE_POINT "\xf4\x8f\xbf\xbf"

static void put_in(bson_t *filter, const char *key, const struct str_list *terms) {
    bson_t condition;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, key, &condition));
    mongo_put_strs(&condition, "$in", terms);
    CHECK(bson_append_document_end(filter, &condition));
}

static struct fault note_known(void *context, const bson_t *document) {
    (void)term_set_add(context, mongo_get_str(document, "_id"));
    return fault_none();
}

static struct fault find_known(struct mongo_store *store, const struct str_list *terms,
                               struct term_set *known) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    bson_t members;
    put_in(&filter, "_id", terms);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "projection", &members));
    CHECK(BSON_APPEND_INT32(&members, "_id", 1));
    CHECK(bson_append_document_end(&options, &members));
    mongo_put_int64(&options, "batchSize", (int64_t)terms->count + 1);
    return mongo_connection_find(store, "term.known", "terms", &filter, &options, note_known,
                                 known);
}

static void put_term(bson_t *documents, uint32_t index, struct str term, struct arena *arena) {
    char buffer[16];
    const char *key = NULL;
    bson_t document;
    struct str prefixes[TERM_PREFIX_MAX_CHARACTERS];
    struct str_list prefix_list = {prefixes, 0};
    struct str_list deletions = term_deletions(term, arena);
    size_t letters = term_length(term);
    while (prefix_list.count < letters && prefix_list.count < TERM_PREFIX_MAX_CHARACTERS) {
        prefixes[prefix_list.count] = term_beginning(term, prefix_list.count + 1);
        prefix_list.count++;
    }
    bson_uint32_to_string(index, &key, buffer, sizeof(buffer));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(documents, key, &document));
    mongo_put_str(&document, "_id", term);
    mongo_put_int64(&document, "products", 0);
    mongo_put_strs(&document, "prefixes", &prefix_list);
    mongo_put_strs(&document, "deletions", &deletions);
    CHECK(bson_append_document_end(documents, &document));
}

/* Unordered: what somebody else has just made does not keep the others from being made. */
static struct fault insert_unknown(struct mongo_store *store, struct arena *arena,
                                   const struct str_list *terms, const struct term_set *known) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t documents;
    uint32_t count = 0;
    mongo_put_str(&command, "insert", STR("terms"));
    CHECK(BSON_APPEND_BOOL(&command, "ordered", false));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "documents", &documents));
    for (size_t i = 0; i < terms->count; i++) {
        if (!term_set_has(known, terms->items[i])) {
            put_term(&documents, count++, terms->items[i], arena);
        }
    }
    CHECK(bson_append_array_end(&command, &documents));
    return count == 0 ? fault_none()
                      : mongo_connection_write(store, "term.insert", &command, &reply);
}

/*
 * Outside of the transaction an answer may be lost; what was done then, or half done, harms nobody,
 * so the whole may be tried again.
 */
static struct fault as_harmless(struct mongo_store *store, struct fault fault) {
    bool is_lost = fault_occurred(fault) && store->error.domain == MONGOC_ERROR_STREAM;
    store->is_transient = store->is_transient || is_lost;
    return fault_is(fault, FAULT_OUTCOME_UNKNOWN) ? fault_of(FAULT_STORE_DOWN) : fault;
}

struct fault term_documents_ensure(struct mongo_store *store, struct arena *arena,
                                   const struct str_list *terms) {
    struct term_set known;
    if (terms->count == 0) {
        return fault_none();
    }
    term_set_init(&known, arena, terms->count);
    bool was_aside = mongo_connection_step_aside(store, true);
    struct fault fault = find_known(store, terms, &known);
    if (!fault_occurred(fault) && known.count < terms->count) {
        fault = insert_unknown(store, arena, terms, &known);
        fault = fault_is(fault, FAULT_CONFLICT) ? fault_none() : fault;
    }
    (void)mongo_connection_step_aside(store, was_aside);
    return as_harmless(store, fault);
}

struct fault term_documents_count(struct mongo_store *store, const struct str_list *terms,
                                  int64_t products) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t increment;
    if (terms->count == 0) {
        return fault_none();
    }
    put_in(&filter, "_id", terms);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$inc", &increment));
    mongo_put_int64(&increment, "products", products);
    CHECK(bson_append_document_end(&update, &increment));
    bool was_aside = mongo_connection_step_aside(store, true);
    struct fault fault = mongo_command_update(store, "term.count", "terms", &filter, &update,
                                              MONGO_UPDATE_MANY, NULL);
    (void)mongo_connection_step_aside(store, was_aside);
    return as_harmless(store, fault);
}

struct expander {
    struct str word;
    struct arena *arena;
    struct term_expansion_list *expansions;
    enum term_match wanted;
    size_t room;
};

static struct fault note_expansion(void *context, const bson_t *document) {
    struct expander *expander = context;
    struct term_expansion_list *expansions = expander->expansions;
    struct str term = mongo_get_str(document, "_id");
    int64_t products = mongo_get_int64(document, "products");
    enum term_match match = term_compare(expander->word, term);
    if (match == TERM_EXACT) {
        expansions->items[0].products = products;
    } else if (match == expander->wanted && expander->room > 0) {
        expander->room--;
        expansions->items[expansions->count++] =
            (struct term_expansion){arena_copy(expander->arena, term), products, match};
    }
    return fault_none();
}

static struct fault find_most_frequent(struct mongo_store *store, const char *name,
                                       const bson_t *filter, int64_t limit,
                                       struct expander *expander) {
    MONGO_BSON(options);
    bson_t part;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "projection", &part));
    CHECK(BSON_APPEND_INT32(&part, "products", 1));
    CHECK(bson_append_document_end(&options, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &part));
    CHECK(BSON_APPEND_INT32(&part, "products", -1));
    CHECK(bson_append_document_end(&options, &part));
    mongo_put_int64(&options, "limit", limit);
    return mongo_connection_find(store, name, "terms", filter, &options, note_expansion, expander);
}

static struct fault expand_prefix(struct mongo_store *store, struct expander *expander) {
    MONGO_BSON(filter);
    bson_t range;
    struct str word = expander->word;
    expander->wanted = TERM_PREFIX;
    expander->room = TERM_EXPANSIONS_PREFIX_MAX;
    if (term_length(word) <= TERM_PREFIX_MAX_CHARACTERS) {
        mongo_put_str(&filter, "prefixes", word);
    } else {
        CHECK(BSON_APPEND_DOCUMENT_BEGIN(&filter, "_id", &range));
        mongo_put_str(&range, "$gte", word);
        mongo_put_str(&range, "$lt",
                      arena_printf(expander->arena, "%.*s" LAST_CODE_POINT, STR_ARG(word)));
        CHECK(bson_append_document_end(&filter, &range));
    }
    /* The word itself may be among them. */
    return find_most_frequent(store, "term.prefix", &filter, TERM_EXPANSIONS_PREFIX_MAX + 1,
                              expander);
}

static struct fault expand_typos(struct mongo_store *store, struct expander *expander) {
    MONGO_BSON(filter);
    struct str_list deletions = term_deletions(expander->word, expander->arena);
    expander->wanted = TERM_FUZZY;
    expander->room = TERM_EXPANSIONS_FUZZY_MAX;
    if (!term_is_forgiven(expander->word)) {
        return fault_none();
    }
    put_in(&filter, "deletions", &deletions);
    return find_most_frequent(store, "term.typo", &filter, TYPO_CANDIDATES_MAX, expander);
}

struct fault term_documents_expand(struct mongo_store *store, struct arena *arena, struct str word,
                                   struct term_expansion_list *expansions) {
    size_t max = 1 + TERM_EXPANSIONS_PREFIX_MAX + TERM_EXPANSIONS_FUZZY_MAX;
    struct expander expander = {.word = word, .arena = arena, .expansions = expansions};
    expansions->items = arena_alloc_array(arena, max, sizeof(*expansions->items));
    expansions->items[0] = (struct term_expansion){word, 0, TERM_EXACT};
    expansions->count = 1;
    TRY(expand_prefix(store, &expander));
    return expand_typos(store, &expander);
}

#include "stores/mongo/product_rank.h"

enum place { PLACE_NAME, PLACE_LABEL, PLACE_DESCRIPTION, PLACE_COUNT };

/*
 * What a word counts, by where it is found and how well. A place beats the next one, but neither a
 * beginning nor a typo in a name beats the word itself in a brand, tag, SKU or category.
 */
static const int worth[PLACE_COUNT][TERM_MATCH_COUNT] = {
    [PLACE_NAME] = {[TERM_EXACT] = 100, [TERM_PREFIX] = 65, [TERM_FUZZY] = 40},
    [PLACE_LABEL] = {[TERM_EXACT] = 70, [TERM_PREFIX] = 50, [TERM_FUZZY] = 28},
    [PLACE_DESCRIPTION] = {[TERM_EXACT] = 45, [TERM_PREFIX] = 30, [TERM_FUZZY] = 12},
};

/* The members that count. */
struct members {
    bson_iter_t name, label, hits;
    const bson_iter_t *places[PLACE_COUNT]; /* arrays of terms; NULL: it is not there */
    bson_iter_t categories;
    bool has_categories;
};

static struct str text_at(const bson_iter_t *at) {
    uint32_t size = 0;
    if (!BSON_ITER_HOLDS_UTF8(at)) {
        return (struct str){0};
    }
    const char *text = bson_iter_utf8(at, &size);
    return (struct str){text, size};
}

static enum term_match best_of_terms(struct str word, const bson_iter_t *array) {
    enum term_match best = TERM_NO_MATCH;
    bson_iter_t terms;
    if (array == NULL) {
        return best;
    }
    terms = *array;
    while (best != TERM_EXACT && bson_iter_next(&terms)) {
        enum term_match match = term_compare(word, text_at(&terms));
        best = match > best ? match : best;
    }
    return best;
}

static enum term_match best_of_categories(const struct match_word *word, bson_iter_t ids) {
    enum term_match best = TERM_NO_MATCH;
    while (bson_iter_next(&ids)) {
        for (size_t i = 0; i < word->category_count && BSON_ITER_HOLDS_OID(&ids); i++) {
            const struct match_category *category = &word->categories[i];
            if (category->match > best && bson_oid_equal(&category->id, bson_iter_oid(&ids))) {
                best = category->match;
            }
        }
    }
    return best;
}

static int larger(int left, int right) {
    return left > right ? left : right;
}

/* A word that is found nowhere else was found in the description, by a typo. */
static int score_word(const struct match_word *word, const struct members *members,
                      enum term_match *in_name) {
    int best = worth[PLACE_DESCRIPTION][TERM_FUZZY];
    *in_name = TERM_NO_MATCH;
    for (size_t place = 0; place < PLACE_COUNT; place++) {
        enum term_match match = best_of_terms(word->text, members->places[place]);
        *in_name = place == PLACE_NAME ? match : *in_name;
        best = larger(best, worth[place][match]);
    }
    if (members->has_categories && word->category_count > 0) {
        best = larger(best, worth[PLACE_LABEL][best_of_categories(word, members->categories)]);
    }
    return best;
}

static int count_items(const bson_iter_t *array) {
    int count = 0;
    bson_iter_t items;
    if (array == NULL) {
        return 0;
    }
    items = *array;
    while (bson_iter_next(&items)) {
        count++;
    }
    return count;
}

static void score(const struct product_match *match, const struct members *members,
                  struct product_candidate *candidate) {
    int words_in_name = 0;
    candidate->in_name = true;
    for (size_t i = 0; i < match->count; i++) {
        enum term_match in_name;
        candidate->score += score_word(&match->words[i], members, &in_name);
        candidate->in_name = candidate->in_name && in_name >= TERM_PREFIX;
        words_in_name += in_name == TERM_NO_MATCH ? 0 : 1;
    }
    int name_size = count_items(members->places[PLACE_NAME]);
    int cover = name_size == 0 ? 0 : 100 * words_in_name / name_size;
    candidate->cover = cover < 100 ? cover : 100;
}

static void read_place(const bson_iter_t *at, enum place place, bson_iter_t *terms,
                       struct members *members) {
    if (BSON_ITER_HOLDS_ARRAY(at) && bson_iter_recurse(at, terms)) {
        members->places[place] = terms;
    }
}

static void read_terms(const bson_iter_t *terms, struct members *members) {
    bson_iter_t at;
    if (!BSON_ITER_HOLDS_DOCUMENT(terms) || !bson_iter_recurse(terms, &at)) {
        return;
    }
    while (bson_iter_next(&at)) {
        if (strcmp(bson_iter_key(&at), "name") == 0) {
            read_place(&at, PLACE_NAME, &members->name, members);
        } else if (strcmp(bson_iter_key(&at), "label") == 0) {
            read_place(&at, PLACE_LABEL, &members->label, members);
        }
    }
}

bool product_rank_read(const struct product_match *match, const bson_t *document,
                       struct product_candidate *candidate) {
    struct members members = {0};
    bson_iter_t at;
    bool has_id = false;
    *candidate = (struct product_candidate){0};
    if (!bson_iter_init(&at, document)) {
        return false;
    }
    while (bson_iter_next(&at)) {
        const char *key = bson_iter_key(&at);
        if (strcmp(key, "_id") == 0 && BSON_ITER_HOLDS_OID(&at)) {
            candidate->id = *bson_iter_oid(&at);
            has_id = true;
        } else if (strcmp(key, "in_stock") == 0) {
            candidate->in_stock = bson_iter_as_bool(&at);
        } else if (strcmp(key, "created_at") == 0 && BSON_ITER_HOLDS_DATE_TIME(&at)) {
            candidate->created_at_ms = bson_iter_date_time(&at);
        } else if (strcmp(key, "terms") == 0) {
            read_terms(&at, &members);
        } else if (strcmp(key, "hits") == 0) {
            read_place(&at, PLACE_DESCRIPTION, &members.hits, &members);
        } else if (strcmp(key, "category_path") == 0 && BSON_ITER_HOLDS_ARRAY(&at)) {
            members.has_categories = bson_iter_recurse(&at, &members.categories);
        }
    }
    score(match, &members, candidate);
    return has_id;
}

int product_rank_compare(const void *left_item, const void *right_item) {
    const struct product_candidate *left = left_item;
    const struct product_candidate *right = right_item;
    if (left->score != right->score) {
        return left->score > right->score ? -1 : 1;
    }
    if (left->in_stock != right->in_stock) {
        return left->in_stock ? -1 : 1;
    }
    if (left->cover != right->cover) {
        return left->cover > right->cover ? -1 : 1;
    }
    if (left->created_at_ms != right->created_at_ms) {
        return left->created_at_ms > right->created_at_ms ? -1 : 1;
    }
    return bson_oid_compare(&left->id, &right->id);
}

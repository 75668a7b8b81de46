#include <stdlib.h>

#include "stores/mongo/inventory_ledger.h"
#include "stores/mongo/mongo_document.h"
#include "stores/mongo/mongo_transaction.h"
#include "stores/product.h"

/* So many levels are held at a time. */
#define LEVELS_PER_PAGE 500
#define SCRATCH_BYTES ((size_t)8 << 20)
#define SCRATCH_USES_MAX 256

/* What the movements of one variant add up to. */
struct sums {
    char variant_id[PRODUCT_ID_BYTES + 1]; /* "": there are none */
    int64_t stock;
    int64_t reserved;
    int64_t seq;
    const char *problem; /* static; NULL: none among the movements themselves */
};

/*
 * Movements and levels are both read in the order of their variants and so meet each other, as in a
 * merge. The movements are one cursor; everything else is asked through a store of its own, so that
 * nothing disturbs that.
 */
struct verify {
    struct mongo_store *beside;
    struct arena scratch; /* of the movement that is being read */
    int scratch_uses;
    struct arena page_arena;
    struct inventory_level *page;
    size_t page_count;
    size_t page_at;
    char page_last[PRODUCT_ID_BYTES + 1];
    bool pages_are_over;
    struct sums sums;
    inventory_difference_note *note;
    void *context;
    struct inventory_verification *verification;
};

/* What is decoded lives only until some more have been. */
static struct fault decode_movement(struct arena *scratch, int *uses, const bson_t *document,
                                    struct movement *movement) {
    if (++*uses > SCRATCH_USES_MAX) {
        arena_release(scratch);
        *uses = 0;
    }
    *movement = (struct movement){0};
    return mongo_document_decode("movements", &movement_shape, document, scratch, movement);
}

static void add_movement(struct sums *sums, const struct movement *movement) {
    sums->stock += movement->delta;
    sums->reserved += movement->reserved_delta;
    sums->seq++;
    if (movement->seq != sums->seq) {
        sums->problem = "a movement is missing";
    } else if (movement->stock_after != sums->stock || movement->reserved_after != sums->reserved) {
        sums->problem = "a movement does not follow from those before it";
    }
}

/* `level` NULL: its variant is gone, so nothing may be left. */
static const char *problem_of(const struct inventory_level *level, const struct sums *sums) {
    if (sums->problem != NULL) {
        return sums->problem;
    }
    if (level == NULL) {
        bool is_closed = sums->stock == 0 && sums->reserved == 0;
        return is_closed ? NULL : "movements without a level do not add up to nothing";
    }
    if (level->stock != sums->stock || level->reserved != sums->reserved) {
        return "the level is not what its movements add up to";
    }
    if (level->seq != sums->seq) {
        return "the level does not know its last movement";
    }
    bool is_low = level->low_at != INT64_ABSENT && level->available <= level->low_at;
    bool follows = level->available == level->stock - level->reserved && level->is_low == is_low;
    return follows ? NULL : "available or is_low does not follow from the rest of the level";
}

/* A variant looked at again, level and movements at one moment. */
struct second_look {
    struct arena arena;
    struct arena scratch;
    int scratch_uses;
    struct str variant_id;
    struct sums sums;
    struct ledger ledger;
};

static struct fault add_again(void *context, const bson_t *document) {
    struct second_look *look = context;
    struct movement movement;
    TRY(decode_movement(&look->scratch, &look->scratch_uses, document, &movement));
    add_movement(&look->sums, &movement);
    return fault_none();
}

static void put_order(const char *first, const char *second, bson_t *options) {
    bson_t order;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(options, "sort", &order));
    CHECK(BSON_APPEND_INT32(&order, first, 1));
    if (second != NULL) {
        CHECK(BSON_APPEND_INT32(&order, second, 1));
    }
    CHECK(bson_append_document_end(options, &order));
}

static struct fault look_again(struct mongo_store *store, void *context) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    struct second_look *look = context;
    look->sums = (struct sums){0};
    ledger_init(&look->ledger, &look->arena, INT64_ABSENT);
    TRY(ledger_read_variants(store, &look->ledger, &look->variant_id, 1));
    mongo_put_id(&filter, "variant_id", look->variant_id);
    put_order("variant_id", "seq", &options);
    return mongo_connection_find(store, "verify.again", "movements", &filter, &options, add_again,
                                 look);
}

/* What differed may have been written between the two readings: this decides. */
static struct fault decide(struct verify *verify, const char *variant_id) {
    struct second_look look = {.variant_id = str_of(variant_id)};
    arena_init(&look.arena, SCRATCH_BYTES);
    arena_init(&look.scratch, SCRATCH_BYTES);
    struct fault fault = mongo_transaction_run(verify->beside, look_again, &look);
    if (!fault_occurred(fault)) {
        const struct inventory_level *level =
            look.ledger.count == 0 ? NULL : &look.ledger.levels[0]->now;
        const char *problem = problem_of(level, &look.sums);
        if (problem != NULL) {
            verify->verification->differences++;
            verify->note(verify->context, &(struct inventory_difference){
                                              .sku = level == NULL ? (struct str){0} : level->sku,
                                              .variant_id = look.variant_id,
                                              .stock = level == NULL ? 0 : level->stock,
                                              .stock_moved = look.sums.stock,
                                              .reserved = level == NULL ? 0 : level->reserved,
                                              .reserved_moved = look.sums.reserved,
                                              .problem = str_of(problem),
                                          });
        }
    }
    arena_release(&look.arena);
    arena_release(&look.scratch);
    return fault;
}

static struct fault read_level(void *context, const bson_t *document) {
    struct verify *verify = context;
    struct inventory_level *level = &verify->page[verify->page_count];
    CHECK(verify->page_count < LEVELS_PER_PAGE);
    TRY(mongo_document_decode("inventory", &level_shape, document, &verify->page_arena, level));
    verify->page_count++;
    return fault_none();
}

static struct fault read_page(struct verify *verify) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    if (verify->page_last[0] != '\0') {
        bson_t bound;
        CHECK(BSON_APPEND_DOCUMENT_BEGIN(&filter, "variant_id", &bound));
        mongo_put_id(&bound, "$gt", str_of(verify->page_last));
        CHECK(bson_append_document_end(&filter, &bound));
    }
    put_order("variant_id", NULL, &options);
    mongo_put_int64(&options, "limit", LEVELS_PER_PAGE);
    arena_release(&verify->page_arena);
    verify->page_count = verify->page_at = 0;
    TRY(mongo_connection_find(verify->beside, "verify.levels", "inventory", &filter, &options,
                              read_level, verify));
    verify->pages_are_over = verify->page_count < LEVELS_PER_PAGE;
    if (verify->page_count > 0) {
        struct str last = verify->page[verify->page_count - 1].variant_id;
        memcpy(verify->page_last, last.data, PRODUCT_ID_BYTES);
    }
    return fault_none();
}

/* NULL: there is none left. */
static struct fault peek_level(struct verify *verify, const struct inventory_level **level) {
    if (verify->page_at == verify->page_count && !verify->pages_are_over) {
        TRY(read_page(verify));
    }
    *level = verify->page_at < verify->page_count ? &verify->page[verify->page_at] : NULL;
    return fault_none();
}

static struct fault take_level(struct verify *verify, const struct inventory_level *level,
                               const struct sums *sums) {
    verify->page_at++;
    verify->verification->levels++;
    if (problem_of(level, sums) == NULL) {
        return fault_none();
    }
    char variant_id[PRODUCT_ID_BYTES + 1] = {0};
    memcpy(variant_id, level->variant_id.data, PRODUCT_ID_BYTES);
    return decide(verify, variant_id);
}

/* Levels up to the variant whose movements are all added up; "" stands for the end of all. */
static struct fault meet(struct verify *verify) {
    static const struct sums nothing = {.seq = 0};
    const struct sums *sums = &verify->sums;
    bool is_end = sums->variant_id[0] == '\0';
    const struct inventory_level *level = NULL;
    for (;;) {
        TRY(peek_level(verify, &level));
        int order = level == NULL ? 1
                    : is_end      ? -1
                             : memcmp(level->variant_id.data, sums->variant_id, PRODUCT_ID_BYTES);
        if (order == 0) {
            return take_level(verify, level, sums);
        }
        if (order > 0) {
            bool is_well = is_end || problem_of(NULL, sums) == NULL;
            return is_well ? fault_none() : decide(verify, sums->variant_id);
        }
        TRY(take_level(verify, level, &nothing));
    }
}

static struct fault read_movement(void *context, const bson_t *document) {
    struct verify *verify = context;
    struct movement movement;
    TRY(decode_movement(&verify->scratch, &verify->scratch_uses, document, &movement));
    if (memcmp(verify->sums.variant_id, movement.variant_id.data, PRODUCT_ID_BYTES) != 0) {
        if (verify->sums.variant_id[0] != '\0') {
            TRY(meet(verify));
        }
        verify->sums = (struct sums){0};
        memcpy(verify->sums.variant_id, movement.variant_id.data, PRODUCT_ID_BYTES);
    }
    add_movement(&verify->sums, &movement);
    verify->verification->movements++;
    return fault_none();
}

static struct fault walk(struct mongo_store *store, struct verify *verify) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    put_order("variant_id", "seq", &options);
    TRY(mongo_connection_find(store, "verify.movements", "movements", &filter, &options,
                              read_movement, verify));
    if (verify->sums.variant_id[0] != '\0') {
        TRY(meet(verify));
    }
    verify->sums = (struct sums){0};
    return meet(verify);
}

struct fault inventory_store_verify(struct mongo_store *store, inventory_difference_note *note,
                                    void *context, struct inventory_verification *verification) {
    struct verify verify = {
        .beside = mongo_connection_clone(store, store->timeout_ms),
        .page = calloc(LEVELS_PER_PAGE, sizeof(struct inventory_level)),
        .note = note,
        .context = context,
        .verification = verification,
    };
    CHECK(verify.page != NULL && "out of memory");
    *verification = (struct inventory_verification){0};
    arena_init(&verify.scratch, SCRATCH_BYTES);
    arena_init(&verify.page_arena, SCRATCH_BYTES);
    struct fault fault = walk(store, &verify);
    arena_release(&verify.scratch);
    arena_release(&verify.page_arena);
    free(verify.page);
    mongo_store_close(verify.beside);
    return fault;
}

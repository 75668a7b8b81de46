#include "base/log.h"
#include "stores/category_store.h"
#include "stores/mongo/category_products.h"
#include "stores/mongo/category_removal.h"
#include "stores/mongo/mongo_command.h"

/* The mark as it was found: the target is gone, or lies below the category by now. */
static struct fault take_back(struct mongo_store *store, const struct category_record *category) {
    static const char *const members[] = {"removal_to", "removal_due", "removal_user_id",
                                          "removal_address", "removal_request_id"};
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t unset;
    int64_t matched = 0;
    mongo_put_id(&filter, "_id", category->id);
    mongo_put_id(&filter, "removal_due", category->removal.due);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$unset", &unset));
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        CHECK(BSON_APPEND_BOOL(&unset, members[i], true));
    }
    CHECK(bson_append_document_end(&update, &unset));
    TRY(mongo_command_update(store, "category.take_back", "categories", &filter, &update,
                             MONGO_UPDATE_ONE, &matched));
    if (matched > 0) {
        log_warn("category.removal_taken_back", LOG_STR("slug", category->slug));
    }
    return fault_none();
}

static struct fault finish_removals(struct mongo_store *store, struct arena *arena,
                                    int64_t before_ms, const struct category_pace *pace,
                                    size_t *count) {
    struct category_record_list list;
    TRY(category_records_overdue(store, arena, "removal_due", before_ms, &list));
    for (size_t i = 0; i < list.count; i++) {
        struct category_record category;
        struct str due = list.items[i].removal.due;
        struct fault fault = category_record_find_by_id(store, arena, list.items[i].id, &category);
        /* Zeroed when it is not there: somebody else has been quicker, or has taken it back. */
        if (!str_equals(category.removal.due, due)) {
            TRY(fault_is(fault, FAULT_NOT_FOUND) ? fault_none() : fault);
            continue;
        }
        fault = category_removal_go_on(store, arena, &category, pace);
        if (fault_is(fault, FAULT_NOT_FOUND) || fault_is(fault, FAULT_INVALID)) {
            fault = take_back(store, &category);
        }
        TRY(fault);
        ++*count;
    }
    return fault_none();
}

struct fault category_store_finish(struct mongo_store *store, struct arena *arena,
                                   int64_t before_ms, const struct category_pace *pace,
                                   size_t *count) {
    TRY(category_products_settle_overdue(store, arena, before_ms, pace, count));
    return finish_removals(store, arena, before_ms, pace, count);
}

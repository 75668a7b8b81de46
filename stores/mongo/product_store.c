#include "stores/product_store.h"

#include "stores/mongo/product_document.h"
#include "stores/mongo/product_view.h"

static struct fault find_record(struct mongo_store *store, struct arena *arena,
                                struct str id_or_slug, struct product_record *record) {
    if (product_id_is_valid(id_or_slug)) {
        struct fault fault = product_record_find_by_id(store, arena, id_or_slug, record);
        if (!fault_is(fault, FAULT_NOT_FOUND)) {
            return fault;
        }
    }
    struct fault fault = product_record_find_by_slug(store, arena, id_or_slug, record);
    return fault_is(fault, FAULT_NOT_FOUND)
               ? product_record_find_by_old_slug(store, arena, id_or_slug, record)
               : fault;
}

struct fault product_store_find(struct mongo_store *store, struct arena *arena,
                                struct str id_or_slug, enum product_view view,
                                struct product *product) {
    struct product_record record;
    TRY(find_record(store, arena, id_or_slug, &record));
    ENSURE(view == PRODUCT_VIEW_MANAGING || record.product.status == PRODUCT_ACTIVE,
           FAULT_NOT_FOUND);
    product_view_apply(view, &record.product);
    *product = record.product;
    return fault_none();
}

struct fault product_store_count(struct mongo_store *store, int64_t *count) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    mongo_put_str(&command, "count", STR("products"));
    TRY(mongo_connection_read(store, "product.count", &command, &reply));
    *count = mongo_get_int64(&reply, "n");
    return fault_none();
}

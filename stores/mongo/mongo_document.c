#include "stores/mongo/mongo_document.h"

#include "base/log.h"

void mongo_document_log_damaged(const char *collection, const bson_t *document,
                                const char *member) {
    char digits[25] = "";
    bson_iter_t at;
    struct str id = mongo_get_str(document, "_id");
    if (bson_iter_init_find(&at, document, "_id") && BSON_ITER_HOLDS_OID(&at)) {
        bson_oid_to_string(bson_iter_oid(&at), digits);
        id = str_of(digits);
    }
    log_error("mongo.document_damaged", LOG_TEXT("collection", collection), LOG_STR("id", id),
              LOG_TEXT("member", member));
}

struct fault mongo_document_decode(const char *collection, const struct mongo_shape *shape,
                                   const bson_t *document, struct arena *arena, void *object) {
    const char *member = NULL;
    if (!mongo_shape_decode(shape, document, arena, object, &member)) {
        mongo_document_log_damaged(collection, document, member);
        return fault_of(FAULT_INTERNAL);
    }
    return fault_none();
}

struct fault mongo_page_read(void *context, const bson_t *document) {
    struct mongo_page *page = context;
    if (++page->matched > page->limit) {
        return fault_none();
    }
    char *item = (char *)page->items + page->count * page->shape->struct_size;
    if (!fault_occurred(
            mongo_document_decode(page->collection, page->shape, document, page->arena, item))) {
        page->count++;
    }
    return fault_none();
}

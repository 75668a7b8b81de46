#include "stores/media_store.h"

bool media_id_is_valid(struct str id) {
    if (id.size != MEDIA_ID_BYTES) {
        return false;
    }
    for (size_t i = 0; i < id.size; i++) {
        bool is_digit = id.data[i] >= '0' && id.data[i] <= '9';
        if (!is_digit && (id.data[i] < 'a' || id.data[i] > 'f')) {
            return false;
        }
    }
    return true;
}

struct str media_id_of_url(struct str url) {
    struct str prefix = STR(MEDIA_URL_PREFIX);
    struct str id = str_slice(url, prefix.size, MEDIA_ID_BYTES);
    bool is_ours = str_starts_with(url, prefix) && media_id_is_valid(id);
    return is_ours ? id : (struct str){0};
}

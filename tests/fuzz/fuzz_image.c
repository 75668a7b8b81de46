/* image_header: what it lets pass has pixels within its numbers; bytes behind the end, and fewer of
 * them, change nothing but whether it is whole. */
#include "server/media/image_header.h"

#include "tests/fuzz/fuzz.h"

static bool is_same(const struct image_header *left, const struct image_header *right) {
    return left->type == right->type && left->width == right->width &&
           left->height == right->height && left->orientation == right->orientation;
}

static void check_passed(const struct image_header *header) {
    CHECK(header->type != IMAGE_UNKNOWN);
    CHECK(header->width >= 1 && header->width <= UINT32_MAX);
    CHECK(header->height >= 1 && header->height <= UINT32_MAX);
    CHECK(header->orientation >= 1 && header->orientation <= IMAGE_ORIENTATION_MAX);
    CHECK(header->orientation == 1 || header->type == IMAGE_JPEG);
}

void fuzz_one(struct str input, struct arena *arena) {
    struct image_header header;
    struct image_header again;
    const char *problem = image_header_read(input, &header);
    if (problem != NULL) {
        CHECK(str_is_utf8(str_of(problem)) && problem[0] != '\0');
        return;
    }
    check_passed(&header);
    char *bytes = arena_alloc(arena, input.size + 4);
    memcpy(bytes, input.data, input.size);
    memcpy(bytes + input.size, "\xff\xd8\0,", 4);
    struct str longer = {bytes, input.size + 4};
    CHECK(image_header_read(longer, &again) == NULL && is_same(&header, &again));
    /* An exact copy, so that reading beyond the end is seen; some ends may be missing. */
    for (size_t cut = 1; cut <= 16 && cut < input.size; cut++) {
        char *shorter = arena_alloc(arena, input.size - cut);
        memcpy(shorter, input.data, input.size - cut);
        problem = image_header_read((struct str){shorter, input.size - cut}, &again);
        CHECK(problem != NULL || is_same(&header, &again));
    }
}

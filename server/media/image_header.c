#include "server/media/image_header.h"

#define PNG_SIGNATURE STR("\x89PNG\r\n\x1a\n")
#define JPEG_START STR("\xff\xd8\xff")

/* A PNG chunk is a length, a type, as many bytes, and a checksum, which libpng looks at. */
#define PNG_CHUNK_FRAME_BYTES 12
#define PNG_HEADER_BYTES 13

static const char *read_png(struct str bytes, struct image_header *header) {
    struct str rest = str_slice(bytes, PNG_SIGNATURE.size, SIZE_MAX);
    bool is_first = true;
    while (rest.size >= PNG_CHUNK_FRAME_BYTES) {
        size_t size = image_number(rest, 0, 4, true);
        struct str type = str_slice(rest, 4, 4);
        if (size > rest.size - PNG_CHUNK_FRAME_BYTES) {
            return IMAGE_IS_CUT_OFF;
        }
        if (is_first != str_equals(type, STR("IHDR")) || (is_first && size != PNG_HEADER_BYTES)) {
            return IMAGE_IS_CUT_OFF;
        }
        if (is_first) {
            header->width = image_number(rest, 8, 4, true);
            header->height = image_number(rest, 12, 4, true);
        }
        if (str_equals(type, STR("IEND"))) {
            return NULL;
        }
        rest = str_slice(rest, size + PNG_CHUNK_FRAME_BYTES, SIZE_MAX);
        is_first = false;
    }
    return IMAGE_IS_CUT_OFF;
}

#define GIF_SCREEN_BYTES 13
#define GIF_FRAME_BYTES 10
#define GIF_TABLE_FLAG 0x80
#define GIF_TABLE_SIZE_MASK 7

/* Takes that many bytes off; false when there are fewer. */
static bool skip(struct str *rest, size_t size) {
    if (rest->size < size) {
        return false;
    }
    *rest = str_slice(*rest, size, SIZE_MAX);
    return true;
}

/* Blocks that begin with their size, up to an empty one. */
static bool skip_gif_blocks(struct str *rest) {
    while (rest->size > 0) {
        size_t size = (unsigned char)rest->data[0];
        if (!skip(rest, size + 1)) {
            return false;
        }
        if (size == 0) {
            return true;
        }
    }
    return false;
}

static bool skip_gif_table(struct str *rest, unsigned flags) {
    bool is_there = (flags & GIF_TABLE_FLAG) != 0;
    return !is_there || skip(rest, (size_t)3 << ((flags & GIF_TABLE_SIZE_MASK) + 1));
}

/* The first frame: its place, a table of colours, a byte for the decoder, its pixels. */
static const char *read_gif_frame(struct str rest, struct image_header *header) {
    if (rest.size < GIF_FRAME_BYTES) {
        return IMAGE_IS_CUT_OFF;
    }
    int64_t right = (int64_t)image_number(rest, 1, 2, false) + image_number(rest, 5, 2, false);
    int64_t bottom = (int64_t)image_number(rest, 3, 2, false) + image_number(rest, 7, 2, false);
    unsigned flags = image_number(rest, 9, 1, false);
    header->width = right > header->width ? right : header->width;
    header->height = bottom > header->height ? bottom : header->height;
    bool is_whole = skip(&rest, GIF_FRAME_BYTES) && skip_gif_table(&rest, flags) &&
                    skip(&rest, 1) && skip_gif_blocks(&rest);
    return is_whole ? NULL : IMAGE_IS_CUT_OFF;
}

static const char *read_gif(struct str bytes, struct image_header *header) {
    struct str rest = bytes;
    if (bytes.size < GIF_SCREEN_BYTES) {
        return IMAGE_IS_CUT_OFF;
    }
    header->width = image_number(bytes, 6, 2, false);
    header->height = image_number(bytes, 8, 2, false);
    unsigned flags = image_number(bytes, 10, 1, false);
    bool is_whole = skip(&rest, GIF_SCREEN_BYTES) && skip_gif_table(&rest, flags);
    while (is_whole && rest.size > 0) {
        if (rest.data[0] == ',') {
            return read_gif_frame(rest, header);
        }
        /* An extension is '!', its kind, and blocks. */
        is_whole = rest.data[0] == '!' && skip(&rest, 2) && skip_gif_blocks(&rest);
    }
    return IMAGE_IS_CUT_OFF;
}

#define RIFF_HEAD_BYTES 12
#define RIFF_CHUNK_HEAD_BYTES 8
#define WEBP_EXTENDED_BYTES 10
#define WEBP_ANIMATION_FLAG 2
#define WEBP_LOSSY_BYTES 10
#define WEBP_LOSSLESS_BYTES 5
#define WEBP_SIDE_MASK 0x3fff

/* The picture itself, in one of WebP's two codings. */
static const char *read_webp_picture(struct str chunk, bool is_lossless,
                                     struct image_header *header) {
    struct str mark = is_lossless ? STR("\x2f") : STR("\x9d\x01\x2a");
    size_t mark_at = is_lossless ? 0 : 3;
    if (chunk.size < (is_lossless ? WEBP_LOSSLESS_BYTES : WEBP_LOSSY_BYTES) ||
        !str_equals(str_slice(chunk, mark_at, mark.size), mark)) {
        return IMAGE_IS_CUT_OFF;
    }
    uint32_t sides = image_number(chunk, mark_at + mark.size, 4, false);
    int64_t width = is_lossless ? (sides & WEBP_SIDE_MASK) + 1 : sides & WEBP_SIDE_MASK;
    int64_t height =
        is_lossless ? (sides >> 14 & WEBP_SIDE_MASK) + 1 : sides >> 16 & WEBP_SIDE_MASK;
    bool fits_canvas = header->width == 0 || (header->width == width && header->height == height);
    header->width = width;
    header->height = height;
    return fits_canvas ? NULL : "has another size than it says";
}

static const char *read_webp_extended(struct str chunk, struct image_header *header) {
    if (chunk.size < WEBP_EXTENDED_BYTES) {
        return IMAGE_IS_CUT_OFF;
    }
    header->width = (int64_t)image_number(chunk, 4, 3, false) + 1;
    header->height = (int64_t)image_number(chunk, 7, 3, false) + 1;
    bool is_animated = (image_number(chunk, 0, 1, false) & WEBP_ANIMATION_FLAG) != 0;
    return is_animated ? "is an animated WebP image, which is not taken" : NULL;
}

static const char *read_webp(struct str bytes, struct image_header *header) {
    const char *problem = NULL;
    size_t riff_size = image_number(bytes, 4, 4, false);
    if (riff_size > bytes.size - RIFF_CHUNK_HEAD_BYTES) {
        return IMAGE_IS_CUT_OFF;
    }
    struct str rest = str_slice(bytes, RIFF_HEAD_BYTES, riff_size - 4);
    while (problem == NULL && rest.size >= RIFF_CHUNK_HEAD_BYTES) {
        struct str type = str_slice(rest, 0, 4);
        size_t size = image_number(rest, 4, 4, false);
        struct str chunk = str_slice(rest, RIFF_CHUNK_HEAD_BYTES, size);
        if (chunk.size < size) {
            return IMAGE_IS_CUT_OFF;
        }
        if (str_equals(type, STR("VP8X"))) {
            problem = read_webp_extended(chunk, header);
        } else if (str_equals(type, STR("VP8 ")) || str_equals(type, STR("VP8L"))) {
            return read_webp_picture(chunk, type.data[3] == 'L', header);
        }
        rest = str_slice(rest, RIFF_CHUNK_HEAD_BYTES + size + size % 2, SIZE_MAX);
    }
    return problem != NULL ? problem : IMAGE_IS_CUT_OFF;
}

static enum image_type type_of(struct str bytes) {
    if (str_starts_with(bytes, PNG_SIGNATURE)) {
        return IMAGE_PNG;
    }
    if (str_starts_with(bytes, JPEG_START)) {
        return IMAGE_JPEG;
    }
    if (str_starts_with(bytes, STR("GIF87a")) || str_starts_with(bytes, STR("GIF89a"))) {
        return IMAGE_GIF;
    }
    bool is_webp = bytes.size >= RIFF_HEAD_BYTES && str_starts_with(bytes, STR("RIFF")) &&
                   str_equals(str_slice(bytes, 8, 4), STR("WEBP"));
    return is_webp ? IMAGE_WEBP : IMAGE_UNKNOWN;
}

const char *image_header_read(struct str bytes, struct image_header *header) {
    static const char *(*const readers[])(struct str bytes, struct image_header * header) = {
        [IMAGE_JPEG] = image_jpeg_read,
        [IMAGE_PNG] = read_png,
        [IMAGE_GIF] = read_gif,
        [IMAGE_WEBP] = read_webp,
    };
    *header = (struct image_header){.type = type_of(bytes), .orientation = 1};
    if (header->type == IMAGE_UNKNOWN) {
        return "is no JPEG, PNG, WebP or GIF image";
    }
    const char *problem = readers[header->type](bytes, header);
    if (problem == NULL && (header->width < 1 || header->height < 1)) {
        problem = "has no pixels";
    }
    return problem;
}

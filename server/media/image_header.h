/*
 * image_header: what kind of image a file is, how large, and whether it is whole: read from its
 * bytes before anything is decoded, so that no decoder is ever given what it would have to be
 * saved from.
 *
 * All of a file's structure is walked, its pixels are not: PNG's chunks to IEND, JPEG's segments to
 * EOI, GIF's blocks to the end of its first frame, the chunks of WebP's RIFF. A file that ends
 * before that is refused, bytes behind it are not looked at (they are not kept either).
 */
#ifndef AIZY_SERVER_MEDIA_IMAGE_HEADER_H
#define AIZY_SERVER_MEDIA_IMAGE_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum image_type { IMAGE_UNKNOWN, IMAGE_JPEG, IMAGE_PNG, IMAGE_GIF, IMAGE_WEBP };

/* Each scan of a progressive JPEG costs a pass over all pixels; encoders make some ten. */
#define IMAGE_SCANS_MAX 64

/* A row of pixels costs memory of its own, however short it is. */
#define IMAGE_SIDE_MAX 20000

/* EXIF's orientation: how the picture is to be turned. 1 is as it is; see image.c. */
#define IMAGE_ORIENTATION_MAX 8

struct image_header {
    enum image_type type;
    int64_t width, height; /* the largest that a decoder would make room for; at least 1 */
    int orientation;       /* 1 to IMAGE_ORIENTATION_MAX; 1 but for JPEG */
};

/* NULL when it may be decoded, else what is wrong, a static text that goes on from "This file". */
MUST_USE const char *image_header_read(struct str bytes, struct image_header *header);

/* image_jpeg.c: for image_header_read. The bytes begin with a SOI. */
const char *image_jpeg_read(struct str bytes, struct image_header *header);

#define IMAGE_IS_CUT_OFF "is cut off, or damaged"

/* Numbers out of bytes that are long enough (CHECKed). */
static inline uint32_t image_number(struct str bytes, size_t at, size_t size, bool is_big_endian) {
    uint32_t number = 0;
    CHECK(at + size <= bytes.size && size <= 4);
    for (size_t i = 0; i < size; i++) {
        size_t index = is_big_endian ? at + i : at + size - 1 - i;
        number = number << 8 | (unsigned char)bytes.data[index];
    }
    return number;
}

#endif

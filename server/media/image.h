/*
 * image: an uploaded image decoded, turned upright, and written anew in all its sizes, by libgd.
 *
 * What comes out has the picture and nothing else: no EXIF, no place, no profile, no bytes behind
 * the end. JPEG stays JPEG, PNG and WebP stay what they are with their transparency, and of a GIF
 * the first frame becomes a PNG. Colours are taken as sRGB.
 *
 * Memory. While it is decoded a pixel costs 4 bytes in libgd's image and up to 8 in the decoder's
 * (PNG's rows, WebP's picture, the coefficients of a progressive JPEG), so up to about 0.5 GB for
 * 40 megapixels, in one worker; it is freed, and given back to the system, before the call returns.
 */
#ifndef AIZY_SERVER_MEDIA_IMAGE_H
#define AIZY_SERVER_MEDIA_IMAGE_H

#include "server/media/image_header.h"
#include "server/media/media.h"

/* A file of an image; its bytes are libgd's until image_release. */
struct image_file {
    const char *size; /* of media_sizes; NULL: the image itself */
    struct str bytes;
};

struct image {
    enum media_format format;
    int64_t width, height; /* upright */
    struct image_file files[MEDIA_FILES_MAX];
    size_t file_count; /* the image itself, then the smaller ones that are smaller */
};

/*
 * `header` is that of image_header_read, and its pixels are within what the caller allows. NULL,
 * and then *image is to be released; else what is wrong, as image_header_read says it.
 */
MUST_USE const char *image_make(struct str bytes, const struct image_header *header,
                                struct image *image);
void image_release(struct image *image);

#endif

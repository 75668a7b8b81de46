#include "server/media/image.h"

#include <gd.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>

/* Where a second generation is not seen to differ from the first, and files stay small. */
#define JPEG_QUALITY 85
#define WEBP_QUALITY 82
#define PNG_LEVEL 6

/* What is taken in is a sixth of this; a file that grows further is refused. */
#define FILE_MAX_BYTES (64UL * 1024 * 1024)

/* libgd writes what it thinks of a file to standard error; what we say is in the answer. */
static void be_silent(int priority, const char *format, va_list arguments) {
    (void)priority;
    (void)format;
    (void)arguments;
}

static void set_up_library(void) {
    gdSetErrorMethod(be_silent);
}

/* libgd takes bytes as `void *` and only reads them. */
static gdImagePtr decode_jpeg(int size, void *bytes) {
    return gdImageCreateFromJpegPtrEx(size, bytes, 1);
}

static gdImagePtr decode(struct str bytes, enum image_type type) {
    static gdImagePtr (*const decoders[])(int size, void *bytes) = {
        [IMAGE_JPEG] = decode_jpeg,
        [IMAGE_PNG] = gdImageCreateFromPngPtr,
        [IMAGE_GIF] = gdImageCreateFromGifPtr,
        [IMAGE_WEBP] = gdImageCreateFromWebpPtr,
    };
    CHECK(bytes.size <= INT32_MAX);
    return decoders[type]((int)bytes.size, (void *)bytes.data);
}

/* How EXIF's orientations are turned upright: where the pixel at x, y comes from. */
static const struct {
    bool swaps_axes; /* x is read from down the side, y from along the top */
    bool from_right;
    bool from_bottom;
} orientations[IMAGE_ORIENTATION_MAX + 1] = {
    [2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true},
    [5] = {true, false, false}, [6] = {true, false, true}, [7] = {true, true, true},
    [8] = {true, true, false},
};

/* NULL when there is no memory. The one that is given is freed. */
static gdImagePtr turn_upright(gdImagePtr image, int orientation) {
    if (orientation == 1) {
        return image;
    }
    bool swaps = orientations[orientation].swaps_axes;
    int width = swaps ? gdImageSY(image) : gdImageSX(image);
    int height = swaps ? gdImageSX(image) : gdImageSY(image);
    gdImagePtr upright = gdImageCreateTrueColor(width, height);
    for (int y = 0; upright != NULL && y < height; y++) {
        for (int x = 0; x < width; x++) {
            int from_x = swaps ? y : x;
            int from_y = swaps ? x : y;
            from_x = orientations[orientation].from_right ? gdImageSX(image) - 1 - from_x : from_x;
            from_y = orientations[orientation].from_bottom ? gdImageSY(image) - 1 - from_y : from_y;
            gdImageTrueColorPixel(upright, x, y) = gdImageTrueColorPixel(image, from_x, from_y);
        }
    }
    gdImageDestroy(image);
    return upright;
}

/* Bytes of libgd's; absent when it cannot. */
static struct str encode(gdImagePtr image, enum media_format format) {
    int size = 0;
    void *bytes = NULL;
    gdImageInterlace(image, 0);
    gdImageSaveAlpha(image, 1);
    switch (format) {
    case MEDIA_JPEG:
        bytes = gdImageJpegPtr(image, &size, JPEG_QUALITY);
        break;
    case MEDIA_PNG:
        bytes = gdImagePngPtrEx(image, &size, PNG_LEVEL);
        break;
    case MEDIA_WEBP:
        bytes = gdImageWebpPtrEx(image, &size, WEBP_QUALITY);
        break;
    default:
        CHECK(false && "a format without an encoder");
    }
    return (struct str){bytes, bytes == NULL ? 0 : (size_t)size};
}

static int scaled(int side, int longer_side, int longer_side_max) {
    int64_t size = ((int64_t)side * longer_side_max + longer_side / 2) / longer_side;
    return size < 1 ? 1 : (int)size;
}

/* NULL when there is no memory. */
static gdImagePtr make_smaller(gdImagePtr image, int longer_side_max) {
    int width = gdImageSX(image);
    int height = gdImageSY(image);
    int longer_side = width > height ? width : height;
    gdImagePtr smaller = gdImageCreateTrueColor(scaled(width, longer_side, longer_side_max),
                                                scaled(height, longer_side, longer_side_max));
    if (smaller != NULL) {
        gdImageAlphaBlending(smaller, 0);
        gdImageCopyResampled(smaller, image, 0, 0, 0, 0, gdImageSX(smaller), gdImageSY(smaller),
                             width, height);
    }
    return smaller;
}

static bool add_file(struct image *image, gdImagePtr picture, const char *size) {
    struct str bytes = encode(picture, image->format);
    if (str_is_absent(bytes) || bytes.size > FILE_MAX_BYTES) {
        gdFree((void *)bytes.data);
        return false;
    }
    image->files[image->file_count++] = (struct image_file){size, bytes};
    return true;
}

/* Each size from the one before, which is a fraction of the work of making it from the image. */
static bool add_smaller(struct image *image, gdImagePtr picture) {
    bool is_made = true;
    gdImagePtr from = picture;
    for (size_t i = 0; i < MEDIA_SIZE_COUNT && is_made; i++) {
        const struct media_size_row *row = &media_sizes[i];
        if (image->width <= row->longer_side && image->height <= row->longer_side) {
            continue;
        }
        gdImagePtr smaller = make_smaller(from, row->longer_side);
        is_made = smaller != NULL && add_file(image, smaller, row->name);
        if (from != picture) {
            gdImageDestroy(from);
        }
        from = smaller;
    }
    if (from != NULL && from != picture) {
        gdImageDestroy(from);
    }
    return is_made;
}

const char *image_make(struct str bytes, const struct image_header *header, struct image *image) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static const enum media_format formats[] = {[IMAGE_JPEG] = MEDIA_JPEG,
                                                [IMAGE_PNG] = MEDIA_PNG,
                                                [IMAGE_GIF] = MEDIA_PNG,
                                                [IMAGE_WEBP] = MEDIA_WEBP};
    pthread_once(&once, set_up_library);
    *image = (struct image){.format = formats[header->type]};
    gdImagePtr picture = decode(bytes, header->type);
    if (picture != NULL) {
        picture = turn_upright(picture, header->orientation);
    }
    if (picture == NULL) {
        return IMAGE_IS_CUT_OFF;
    }
    image->width = gdImageSX(picture);
    image->height = gdImageSY(picture);
    bool is_made = add_file(image, picture, NULL) && add_smaller(image, picture);
    gdImageDestroy(picture);
    /* Rows are small blocks, which would stay with this thread. */
    (void)malloc_trim(0);
    if (!is_made) {
        image_release(image);
        return "cannot be written anew";
    }
    return NULL;
}

void image_release(struct image *image) {
    for (size_t i = 0; i < image->file_count; i++) {
        gdFree((void *)image->files[i].bytes.data);
    }
    image->file_count = 0;
}

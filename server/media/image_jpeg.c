/* The segments of a JPEG (ISO/IEC 10918-1, annex B), and EXIF's orientation in one of them. */
#include "server/media/image_header.h"

enum marker {
    MARKER_RESTART_0 = 0xD0,
    MARKER_RESTART_7 = 0xD7,
    MARKER_START = 0xD8,
    MARKER_END = 0xD9,
    MARKER_SCAN = 0xDA,
    MARKER_APP1 = 0xE1,
    MARKER_TEMPORARY = 0x01,
};

#define FRAME_BYTES 6 /* precision, height, width, components */
#define EXIF_MARK STR("Exif\0\0")
#define TIFF_HEAD_BYTES 8
#define TIFF_ENTRY_BYTES 12
#define TIFF_ORIENTATION 0x0112

/* SOF0 to SOF15, but for the three of that range that are something else. */
static bool is_frame(unsigned marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/* Without a length or anything else behind them. */
static bool is_bare(unsigned marker) {
    return (marker >= MARKER_RESTART_0 && marker <= MARKER_RESTART_7) || marker == MARKER_TEMPORARY;
}

/* The first entry of the first directory that is the orientation; 1 for whatever is odd. */
static int read_orientation(struct str tiff) {
    bool is_big = str_starts_with(tiff, STR("MM"));
    if (tiff.size < TIFF_HEAD_BYTES || (!is_big && !str_starts_with(tiff, STR("II")))) {
        return 1;
    }
    struct str rest = str_slice(tiff, image_number(tiff, 4, 4, is_big), SIZE_MAX);
    if (rest.size < 2) {
        return 1;
    }
    size_t entries = image_number(rest, 0, 2, is_big);
    rest = str_slice(rest, 2, SIZE_MAX);
    for (size_t i = 0; i < entries && rest.size >= TIFF_ENTRY_BYTES; i++) {
        if (image_number(rest, 0, 2, is_big) == TIFF_ORIENTATION) {
            uint32_t value = image_number(rest, 8, 2, is_big);
            return value >= 1 && value <= IMAGE_ORIENTATION_MAX ? (int)value : 1;
        }
        rest = str_slice(rest, TIFF_ENTRY_BYTES, SIZE_MAX);
    }
    return 1;
}

/* To the marker that ends a scan: neither a stuffed byte nor a restart. False at the end. */
static bool skip_scan(struct str *rest) {
    while (rest->size >= 2) {
        const char *at = memchr(rest->data, 0xFF, rest->size - 1);
        if (at == NULL) {
            return false;
        }
        unsigned next = (unsigned char)at[1];
        bool is_data = next == 0 || is_bare(next);
        *rest = str_slice(*rest, (size_t)(at - rest->data) + (is_data ? 2 : 0), SIZE_MAX);
        if (!is_data && next != 0xFF) {
            return true;
        }
        if (next == 0xFF) {
            *rest = str_slice(*rest, 1, SIZE_MAX);
        }
    }
    return false;
}

/* Takes 0xFF, as often as it comes, and the marker. */
static bool take_marker(struct str *rest, unsigned *marker) {
    if (rest->size == 0 || (unsigned char)rest->data[0] != 0xFF) {
        return false;
    }
    while (rest->size > 0 && (unsigned char)rest->data[0] == 0xFF) {
        *rest = str_slice(*rest, 1, SIZE_MAX);
    }
    *marker = rest->size > 0 ? (unsigned char)rest->data[0] : 0;
    *rest = str_slice(*rest, 1, SIZE_MAX);
    return *marker != 0;
}

struct walk {
    struct image_header *header;
    bool has_frame, has_exif;
    unsigned scans;
};

/* `segment` is what is behind its length. */
static const char *read_segment(struct walk *walk, unsigned marker, struct str segment) {
    struct image_header *header = walk->header;
    if (is_frame(marker)) {
        if (walk->has_frame || segment.size < FRAME_BYTES) {
            return IMAGE_IS_CUT_OFF;
        }
        walk->has_frame = true;
        header->height = image_number(segment, 1, 2, true);
        header->width = image_number(segment, 3, 2, true);
    } else if (marker == MARKER_APP1 && !walk->has_exif && str_starts_with(segment, EXIF_MARK)) {
        walk->has_exif = true;
        header->orientation = read_orientation(str_slice(segment, EXIF_MARK.size, SIZE_MAX));
    } else if (marker == MARKER_SCAN) {
        walk->scans++;
        if (!walk->has_frame) {
            return IMAGE_IS_CUT_OFF;
        }
        return walk->scans > IMAGE_SCANS_MAX ? "has too many scans" : NULL;
    }
    return NULL;
}

const char *image_jpeg_read(struct str bytes, struct image_header *header) {
    struct walk walk = {.header = header};
    struct str rest = str_slice(bytes, 2, SIZE_MAX);
    const char *problem = NULL;
    unsigned marker = 0;
    while (problem == NULL && take_marker(&rest, &marker)) {
        if (marker == MARKER_END) {
            return walk.scans > 0 ? NULL : IMAGE_IS_CUT_OFF;
        }
        if (is_bare(marker)) {
            continue;
        }
        size_t size = rest.size >= 2 ? image_number(rest, 0, 2, true) : 0;
        if (marker == MARKER_START || size < 2 || size > rest.size) {
            return IMAGE_IS_CUT_OFF;
        }
        problem = read_segment(&walk, marker, str_slice(rest, 2, size - 2));
        rest = str_slice(rest, size, SIZE_MAX);
        if (problem == NULL && marker == MARKER_SCAN && !skip_scan(&rest)) {
            return IMAGE_IS_CUT_OFF;
        }
    }
    return problem != NULL ? problem : IMAGE_IS_CUT_OFF;
}

/*
 * media: what an uploaded image becomes: its files, and how they are called.
 *
 * An image has an id of 128 random bits, as 32 hexadecimal digits (stores/media_store.h), and its
 * files are named after that: `<id>.<extension>`, and `<id>-<size>.<extension>` for a smaller one.
 * No other name is a name, so that none leads anywhere else.
 */
#ifndef AIZY_SERVER_MEDIA_MEDIA_H
#define AIZY_SERVER_MEDIA_MEDIA_H

#include "base/arena.h"
#include "stores/media_store.h"

/* What is kept: whatever comes in is decoded and written anew as one of these. */
enum media_format { MEDIA_JPEG, MEDIA_PNG, MEDIA_WEBP, MEDIA_FORMAT_COUNT };

struct media_format_row {
    const char *extension;
    const char *content_type;
};
extern const struct media_format_row media_formats[MEDIA_FORMAT_COUNT];

/* All the types in which files are served; ends with NULL. */
extern const char *const media_content_types[];

/* The smaller ones of each image that is larger, by the pixels of their longer side. */
struct media_size_row {
    const char *name;
    int longer_side;
};
#define MEDIA_SIZE_COUNT 3
extern const struct media_size_row media_sizes[MEDIA_SIZE_COUNT]; /* the largest first */

/* The image itself and all its smaller ones. */
#define MEDIA_FILES_MAX (1 + MEDIA_SIZE_COUNT)

#define MEDIA_NAME_MAX_BYTES (MEDIA_ID_BYTES + 16)

/* A new id, from the system's random numbers. */
struct str media_new_id(struct arena *arena);

/* `size` NULL: of the image itself. */
struct str media_name(struct arena *arena, struct str id, const char *size,
                      enum media_format format);

/* Whether it is the name of a file; then *format says of which type. */
MUST_USE bool media_name_is_valid(struct str name, enum media_format *format);

#endif

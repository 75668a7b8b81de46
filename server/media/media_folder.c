#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "server/media/media.h"
#include "server/media/media_storage.h"

#define SHARD_BYTES 2
/* "ab/<name>", and the suffix of a file that is being written. */
#define PART_SUFFIX ".part"
#define PATH_SIZE (SHARD_BYTES + 1 + MEDIA_NAME_MAX_BYTES + sizeof(PART_SUFFIX))

struct media_folder {
    int folder; /* a descriptor: the folder stays the same whatever becomes of its name */
};

static struct fault failed(const char *step, struct str name) {
    log_error("media.failed", LOG_TEXT("step", step), LOG_STR("name", name),
              LOG_TEXT("reason", strerror(errno)));
    return fault_of(FAULT_STORE_DOWN);
}

static void path_of(struct str name, const char *suffix, char path[static PATH_SIZE]) {
    enum media_format format = MEDIA_JPEG;
    CHECK(media_name_is_valid(name, &format));
    (void)snprintf(path, PATH_SIZE, "%.*s/%.*s%s", SHARD_BYTES, name.data, STR_ARG(name), suffix);
}

static bool write_all(int file, struct str bytes) {
    while (bytes.size > 0) {
        ssize_t written = write(file, bytes.data, bytes.size);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes = str_slice(bytes, written < 0 ? 0 : (size_t)written, SIZE_MAX);
    }
    return true;
}

/* A name that was made or removed is so for good only once its folder has been written. */
static bool sync_folder(int parent, const char *path) {
    int folder = openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return false;
    }
    bool is_synced = fsync(folder) == 0;
    (void)close(folder);
    return is_synced;
}

static bool make_shard(int folder, const char *path) {
    char shard[SHARD_BYTES + 1] = {path[0], path[1], '\0'};
    if (mkdirat(folder, shard, 0755) == 0) {
        return fsync(folder) == 0;
    }
    return errno == EEXIST;
}

static bool write_part(int folder, const char *path, struct str bytes) {
    int file = openat(folder, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file < 0) {
        return false;
    }
    bool is_written = write_all(file, bytes) && fsync(file) == 0;
    return close(file) == 0 && is_written;
}

static struct fault folder_put(void *self, struct str name, struct str bytes) {
    const struct media_folder *media = self;
    char path[PATH_SIZE];
    char part[PATH_SIZE];
    path_of(name, "", path);
    path_of(name, PART_SUFFIX, part);
    char shard[SHARD_BYTES + 1] = {path[0], path[1], '\0'};
    bool is_done = make_shard(media->folder, path) && write_part(media->folder, part, bytes) &&
                   renameat(media->folder, part, media->folder, path) == 0 &&
                   sync_folder(media->folder, shard);
    return is_done ? fault_none() : failed("put", name);
}

/* Opens it and says how large it is. */
static struct fault open_file(const struct media_folder *media, struct str name, int *file,
                              int64_t *size) {
    char path[PATH_SIZE];
    struct stat status;
    path_of(name, "", path);
    *file = openat(media->folder, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (*file < 0) {
        return errno == ENOENT ? fault_of(FAULT_NOT_FOUND) : failed("open", name);
    }
    if (fstat(*file, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)close(*file);
        return failed("stat", name);
    }
    *size = status.st_size;
    return fault_none();
}

static struct fault folder_size(void *self, struct str name, int64_t *size) {
    int file = -1;
    TRY(open_file(self, name, &file, size));
    (void)close(file);
    return fault_none();
}

#define READ_BYTES (16UL * 1024)

static bool read_from(int file, int64_t offset, size_t max_bytes, struct buf *bytes) {
    char piece[READ_BYTES];
    while (max_bytes > 0) {
        size_t wanted = max_bytes < sizeof(piece) ? max_bytes : sizeof(piece);
        ssize_t size = pread(file, piece, wanted, offset);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return size == 0;
        }
        buf_append(bytes, piece, (size_t)size);
        max_bytes -= (size_t)size;
        offset += size;
    }
    return true;
}

static struct fault folder_read(void *self, struct str name, int64_t offset, size_t max_bytes,
                                struct buf *bytes) {
    int file = -1;
    int64_t size = 0;
    TRY(open_file(self, name, &file, &size));
    bool is_read = read_from(file, offset, max_bytes, bytes);
    (void)close(file);
    return is_read ? fault_none() : failed("read", name);
}

static struct fault folder_remove(void *self, struct str name) {
    const struct media_folder *media = self;
    static const char *const suffixes[] = {"", PART_SUFFIX};
    char path[PATH_SIZE];
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        path_of(name, suffixes[i], path);
        if (unlinkat(media->folder, path, 0) != 0 && errno != ENOENT) {
            return failed("remove", name);
        }
    }
    char shard[SHARD_BYTES + 1] = {path[0], path[1], '\0'};
    bool is_done = sync_folder(media->folder, shard) || errno == ENOENT;
    return is_done ? fault_none() : failed("remove", name);
}

static void folder_close(void *self) {
    struct media_folder *media = self;
    (void)close(media->folder);
    free(media);
}

static const struct media_storage_calls folder_calls = {folder_put, folder_size, folder_read,
                                                        folder_remove, folder_close};

/* Whether files can be made in it: permissions do not tell of a read-only or full disk. */
static bool can_be_written(int folder) {
    char path[64];
    (void)snprintf(path, sizeof(path), ".check-%d", getpid());
    int file = openat(folder, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) {
        return false;
    }
    bool is_written = write_all(file, STR("x")) && fsync(file) == 0;
    is_written = close(file) == 0 && is_written;
    return unlinkat(folder, path, 0) == 0 && is_written;
}

struct str media_folder_open(struct str path, struct arena *arena, struct media_storage *storage) {
    const char *name = arena_c_string(arena, path);
    bool is_there = mkdir(name, 0755) == 0 || errno == EEXIST;
    int folder = is_there ? open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder < 0) {
        return arena_printf(arena, "MEDIA_DIR (%s) is not there and cannot be made: %s.", name,
                            strerror(errno));
    }
    if (!can_be_written(folder)) {
        struct str problem =
            arena_printf(arena, "MEDIA_DIR (%s) cannot be written to: %s.", name, strerror(errno));
        (void)close(folder);
        return problem;
    }
    struct media_folder *media = calloc(1, sizeof(*media));
    CHECK(media != NULL && "out of memory");
    media->folder = folder;
    *storage = (struct media_storage){&folder_calls, media};
    return (struct str){0};
}

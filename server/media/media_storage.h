/*
 * media_storage: where the files of images are: a local folder now, an object store's bucket later.
 *
 * Files are written once, under a name that is new (media.h), and never changed: whoever reads one
 * may keep it for ever. Which files there should be is told by the records of stores/media_store.h,
 * not by the storage, so that it need not list what it holds, and what it holds beside them is
 * never touched. All calls may be made from several threads at once, and by several processes over
 * the same files. They wait for disks and networks: never on a loop thread.
 */
#ifndef AIZY_SERVER_MEDIA_MEDIA_STORAGE_H
#define AIZY_SERVER_MEDIA_MEDIA_STORAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/fault.h"

/* What a kind of storage has to do. `self` is its own. FAULT_STORE_DOWN, with a line in the log,
 * when it cannot. */
struct media_storage_calls {
    /*
     * Writes a file of which there is none yet. Once it has returned without a fault the file is
     * there, whole, whatever happens to the process or the machine; before that nobody can read it,
     * and after a fault or a crash `remove` clears away whatever there is of it.
     */
    struct fault (*put)(void *self, struct str name, struct str bytes);

    /* The size in bytes. FAULT_NOT_FOUND. */
    struct fault (*size)(void *self, struct str name, int64_t *size);

    /*
     * Appends the bytes from `offset` on, at most `max_bytes`, fewer only at the end of the file.
     * FAULT_NOT_FOUND.
     */
    struct fault (*read)(void *self, struct str name, int64_t offset, size_t max_bytes,
                         struct buf *bytes);

    /* Removes the file and what a `put` that did not end has left; durable once it has returned.
     * That there is none is no fault. */
    struct fault (*remove)(void *self, struct str name);

    /* Frees it; the files stay. */
    void (*close)(void *self);
};

struct media_storage {
    const struct media_storage_calls *calls;
    void *self;
};

/*
 * media_folder.c: a folder of this machine, or one that several share (with POSIX's rename and
 * fsync: a local or a network file system). It is made when it is not there and its parent is. In
 * it are 256 folders, by the first two digits of the names. Absent when it can be written, else
 * what is wrong, a sentence in the arena.
 */
MUST_USE struct str media_folder_open(struct str path, struct arena *arena,
                                      struct media_storage *storage);

#endif

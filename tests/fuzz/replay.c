/* The main of a target in builds without libFuzzer: each file of the folders that are named. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

#define PATH_BYTES 4096

/* From memory of the file's own size, so that AddressSanitizer sees a read past its end. */
static void replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    struct stat status;
    CHECK(file != NULL && fstat(fileno(file), &status) == 0);
    size_t size = (size_t)status.st_size;
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    CHECK(bytes != NULL);
    CHECK(fread(bytes, 1, size, file) == size);
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
}

static size_t replay_folder(const char *folder) {
    size_t count = 0;
    DIR *entries = opendir(folder);
    CHECK(entries != NULL);
    const struct dirent *entry = NULL;
    while ((entry = readdir(entries)) != NULL) { // NOLINT: no other thread reads this folder
        char path[PATH_BYTES];
        struct stat status;
        int size = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        CHECK(size > 0 && (size_t)size < sizeof(path) && stat(path, &status) == 0);
        if (S_ISREG(status.st_mode)) {
            printf("%s\n", path);
            (void)fflush(stdout);
            replay_file(path);
            count++;
        }
    }
    (void)closedir(entries);
    return count;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        struct stat status;
        CHECK(stat(argv[i], &status) == 0);
        if (S_ISDIR(status.st_mode)) {
            CHECK(replay_folder(argv[i]) > 0);
        } else {
            replay_file(argv[i]);
        }
    }
    return 0;
}

/*
 * replay_NAME DIR: runs a fuzz target without a fuzzer, over every file of its corpus and, for the small
 * ones, over each of their beginnings. Each input lies in a block of exactly its size, so that
 * AddressSanitizer sees the first byte that is read too far. An empty corpus is a failure.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    INPUT_MAX = 1 << 20,
    BEGINNINGS_MAX = 1024 /* beginnings take time that grows with the square of the size */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const uint8_t *data, size_t size)
{
    uint8_t *block = malloc(size > 0 ? size : 1);
    if (block == NULL)
        abort();
    memcpy(block, data, size);
    LLVMFuzzerTestOneInput(block, size);
    free(block);
}

static int replay(const char *path)
{
    static uint8_t input[INPUT_MAX];
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        return -1;
    }
    size_t n = fread(input, 1, sizeof input, f);
    int bad = ferror(f);
    (void)fclose(f);
    if (bad || n == sizeof input) {
        (void)fprintf(stderr, "%s: cannot be read, or is too long\n", path);
        return -1;
    }
    run(input, n);
    for (size_t i = 0; n <= BEGINNINGS_MAX && i < n; i++)
        run(input, i);
    return 0;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 64;
    }
    struct dirent **entries = NULL;
    int count = scandir(argv[1], &entries, is_visible, alphasort);
    int failed = count <= 0;
    for (int i = 0; i < count; i++) {
        char path[4096];
        int n = snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
        if (n < 0 || (size_t)n >= sizeof path || replay(path) != 0)
            failed = 1;
        free(entries[i]);
    }
    free(entries);
    printf("%d inputs\n", count);
    return failed;
}

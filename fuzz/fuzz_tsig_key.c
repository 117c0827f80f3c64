/* A file with a TSIG key. What passes is found again when it is written as a line. */
#include "check.h"
#include "publish/tsig_key.h"

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_tsig_key key, again;
    char line[sizeof key + 3];
    size_t offset;
    enum ww_err err = ww_tsig_key_parse((const char *)data, size, &key, &offset);
    CHECK(offset <= size);
    if (err != WW_OK)
        return 0;
    int n = snprintf(line, sizeof line, "%s:%s:%s", key.algorithm, key.name, key.secret);
    CHECK(ww_tsig_key_parse(line, (size_t)n, &again, &offset) == WW_OK && offset == (size_t)n);
    CHECK(memcmp(&key, &again, sizeof key) == 0);
    return 0;
}

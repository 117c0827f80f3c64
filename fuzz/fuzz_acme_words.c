#include "publish/acme_words.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What people read is whole, printable, and never longer than there is room for it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t room = 1; room < 200; room += 33) {
        char out[200];
        memset(out, '\n', sizeof out);
        ww_acme_words(ww_slice((const char *)data, size), out, room);
        size_t n = strnlen(out, room);
        for (size_t i = 0; i < n; i++) {
            if (out[i] < ' ' || out[i] > '~')
                abort();
        }
        if (n == room || out[room] != '\n')
            abort();
    }
    return 0;
}

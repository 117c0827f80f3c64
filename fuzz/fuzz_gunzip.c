/* gzip: what comes out never exceeds the cap, and packed again it comes out the same. */
#include "check.h"
#include "codec/gzip.h"

#include <stdint.h>

#define OUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n, zipped_n, back_n;
    enum ww_err err;
    char *text = ww_gunzip(ww_slice((const char *)data, size), OUT_MAX, &n, &err);
    CHECK((text != NULL) == (err == WW_OK));
    CHECK(n <= OUT_MAX);
    if (text == NULL)
        return 0;
    char *zipped = ww_gzip(ww_slice(text, n), &zipped_n);
    CHECK(zipped != NULL);
    char *back = ww_gunzip(ww_slice(zipped, zipped_n), n, &back_n, &err);
    CHECK(back != NULL && ww_slice_eq(ww_slice(back, back_n), ww_slice(text, n)));
    free(back);
    free(zipped);
    free(text);
    return 0;
}

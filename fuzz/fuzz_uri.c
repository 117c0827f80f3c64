/* A URI, or a part of one: what is decoded is never longer, and decoding undoes percent signs. */
#include "core/uri.h"

#include "check.h"

#include <stdint.h>

#define INPUT_MAX 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parse(struct ww_slice text)
{
    struct ww_uri uri;
    size_t offset;
    CHECK(ww_uri_parse(text.p, text.n, &uri, &offset) != WW_OK || offset == text.n);
    CHECK(offset <= text.n);
}

static void check_decode(struct ww_slice text)
{
    char out[INPUT_MAX];
    size_t offset;
    struct ww_buf b = ww_buf(out, sizeof out);
    enum ww_err err = ww_uri_decode(text, &b, &offset);
    CHECK(err == WW_OK || err == WW_E_URI_PERCENT);
    CHECK(err == WW_OK ? offset == text.n : text.p[offset] == '%');
    CHECK(b.n <= text.n);
    b = ww_buf(out, 1);
    CHECK(ww_uri_decode(text, &b, &offset) != WW_OK || text.n == 0 || b.n == 1);
}

static void check_round_trip(struct ww_slice text)
{
    static const char digits[] = "0123456789aBcDeF";
    char escaped[3 * INPUT_MAX], out[INPUT_MAX];
    size_t offset;
    struct ww_buf b = ww_buf(escaped, sizeof escaped);
    for (size_t i = 0; i < text.n; i++) {
        ww_buf_char(&b, '%');
        ww_buf_char(&b, digits[(unsigned char)text.p[i] >> 4]);
        ww_buf_char(&b, digits[text.p[i] & 0xf]);
    }
    struct ww_buf back = ww_buf(out, sizeof out);
    CHECK(ww_uri_decode(ww_slice(b.p, b.n), &back, &offset) == WW_OK);
    CHECK(ww_slice_eq(ww_slice(back.p, back.n), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ww_slice text = ww_slice((const char *)data, size < INPUT_MAX ? size : INPUT_MAX);
    check_parse(text);
    check_decode(text);
    check_round_trip(text);
    return 0;
}

/* The file that hands trust anchors on: there and back, cut at every length, and changed. */
#include "core/anchor_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static char bytes[WW_ANCHOR_FILE_MAX];

static struct ww_buf written(size_t count)
{
    static struct ww_anchor_file in;
    in = (struct ww_anchor_file){
        .seed = "default", .confirmed = 1764403200, .count = count, .revoked_count = count};
    for (size_t i = 0; i < count; i++) {
        in.keys[i].tag = (uint16_t)(65535 - i);
        in.keys[i].algorithm = 255;
        memset(in.keys[i].digest, (int)i, sizeof in.keys[i].digest);
        in.revoked[i] = in.keys[i];
        in.revoked[i].tag = (uint16_t)(i + 1);
    }
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    ww_anchor_file_put(&b, &in);
    assert_false(b.failed);
    return b;
}

static void test_there_and_back(void **state)
{
    (void)state;
    static struct ww_anchor_file out;
    const size_t counts[] = {0, 1, WW_ANCHOR_FILE_KEYS_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct ww_buf b = written(counts[i]);
        assert_int_equal(ww_anchor_file_parse(b.p, b.n, &out), WW_OK);
        assert_string_equal(out.seed, "default");
        assert_int_equal(out.confirmed, 1764403200);
        assert_int_equal(out.count, counts[i]);
        if (out.count > 0)
            assert_int_equal(out.keys[out.count - 1].tag, 65535 - (out.count - 1));
        assert_int_equal(out.revoked_count, counts[i]);
        if (out.count > 0)
            assert_int_equal(out.revoked[out.count - 1].tag, out.count);
        for (size_t n = 0; n < b.n; n++)
            assert_int_equal(ww_anchor_file_parse(b.p, n, &out), WW_E_ANCHOR_FILE);
    }
}

static void test_strict(void **state)
{
    (void)state;
    static struct ww_anchor_file out;
    static const struct {
        const char *from, *to; /* of the same length */
    } changes[] = {
        {"; The", "; the"},
        {";seed default", ";seed def-ult"},
        {";confirmed 2025", ";confirmed 20x5"},
        {" IN DS ", " IN NS "},
        {". IN DS", "x IN DS"},
        {" 255 2 ", " 255 4 "},
        {";end\n", ";End\n"},
        {";revoked .", ";revoke  ."},
        {"\n;revoked .", "\n;revoked x"},
        {"\n;seed", " ;seed"},
        {" 255 2 00", " 255 2  0"},
        {"; change", "\n change"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct ww_buf b = written(1);
        assert_int_equal(ww_anchor_file_parse(b.p, b.n, &out), WW_OK);
        char *at = memmem(b.p, b.n, changes[i].from, strlen(changes[i].from));
        assert_non_null(at);
        memcpy(at, changes[i].to, strlen(changes[i].to));
        assert_int_equal(ww_anchor_file_parse(b.p, b.n, &out), WW_E_ANCHOR_FILE);
        assert_int_equal(out.count, 0);
    }
    struct ww_buf b = written(1);
    ww_buf_str(&b, "more\n");
    assert_int_equal(ww_anchor_file_parse(b.p, b.n, &out), WW_E_ANCHOR_FILE);
    b = written(1);
    char *key = memmem(b.p, b.n, ". IN", 4), *revoked = memmem(b.p, b.n, ";revoked", 8);
    assert_true(key != NULL && revoked != NULL);
    b.n -= strlen(";end\n");
    ww_buf_bytes(&b, key, (size_t)(revoked - key)); /* a key behind what is revoked */
    ww_buf_str(&b, ";end\n");
    assert_int_equal(ww_anchor_file_parse(b.p, b.n, &out), WW_E_ANCHOR_FILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "codec/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What `gzip -n` makes of "hello\n", and of nothing. */
#define HELLO                                                                                              \
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a\x36\x06\x00\x00" \
    "\x00"
#define NOTHING "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"
/* The same with a file name and a time. */
#define NAMED                                  \
    "\x1f\x8b\x08\x08\x01\x02\x03\x04\x00\x03" \
    "a.txt\x00\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a\x36\x06\x00\x00\x00"
#define SIZED(text) text, sizeof(text) - 1

static const struct {
    const char *label;
    const char *octets;
    size_t n;
    size_t max;
    enum ww_err err;
    const char *text;
} cases[] = {
    {"one member", SIZED(HELLO), 100, WW_OK, "hello\n"},
    {"name and time are passed over", SIZED(NAMED), 100, WW_OK, "hello\n"},
    {"of nothing", SIZED(NOTHING), 100, WW_OK, ""},
    {"of nothing, and no room", SIZED(NOTHING), 0, WW_OK, ""},
    {"as much as may come out", SIZED(HELLO), 6, WW_OK, "hello\n"},
    {"one octet more", SIZED(HELLO), 5, WW_E_TOO_LONG, NULL},
    {"several members", SIZED(HELLO NOTHING NAMED), 12, WW_OK, "hello\nhello\n"},
    {"the cap is that of all members", SIZED(HELLO NOTHING NAMED), 11, WW_E_TOO_LONG, NULL},
    {"no octets", "", 0, 100, WW_E_GZIP, NULL},
    {"no gzip", SIZED("{\"organization-name\""), 100, WW_E_GZIP, NULL},
    {"a zlib stream is none", SIZED("\x78\x9c\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x08\x4b\x02\x1f"), 100,
     WW_E_GZIP, NULL},
    {"cut off", HELLO, sizeof HELLO - 2, 100, WW_E_GZIP, NULL},
    {"a second member cut off", HELLO HELLO, 2 * (sizeof HELLO - 1) - 1, 100, WW_E_GZIP, NULL},
    {"something behind the last member", SIZED(HELLO "x"), 100, WW_E_GZIP, NULL},
    {"a wrong sum",
     SIZED("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x21\x30\x3a\x36\x06\x00"
           "\x00\x00"),
     100, WW_E_GZIP, NULL},
    {"a wrong length",
     SIZED("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a\x36\x07\x00"
           "\x00\x00"),
     100, WW_E_GZIP, NULL},
};

static void members_come_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t n = 99;
        enum ww_err err;
        char *text = ww_gunzip(ww_slice(cases[i].octets, cases[i].n), cases[i].max, &n, &err);
        if (err != cases[i].err)
            print_error("%s\n", cases[i].label);
        assert_int_equal(err, cases[i].err);
        assert_int_equal(text != NULL, err == WW_OK);
        assert_int_equal(n, cases[i].text != NULL ? strlen(cases[i].text) : 0);
        if (text != NULL)
            assert_memory_equal(text, cases[i].text, n);
        free(text);
    }
}

static void members_are_counted(void **state)
{
    static const struct {
        const char *octets;
        size_t n, members;
        const char *rest;
    } counted[] = {
        {SIZED(HELLO), 1, ""},
        {SIZED(HELLO NOTHING NAMED), 3, ""},
        {SIZED(HELLO "x"), 1, "x"},
        {SIZED(HELLO HELLO "\x1f"), 2, "\x1f"},
        {SIZED(HELLO "\r\n" HELLO), 1, "\r\n" HELLO},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(counted); i++) {
        size_t n, members;
        struct ww_slice rest;
        enum ww_err err;
        char *text =
            ww_gunzip_members(ww_slice(counted[i].octets, counted[i].n), 100, &n, &members, &rest, &err);
        assert_non_null(text);
        assert_int_equal(members, counted[i].members);
        assert_int_equal(rest.n, counted[i].n - (size_t)(rest.p - counted[i].octets));
        assert_memory_equal(rest.p, counted[i].rest, rest.n);
        free(text);
    }
    size_t n, members;
    struct ww_slice rest;
    enum ww_err err;
    assert_null(ww_gunzip_members(ww_slice(SIZED(HELLO "\x1f\x8b")), 100, &n, &members, &rest, &err));
    assert_int_equal(err, WW_E_GZIP);
}

static void the_same_octets_come_out_always(void **state)
{
    (void)state;
    size_t n, again;
    char *zipped = ww_gzip(ww_slice(SIZED("hello\n")), &n),
         *second = ww_gzip(ww_slice(SIZED("hello\n")), &again);
    assert_int_equal(n, again);
    assert_memory_equal(zipped, second, n);
    /* No flags, no time: octets 3 to 7 (RFC 1952 section 2.3). */
    assert_memory_equal(zipped, "\x1f\x8b\x08\0\0\0\0\0", 8);
    free(zipped);
    free(second);
}

/* Octets that do not pack, many of them, and a bomb. */
static void what_goes_in_comes_out(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 3000000};
    char *plain = malloc(3000000);
    assert_non_null(plain);
    uint32_t x = 1;
    for (size_t i = 0; i < 3000000; i++) {
        x = x * 1664525 + 1013904223;
        plain[i] = (char)(i < 1000000 ? x >> 24 : 'a');
    }
    for (size_t i = 0; i < COUNT(sizes); i++) {
        size_t n, m;
        enum ww_err err;
        char *quick = ww_gzip_fast(ww_slice(plain, sizes[i]), &n);
        assert_non_null(quick);
        char *quick_back = ww_gunzip(ww_slice(quick, n), sizes[i], &m, &err);
        assert_non_null(quick_back);
        assert_int_equal(m, sizes[i]);
        assert_memory_equal(quick_back, plain, m);
        free(quick_back);
        free(quick);
        char *zipped = ww_gzip(ww_slice(plain, sizes[i]), &n);
        assert_non_null(zipped);
        char *back = ww_gunzip(ww_slice(zipped, n), sizes[i], &m, &err);
        assert_int_equal(err, WW_OK);
        assert_int_equal(m, sizes[i]);
        assert_memory_equal(back, plain, m);
        free(back);
        if (sizes[i] > 0) {
            assert_null(ww_gunzip(ww_slice(zipped, n), sizes[i] - 1, &m, &err));
            assert_int_equal(err, WW_E_TOO_LONG);
        }
        free(zipped);
    }
    free(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_out),
        cmocka_unit_test(members_are_counted),
        cmocka_unit_test(the_same_octets_come_out_always),
        cmocka_unit_test(what_goes_in_comes_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

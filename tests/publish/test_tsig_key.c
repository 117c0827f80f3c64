#include "publish/tsig_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "c2VjcmV0IG9mIHRoZSBrZXkgb2YgdGhlIHRlc3Q="

static const struct row {
    const char *text;
    enum ww_err err;
    const char *name, *algorithm, *secret;
} rows[] = {
    /* BIND */
    {"key \"update\" {\n\talgorithm hmac-sha256;\n\tsecret \"" SECRET "\";\n};\n", WW_OK, "update",
     "hmac-sha256", SECRET},
    {"# one\n// two\n/* three * / */ key Up_Date.Example. { secret " SECRET
     "; algorithm HMAC-SHA512.; }; # end",
     WW_OK, "up_date.example", "hmac-sha512", SECRET},
    {"/**/key a{algorithm hmac-sha256;secret \"//8=\";};", WW_OK, "a", "hmac-sha256", "//8="},
    {"key a { algorithm hmac-sha256; };", WW_E_TSIG_FORM, NULL, NULL, NULL},
    {"key a { id b; algorithm hmac-sha256; secret " SECRET "; };", WW_E_TSIG_FORM, NULL, NULL, NULL},
    {"key a { algorithm hmac-sha256; secret " SECRET "; }", WW_E_TSIG_FORM, NULL, NULL, NULL},
    {"key a { algorithm hmac-sha256; secret " SECRET ";", WW_E_TSIG_FORM, NULL, NULL, NULL},
    {"key a { algorithm hmac-sha256; secret \"" SECRET, WW_E_TSIG_FORM, NULL, NULL, NULL},
    {"key a { algorithm hmac-sha256; secret " SECRET "; }; key b", WW_E_TSIG_SEVERAL, NULL, NULL, NULL},
    {"key a { algorithm hmac-sha256; secret " SECRET "; }; \"", WW_E_TSIG_FORM, NULL, NULL, NULL},
    {"key a { algorithm hmac-sha256; secret AAAA; secret BBBB; };", WW_E_TSIG_FORM, NULL, NULL, NULL},
    {"key a { algorithm hmac-sha256; algorithm hmac-sha512; secret AAAA; };", WW_E_TSIG_FORM, NULL, NULL,
     NULL},
    {"key a { algorithm hmac-md5; secret " SECRET "; };", WW_E_TSIG_ALGORITHM, NULL, NULL, NULL},
    {"key a..b { algorithm hmac-sha256; secret " SECRET "; };", WW_E_TSIG_NAME, NULL, NULL, NULL},
    /* Knot DNS */
    {"# hmac-sha256:update:" SECRET "\nkey:\n  - id: update\n    algorithm: hmac-sha256\n    secret: " SECRET
     "\n",
     WW_OK, "update", "hmac-sha256", SECRET},
    {"key:\n- id: 'a'\n  algorithm: hmac-sha512\n  secret: //8=\n", WW_OK, "a", "hmac-sha512", "//8="},
    {"key:\n- id: a\n  algorithm: hmac-sha512\n  secret: //8=\n- id: b", WW_E_TSIG_SEVERAL, NULL, NULL, NULL},
    {"key:\n- id: a\n  algorithm: hmac-sha512\n", WW_E_TSIG_FORM, NULL, NULL, NULL},
    {"key:\n- id: update\n  id: b\n  algorithm: hmac-sha512\n  secret: AAAA\n", WW_E_TSIG_FORM, NULL, NULL,
     NULL},
    {"key:\n- id: a\n  port: 1\n", WW_E_TSIG_FORM, NULL, NULL, NULL},
    {"key:\n  id: a\n", WW_E_TSIG_FORM, NULL, NULL, NULL},
    /* a line */
    {"hmac-sha256:update:" SECRET, WW_OK, "update", "hmac-sha256", SECRET},
    {"\n hmac-sha512:a.example.:AAAA \n", WW_OK, "a.example", "hmac-sha512", "AAAA"},
    {"update:" SECRET, WW_E_TSIG_FORM, NULL, NULL, NULL},
    {"hmac-sha1:a:AAAA", WW_E_TSIG_ALGORITHM, NULL, NULL, NULL},
    {"hmac-sha256::AAAA", WW_E_TSIG_NAME, NULL, NULL, NULL},
    {"hmac-sha256:a:", WW_E_TSIG_SECRET, NULL, NULL, NULL},
    {"hmac-sha256:a:AAA", WW_E_TSIG_SECRET, NULL, NULL, NULL},
    {"hmac-sha256:a:A===", WW_E_TSIG_SECRET, NULL, NULL, NULL},
    {"hmac-sha256:a:AA=A", WW_E_TSIG_SECRET, NULL, NULL, NULL},
    {"hmac-sha256:a:AAA\x01", WW_E_TSIG_SECRET, NULL, NULL, NULL},
    {"hmac-sha256:a:AAAA b", WW_E_TSIG_SEVERAL, NULL, NULL, NULL},
    {"", WW_E_TSIG_FORM, NULL, NULL, NULL},
    {"\"", WW_E_TSIG_FORM, NULL, NULL, NULL},
};

static void reads_what_name_servers_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct ww_tsig_key key;
        size_t offset;
        enum ww_err err = ww_tsig_key_parse(r->text, strlen(r->text), &key, &offset);
        if (err != r->err)
            print_error("row %zu: %s\n", i, r->text);
        assert_int_equal(err, r->err);
        if (err != WW_OK)
            continue;
        assert_string_equal(key.name, r->name);
        assert_string_equal(key.algorithm, r->algorithm);
        assert_string_equal(key.secret, r->secret);
    }
}

static void a_secret_has_its_limit(void **state)
{
    (void)state;
    struct ww_tsig_key key;
    char text[400] = "hmac-sha512:a:";
    size_t offset, n = strlen(text);
    memset(text + n, 'A', 256);
    assert_int_equal(ww_tsig_key_parse(text, n + 252, &key, &offset), WW_OK);
    assert_int_equal(strlen(key.secret), 252);
    assert_int_equal(ww_tsig_key_parse(text, n + 256, &key, &offset), WW_E_TSIG_SECRET);
}

static void write_file(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void reads_a_file(void **state)
{
    (void)state;
    static const char good[] = "hmac-sha256:a:AAAA\n", bad[] = "hmac-sha256:a:secret\x01";
    char path[] = "/tmp/ww-tsig-XXXXXX", detail[WW_DNS_UPDATE_DETAIL_SIZE], large[WW_TSIG_FILE_MAX];
    struct ww_tsig_key key;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    write_file(path, good, sizeof good - 1);
    assert_true(ww_tsig_key_read(path, &key, detail));
    assert_string_equal(key.name, "a");
    write_file(path, bad, sizeof bad - 1);
    assert_false(ww_tsig_key_read(path, &key, detail));
    assert_non_null(strstr(detail, path));
    assert_null(strstr(detail, "secret\x01"));
    memset(large, '#', sizeof large);
    write_file(path, large, sizeof large);
    assert_false(ww_tsig_key_read(path, &key, detail));
    assert_int_equal(unlink(path), 0);
    assert_false(ww_tsig_key_read(path, &key, detail));
    assert_non_null(strstr(detail, "No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_name_servers_write),
        cmocka_unit_test(a_secret_has_its_limit),
        cmocka_unit_test(reads_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

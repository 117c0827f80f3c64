#include "daemon/resolver_inputs.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct ww_config *parse(const char *text)
{
    char detail[512];
    struct ww_config *c = ww_config_parse("conf", text, strlen(text), detail, sizeof detail);
    if (c == NULL)
        fail_msg("%s: %s", text, detail);
    return c;
}

/* Each is another one than all the others. */
static const char *const different[] = {
    "",
    "dns { forward = {\"192.0.2.1\"} }",
    "dns { forward = {\"192.0.2.2\"} }",
    "dns { forward = {\"192.0.2.1\", \"192.0.2.2\"} }",
    "dns { forward = {\"192.0.2.2\", \"192.0.2.1\"} }",
    "dns { sources = {\"192.0.2.1\"} }",
    "dns { sources = {\"2001:db8::1\"} }",
    "dns { root_hints = \"/a\" }",
    "dns { root_hints = \"/b\" }",
    "dns { trust_anchor = \"/a\" }",
    "dns { anchor_updates = false }",
    "dns { timeout = \"6s\" }",
    "fetch { ca_file = \"/a\" }",
    "fetch { deadline = \"11s\" }",
    "fetch { allow_addresses = {\"10.0.0.0/8\"} }",
    "fetch { allow_addresses = {\"10.0.0.0/9\"} }",
    "fetch { sources = {\"192.0.2.1\"} }",
    "fetch { max_flights = 201 }",
    "fetch { max_per_second = 2001 }",
    "fetch { max_per_site = 11 }",
};

static void settings(void **state)
{
    (void)state;
    const size_t n = sizeof different / sizeof *different;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            struct ww_config *a = parse(different[i]), *b = parse(different[j]);
            if (ww_resolver_settings_same(a, b) != (i == j))
                fail_msg("%s and %s", different[i], different[j]);
            ww_config_free(a);
            ww_config_free(b);
        }
    }
}

static void settings_of_others(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "listen = {\"inet:127.0.0.1:25\"}",
        "log_level = debug",
        "log_format = json",
        "testing = may",
        "answer_deadline = \"9s\"",
        "max_domains = 5000",
        "cache { recheck = \"1h\" }",
        "dns { timeout = \"5s\" }", /* as it is */
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ww_config *a = parse(""), *b = parse(texts[i]);
        if (!ww_resolver_settings_same(a, b))
            fail_msg("%s", texts[i]);
        ww_config_free(a);
        ww_config_free(b);
    }
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void files(void **state)
{
    (void)state;
    static const char *const names[] = {"fetch { ca_file", "dns { root_hints", "dns { trust_anchor"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char folder[] = "/tmp/waxwing-test-XXXXXX", path[64], other[64], text[128];
        struct ww_resolver_files before, after;
        assert_non_null(mkdtemp(folder));
        snprintf(path, sizeof path, "%s/file", folder);
        snprintf(other, sizeof other, "%s/other", folder);
        snprintf(text, sizeof text, "%s = \"%s\" }", names[i], path);
        struct ww_config *c = parse(text);

        ww_resolver_files_look(&before, c);
        ww_resolver_files_look(&after, c);
        assert_true(ww_resolver_files_same(&before, &after));
        write_file(path, "one");
        ww_resolver_files_look(&after, c);
        assert_false(ww_resolver_files_same(&before, &after));

        /* Another file, put in its place, of the same size. */
        ww_resolver_files_look(&before, c);
        write_file(other, "two");
        assert_int_equal(rename(other, path), 0);
        ww_resolver_files_look(&after, c);
        assert_false(ww_resolver_files_same(&before, &after));

        ww_resolver_files_look(&before, c);
        assert_int_equal(unlink(path), 0);
        ww_resolver_files_look(&after, c);
        assert_false(ww_resolver_files_same(&before, &after));
        ww_config_free(c);
        assert_int_equal(rmdir(folder), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),
        cmocka_unit_test(settings_of_others),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

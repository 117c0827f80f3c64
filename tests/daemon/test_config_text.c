#include "daemon/config_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct ww_config_text text;

static int setup(void **state)
{
    (void)state;
    text = (struct ww_config_text){NULL, 0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ww_config_text_free(&text);
    assert_null(text.p);
    assert_int_equal(text.n, 0);
    return 0;
}

static void adds_up(void **state)
{
    (void)state;
    assert_true(ww_config_text_add(&text, "", 0));
    assert_string_equal(text.p, "");
    assert_true(ww_config_text_add(&text, "one", 3));
    assert_true(ww_config_text_add(&text, "two ...", 3));
    assert_string_equal(text.p, "onetwo");
    assert_int_equal(text.n, 6);
}

static void has_an_end(void **state)
{
    (void)state;
    char *much = calloc(1, WW_CONFIG_TEXT_MAX);
    assert_non_null(much);
    memset(much, 'x', WW_CONFIG_TEXT_MAX);
    assert_true(ww_config_text_add(&text, "ab", 2));
    assert_false(ww_config_text_add(&text, much, WW_CONFIG_TEXT_MAX - 1));
    assert_int_equal(errno, EFBIG);
    assert_int_equal(text.n, 2);
    assert_true(ww_config_text_add(&text, much, WW_CONFIG_TEXT_MAX - 2));
    assert_false(ww_config_text_add(&text, "x", 1));
    assert_int_equal(text.n, WW_CONFIG_TEXT_MAX);
    assert_int_equal(text.p[WW_CONFIG_TEXT_MAX], '\0');
    free(much);
}

static void settings_become_lines(void **state)
{
    (void)state;
    static const struct {
        const char *setting, *line;
    } cases[] = {
        {"user=mail", "user=mail\n"},
        {"listen={\"inet:127.0.0.1:25\"}", "listen={\"inet:127.0.0.1:25\"}\n"},
        {"dns.timeout=2s", "dns { timeout=2s }\n"},
        {"dns.timeout = 2s", "dns { timeout = 2s }\n"},
        {"store=/var/lib/x.db", "store=/var/lib/x.db\n"}, /* a point in the value is none of the name */
        {"store = /x.db", "store = /x.db\n"},
        {"nonsense", "nonsense\n"},
        {"", "\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_config_text one = {NULL, 0};
        assert_true(ww_config_text_add_setting(&one, cases[i].setting));
        assert_string_equal(one.p, cases[i].line);
        ww_config_text_free(&one);
    }
}

static void files(void **state)
{
    (void)state;
    char path[] = "/tmp/waxwing-test-XXXXXX", chunk[1000];
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    memset(chunk, 'y', sizeof chunk);
    for (int i = 0; i < 20; i++)
        assert_int_equal(write(fd, chunk, sizeof chunk), sizeof chunk);
    close(fd);
    assert_true(ww_config_text_add(&text, "a", 1));
    assert_true(ww_config_text_add_file(&text, path));
    assert_int_equal(text.n, 20001);
    assert_int_equal(strspn(text.p + 1, "y"), 20000);
    assert_int_equal(unlink(path), 0);

    assert_false(ww_config_text_add_file(&text, path));
    assert_int_equal(errno, ENOENT);
    assert_false(ww_config_text_add_file(&text, "/tmp"));
    assert_int_equal(errno, EISDIR);
    assert_false(ww_config_text_add_file(&text, "/dev/zero"));
    assert_int_equal(errno, EFBIG);
}

static void sealed_text_is_read_from_the_start_each_time(void **state)
{
    (void)state;
    assert_true(ww_config_text_add(&text, "user = mail\n", 12));
    int fd = ww_config_text_seal(&text);
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    for (int i = 0; i < 2; i++) {
        struct ww_config_text again = {NULL, 0};
        assert_true(ww_config_text_add_sealed(&again, fd));
        assert_string_equal(again.p, "user = mail\n");
        ww_config_text_free(&again);
    }
    close(fd);
}

static void sealed_text_cannot_be_changed(void **state)
{
    (void)state;
    assert_true(ww_config_text_add(&text, "user = mail\n", 12));
    int fd = ww_config_text_seal(&text);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_int_equal(ftruncate(fd, 100), -1);
    assert_ptr_equal(mmap(NULL, 12, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
    close(fd);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(adds_up),
        CASE(has_an_end),
        CASE(settings_become_lines),
        CASE(files),
        CASE(sealed_text_is_read_from_the_start_each_time),
        CASE(sealed_text_cannot_be_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

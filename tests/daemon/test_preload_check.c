/* Whether a list may count, with lists that gpg signs here. */
#include "daemon/preload_check.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* As the lists below have it. */
#define NOW INT64_C(1795388220)

static char top[] = "/tmp/waxwing-check-XXXXXX";
static char folder[64], key[64], list[64], signature[64];

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
    char command[512];
    va_list ap;
    va_start(ap, format);
    vsnprintf(command, sizeof command, format, ap);
    va_end(ap);
    int status = system(command); /* NOLINT(cert-env33-c): a command of our own */
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s: %#x", command, (unsigned)status);
}

#define GPG "gpg --quiet --batch --yes --pinentry-mode loopback --passphrase '' "

static void sign(void)
{
    run(GPG "--armor --output %s --detach-sign %s", signature, list);
}

static void put(const char *made, const char *expires, const char *mode)
{
    FILE *f = fopen(list, "we");
    assert_non_null(f);
    fprintf(f,
            "{\"version\":\"0.1\",\"timestamp\":\"%s\",\"expires\":\"%s\",\"policies\":"
            "{\"a.example\":{\"mode\":\"%s\",\"mxs\":[\"mx.a.example\"]}}}",
            made, expires, mode);
    assert_int_equal(fclose(f), 0);
}

static struct ww_preload_checked check(bool kept, const struct ww_preload *before, int *image)
{
    struct ww_preload_checked out;
    memset(&out, 0, sizeof out);
    *image = memfd_create("image", MFD_CLOEXEC);
    const struct ww_preload_task task = {.paths = {list, signature},
                                         .fds = {-1, -1},
                                         .key = key,
                                         .folder = folder,
                                         .kept = kept,
                                         .before = before,
                                         .now = NOW,
                                         .image = *image};
    ww_preload_check(&task, &out);
    return out;
}

static void refused(enum ww_err err, const struct ww_preload *before)
{
    int image;
    const struct ww_preload_checked out = check(false, before, &image);
    struct stat st;
    assert_int_equal(out.verdict, WW_PRELOAD_REFUSE);
    if (out.err != err)
        fail_msg("%s (%s), not %s", ww_err_id(out.err), out.detail, ww_err_id(err));
    assert_int_equal(fstat(image, &st), 0);
    assert_int_equal(st.st_size, 0);
    close(image);
}

static void a_list_that_counts_is_kept(void **state)
{
    (void)state;
    static char bytes[2][512];
    struct ww_preload lists[2];
    struct ww_preload_entry entry;
    int image;
    for (int again = 0; again < 2; again++) {
        if (again == 0) {
            struct ww_preload_checked none = check(true, NULL, &image);
            assert_true(none.none && none.verdict == WW_PRELOAD_REFUSE);
            close(image);
            put("2026-11-22T20:00:00Z", "2026-11-23T20:00:00Z", "enforce");
            sign();
        } else {
            /* What is kept now is all that there is. */
            run("rm %s %s", list, signature);
        }
        const struct ww_preload_checked out = check(again == 1, NULL, &image);
        if (out.verdict != WW_PRELOAD_TAKE)
            fail_msg("%s: %s", ww_err_id(out.err), out.detail);
        assert_int_equal(out.unkept, 0);
        assert_string_equal(out.signer.user, "list@x.example");
        ssize_t n = pread(image, bytes[again], sizeof bytes[0], 0);
        assert_true(n > 0);
        assert_int_equal(ww_preload_open(bytes[again], (size_t)n, &lists[again]), WW_OK);
        assert_true(ww_preload_find(&lists[again], ww_slice_str("a.example"), &entry));
        close(image);
    }
}

static void what_must_not_count(void **state)
{
    (void)state;
    struct ww_preload before = ww_preload_none();
    before.timestamp = NOW - 3600;
    put("2026-11-22T20:00:00Z", "2026-11-23T20:00:00Z", "enforce");
    refused(WW_E_PRELOAD_READ, NULL); /* no signature is there */
    sign();
    refused(WW_E_PRELOAD_OLDER, &before);
    put("2026-11-22T20:00:01Z", "2026-11-23T20:00:00Z", "enforce");
    refused(WW_E_OPENPGP_BAD, NULL);
    put("2026-11-22T20:00:00Z", "2026-11-22T20:01:00Z", "enforce");
    sign();
    refused(WW_E_PRELOAD_EXPIRED, NULL);
    put("2026-11-22T20:00:00Z", "2026-11-23T20:00:00Z", "none");
    sign();
    refused(WW_E_PRELOAD_POLICY, NULL);
    run("cp %s %s", list, signature);
    refused(WW_E_OPENPGP_NONE, NULL);
    run("truncate -s 33554433 %s", list);
    refused(WW_E_PRELOAD_READ, NULL);
    run("rm %s; mkfifo %s", list, list);
    refused(WW_E_PRELOAD_READ, NULL);
    run("rm %s", list);
    refused(WW_E_PRELOAD_READ, NULL);
    /* Nothing of it was kept. */
    int image;
    assert_true(check(true, NULL, &image).none);
    close(image);
}

static void the_same_list_is_no_new_one(void **state)
{
    (void)state;
    struct ww_preload before = ww_preload_none();
    int image;
    put("2026-11-22T20:00:00Z", "2026-11-23T20:00:00Z", "enforce");
    sign();
    before.timestamp = INT64_C(1795377600);
    assert_int_equal(check(false, &before, &image).verdict, WW_PRELOAD_SAME);
    close(image);
}

/* What was accepted is not refused for its age: it may have expired since, or the clock was set back. */
static void what_is_kept_stays_whatever_the_time(void **state)
{
    (void)state;
    int image;
    put("2036-11-22T20:00:00Z", "2036-11-23T20:00:00Z", "enforce");
    sign();
    run("cp %s %s %s", list, signature, folder);
    assert_int_equal(check(true, NULL, &image).verdict, WW_PRELOAD_TAKE);
    close(image);
    run("cp %s %s/list.json.new; echo >>%s/list.json", list, folder, folder);
    assert_int_equal(check(true, NULL, &image).verdict, WW_PRELOAD_TAKE);
    close(image);
    run("cmp %s %s/list.json && test ! -e %s/list.json.new", list, folder, folder);
    run("echo >>%s/list.json", folder);
    const struct ww_preload_checked out = check(true, NULL, &image);
    assert_true(out.verdict == WW_PRELOAD_REFUSE && out.err == WW_E_OPENPGP_BAD && !out.none);
    close(image);
}

static int make_key(void **state)
{
    (void)state;
    char home[64];
    if (mkdtemp(top) == NULL)
        return -1;
    snprintf(home, sizeof home, "%s/h", top);
    snprintf(folder, sizeof folder, "%s/kept", top);
    snprintf(key, sizeof key, "%s/key", top);
    snprintf(list, sizeof list, "%s/list.json", top);
    snprintf(signature, sizeof signature, "%s/list.json.asc", top);
    if (mkdir(home, 0700) != 0 || setenv("GNUPGHOME", home, 1) != 0)
        return -1;
    run(GPG "--quick-gen-key list@x.example ed25519 sign never && gpg --export > %s", key);
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    run("gpgconf --kill gpg-agent; rm -rf %s", top);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    run("rm -rf %s %s %s; mkdir %s", folder, list, signature, folder);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_list_that_counts_is_kept),
        CASE(what_must_not_count),
        CASE(the_same_list_is_no_new_one),
        CASE(what_is_kept_stays_whatever_the_time),
    };
    return cmocka_run_group_tests(tests, make_key, remove_all);
}

#include "installed.h"
#include "made_certificate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 1796000000
#define DAY 86400
#define HOST "mta-sts.example.com"
#define PEM_SIZE 8192

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/test-certificate-XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command); /* NOLINT(cert-env33-c): a name of our own */
}

static void test_judge(void **state)
{
    (void)state;
    enum { OWN, OTHER, CUT, NONE };
    static const struct {
        const char *host, *names;
        int64_t from, to; /* beside now */
        int key;
        const char *why; /* "": it is good */
    } cases[] = {
        {HOST, "DNS:" HOST, -DAY, DAY, OWN, ""},
        {HOST, "DNS:other.example,DNS:MTA-STS.example.com", 0, 1, OWN, ""},
        {HOST, "DNS:*.example.com", -DAY, DAY, OWN, ""},
        {HOST, "DNS:mta-*.example.com", -DAY, DAY, OWN, "the host is none of the certificate's names"},
        {HOST, "DNS:example.com", -DAY, DAY, OWN, "the host is none of the certificate's names"},
        {HOST, NULL, -DAY, DAY, OWN, "the host is none of the certificate's names"},
        {HOST, "DNS:" HOST, -DAY, DAY, OTHER, "the private key is not that of the certificate"},
        {HOST, "DNS:" HOST, -DAY, DAY, CUT, "there is no private key, or it is damaged, or has a passphrase"},
        {HOST, "DNS:" HOST, -DAY, DAY, NONE,
         "there is no private key, or it is damaged, or has a passphrase"},
        {HOST, "DNS:" HOST, 1, DAY, OWN, "the certificate is not valid yet"},
        {HOST, "DNS:" HOST, -DAY, 0, OWN, "the certificate has expired"},
    };
    EVP_PKEY *own = made_key(), *other = made_key();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char chain[PEM_SIZE], key[PEM_SIZE], why[WW_CERTIFICATE_DETAIL_SIZE];
        struct ww_certificate_span span;
        X509 *cert =
            made_certificate(own, cases[i].host, cases[i].names, NOW + cases[i].from, NOW + cases[i].to);
        size_t n = made_pem(cert, NULL, chain, sizeof chain);
        size_t key_n = made_pem(NULL, cases[i].key == OTHER ? other : own, key, sizeof key);
        key_n = cases[i].key == CUT ? key_n / 2 : cases[i].key == NONE ? 0 : key_n;
        bool good = ww_certificate_judge(ww_slice(chain, n), ww_slice(key, key_n), HOST, NOW, &span, why);
        assert_string_equal(why, cases[i].why);
        assert_int_equal(good, cases[i].why[0] == '\0');
        assert_int_equal(span.not_before, NOW + cases[i].from);
        assert_int_equal(span.not_after, NOW + cases[i].to);
        assert_false(
            ww_certificate_judge(ww_slice(chain, n / 2), ww_slice(key, key_n), HOST, NOW, &span, why));
        assert_string_equal(why, "there is no certificate, or it is damaged");
        assert_int_equal(span.not_after, 0);
        X509_free(cert);
    }
    EVP_PKEY_free(own);
    EVP_PKEY_free(other);
}

static size_t make_pair(EVP_PKEY *key, int64_t end, char chain[PEM_SIZE], char pem[PEM_SIZE])
{
    X509 *cert = made_certificate(key, HOST, "DNS:" HOST, end - DAY, end);
    assert_true(made_pem(NULL, key, pem, PEM_SIZE) > 0);
    size_t n = made_pem(cert, NULL, chain, PEM_SIZE);
    X509_free(cert);
    return n;
}

static void check_file(const char *name, const char *content)
{
    static char room[WW_CERTIFICATE_FILE_MAX];
    char path[256];
    struct stat is;
    (void)snprintf(path, sizeof path, "%s/certificates/" HOST "/%s", folder, name);
    assert_int_equal(stat(path, &is), 0);
    assert_int_equal(is.st_mode & 07777, 0640);
    assert_true(ww_slice_is(ww_certificate_read(path, room), content));
}

static void test_install(void **state)
{
    (void)state;
    char chain[PEM_SIZE], pem[PEM_SIZE], path[256], extra[300];
    EVP_PKEY *key = made_key();
    assert_int_equal(installed_until(folder, HOST), 0);
    for (int i = 0; i < 3; i++) {
        (void)make_pair(key, NOW + i * DAY, chain, pem);
        assert_true(ww_certificate_install(folder, HOST, ww_slice_str(chain), ww_slice_str(pem)));
        assert_int_equal(installed_until(folder, HOST), NOW + i * DAY);
        check_file("fullchain.pem", chain);
        check_file("privkey.pem", pem);
        (void)snprintf(path, sizeof path, "%s/certificates/.new-" HOST, folder);
        assert_int_equal(access(path, F_OK), -1);
    }
    /* What is left of one that did not get far does not matter, and goes. */
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(extra, sizeof extra, "%s/fullchain.pem", path);
    FILE *f = fopen(extra, "w");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    assert_true(ww_certificate_install(folder, HOST, ww_slice_str(chain), ww_slice_str(pem)));
    assert_int_equal(access(path, F_OK), -1);
    /* Where it fails, the pair that is there stays. */
    (void)make_pair(key, NOW + 9 * DAY, chain, pem);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    assert_true(ww_certificate_install(folder, HOST, ww_slice_str(chain), ww_slice_str(pem)));
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(extra, sizeof extra, "%s/fullchain.pem", path);
    assert_int_equal(mkdir(extra, 0700), 0);
    (void)make_pair(key, NOW + 99 * DAY, chain, pem);
    assert_false(ww_certificate_install(folder, HOST, ww_slice_str(chain), ww_slice_str(pem)));
    assert_int_equal(errno, EISDIR);
    assert_int_equal(installed_until(folder, HOST), NOW + 9 * DAY);
    assert_int_equal(rmdir(extra), 0);
    EVP_PKEY_free(key);
}

/* A link that somebody has put there is replaced; where it leads to stays as it is. */
static void test_link(void **state)
{
    (void)state;
    char chain[PEM_SIZE], pem[PEM_SIZE], path[256], theirs[128], file[256];
    struct stat is;
    EVP_PKEY *key = made_key();
    (void)make_pair(key, NOW, chain, pem);
    (void)snprintf(theirs, sizeof theirs, "%s/theirs", folder);
    (void)snprintf(file, sizeof file, "%s/fullchain.pem", theirs);
    (void)snprintf(path, sizeof path, "%s/certificates/linked.example", folder);
    assert_int_equal(mkdir(theirs, 0700), 0);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(symlink(theirs, path), 0);
    assert_true(ww_certificate_install(folder, "linked.example", ww_slice_str(chain), ww_slice_str(pem)));
    assert_int_equal(lstat(path, &is), 0);
    assert_true(S_ISDIR(is.st_mode));
    assert_int_equal(stat(file, &is), 0);
    assert_int_equal(is.st_size, 0);
    EVP_PKEY_free(key);
}

static void test_read(void **state)
{
    (void)state;
    static char room[WW_CERTIFICATE_FILE_MAX], large[WW_CERTIFICATE_FILE_MAX];
    char path[128];
    (void)snprintf(path, sizeof path, "%s/file", folder);
    assert_null(ww_certificate_read(path, room).p);
    assert_int_equal(errno, ENOENT);
    for (size_t n = WW_CERTIFICATE_FILE_MAX - 1; n <= WW_CERTIFICATE_FILE_MAX; n++) {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(large, 1, n, f), n);
        assert_int_equal(fclose(f), 0);
        errno = 0;
        struct ww_slice all = ww_certificate_read(path, room);
        assert_int_equal(all.p != NULL, n < WW_CERTIFICATE_FILE_MAX);
        assert_int_equal(errno, n < WW_CERTIFICATE_FILE_MAX ? 0 : EFBIG);
    }
    assert_null(ww_certificate_read(folder, room).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge),
        cmocka_unit_test(test_install),
        cmocka_unit_test(test_link),
        cmocka_unit_test(test_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* With a stand-in for uacme, which is this program too: the directory's URL says what is to happen. */
#include "publish/acme.h"

#include "installed.h"
#include "made_certificate.h"
#include "publish/acme_hook.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "mta-sts.example.com"
#define OTHER_HOST "mta-sts.example.net"
#define DAY 86400
#define PEM_SIZE 8192
#define URL "https://ca.example/"
#define THUMB "AprSmypgBesWMTPlIDTcTdP6nENd8IdW6evhH2stTWI"
#define TOKEN "a-token_1"

/* ---- The stand-in ---- */

struct asked {
    const char *folder, *directory, *hook;
    bool agreed, forced;
    char *const *words;
};

static struct asked read_arguments(int argc, char **argv)
{
    struct asked a = {0};
    int c;
    while ((c = getopt(argc, argv, "+c:a:t:h:yfo")) != -1) {
        a.folder = c == 'c' ? optarg : a.folder;
        a.directory = c == 'a' ? optarg : a.directory;
        a.hook = c == 'h' ? optarg : a.hook;
        a.agreed |= c == 'y';
        a.forced |= c == 'f';
    }
    a.words = argv + optind;
    return a;
}

static void put(const char *folder, const char *name, const char *text, const char *how)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, how);
    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
        exit(99);
}

static int hook(const struct asked *a, const char *method, const char *type, const char *host,
                const char *token)
{
    bool alpn = strcmp(type, "tls-alpn-01") == 0;
    char authorization[256];
    int status = 0;
    (void)snprintf(authorization, sizeof authorization, alpn ? "%.0s%s" : "%s.%s", token, THUMB);
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl(a->hook, a->hook, method, type, host, token, authorization, NULL);
        _exit(98);
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 97;
}

static void put_pair(const struct asked *a)
{
    bool wrong_host = strstr(a->directory, "wrong-host") != NULL;
    char chain[PEM_SIZE], pem[PEM_SIZE], path[512];
    EVP_PKEY *key = made_key(), *signs = strstr(a->directory, "wrong-key") != NULL ? made_key() : key;
    time_t end = time(NULL) + (strstr(a->directory, "expired") != NULL ? -1 : 90 * DAY);
    X509 *cert =
        made_certificate(signs, HOST, wrong_host ? "DNS:" OTHER_HOST : "DNS:" HOST, end - 91 * DAY, end);
    (void)made_pem(cert, NULL, chain, sizeof chain);
    (void)made_pem(NULL, key, pem, sizeof pem);
    (void)snprintf(path, sizeof path, "%s/private/%s", a->folder, a->words[1]);
    (void)mkdir(path, 0700);
    put(path, "key.pem", pem, "w");
    (void)snprintf(path, sizeof path, "%s/%s", a->folder, a->words[1]);
    (void)mkdir(path, 0700);
    put(path, "cert.pem", chain, "w");
    put(path, "cert-1.pem", chain, "w");
    X509_free(cert);
    if (signs != key)
        EVP_PKEY_free(signs);
    EVP_PKEY_free(key);
}

static int say_failed(const char *words)
{
    (void)fprintf(stderr, "uacme: %s\n", words);
    return 2;
}

/* What the hook answers goes with the calls: "begin 0", "begin 1". */
static void note(const struct asked *a, const char *what, int status)
{
    char line[300];
    (void)snprintf(line, sizeof line, "%s %d\n", what, status);
    put(a->folder, "../calls", line, "a");
}

static int issue(const struct asked *a)
{
    const char *type = strstr(a->directory, "alpn") != NULL ? "tls-alpn-01" : "http-01";
    if (strstr(a->directory, "odd-challenge") != NULL) {
        note(a, "dns-01", hook(a, "begin", "dns-01", HOST, TOKEN));
        note(a, "other type", hook(a, "begin", "tls-alpn-01", HOST, TOKEN));
        note(a, "other host", hook(a, "begin", "http-01", OTHER_HOST, TOKEN));
        note(a, "bad token", hook(a, "begin", "http-01", HOST, "../../x"));
        return say_failed("no challenge completed");
    }
    note(a, "begin", hook(a, "begin", type, HOST, TOKEN));
    char path[512];
    (void)snprintf(path, sizeof path, "%s/../challenges/%s", a->folder, type[0] == 't' ? HOST ".pem" : TOKEN);
    note(a, "is there", access(path, R_OK));
    if (strstr(a->directory, "hangs") != NULL)
        (void)pause();
    note(a, "done", hook(a, "done", type, HOST, TOKEN));
    note(a, "is there", access(path, R_OK));
    if (strstr(a->directory, "invalid") != NULL) {
        (void)say_failed("challenge failed");
        (void)fprintf(stderr, "{\n \"detail\": \"nobody answers\"\n}\n");
        return 2;
    }
    put_pair(a);
    return 0;
}

static int stand_in(int argc, char **argv)
{
    struct asked a = read_arguments(argc, argv);
    char line[300], private[512];
    (void)snprintf(line, sizeof line, "%s%s%s%s%s\n", a.words[0], a.words[1] != NULL ? " " : "",
                   a.words[1] != NULL ? a.words[1] : "", a.agreed ? " agreed" : "",
                   a.forced ? " forced" : "");
    put(a.folder, "../calls", line, "a");
    (void)snprintf(private, sizeof private, "%s/private", a.folder);
    (void)mkdir(private, 0700);
    if (strcmp(a.words[0], "new") == 0) {
        put(private, "key.pem", "key", "w");
        return strstr(a.directory, "no-account") != NULL ? say_failed("failed to create account") : 0;
    }
    if (strcmp(a.words[0], "update") == 0)
        return strstr(a.directory, "unknown") != NULL ? say_failed("no account associated") : 0;
    if (strstr(a.directory, "silent") != NULL)
        return 3;
    if (strstr(a.directory, "killed") != NULL)
        abort();
    return issue(&a);
}

/* ---- The tests ---- */

static char folder[64], self[256], detail[WW_ACME_DETAIL_SIZE];

static int make_folder(void **state)
{
    (void)state;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    (void)snprintf(folder, sizeof folder, "/tmp/test-acme-XXXXXX");
    return n > 0 && mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command); /* NOLINT(cert-env33-c): a name of our own */
}

/* What was called since the last time. */
static const char *calls(void)
{
    static char text[4096];
    char path[128];
    (void)snprintf(path, sizeof path, "%s/calls", folder);
    FILE *f = fopen(path, "r");
    text[f != NULL ? fread(text, 1, sizeof text - 1, f) : 0] = '\0';
    if (f != NULL)
        (void)fclose(f);
    (void)unlink(path);
    return text;
}

static bool issue_at(const char *directory, bool force, unsigned timeout_ms)
{
    const struct ww_acme acme = {.folder = folder,
                                 .directory = directory,
                                 .contact = "postmaster@example.com",
                                 .tls_alpn = strstr(directory, "alpn") != NULL,
                                 .force = force,
                                 .program = self};
    bool good = ww_acme_issue(&acme, HOST, timeout_ms, detail);
    assert_int_equal(good, detail[0] == '\0');
    return good;
}

#define ISSUED "issue " HOST " forced\nbegin 0\nis there 0\ndone 0\nis there -1\n"

/* The account is made once; another one where directory or contact are others; it is asked for when something
 * failed. */
static void test_account(void **state)
{
    (void)state;
    assert_true(issue_at(URL "ok", true, 60000));
    assert_string_equal(calls(), "new postmaster@example.com agreed\n" ISSUED);
    assert_true(issue_at(URL "ok", true, 60000));
    assert_string_equal(calls(), ISSUED);
    assert_true(issue_at(URL "other/ok", true, 60000));
    assert_string_equal(calls(), "update postmaster@example.com\n" ISSUED);
    assert_true(issue_at(URL "unknown", true, 60000));
    assert_string_equal(calls(), "update postmaster@example.com\nnew postmaster@example.com agreed\n" ISSUED);
    assert_false(issue_at(URL "unknown/no-account", true, 60000));
    assert_string_equal(calls(), "update postmaster@example.com\nnew postmaster@example.com agreed\n");
    assert_string_equal(detail, "failed to create account");
    assert_false(issue_at(URL "unknown/invalid", true, 60000));
    assert_string_equal(detail, "nobody answers");
    (void)calls();
    assert_true(issue_at(URL "ok", true, 60000));
    assert_string_equal(calls(), "update postmaster@example.com\n" ISSUED);
}

static void test_when_it_is_due(void **state)
{
    (void)state;
    assert_true(issue_at(URL "ok", false, 60000)); /* there is one of test_account */
    assert_string_equal(calls(), "");
    assert_true(issue_at(URL "ok", true, 60000));
    assert_string_equal(calls(), ISSUED);
    static const struct {
        const char *host, *names;
        int64_t from, to; /* beside now */
        const char *calls;
    } cases[] = {
        {HOST, "DNS:" HOST, -59 * DAY, 31 * DAY, ""},
        {HOST, "DNS:" HOST, -61 * DAY, 29 * DAY, ISSUED},
        {HOST, "DNS:" OTHER_HOST, -DAY, 90 * DAY, ISSUED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char chain[PEM_SIZE], pem[PEM_SIZE];
        EVP_PKEY *key = made_key();
        X509 *cert = made_certificate(key, cases[i].host, cases[i].names, time(NULL) + cases[i].from,
                                      time(NULL) + cases[i].to);
        (void)made_pem(cert, NULL, chain, sizeof chain);
        (void)made_pem(NULL, key, pem, sizeof pem);
        assert_true(ww_certificate_install(folder, HOST, ww_slice_str(chain), ww_slice_str(pem)));
        assert_true(issue_at(URL "ok", false, 60000));
        assert_string_equal(calls(), cases[i].calls);
        X509_free(cert);
        EVP_PKEY_free(key);
    }
}

/* What is there stays, whatever comes. */
static void test_failures(void **state)
{
    (void)state;
    static const struct {
        const char *directory, *words;
    } cases[] = {
        {URL "invalid", "nobody answers"},
        {URL "silent", "uacme: exit status 3"},
        {URL "killed", "uacme was ended by signal 6"},
        {URL "odd-challenge", "the authority's challenge is malformed"},
        {URL "wrong-key",
         "the authority's certificate is of no use: the private key is not that of the certificate"},
        {URL "wrong-host",
         "the authority's certificate is of no use: the host is none of the certificate's names"},
        {URL "expired", "the authority's certificate is of no use: the certificate has expired"},
    };
    assert_true(issue_at(URL "ok", true, 60000));
    int64_t end = installed_until(folder, HOST);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(issue_at(cases[i].directory, true, 60000));
        assert_string_equal(detail, cases[i].words);
        assert_int_equal(installed_until(folder, HOST), end);
    }
    (void)calls();
    assert_false(issue_at(URL "odd-challenge", true, 60000));
    assert_non_null(strstr(calls(), "dns-01 1\nother type 1\nother host 1\nbad token 1\n"));
    const struct ww_acme no_such = {.folder = folder, .directory = URL "ok", .program = "/nonexistent"};
    assert_false(ww_acme_issue(&no_such, "mta-sts.example.org", 60000, detail));
    assert_string_equal(detail, "cannot be run: No such file or directory");
    assert_false(ww_acme_issue(&no_such, "../../etc", 60000, detail));
    assert_string_equal(detail, "../../etc: no name of a host");
    const struct ww_acme no_folder = {.folder = "/nonexistent", .directory = URL "ok", .program = self};
    assert_false(ww_acme_issue(&no_folder, HOST, 60000, detail));
    assert_string_equal(detail, "/nonexistent: No such file or directory");
}

static void test_hangs(void **state)
{
    (void)state;
    assert_false(issue_at(URL "hangs", true, 3000));
    assert_string_equal(detail, "uacme was not through in time, and was killed");
}

static void test_tls_alpn(void **state)
{
    (void)state;
    (void)calls();
    assert_true(issue_at(URL "alpn", true, 60000));
    assert_non_null(strstr(calls(), ISSUED));
}

static void put_challenge(const char *name, int64_t age)
{
    char path[256];
    const struct timespec times[2] = {{.tv_sec = time(NULL) - age}, {.tv_sec = time(NULL) - age}};
    (void)snprintf(path, sizeof path, "%s/challenges", folder);
    put(path, name, "", "w");
    (void)snprintf(path, sizeof path, "%s/challenges/%s", folder, name);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static bool is_there(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

/* What uacme keeps of the certificates before, and challenges that nobody asks for any more. */
static void test_leaves_nothing(void **state)
{
    (void)state;
    char path[256];
    struct stat is;
    put_challenge("old", 2 * DAY);
    put_challenge("new", 60);
    assert_true(issue_at(URL "ok", true, 60000));
    assert_true(is_there("acme/" HOST "/cert.pem"));
    assert_false(is_there("acme/" HOST "/cert-1.pem"));
    assert_false(is_there("challenges/old"));
    assert_true(is_there("challenges/new"));
    (void)snprintf(path, sizeof path, "%s/acme", folder);
    assert_int_equal(stat(path, &is), 0);
    assert_int_equal(is.st_mode & 0777, 0700);
}

int main(int argc, char **argv)
{
    int status = ww_acme_hook(argc, argv);
    if (status >= 0)
        return status;
    if (strcmp(argv[0], "uacme") == 0)
        return stand_in(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_account),  cmocka_unit_test(test_when_it_is_due),
        cmocka_unit_test(test_failures), cmocka_unit_test(test_hangs),
        cmocka_unit_test(test_tls_alpn), cmocka_unit_test(test_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

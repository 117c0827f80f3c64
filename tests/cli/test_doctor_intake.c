/* What the doctor says of the ways by which reports of others are handed in. */
#include "cli/doctor.h"
#include "pki.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/pem.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define FOLDER_SIZE 64

static char folder[FOLDER_SIZE] = "/tmp/waxwing-doctor-XXXXXX";
static struct pki *pki;

/* Path of a file in the folder; the last four stand at a time. */
static char *at(const char *name)
{
    static char paths[4][FOLDER_SIZE + 32];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* The findings, an array. */
static json_t *told_of(const struct ww_config *config)
{
    char text[8192];
    int ends[2];
    struct ww_doctor d = {.config = config, .config_name = "/etc/w.conf"};
    assert_int_equal(pipe(ends), 0);
    d.out = ends[1];
    ww_doctor_intake(&d);
    ww_doctor_told(&d);
    (void)close(ends[1]);
    ssize_t n = read(ends[0], text, sizeof text);
    (void)close(ends[0]);
    assert_in_range(n, 0, sizeof text - 1);
    json_t *all = json_array();
    for (const char *line = text; line < text + n;) {
        size_t length = strcspn(line, "\n");
        (void)json_array_append_new(all, json_loadb(line, length, 0, NULL));
        line += length + 1;
    }
    return all;
}

/* One finding of all; its place is known. */
static void assert_told(const json_t *all, size_t i, const char *id, const char *status, const char *words)
{
    const json_t *f = json_array_get(all, i);
    const char *told_id = json_string_value(json_object_get(f, "id"));
    const char *told = json_string_value(json_object_get(f, "status"));
    const char *seen = json_string_value(json_object_get(f, "seen"));
    if (f == NULL || strcmp(told_id, id) != 0 || strcmp(told, status) != 0 || strstr(seen, words) == NULL)
        fail_msg("%s is wanted: %s", words, json_dumps(all, JSON_INDENT(1)));
}

static void is_off(void **state)
{
    static const struct ww_config config = {.intake = false};
    (void)state;
    json_t *all = told_of(&config);
    assert_int_equal(json_array_size(all), 1);
    assert_told(all, 0, "intake", "skip", "not taken in");
    json_decref(all);
}

struct server {
    int fd;
    const char *reply;
};

static void *serve(void *ctx)
{
    const struct server *s = ctx;
    char asked[256];
    int fd = accept(s->fd, NULL, NULL);
    if (recv(fd, asked, sizeof asked, 0) > 0)
        (void)send(fd, s->reply, strlen(s->reply), MSG_NOSIGNAL);
    (void)close(fd);
    return NULL;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    (void)unlink(path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void the_doors(void **state)
{
    static const struct {
        const char *setting;
        const char *reply; /* NULL: nobody is there */
        const char *status, *words;
    } rows[] = {
        {"lmtp", "220 mx.example LMTP\r\n221 bye\r\n", "ok", "by LMTP"},
        {"lmtp", "554 no\r\n", "fail", "not answer as intake.lmtp should"},
        {"lmtp", "\033[2J", "fail", "\\027[2J"},
        {"lmtp", "", "fail", "not answer as intake.lmtp should"},
        {"lmtp", NULL, "fail", "nobody is reached there (intake.lmtp)"},
        {"submit", "HTTP/1.1 405 Method Not Allowed\r\n\r\n", "ok", "waxwing report ingest"},
        {"submit", "HTTP/1.1 200 OK\r\n\r\n", "fail", "intake.submit"},
        {"http", "HTTP/1.1 200 OK\r\n\r\n", "ok", "by HTTP"},
        {"http", "HTTP/1.1 404 Not Found\r\n\r\n", "fail", "intake.http"},
        {"http", NULL, "fail", "nobody is reached there (intake.http)"},
    };
    char address[FOLDER_SIZE + 48];
    char *list[] = {address, NULL};
    (void)state;
    (void)snprintf(address, sizeof address, "unix:%s", at("socket"));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ww_config config = {.intake = true};
        struct server s = {.fd = -1, .reply = rows[i].reply};
        pthread_t thread;
        char ***setting = strcmp(rows[i].setting, "lmtp") == 0     ? &config.intake_lmtp
                          : strcmp(rows[i].setting, "submit") == 0 ? &config.intake_submit
                                                                   : &config.intake_http;
        *setting = list;
        (void)unlink(address + 5);
        if (s.reply != NULL) {
            s.fd = listen_at(address + 5);
            assert_int_equal(pthread_create(&thread, NULL, serve, &s), 0);
        }
        json_t *all = told_of(&config);
        assert_int_equal(json_array_size(all), 1);
        assert_told(all, 0, "intake", rows[i].status, rows[i].words);
        json_decref(all);
        if (s.reply != NULL) {
            (void)pthread_join(thread, NULL);
            (void)close(s.fd);
        }
    }
}

/* Its certificate, and its key, in the folder. */
static void write_leaf(enum leaf leaf)
{
    SSL_CTX *tls = pki_server(pki, leaf, "tlsrpt.example");
    FILE *certificate = fopen(at("certificate"), "w"), *key = fopen(at("key"), "w");
    assert_true(tls != NULL && certificate != NULL && key != NULL);
    assert_int_equal(PEM_write_X509(certificate, SSL_CTX_get0_certificate(tls)), 1);
    assert_int_equal(PEM_write_PrivateKey(key, SSL_CTX_get0_privatekey(tls), NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(certificate) | fclose(key), 0);
    SSL_CTX_free(tls);
}

static void write_text(const char *name, const char *text)
{
    FILE *f = fopen(at(name), "w");
    assert_non_null(f);
    (void)fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void the_certificate(void **state)
{
    static const struct {
        enum leaf leaf;
        enum leaf key_of; /* the same: its own */
        const char *spoiled;
        const char *status, *words;
    } rows[] = {
        {LEAF_GOOD, LEAF_GOOD, NULL, "ok", "the certificate is good until 20"},
        {LEAF_ENDS_SOON, LEAF_ENDS_SOON, NULL, "warn", "the certificate is good until 20"},
        {LEAF_EXPIRED, LEAF_EXPIRED, NULL, "fail", "the certificate has expired"},
        {LEAF_GOOD, LEAF_RSA, NULL, "fail", "not that of intake.key"},
        {LEAF_GOOD, LEAF_GOOD, "key", "fail", "there is no private key in it"},
        {LEAF_GOOD, LEAF_GOOD, "certificate", "fail", "there is no certificate in it"},
    };
    char address[FOLDER_SIZE + 48], certificate[FOLDER_SIZE + 32], key[FOLDER_SIZE + 32];
    char *list[] = {address, NULL}, user[] = "mail";
    (void)state;
    (void)snprintf(address, sizeof address, "unix:%s", at("socket"));
    (void)snprintf(certificate, sizeof certificate, "%s", at("certificate"));
    (void)snprintf(key, sizeof key, "%s", at("key"));
    const struct ww_config config = {.user = user,
                                     .intake = true,
                                     .intake_https = list,
                                     .intake_certificate = certificate,
                                     .intake_key = key};
    int fd = listen_at(address + 5);
    for (size_t i = 0; i < COUNT(rows); i++) {
        write_leaf(rows[i].leaf);
        if (rows[i].key_of != rows[i].leaf) {
            assert_int_equal(rename(certificate, at("kept")), 0);
            write_leaf(rows[i].key_of);
            assert_int_equal(rename(at("kept"), certificate), 0);
        }
        if (rows[i].spoiled != NULL)
            write_text(rows[i].spoiled, "nothing\n");
        json_t *all = told_of(&config);
        assert_int_equal(json_array_size(all), 2);
        assert_told(all, 0, "intake", "ok", "is open");
        assert_told(all, 1, "intake-certificate", rows[i].status, rows[i].words);
        json_decref(all);
        (void)close(accept(fd, NULL, NULL));
    }
    (void)close(fd);
    assert_int_equal(unlink(certificate), 0);
    json_t *all = told_of(&config);
    assert_told(all, 0, "intake", "fail", "nobody is reached there (intake.https)");
    assert_told(all, 1, "intake-certificate", "fail", "user mail cannot read /tmp/waxwing");
    json_decref(all);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && (pki = pki_new(at("ca"))) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const files[] = {"ca", "certificate", "key", "socket"};
    (void)state;
    pki_free(pki);
    for (size_t i = 0; i < COUNT(files); i++)
        (void)unlink(at(files[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_off),
        cmocka_unit_test(the_doors),
        cmocka_unit_test(the_certificate),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

#include "fake_mx.h"

#include "netns.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void report_line(int report, const char *what, const char *line)
{
    if (report >= 0)
        (void)dprintf(report, "%s%s", what, line);
}

static bool say(int fd, const char *text)
{
    size_t n = strlen(text);
    bool endless = n >= 3 && strcmp(text + n - 3, "-\r\n") == 0;
    if (n == 0)
        (void)pause();
    do {
        if (write(fd, text, n) != (ssize_t)n)
            return false;
    } while (endless);
    return true;
}

static void babble(SSL *ssl, int report)
{
    static char chunk[16384];
    char line[64];
    size_t sent = 0;
    while (SSL_write(ssl, chunk, sizeof chunk) > 0)
        sent += sizeof chunk;
    (void)snprintf(line, sizeof line, "%zu\r\n", sent);
    report_line(report, "\r\nbabbled ", line);
}

static void speak_tls(int fd, SSL_CTX *ctx, enum mx_then then, bool pushed, int report)
{
    char line[512];
    SSL *ssl = SSL_new(ctx);
    if (ssl == NULL || SSL_set_fd(ssl, fd) != 1 || SSL_accept(ssl) != 1)
        return;
    const char *sni = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    report_line(report, "SNI ", sni != NULL ? sni : "-");
    if (then == THEN_BABBLE) {
        babble(ssl, report);
        return;
    }
    if (then == THEN_ADMIT && pushed)
        (void)SSL_write(ssl, "250 ok\r\n", 8);
    int n = SSL_read(ssl, line, sizeof line - 1);
    line[n > 0 ? n : 0] = '\0';
    report_line(report, "\r\n", line);
    if (then == THEN_STAY)
        (void)pause();
    (void)SSL_write(ssl, "221 bye\r\n", 9);
    (void)SSL_shutdown(ssl);
    SSL_free(ssl);
}

static void play(int fd, const struct mx_script *s, SSL_CTX *ctx, int report)
{
    char line[512];
    for (size_t i = 0; i < 3; i++) {
        if (s->says[i] == NULL || !say(fd, s->says[i]))
            return;
        if (i == 2)
            break;
        ssize_t n = read(fd, line, sizeof line - 1);
        line[n > 0 ? n : 0] = '\0';
        report_line(report, "", line);
        if (n <= 0 || strcmp(line, "QUIT\r\n") == 0)
            return;
    }
    if (s->then == THEN_PLAIN)
        (void)say(fd, "250 what do you want\r\n");
    if (s->then == THEN_SILENT)
        (void)pause();
    if (s->then == THEN_PLAIN || s->then == THEN_HANG_UP)
        (void)!read(fd, line, sizeof line); /* what is not read would make a reset of the close */
    else
        speak_tls(fd, ctx, s->then, strstr(line, "\r\nNOOP\r\n") != NULL, report);
}

static int refuse(SSL *ssl, int *alert, void *arg)
{
    (void)ssl, (void)arg;
    *alert = SSL_AD_HANDSHAKE_FAILURE;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

pid_t fake_mx(const char *address, const struct mx_script *script, SSL_CTX *ctx, int report)
{
    int listener = netns_listen(address, 25, SOCK_STREAM, 8);
    pid_t pid = netns_fork();
    if (pid == 0) {
        (void)signal(SIGPIPE, SIG_IGN);
        if (script->then == THEN_REFUSE)
            (void)SSL_CTX_set_tlsext_servername_callback(ctx, refuse);
        for (unsigned held = 0;; held++) {
            int fd = accept(listener, NULL, NULL);
            if (script->then == THEN_TIRE && held > 0)
                (void)say(fd, "421 enough\r\n");
            else
                play(fd, script, ctx, report);
            (void)close(fd);
        }
    }
    (void)close(listener);
    return pid;
}

#include "fake_daemon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static void path_of(const struct fake_daemon *f, char path[96])
{
    (void)snprintf(path, 96, "%s/socket", f->folder);
}

void fake_daemon_listen(struct fake_daemon *f)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    char path[96];
    path_of(f, path);
    memcpy(un.sun_path, path, strlen(path));
    (void)unlink(path);
    f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(f->listener, (struct sockaddr *)&un, sizeof un), 0);
    assert_int_equal(listen(f->listener, 8), 0);
}

void fake_daemon_up(struct fake_daemon *f)
{
    char path[96];
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/waxwing-lib-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    path_of(f, path);
    (void)snprintf(f->address, sizeof f->address, "unix:%.90s", path);
    f->peer = -1;
    fake_daemon_listen(f);
}

void fake_daemon_down(struct fake_daemon *f)
{
    if (f->listener >= 0)
        close(f->listener);
    if (f->peer >= 0)
        close(f->peer);
    f->listener = -1;
    f->peer = -1;
}

void fake_daemon_gone(struct fake_daemon *f)
{
    char path[96];
    fake_daemon_down(f);
    path_of(f, path);
    (void)unlink(path);
    (void)rmdir(f->folder);
}

void fake_daemon_take(struct fake_daemon *f)
{
    if (f->peer >= 0)
        close(f->peer);
    f->peer = accept(f->listener, NULL, NULL);
    assert_true(f->peer >= 0);
}

void fake_daemon_expect(struct fake_daemon *f, const char *request)
{
    char wanted[2048], got[2048];
    int n = snprintf(wanted, sizeof wanted, "%zu:%s,", strlen(request), request);
    assert_int_equal(recv(f->peer, got, (size_t)n, MSG_WAITALL), n);
    got[n] = '\0';
    assert_string_equal(got, wanted);
}

void fake_daemon_say(struct fake_daemon *f, const char *p, size_t n)
{
    assert_int_equal(write(f->peer, p, n), n);
}

void fake_daemon_reply(struct fake_daemon *f, const char *payload)
{
    char text[4096];
    int n = snprintf(text, sizeof text, "%zu:%s,", strlen(payload), payload);
    fake_daemon_say(f, text, (size_t)n);
}

int fake_daemon_child(struct fake_daemon *f, const char *octets, int count)
{
    int pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    for (int i = 0; i < count; i++) {
        char request[2048];
        int fd = accept(f->listener, NULL, NULL);
        if (fd < 0 || read(fd, request, sizeof request) <= 0 || write(fd, octets, strlen(octets)) < 0)
            _exit(1);
        close(fd);
    }
    _exit(0);
}

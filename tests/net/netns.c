#include "netns.h"

#include "core/addr.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED 77

/* As <linux/ipv6.h> has it, which does not go together with <netinet/in.h>. */
struct in6_request {
    struct in6_addr addr;
    uint32_t prefix;
    int interface;
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        fail(path);
    (void)close(fd);
}

static void become_root_inside(uid_t uid, gid_t gid)
{
    char map[64];
    write_file("/proc/self/setgroups", "deny");
    (void)snprintf(map, sizeof map, "0 %u 1", uid);
    write_file("/proc/self/uid_map", map);
    (void)snprintf(map, sizeof map, "0 %u 1", gid);
    write_file("/proc/self/gid_map", map);
}

/* Hundreds of questions under way, as a resolver has them, each have a socket; the usual limit is 1024. */
static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("setrlimit");
}

void netns_enter(void)
{
    raise_limit();
    uid_t uid = getuid();
    gid_t gid = getgid();
    if (unshare(CLONE_NEWNET | (uid != 0 ? CLONE_NEWUSER : 0)) != 0) {
        (void)fprintf(stderr, "no network namespace can be made: %s\n", strerror(errno));
        exit(SKIPPED);
    }
    if (uid != 0)
        become_root_inside(uid, gid);
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0)
        fail("lo");
    (void)close(fd);
}

static struct ww_addr addr(const char *text)
{
    struct ww_addr a;
    if (ww_addr_parse(ww_slice_str(text), &a) != WW_OK)
        fail(text);
    return a;
}

void netns_add_ipv6(const char *address)
{
    struct ww_addr a = addr(address);
    struct in6_request request = {.prefix = 128, .interface = (int)if_nametoindex("lo")};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memcpy(&request.addr, a.octets, sizeof request.addr);
    if (fd < 0 || ioctl(fd, SIOCSIFADDR, &request) != 0)
        fail(address);
    /* The system takes a moment to find that nobody else has it. */
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = request.addr};
    for (int i = 0; bind(fd, (const struct sockaddr *)&in6, sizeof in6) != 0; i++) {
        if (errno != EADDRNOTAVAIL || i == 200)
            fail(address);
        (void)usleep(10000);
    }
    (void)close(fd);
}

pid_t netns_fork(void)
{
    (void)fflush(NULL);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        fail("fork");
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
    }
    return pid;
}

void netns_end(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

int netns_listen(const char *address, int port, int type, int backlog)
{
    struct ww_addr a = addr(address);
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    bool v4 = a.length == 4;
    int one = 1;
    memcpy(&in.sin_addr, a.octets, 4);
    memcpy(&in6.sin6_addr, a.octets, 16);
    const struct sockaddr *to = v4 ? (const struct sockaddr *)&in : (const struct sockaddr *)&in6;
    socklen_t n = v4 ? sizeof in : sizeof in6;
    int fd = socket(v4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 || bind(fd, to, n) != 0)
        fail(address);
    if (type == SOCK_STREAM && listen(fd, backlog) != 0)
        fail(address);
    /* The one place in the queue that even a backlog of 0 has is taken here, so that nobody is let in. */
    if (type == SOCK_STREAM && backlog == 0) {
        int filler = socket(v4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0);
        if (filler < 0 || connect(filler, to, n) != 0)
            fail(address);
    }
    return fd;
}

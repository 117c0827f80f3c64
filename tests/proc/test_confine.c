/* What a confined process can still do: each case in a child of its own. */
#include "proc/confine.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char outside[] = "/tmp/waxwing-outside-XXXXXX";
static char inside[] = "/tmp/waxwing-inside-XXXXXX";
static char beside[] = "/tmp/waxwing-beside-XXXXXX"; /* the other one */
static int listener = -1;                            /* made before confinement, as the supervisor does */

static int result(long r)
{
    return r < 0 ? errno : 0;
}

static int open_at(const char *directory, const char *name, int flags)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    int err = flags & O_WRONLY ? result(write(fd, "x", 1)) : 0;
    close(fd);
    return err;
}

static int read_passwd(void)
{
    return open_at("/etc", "passwd", O_RDONLY);
}

static int read_random(void)
{
    return open_at("/dev", "urandom", O_RDONLY);
}

static int write_outside(void)
{
    return open_at(outside, "new", O_WRONLY | O_CREAT);
}

static int write_inside(void)
{
    return open_at(inside, "new", O_WRONLY | O_CREAT);
}

static int write_beside(void)
{
    return open_at(beside, "new", O_WRONLY | O_CREAT);
}

static int read_inside(void)
{
    return open_at(inside, "old", O_RDONLY);
}

static int follow_link(void)
{
    return open_at(inside, "link", O_RDONLY);
}

static int climb_out(void)
{
    char name[128];
    snprintf(name, sizeof name, "..%s/new", strrchr(outside, '/'));
    return open_at(inside, name, O_WRONLY | O_CREAT);
}

/* What SQLite does in its directory: journal, shared memory, truncation, removal, syncing. */
static int work_inside(void)
{
    char path[256];
    snprintf(path, sizeof path, "%s/db-wal", inside);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int dir = open(inside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct stat st;
    if (fd < 0 || dir < 0 || ftruncate(fd, 32768) != 0 || fcntl(fd, F_SETLK, &lock) != 0)
        return errno;
    char *p = mmap(NULL, 32768, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return errno;
    p[0] = 'x';
    munmap(p, 32768);
    if (pwrite(fd, "y", 1, 0) != 1 || fdatasync(fd) != 0 || fsync(dir) != 0 || stat(path, &st) != 0 ||
        access(path, R_OK) != 0)
        return errno;
    return result(unlink(path));
}

static int make_directory(void)
{
    char path[256];
    snprintf(path, sizeof path, "%s/sub", inside);
    return result(mkdir(path, 0700));
}

static int execute(void)
{
    char *const argv[] = {NULL};
    return result(execv("/bin/true", argv));
}

static int make_and_remove_directory(void)
{
    char path[256];
    snprintf(path, sizeof path, "%s/sub", inside);
    int made = make_directory();
    return made != 0 ? made : result(rmdir(path));
}

static int write_to_nothing(void)
{
    return result(open("/dev/null", O_WRONLY | O_CLOEXEC));
}

/* What a process does that gives up more than the one that began it. */
static int as_resolver(int (*action)(void))
{
    const struct ww_confine how = {.rights = WW_MAY_CONNECT};
    bool partial;
    char detail[256];
    return ww_confine(&how, &partial, detail, sizeof detail) == WW_OK ? action() : 255;
}

static int execute_as_resolver(void)
{
    return as_resolver(execute);
}

static int read_as_resolver(void)
{
    return as_resolver(read_passwd);
}

#ifndef WW_SANITIZED
static int trace_parent(void)
{
    return result(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}
#endif

static int mount_something(void)
{
    return result(syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL));
}

static int make_process(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return result(pid);
}

static int signal_parent(void)
{
    return result(kill(getppid(), 0));
}

/* A descriptor's owner is sent signals, of one's own choice. */
static int own_descriptor(void)
{
    return result(fcntl(listener, F_SETOWN, getppid()));
}

static int choose_signal(void)
{
    return result(fcntl(listener, F_SETSIG, SIGKILL));
}

static int map_code(void)
{
    return result((long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static int turn_into_code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int inet_socket(void)
{
    return result(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int raw_socket(void)
{
    return result(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

static int unix_socket(void)
{
    return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int pair_of(int type)
{
    int fds[2];
    return result(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds));
}

static int stream_pair(void)
{
    return pair_of(SOCK_STREAM);
}

/* One of these can be connected anew: to the system's log, or to the service manager. */
static int datagram_pair(void)
{
    return pair_of(SOCK_DGRAM);
}

static int netlink_socket(void)
{
    return result(socket(AF_NETLINK, SOCK_RAW, 0));
}

/* Whose requests pass no filter. Some kernels have it turned off. */
static int make_ring(void)
{
    struct io_uring_params how = {.flags = 0};
    return result(syscall(SYS_io_uring_setup, 1u, &how));
}

static struct sockaddr_in local(uint16_t port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return in;
}

static int bound(int type, uint16_t port)
{
    struct sockaddr_in in = local(port);
    int fd = socket(AF_INET, type, 0);
    return fd < 0 ? errno : result(bind(fd, (struct sockaddr *)&in, sizeof in));
}

static int bind_any_port(void)
{
    return bound(SOCK_STREAM, 0);
}

static int bind_a_port(void)
{
    return bound(SOCK_STREAM, 18461);
}

static int bind_datagrams(void)
{
    return bound(SOCK_DGRAM, 0);
}

static int connect_datagrams(void)
{
    struct sockaddr_in in = local(53);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int err = fd < 0 ? errno : result(connect(fd, (struct sockaddr *)&in, sizeof in));
    return err == ENETUNREACH ? 0 : err; /* a loopback that is down is no want of rights */
}

/* On a socket that exists: also who may make none must not put one to use. */
static int connect_existing(void)
{
    struct sockaddr_in in = local(9);
    return result(connect(listener, (struct sockaddr *)&in, sizeof in));
}

static int accept_nobody(void)
{
    return result(accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

static int listen_anew(void)
{
    return result(listen(listener, 5));
}

static int no_core(void)
{
    struct rlimit l;
    return getrlimit(RLIMIT_CORE, &l) != 0 || l.rlim_max != 0 ? EINVAL : 0;
}

static int ordinary_work(void)
{
    struct timespec ts;
    void *big = malloc(10 << 20);
    char *more = realloc(big, 20 << 20);
    if (more == NULL || clock_gettime(CLOCK_REALTIME, &ts) != 0)
        return ENOMEM;
    free(more);
    char bytes[16];
    if (syscall(SYS_getrandom, bytes, sizeof bytes, 0) != sizeof bytes)
        return errno;
    struct stat st;
    if (fstat(STDERR_FILENO, &st) != 0)
        return errno;
    return result(write(STDERR_FILENO, "", 0));
}

enum { ALLOWED, DENIED, DEADLY, WOULD_BLOCK };

#define FRONT WW_MAY_ACCEPT
#define RESOLVER WW_MAY_CONNECT
#define KEEPER WW_MAY_FILES
#define PUBLISHER (WW_MAY_ACCEPT | WW_MAY_READ)
#define PRELOAD (WW_MAY_RUN | WW_MAY_CONNECT)
#define GNUPG WW_MAY_RUN

struct probe {
    const char *name;
    unsigned rights;
    int (*action)(void);
    int expected;
    long landlock; /* the ABI that it takes; 0: seccomp alone does it */
};

static const struct probe probes[] = {
    {"ordinary work", FRONT, ordinary_work, ALLOWED, 0},
    {"ordinary work", RESOLVER, ordinary_work, ALLOWED, 0},
    {"ordinary work", KEEPER, ordinary_work, ALLOWED, 0},
    {"core files", FRONT, no_core, ALLOWED, 0},

    {"read a file", FRONT, read_passwd, DENIED, 0},
    {"read a file", RESOLVER, read_passwd, DENIED, 0},
    {"read a file", KEEPER, read_passwd, DENIED, 1},
    {"read in the directory", FRONT, read_inside, DENIED, 0},
    {"read in the directory", KEEPER, read_inside, ALLOWED, 0},
    {"write in the directory", RESOLVER, write_inside, DENIED, 0},
    {"write in the directory", KEEPER, write_inside, ALLOWED, 0},
    {"work in the directory", KEEPER, work_inside, ALLOWED, 0},
    {"make a directory", KEEPER, make_directory, DENIED, 0},
    {"read random numbers", KEEPER, read_random, ALLOWED, 0},
    {"read random numbers", FRONT, read_random, DENIED, 0},
    {"write elsewhere", KEEPER, write_outside, DENIED, 1},
    {"leave by ..", KEEPER, climb_out, DENIED, 1},
    {"leave by a link", KEEPER, follow_link, DENIED, 1},

    {"read a file", PUBLISHER, read_passwd, DENIED, 1},
    {"read in the directory", PUBLISHER, read_inside, ALLOWED, 0},
    {"write in the directory", PUBLISHER, write_inside, DENIED, 1},
    {"work in the directory", PUBLISHER, work_inside, DENIED, 1},
    {"leave by ..", PUBLISHER, climb_out, DENIED, 1},
    {"leave by a link", PUBLISHER, follow_link, DENIED, 1},
    {"accept", PUBLISHER, accept_nobody, WOULD_BLOCK, 0},
    {"connect", PUBLISHER, connect_existing, DENIED, 0},

    {"execute", FRONT, execute, DEADLY, 0},
    {"execute", RESOLVER, execute, DEADLY, 0},
    {"execute", KEEPER, execute, DEADLY, 0},
    {"mount", RESOLVER, mount_something, DEADLY, 0},
    {"signal others", RESOLVER, signal_parent, DENIED, 0},
    {"signal others by a descriptor", FRONT, own_descriptor, DENIED, 0},
    {"signal others by a descriptor", KEEPER, own_descriptor, DENIED, 0},
    {"choose the signal of a descriptor", FRONT, choose_signal, DENIED, 0},
#ifndef WW_SANITIZED /* where the leak checker must be able to */
    {"trace", FRONT, trace_parent, DEADLY, 0},
    {"trace", RESOLVER, trace_parent, DEADLY, 0},
    {"fork", FRONT, make_process, DENIED, 0},
    {"fork", RESOLVER, make_process, DENIED, 0},
    {"map code", RESOLVER, map_code, DENIED, 0},
    {"turn memory into code", RESOLVER, turn_into_code, DENIED, 0},
#endif

    {"read a file", PRELOAD, read_passwd, ALLOWED, 0},
    {"write in the directory", PRELOAD, write_inside, ALLOWED, 0},
    {"write in the other directory", PRELOAD, write_beside, ALLOWED, 0},
    {"write in the other directory", KEEPER, write_beside, DENIED, 1},
    {"work in the directory", PRELOAD, work_inside, ALLOWED, 0},
    {"make a directory", PRELOAD, make_and_remove_directory, ALLOWED, 0},
    {"write to nothing", PRELOAD, write_to_nothing, ALLOWED, 0},
    {"write elsewhere", PRELOAD, write_outside, DENIED, 1},
    {"leave by ..", PRELOAD, climb_out, DENIED, 1},
    {"execute", PRELOAD, execute, ALLOWED, 0},
    {"execute with less", PRELOAD, execute_as_resolver, DEADLY, 0},
    {"read a file with less", PRELOAD, read_as_resolver, DENIED, 0},
    {"mount", PRELOAD, mount_something, DEADLY, 0},
    {"fork", PRELOAD, make_process, ALLOWED, 0},
    {"signal others", PRELOAD, signal_parent, DENIED, 6},
    {"bind to a port", PRELOAD, bind_a_port, DENIED, 4},
    {"make a socket", PRELOAD, inet_socket, ALLOWED, 0},
    {"make a Unix socket", PRELOAD, unix_socket, DENIED, 0},
    {"make a pair of streams", PRELOAD, stream_pair, ALLOWED, 0},
    {"make a pair of datagram sockets", PRELOAD, datagram_pair, DENIED, 0},
    {"make a ring", PRELOAD, make_ring, DENIED, 0},
    {"execute", GNUPG, execute, ALLOWED, 0},
    {"make a socket", GNUPG, inet_socket, DENIED, 0},
    {"make a Unix socket", GNUPG, unix_socket, DENIED, 0},
#ifndef WW_SANITIZED
    {"trace", PRELOAD, trace_parent, DEADLY, 0},
#endif

    {"make a socket", FRONT, inet_socket, DENIED, 0},
    {"make a socket", KEEPER, inet_socket, DENIED, 0},
    {"make a socket", RESOLVER, inet_socket, ALLOWED, 0},
    {"make a raw socket", RESOLVER, raw_socket, DENIED, 0},
    {"make a Unix socket", RESOLVER, unix_socket, DENIED, 0},
    {"make a pair of streams", RESOLVER, stream_pair, ALLOWED, 0},
    {"make a pair of datagram sockets", RESOLVER, datagram_pair, DENIED, 0},
    {"make a netlink socket", RESOLVER, netlink_socket, DENIED, 0},
    {"connect", FRONT, connect_existing, DENIED, 0},
    {"connect", KEEPER, connect_existing, DENIED, 0},
    {"connect by datagrams", RESOLVER, connect_datagrams, ALLOWED, 0},
    {"bind datagrams", RESOLVER, bind_datagrams, ALLOWED, 0},
    {"bind without a port", RESOLVER, bind_any_port, ALLOWED, 0},
    {"bind to a port", RESOLVER, bind_a_port, DENIED, 4},
    {"accept", FRONT, accept_nobody, WOULD_BLOCK, 0},
    {"accept", RESOLVER, accept_nobody, DENIED, 0},
    {"accept", KEEPER, accept_nobody, DENIED, 0},
    {"listen", FRONT, listen_anew, DENIED, 0},
    {"listen", RESOLVER, listen_anew, DENIED, 0},
};

static long landlock_abi(void)
{
    return syscall(444, NULL, (size_t)0, 1u);
}

static int child(const struct ww_confine *how, int (*action)(void))
{
    bool partial;
    char detail[256];
    if (ww_confine(how, &partial, detail, sizeof detail) != WW_OK) {
        fprintf(stderr, "%s\n", detail);
        return 255;
    }
    return action();
}

static int run(const struct ww_confine *how, int (*action)(void))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(child(how, action));
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static bool as_expected(int expected, int status)
{
    if (expected == DEADLY)
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
    if (!WIFEXITED(status))
        return false;
    int code = WEXITSTATUS(status);
    if (expected == WOULD_BLOCK)
        return code == EAGAIN;
    return expected == ALLOWED ? code == 0 : code == EPERM || code == EACCES;
}

static void rights_hold(void **state)
{
    (void)state;
    unsigned skipped = 0;
    for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
        const struct probe *p = &probes[i];
        if (landlock_abi() < p->landlock) {
            skipped++;
            continue;
        }
        struct ww_confine how = {.rights = p->rights, .directory = inside, .also = beside};
        int status = run(&how, p->action);
        if (!as_expected(p->expected, status))
            fail_msg("%s with rights %u: status %#x", p->name, p->rights, (unsigned)status);
    }
    if (skipped > 0)
        print_message("%u cases not run: this kernel's Landlock is older\n", skipped);
}

/* Without confinement all of this works: else the cases above would prove nothing. */
static void probes_can_succeed(void **state)
{
    (void)state;
    int (*const actions[])(void) = {read_passwd, read_inside, write_outside, climb_out,      follow_link,
                                    work_inside, inet_socket, unix_socket,   make_process,   signal_parent,
                                    map_code,    bind_a_port, listen_anew,   turn_into_code, datagram_pair};
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        assert_int_equal(actions[i](), 0);
    assert_int_equal(accept_nobody(), EAGAIN);
}

/* Reads from outside what the kernel says of a confined process. */
static void status_of(pid_t pid, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t n = read(fd, text, size - 1);
    assert_true(n > 0);
    text[n] = '\0';
    close(fd);
}

static void users_change(void **state)
{
    (void)state;
    const struct passwd *pw = getpwnam("nobody");
    if (geteuid() != 0 || pw == NULL)
        skip();
    int ready[2], go[2];
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(go), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct ww_confine how = {.rights = 0, .user = "nobody"};
        bool partial;
        char detail[256], c;
        enum ww_err err = ww_confine(&how, &partial, detail, sizeof detail);
        (void)!write(ready[1], err == WW_OK ? "y" : "n", 1);
        (void)!read(go[0], &c, 1);
        _exit(0);
    }
    char c = '\0', text[4096], uids[64], gids[64], groups[64];
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    status_of(pid, text, sizeof text);
    assert_int_equal(write(go[1], "x", 1), 1);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    unsigned u = pw->pw_uid, g = pw->pw_gid;
    snprintf(uids, sizeof uids, "Uid:\t%u\t%u\t%u\t%u\n", u, u, u, u);
    snprintf(gids, sizeof gids, "Gid:\t%u\t%u\t%u\t%u\n", g, g, g, g);
    snprintf(groups, sizeof groups, "Groups:\t%u \n", g);
    const char *const wanted[] = {uids, gids, groups, "CapPrm:\t0000000000000000\n", "NoNewPrivs:\t1\n"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (strstr(text, wanted[i]) == NULL)
            fail_msg("%s is not in:\n%s", wanted[i], text);
    }
}

/* The change of user clears the death signal; it must be set again, or nobody ends with the supervisor. */
static void dies_with_its_parent(void **state)
{
    (void)state;
    int alive[2];
    assert_int_equal(pipe2(alive, O_CLOEXEC), 0);
    pid_t parent = fork();
    if (parent == 0) {
        int ready[2];
        char c;
        (void)!pipe(ready);
        if (fork() == 0) {
            struct ww_confine how = {.rights = 0, .user = "nobody"};
            bool partial;
            char detail[256];
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (ww_confine(&how, &partial, detail, sizeof detail) == WW_OK)
                (void)!write(ready[1], "y", 1);
            poll(NULL, 0, 10000); /* longer than the test waits */
            _exit(0);
        }
        (void)!read(ready[0], &c, 1);
        _exit(0);
    }
    close(alive[1]);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    struct pollfd end = {.fd = alive[0], .events = POLLIN};
    assert_int_equal(poll(&end, 1, 5000), 1); /* the last holder of the pipe is gone */
    close(alive[0]);
}

static void unknown_user_is_an_error(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    struct ww_confine how = {.rights = 0, .user = "no-such-user"};
    bool partial;
    char detail[256];
    assert_int_equal(ww_confine(&how, &partial, detail, sizeof detail), WW_E_CONFINE);
    assert_non_null(strstr(detail, "no-such-user"));
}

static int setup(void **state)
{
    (void)state;
    char path[256], target[256];
    struct sockaddr_in in = local(0);
    if (mkdtemp(outside) == NULL || mkdtemp(inside) == NULL || mkdtemp(beside) == NULL ||
        open_at(inside, "old", O_WRONLY | O_CREAT) != 0 || open_at(outside, "old", O_WRONLY | O_CREAT) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/link", inside);
    snprintf(target, sizeof target, "%s/old", outside);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return symlink(target, path) != 0 || bind(listener, (struct sockaddr *)&in, sizeof in) != 0 ||
                   listen(listener, 5) != 0
               ? -1
               : 0;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const names[] = {"old", "new", "link"};
    for (size_t i = 0; i < 3; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", inside, names[i]);
        unlink(path);
        snprintf(path, sizeof path, "%s/%s", outside, names[i]);
        unlink(path);
        snprintf(path, sizeof path, "%s/%s", beside, names[i]);
        unlink(path);
    }
    return rmdir(inside) != 0 || rmdir(outside) != 0 || rmdir(beside) != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_can_succeed),
        cmocka_unit_test(rights_hold),
        cmocka_unit_test(users_change),
        cmocka_unit_test(dies_with_its_parent),
        cmocka_unit_test(unknown_user_is_an_error),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

#include "proc/confine_step.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * What is on no list gets EPERM, as libraries try things that they can do without. What no role ever does,
 * and what is of use to an intruder alone, ends the process.
 */
static const char *const deadly[] = {
    "mount",
    "umount2",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsmount",
    "pivot_root",
    "chroot",
    "unshare",
    "setns",
    "bpf",
    "perf_event_open",
    "keyctl",
    "add_key",
    "request_key",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "acct",
    "iopl",
    "ioperm",
    "process_vm_writev",
    "userfaultfd",
    "open_by_handle_at",
    "personality",
    NULL,
};

/* Deadly without WW_MAY_RUN. */
static const char *const running[] = {"execve", "execveat", NULL};

/* Deadly as well, but for the leak checker, which traces its own process from a clone of it. */
static const char *const tracing[] = {"ptrace", "process_vm_readv", NULL};

static const char *const everybody[] = {
    /* descriptors that are there already */
    "read",
    "readv",
    "pread64",
    "write",
    "writev",
    "close",
    "fstat",
    "fstat64",
    "lseek",
    "_llseek",
    "dup",
    "recvmsg",
    "recvfrom",
    "recvmmsg",
    "recvmmsg_time64",
    "recv",
    "sendmsg",
    "sendto",
    "sendmmsg",
    "send",
    "shutdown",
    "getsockopt",
    "setsockopt",
    "getsockname",
    "getpeername",
    /* the loop */
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "poll",
    "ppoll",
    "ppoll_time64",
    "select",
    "_newselect",
    "pselect6",
    "pselect6_time64",
    "eventfd2",
    "pipe2",
    "timerfd_create",
    "timerfd_settime",
    "timerfd_settime64",
    /* time and chance */
    "clock_gettime",
    "clock_gettime64",
    "clock_getres",
    "clock_getres_time64",
    "clock_nanosleep",
    "clock_nanosleep_time64",
    "gettimeofday",
    "time",
    "nanosleep",
    "getrandom",
    /* memory; mmap and mprotect have rules of their own */
    "brk",
    "munmap",
    "mremap",
    "madvise",
    "futex",
    "futex_time64",
    "membarrier",
    "sched_yield",
    "sched_getaffinity",
    "rseq",
    "set_robust_list",
    "get_robust_list",
    /* signals and the end */
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sigreturn",
    "sigaltstack",
    "restart_syscall",
    "exit",
    "exit_group",
    /* about the process itself */
    "getpid",
    "getppid",
    "gettid",
    "getuid",
    "getuid32",
    "geteuid",
    "geteuid32",
    "getgid",
    "getgid32",
    "getegid",
    "getegid32",
    "getrusage",
    "uname",
    "sysinfo",
    "getrlimit",
    "ugetrlimit",
    "setitimer",
    NULL,
};

static const char *const accepting[] = {"accept", "accept4", NULL};

static const char *const connecting[] = {"connect", "bind", NULL};

static const char *const with_files[] = {
    "open",      "openat",     "openat2",         "creat",      "stat",      "stat64",      "lstat",
    "lstat64",   "newfstatat", "fstatat64",       "statx",      "fstatfs",   "fstatfs64",   "access",
    "faccessat", "faccessat2", "readlink",        "readlinkat", "getcwd",    "getdents64",  "unlink",
    "unlinkat",  "rename",     "renameat",        "renameat2",  "ftruncate", "ftruncate64", "fallocate",
    "fsync",     "fdatasync",  "sync_file_range", "pwrite64",   "preadv",    "pwritev",     "flock",
    "fchmod",    "umask",      "utimensat",       "msync",      "fadvise64", NULL,
};

static const char *const reading[] = {
    "open",      "openat", "stat",   "stat64",    "lstat",      "lstat64", "newfstatat",
    "fstatat64", "statx",  "access", "faccessat", "faccessat2", NULL,
};

#ifdef WW_SANITIZED
static const char *const sanitizer[] = {
    "clone",      "wait4",      "prctl",    "open", "openat",     "readlink",
    "readlinkat", "getdents64", "getdents", "stat", "newfstatat", "tgkill",
    "prlimit64",  "mmap",       "mprotect", "dup2", NULL,
};
#endif

/* A name that this machine or this libseccomp does not know is nothing that can be called. */
static int add_list(scmp_filter_ctx ctx, uint32_t action, const char *const *names)
{
    for (; *names != NULL; names++) {
        int number = seccomp_syscall_resolve_name(*names);
        int fault = number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(ctx, action, number, 0);
        if (fault != 0 && fault != -EDOM && fault != -EEXIST)
            return fault;
    }
    return 0;
}

struct rule {
    int number;
    unsigned count;
    struct scmp_arg_cmp args[2];
};

static int add_rules(scmp_filter_ctx ctx, const struct rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rule *r = &rules[i];
        int fault = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, r->number, r->count, r->args);
        if (fault != 0 && fault != -EDOM && fault != -EEXIST)
            return fault;
    }
    return 0;
}

/* Calls that are harmless with some arguments alone. */
static int add_common_rules(scmp_filter_ctx ctx)
{
    const struct rule rules[] = {
        /* memory never becomes code */
        {SCMP_SYS(mmap), 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}},
        {SCMP_SYS(mmap2), 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}},
        {SCMP_SYS(mprotect), 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}},
        {SCMP_SYS(ioctl), 1, {SCMP_A1(SCMP_CMP_EQ, FIONBIO, 0)}},
        {SCMP_SYS(ioctl), 1, {SCMP_A1(SCMP_CMP_EQ, FIONREAD, 0)}},
        /* reading one's own limits; the C library's fstat; its abort */
        {SCMP_SYS(prlimit64), 2, {SCMP_A0(SCMP_CMP_EQ, 0, 0), SCMP_A2(SCMP_CMP_EQ, 0, 0)}},
        {SCMP_SYS(newfstatat), 1, {SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH, 0)}},
        {SCMP_SYS(tgkill), 1, {SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0)}},
    };
    return add_rules(ctx, rules, sizeof rules / sizeof *rules);
}

/* Not the commands that make the kernel send signals to others. */
static const int descriptor_commands[] = {
    F_DUPFD,   F_DUPFD_CLOEXEC, F_GETFD,    F_SETFD,  F_GETFL,
    F_SETFL,   F_GETLK,         F_SETLK,    F_SETLKW, F_GET_SEALS,
#ifdef F_GETLK64
    F_GETLK64, F_SETLK64,       F_SETLKW64,
#endif
};

static int add_descriptor_rules(scmp_filter_ctx ctx)
{
    int fault = 0;
    for (size_t i = 0; fault == 0 && i < sizeof descriptor_commands / sizeof *descriptor_commands; i++) {
        const struct scmp_arg_cmp command = SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)descriptor_commands[i], 0);
        const struct rule rules[] = {
            {SCMP_SYS(fcntl), 1, {command}},
            {SCMP_SYS(fcntl64), 1, {command}},
        };
        fault = add_rules(ctx, rules, sizeof rules / sizeof *rules);
    }
    return fault;
}

#define SOCKET_KIND 0xf /* the rest of a socket's type is flags */

static int add_socket_rules(scmp_filter_ctx ctx)
{
    const struct rule rules[] = {
        {SCMP_SYS(socket),
         2,
         {SCMP_A0(SCMP_CMP_EQ, AF_INET, 0), SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_KIND, SOCK_STREAM)}},
        {SCMP_SYS(socket),
         2,
         {SCMP_A0(SCMP_CMP_EQ, AF_INET, 0), SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_KIND, SOCK_DGRAM)}},
        {SCMP_SYS(socket),
         2,
         {SCMP_A0(SCMP_CMP_EQ, AF_INET6, 0), SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_KIND, SOCK_STREAM)}},
        {SCMP_SYS(socket),
         2,
         {SCMP_A0(SCMP_CMP_EQ, AF_INET6, 0), SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_KIND, SOCK_DGRAM)}},
        /* not of datagrams, which could then be sent to any socket of the system's */
        {SCMP_SYS(socketpair),
         2,
         {SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0), SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_KIND, SOCK_STREAM)}},
    };
    return add_rules(ctx, rules, sizeof rules / sizeof *rules);
}

/*
 * What a program that is run must not do, though it may do what is on no list: talk to the sockets of this
 * machine, where the control socket takes its user for the operator; to strangers without WW_MAY_CONNECT; or
 * do either behind the filter's back.
 */
static int add_running_rules(scmp_filter_ctx ctx, unsigned rights)
{
    const uint32_t denied = SCMP_ACT_ERRNO(EPERM);
    int fault = seccomp_rule_add(ctx, denied, SCMP_SYS(io_uring_setup), 0);
    fault = fault != 0 ? fault
                       : seccomp_rule_add(ctx, denied, SCMP_SYS(socketpair), 1,
                                          SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_KIND, SOCK_DGRAM));
    if (!(rights & WW_MAY_CONNECT))
        return fault != 0 ? fault : seccomp_rule_add(ctx, denied, SCMP_SYS(socket), 0);
    return fault != 0 ? fault
                      : seccomp_rule_add(ctx, denied, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
}

/* What the default allows needs no rule, and libseccomp takes none. */
static int add_forbidden(scmp_filter_ctx ctx, unsigned rights)
{
    bool runs = rights & WW_MAY_RUN;
    int fault = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    fault = fault != 0 ? fault : seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    fault = fault != 0 ? fault : add_list(ctx, SCMP_ACT_KILL_PROCESS, deadly);
#ifndef WW_SANITIZED
    fault = fault != 0 ? fault : add_list(ctx, SCMP_ACT_KILL_PROCESS, tracing);
#endif
    if (runs)
        return fault != 0 ? fault : add_running_rules(ctx, rights);
    return fault != 0 ? fault : add_list(ctx, SCMP_ACT_KILL_PROCESS, running);
}

static int add_allowed(scmp_filter_ctx ctx, unsigned rights)
{
    int fault = add_common_rules(ctx);
    fault = fault != 0 ? fault : add_descriptor_rules(ctx);
    fault = fault != 0 ? fault : add_list(ctx, SCMP_ACT_ALLOW, everybody);
    if (rights & WW_MAY_ACCEPT)
        fault = fault != 0 ? fault : add_list(ctx, SCMP_ACT_ALLOW, accepting);
    if (rights & WW_MAY_CONNECT) {
        fault = fault != 0 ? fault : add_list(ctx, SCMP_ACT_ALLOW, connecting);
        fault = fault != 0 ? fault : add_socket_rules(ctx);
    }
    if (rights & WW_MAY_FILES)
        fault = fault != 0 ? fault : add_list(ctx, SCMP_ACT_ALLOW, with_files);
    if (rights & WW_MAY_READ)
        fault = fault != 0 ? fault : add_list(ctx, SCMP_ACT_ALLOW, reading);
#ifdef WW_SANITIZED
    fault = fault != 0 ? fault : add_list(ctx, SCMP_ACT_ALLOW, sanitizer);
    fault = fault != 0 ? fault : add_list(ctx, SCMP_ACT_ALLOW, tracing);
#endif
    return fault;
}

bool ww_confine_seccomp(const struct ww_confine *c, struct ww_confine_report *r)
{
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
        r->partial = true;
        ww_confine_note(r, "this kernel has no seccomp");
        return true;
    }
    bool runs = c->rights & WW_MAY_RUN;
    scmp_filter_ctx ctx = seccomp_init(runs ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM));
    int fault = ctx == NULL ? -ENOMEM : add_forbidden(ctx, c->rights);
    if (fault == 0 && !runs)
        fault = add_allowed(ctx, c->rights);
    if (fault == 0)
        fault = seccomp_load(ctx);
    if (ctx != NULL)
        seccomp_release(ctx);
    if (fault != 0)
        ww_confine_note(r, "seccomp: %s", strerror(-fault));
    return fault == 0;
}

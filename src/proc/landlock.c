#include "proc/confine_step.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The kernel's interface as of ABI 6 (landlock(7)). It is spelled out, since the headers of the system that
 * builds us may be older than the kernel that runs us.
 */
#define CREATE_RULESET 444 /* the same numbers on all machines */
#define ADD_RULE 445
#define RESTRICT_SELF 446
#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1
#define RULE_NET_PORT 2

enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_REMOVE_DIR = 1 << 4,
    FS_REMOVE_FILE = 1 << 5,
    FS_MAKE_DIR = 1 << 7,
    FS_MAKE_REG = 1 << 8,
    FS_TRUNCATE = 1 << 14,
};
#define NET_BIND_TCP 1u
#define NET_CONNECT_TCP 2u
#define SCOPE_ALL 3u /* abstract Unix sockets, signals */

struct ruleset {
    uint64_t fs;
    uint64_t net;
    uint64_t scoped;
};

struct path_rule {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

struct port_rule {
    uint64_t allowed;
    uint64_t port;
};

/* All rights to files that an ABI knows of. */
static uint64_t fs_rights(long abi)
{
    if (abi >= 5)
        return (1 << 16) - 1;
    if (abi >= 3)
        return (1 << 15) - 1;
    return abi == 2 ? (1 << 14) - 1 : (1 << 13) - 1;
}

/* An older kernel takes a shorter struct. */
static size_t ruleset_size(long abi)
{
    if (abi >= 6)
        return sizeof(struct ruleset);
    return abi >= 4 ? offsetof(struct ruleset, scoped) : offsetof(struct ruleset, net);
}

static bool allow_below(int ruleset, const char *path, uint64_t rights)
{
    struct path_rule rule = {.allowed = rights, .fd = open(path, O_PATH | O_CLOEXEC)};
    if (rule.fd < 0)
        return false;
    bool good = syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0u) == 0;
    int saved = errno;
    close(rule.fd);
    errno = saved;
    return good;
}

static bool add_running_rules(const struct ww_confine *c, int ruleset, uint64_t keep)
{
    uint64_t write = keep | FS_MAKE_DIR | FS_REMOVE_DIR;
    return allow_below(ruleset, "/", FS_EXECUTE | FS_READ_FILE | FS_READ_DIR) &&
           allow_below(ruleset, "/dev/null", FS_READ_FILE | FS_WRITE_FILE) &&
           (c->directory == NULL || allow_below(ruleset, c->directory, write)) &&
           (c->also == NULL || allow_below(ruleset, c->also, write));
}

static bool add_rules(const struct ww_confine *c, int ruleset, const struct ruleset *handled)
{
    uint64_t keep = FS_READ_FILE | FS_WRITE_FILE | FS_READ_DIR | FS_REMOVE_FILE | FS_MAKE_REG | FS_TRUNCATE;
    if ((c->rights & WW_MAY_FILES) && !allow_below(ruleset, c->directory, keep & handled->fs))
        return false;
    if ((c->rights & WW_MAY_READ) && !allow_below(ruleset, c->directory, FS_READ_FILE | FS_READ_DIR))
        return false;
    if ((c->rights & WW_MAY_RUN) && !add_running_rules(c, ruleset, keep & handled->fs))
        return false;
    /* SQLite takes its random numbers from there alone; without it they come from the clock. */
    if ((c->rights & WW_MAY_FILES) && !allow_below(ruleset, "/dev/urandom", FS_READ_FILE))
        return false;
#ifdef WW_SANITIZED /* the leak checker reads the process's own maps */
    if (!allow_below(ruleset, "/proc", FS_READ_FILE | FS_READ_DIR))
        return false;
#endif
    /* A source address is chosen by binding to it, with port 0. */
    struct port_rule any = {.allowed = NET_BIND_TCP, .port = 0};
    if ((handled->net & NET_BIND_TCP) && (c->rights & WW_MAY_CONNECT))
        return syscall(ADD_RULE, ruleset, RULE_NET_PORT, &any, 0u) == 0;
    return true;
}

bool ww_confine_landlock(const struct ww_confine *c, struct ww_confine_report *r)
{
    long abi = syscall(CREATE_RULESET, NULL, (size_t)0, CREATE_RULESET_VERSION);
    if (abi < 1) {
        r->partial = true;
        ww_confine_note(r, "this kernel has no Landlock");
        return true;
    }
    /* Before ABI 4 it does not know TCP: there seccomp alone forbids to connect, listen and accept. */
    struct ruleset handled = {.fs = fs_rights(abi)};
    if (abi >= 4)
        handled.net = NET_BIND_TCP | ((c->rights & WW_MAY_CONNECT) ? 0 : NET_CONNECT_TCP);
    if (abi >= 6)
        handled.scoped = SCOPE_ALL;
    int ruleset = (int)syscall(CREATE_RULESET, &handled, ruleset_size(abi), 0u);
    bool good = ruleset >= 0 && add_rules(c, ruleset, &handled) && syscall(RESTRICT_SELF, ruleset, 0u) == 0;
    if (!good)
        ww_confine_note(r, "Landlock: %s", strerror(errno));
    if (ruleset >= 0)
        close(ruleset);
    return good;
}

#include "report/journal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A process that is being killed may hold the lock for a moment longer. */
#define LOCK_TRIES 50
#define LOCK_PAUSE_NS 20000000L

bool ww_journal_head_ok(const struct ww_journal_head *head, uint64_t file_size)
{
    return memcmp(head->magic, WW_JOURNAL_MAGIC, sizeof head->magic) == 0 &&
           head->version == WW_JOURNAL_VERSION && head->size >= WW_JOURNAL_SIZE_MIN &&
           head->size % WW_JOURNAL_BLOCK == 0 && head->size <= SIZE_MAX / 4 &&
           head->size + WW_JOURNAL_BLOCK == file_size && head->begin % 8 == 0 && head->clean % 8 == 0 &&
           head->clean <= head->begin && head->begin <= INT64_MAX;
}

static size_t rounded(size_t size)
{
    size = size < WW_JOURNAL_SIZE_MIN ? WW_JOURNAL_SIZE_MIN : size;
    return (size + WW_JOURNAL_BLOCK - 1) / WW_JOURNAL_BLOCK * WW_JOURNAL_BLOCK;
}

/* 0, or an error number. The file is empty. */
static int make(int fd, size_t size)
{
    struct ww_journal_head head = {.version = WW_JOURNAL_VERSION, .size = size};
    memcpy(head.magic, WW_JOURNAL_MAGIC, sizeof head.magic);
    if (getrandom(head.id, sizeof head.id, 0) != (ssize_t)sizeof head.id)
        return errno;
    /* A disk that is full is found out now, rather than by SIGBUS. */
    int error = posix_fallocate(fd, 0, (off_t)(WW_JOURNAL_BLOCK + size));
    if (error != 0)
        return error;
    return pwrite(fd, &head, sizeof head, 0) == (ssize_t)sizeof head ? 0 : errno;
}

static int lock(int fd)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};
    for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
        if (errno != EWOULDBLOCK || i == LOCK_TRIES)
            return -1;
        (void)nanosleep(&pause, NULL);
    }
    return 0;
}

enum there { NOTHING, FOREIGN, EMPTY, HAS_RECORDS };

/* Whether anything but zero stands behind the head. An error counts as something: nothing is overwritten. */
static bool has_octets(int fd, off_t size)
{
    static const char zeros[WW_JOURNAL_BLOCK];
    static char block[WW_JOURNAL_BLOCK];
    for (off_t at = (off_t)sizeof block; at < size; at += (off_t)sizeof block)
        if (pread(fd, block, sizeof block, at) != (ssize_t)sizeof block ||
            memcmp(block, zeros, sizeof block) != 0)
            return true;
    return false;
}

static enum there look(int fd, size_t *size)
{
    struct ww_journal_head head;
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return FOREIGN;
    if (st.st_size == 0)
        return NOTHING;
    if (pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head ||
        !ww_journal_head_ok(&head, (uint64_t)st.st_size))
        return FOREIGN;
    *size = head.size;
    return has_octets(fd, st.st_size) ? HAS_RECORDS : EMPTY;
}

/* Beside it, and then to its place: what stands there is always whole. */
static int make_at(const char *path, size_t size, char *detail, size_t detail_size)
{
    char fresh[PATH_MAX];
    if ((size_t)snprintf(fresh, sizeof fresh, "%s.new", path) >= sizeof fresh) {
        snprintf(detail, detail_size, "%s: %s", path, strerror(ENAMETOOLONG));
        return -1;
    }
    (void)unlink(fresh);
    int fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        snprintf(detail, detail_size, "cannot make %s: %s", fresh, strerror(errno));
        return -1;
    }
    int error = make(fd, size);
    if (error == 0 && (lock(fd) != 0 || rename(fresh, path) != 0))
        error = errno;
    if (error == 0)
        return fd;
    snprintf(detail, detail_size, "cannot make %s of %zu octets: %s", path, size, strerror(error));
    (void)unlink(fresh);
    (void)close(fd);
    return -1;
}

static bool put_aside(const char *path, char *detail, size_t detail_size)
{
    char old[PATH_MAX];
    if ((size_t)snprintf(old, sizeof old, "%s.old", path) >= sizeof old)
        return false;
    if (access(old, F_OK) == 0) {
        snprintf(
            detail, detail_size,
            "%s is no journal of TLS results that this version can read, and %s is in the way of putting "
            "it aside",
            path, old);
        return false;
    }
    if (rename(path, old) != 0) {
        snprintf(detail, detail_size, "cannot rename %s to %s: %s", path, old, strerror(errno));
        return false;
    }
    snprintf(detail, detail_size,
             "%s was no journal of TLS results that this version can read, and is now %s", path, old);
    return true;
}

/* fd is locked. Gives it back, or another; -1 when it was closed. */
static int use(int fd, const char *path, size_t size, char *detail, size_t detail_size)
{
    size_t found = 0;
    enum there there = look(fd, &found);
    if (there == FOREIGN && !put_aside(path, detail, detail_size)) {
        (void)close(fd);
        return -1;
    }
    if (there == NOTHING || there == FOREIGN || (there == EMPTY && found != size)) {
        /* The lock is given back last: until then nobody else takes the path for his own. */
        char why[512] = "";
        int made = make_at(path, size, why, sizeof why);
        if (made < 0)
            snprintf(detail, detail_size, "%s", why);
        (void)close(fd);
        return made;
    }
    int error = posix_fallocate(fd, 0, (off_t)(WW_JOURNAL_BLOCK + found));
    if (error != 0) {
        snprintf(detail, detail_size, "cannot have disk space for %s: %s", path, strerror(error));
        (void)close(fd);
        return -1;
    }
    if (found != size)
        snprintf(detail, detail_size,
                 "%s stays at %zu octets while it holds results: %zu are for a start when it is empty", path,
                 found, size);
    return fd;
}

/* Whether it is (still) this file that stands at the path. */
static bool stands_at(int fd, const char *path)
{
    struct stat here, there;
    return fstat(fd, &here) == 0 && lstat(path, &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
}

int ww_journal_file(const char *path, size_t size, char *detail, size_t detail_size)
{
    detail[0] = '\0';
    size = rounded(size);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return make_at(path, size, detail, detail_size);
    if (fd < 0) {
        snprintf(detail, detail_size, "cannot open %s: %s", path, strerror(errno));
        return -1;
    }
    if (lock(fd) == 0 && stands_at(fd, path))
        return use(fd, path, size, detail, detail_size);
    snprintf(detail, detail_size, "another process has %s", path);
    (void)close(fd);
    return -1;
}

int ww_journal_memory(size_t size, char *detail, size_t detail_size)
{
    detail[0] = '\0';
    int fd = memfd_create("waxwing-results", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int error = fd < 0 ? errno : make(fd, rounded(size));
    /* Nobody can make it shorter below the feet of who has it mapped. */
    if (error == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return fd;
    snprintf(detail, detail_size, "no memory for the journal of TLS results: %s",
             strerror(error != 0 ? error : errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

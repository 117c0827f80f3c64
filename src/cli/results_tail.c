#include "cli/results_tail.h"

#include "base/hash.h"
#include "cli/results_input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_log(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* Nobody gains anything by files that look alike: the key need not be secret, and it has to last. */
static bool hash_head(int fd, size_t n, uint64_t *hash)
{
    static const struct ww_hash_key key = {{0, 0}};
    char head[WW_RESULTS_HEAD];
    if (n > sizeof head || pread(fd, head, n, 0) != (ssize_t)n)
        return false;
    *hash = ww_hash(&key, head, n);
    return true;
}

static bool begins_alike(int fd, size_t head, uint64_t hash)
{
    uint64_t found;
    return head == 0 || (hash_head(fd, head, &found) && found == hash);
}

/* ---- files beside the log: "mail.log.1", "mail.log-20261129" ---- */

struct sibling {
    int fd;
    struct stat st;
    bool is_path;
};

static bool is_sibling_name(const char *name, const char *base)
{
    static const char *const packed[] = {".gz", ".xz", ".bz2", ".zst"};
    size_t n = strlen(base), length = strlen(name);
    if (strncmp(name, base, n) != 0 || (name[n] != '\0' && name[n] != '.' && name[n] != '-'))
        return false;
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++) {
        size_t end = strlen(packed[i]);
        if (length > end && strcmp(name + length - end, packed[i]) == 0)
            return false;
    }
    return true;
}

/* The better of two is kept; a NULL one is worse than any. */
typedef bool is_better(const void *ctx, const struct sibling *found, const struct sibling *best);

/* The best of the log and the files beside it, open; fd is -1 when none is good. */
static struct sibling find(const char *path, is_better *better, const void *ctx)
{
    struct sibling best = {.fd = -1};
    char folder[PATH_MAX], base[PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", path);
    (void)snprintf(base, sizeof base, "%s", path);
    const char *name = basename(base);
    DIR *dir = opendir(dirname(folder));
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        struct sibling s = {.is_path = strcmp(entry->d_name, name) == 0};
        if (!is_sibling_name(entry->d_name, name))
            continue;
        s.fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (s.fd < 0)
            continue;
        bool good =
            fstat(s.fd, &s.st) == 0 && S_ISREG(s.st.st_mode) && better(ctx, &s, best.fd >= 0 ? &best : NULL);
        (void)close(good ? best.fd : s.fd);
        if (good)
            best = s;
    }
    if (dir != NULL)
        (void)closedir(dir);
    return best;
}

/* The file of a place: its inode decides, unless that was given to another file; then its copy. */
static bool is_place(const void *ctx, const struct sibling *found, const struct sibling *best)
{
    const struct ww_results_place *place = ctx;
    bool alike =
        begins_alike(found->fd, place->head, place->hash) && (uint64_t)found->st.st_size >= place->offset;
    bool same = alike && found->st.st_ino == place->inode;
    return same || (alike && place->head > 0 && (best == NULL || best->st.st_ino != place->inode));
}

static int compare_times(const struct timespec *a, const struct timespec *b)
{
    if (a->tv_sec != b->tv_sec)
        return a->tv_sec < b->tv_sec ? -1 : 1;
    return a->tv_nsec < b->tv_nsec ? -1 : a->tv_nsec > b->tv_nsec ? 1 : 0;
}

/* The next file that was written after this one; the path itself comes last of all. */
static bool is_next(const void *ctx, const struct sibling *found, const struct sibling *best)
{
    const struct stat *now = ctx;
    if (found->st.st_ino == now->st_ino)
        return false;
    if (found->is_path)
        return best == NULL;
    if (compare_times(&found->st.st_mtim, &now->st_mtim) <= 0)
        return false;
    return best == NULL || best->is_path || compare_times(&found->st.st_mtim, &best->st.st_mtim) < 0;
}

/* ---- one file ---- */

/* Takes over the descriptor. */
static bool take_file(struct ww_results_tail *tail, int fd, uint64_t offset)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || lseek(fd, (off_t)offset, SEEK_SET) < 0) {
        (void)close(fd);
        return false;
    }
    if (tail->fd >= 0)
        (void)close(tail->fd);
    tail->fd = fd;
    tail->inode = st.st_ino;
    tail->end = offset;
    tail->head = 0;
    tail->left = false;
    ww_lines_clear(&tail->lines);
    return true;
}

/* What tells the file grows with it. */
static void know_head(struct ww_results_tail *tail)
{
    size_t head = tail->end < WW_RESULTS_HEAD ? (size_t)tail->end : WW_RESULTS_HEAD;
    if (head > tail->head && hash_head(tail->fd, head, &tail->hash))
        tail->head = head;
}

static bool open_path(struct ww_results_tail *tail, bool at_end)
{
    struct stat st;
    int fd = open_log(tail->path);
    if (fd < 0)
        return errno == ENOENT;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        errno = EINVAL;
        return false;
    }
    return take_file(tail, fd, at_end ? (uint64_t)st.st_size : 0);
}

bool ww_results_tail_open(struct ww_results_tail *tail, const char *path, enum ww_results_begin begin,
                          const struct ww_results_place *place, bool *lost)
{
    *tail = (struct ww_results_tail){.path = path, .fd = -1};
    *lost = false;
    if (!ww_lines_init(&tail->lines, WW_RESULTS_LINE_MAX + 1))
        return false;
    if (begin == WW_RESULTS_AT_PLACE) {
        struct sibling s = find(path, is_place, place);
        *lost = s.fd < 0 || !take_file(tail, s.fd, place->offset);
    }
    bool good = tail->fd >= 0 || open_path(tail, begin == WW_RESULTS_AT_THE_END);
    if (tail->fd >= 0)
        know_head(tail);
    return good;
}

void ww_results_tail_close(struct ww_results_tail *tail)
{
    ww_lines_free(&tail->lines);
    if (tail->fd >= 0)
        (void)close(tail->fd);
    tail->fd = -1;
}

static bool read_some(struct ww_results_tail *tail)
{
    size_t size;
    char *room = ww_lines_room(&tail->lines, &size);
    ssize_t n = read(tail->fd, room, size);
    if (n <= 0)
        return false;
    ww_lines_add(&tail->lines, (size_t)n);
    tail->end += (uint64_t)n;
    know_head(tail);
    return true;
}

/* The rest of a file that was copied away and emptied is in its copy. */
static void go_on_in_copy(struct ww_results_tail *tail, bool *lost)
{
    const struct ww_results_place place = ww_results_tail_place(tail);
    struct sibling s = find(tail->path, is_place, &place);
    if (s.fd >= 0 && take_file(tail, s.fd, place.offset)) {
        know_head(tail);
        return;
    }
    *lost = true;
    (void)open_path(tail, false);
}

/* It may have grown beyond where it was since. */
static bool was_emptied(const struct ww_results_tail *tail)
{
    struct stat st;
    return fstat(tail->fd, &st) == 0 &&
           ((uint64_t)st.st_size < tail->end || !begins_alike(tail->fd, tail->head, tail->hash));
}

/*
 * At the end of what is there. A log daemon goes on writing to the old file until it is told to open the new
 * one: so the old one is left once something stands in the new one, and nothing more in the old.
 */
static bool turn_the_page(struct ww_results_tail *tail)
{
    struct stat path, own;
    if (fstat(tail->fd, &own) != 0 || stat(tail->path, &path) != 0 || path.st_ino == own.st_ino ||
        path.st_size == 0)
        return false;
    if (!tail->left) {
        tail->left = true;
        return true;
    }
    struct sibling s = find(tail->path, is_next, &own);
    return s.fd >= 0 && take_file(tail, s.fd, 0);
}

bool ww_results_tail_read(struct ww_results_tail *tail, bool *lost)
{
    *lost = false;
    if (tail->fd < 0 && (!open_path(tail, false) || tail->fd < 0))
        return false;
    if (was_emptied(tail)) {
        go_on_in_copy(tail, lost);
        return true;
    }
    return read_some(tail) || turn_the_page(tail);
}

struct ww_results_place ww_results_tail_place(const struct ww_results_tail *tail)
{
    size_t untaken = tail->lines.end - tail->lines.begin;
    struct ww_results_place place = {
        .inode = tail->inode, .offset = tail->end - untaken, .head = tail->head, .hash = tail->hash};
    return place;
}

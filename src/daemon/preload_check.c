#include "daemon/preload_check.h"

#include "codec/preload_json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct text {
    char *p;
    size_t n;
};

static struct ww_slice slice_of(const struct text *t)
{
    return ww_slice(t->p, t->n);
}

static void refuse(struct ww_preload_checked *out, enum ww_err err, const char *detail)
{
    out->verdict = WW_PRELOAD_REFUSE;
    out->err = err;
    (void)snprintf(out->detail, sizeof out->detail, "%s", detail);
}

static void refuse_file(struct ww_preload_checked *out, const char *what, const char *why)
{
    char words[WW_PRELOAD_DETAIL_SIZE];
    (void)snprintf(words, sizeof words, "%s: %s", what, why);
    refuse(out, WW_E_PRELOAD_READ, words);
}

/* All of it; one octet more than `most` is too many. */
static bool read_all(int fd, size_t most, struct text *t)
{
    size_t room = 0;
    for (size_t at = 0;; t->n = at) {
        if (at == room) {
            room = room == 0 ? 64 * 1024 : room * 2;
            char *more = realloc(t->p, room);
            if (more == NULL)
                return false;
            t->p = more;
        }
        ssize_t n = pread(fd, t->p + at, room - at, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        at += (size_t)n;
        if (at > most) {
            errno = EFBIG;
            return false;
        }
    }
}

static bool read_fd(int fd, const char *what, size_t most, struct ww_preload_checked *out, struct text *t)
{
    bool good = fd >= 0 && read_all(fd, most, t);
    if (!good)
        refuse_file(out, what, strerror(errno));
    return good;
}

static bool read_path(const char *path, size_t most, struct ww_preload_checked *out, struct text *t)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool good = read_fd(fd, path, most, out, t);
    if (fd >= 0)
        (void)close(fd);
    return good;
}

static bool read_source(const struct ww_preload_task *task, unsigned which, size_t most,
                        struct ww_preload_checked *out, struct text *t)
{
    static const char *const names[] = {"the list", "the signature"};
    return task->fds[which] >= 0 ? read_fd(task->fds[which], names[which], most, out, t)
                                 : read_path(task->paths[which], most, out, t);
}

static bool hand_over(int fd, const uint8_t *image, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t done = write(fd, image + at, n - at);
        if (done > 0)
            at += (size_t)done;
        else if (done == 0 || errno != EINTR)
            return false;
    }
    return true;
}

/* A list that was accepted before is not refused for its age: what it counts for, its times say. */
static void decide(const struct ww_preload_task *task, const uint8_t *image, size_t n,
                   const struct text *list, const struct text *signature, struct ww_preload_checked *out)
{
    struct ww_preload candidate;
    enum ww_err err = ww_preload_open(image, n, &candidate);
    out->verdict = WW_PRELOAD_TAKE;
    if (err == WW_OK && !task->kept)
        out->verdict = ww_preload_decide(&candidate, task->before, task->now, &err);
    if (err != WW_OK) {
        refuse(out, err, "");
        return;
    }
    if (out->verdict != WW_PRELOAD_TAKE)
        return;
    if (!hand_over(task->image, image, n))
        refuse(out, WW_E_NO_MEMORY, "");
    else if (!task->kept && !ww_preload_keep_write(task->folder, slice_of(list), slice_of(signature)))
        out->unkept = errno;
}

static void check(const struct ww_preload_task *task, struct ww_preload_checked *out)
{
    struct text list = {NULL, 0}, signature = {NULL, 0}, key = {NULL, 0};
    char why[WW_PRELOAD_WHY_SIZE] = "", words[WW_OPENPGP_WHY_SIZE] = "";
    uint8_t *image = NULL;
    size_t n = 0;
    if (!read_source(task, 0, WW_PRELOAD_JSON_MAX, out, &list) ||
        !read_source(task, 1, WW_OPENPGP_SIGNATURE_MAX, out, &signature) ||
        !read_path(task->key, WW_OPENPGP_KEYS_MAX, out, &key))
        goto out;
    enum ww_err err = ww_openpgp_verify(task->folder, slice_of(&key), slice_of(&signature), slice_of(&list),
                                        &out->signer, words);
    if (err != WW_OK) {
        refuse(out, err, words);
        goto out;
    }
    err = ww_preload_json_read(list.p, list.n, &image, &n, why);
    if (err != WW_OK)
        refuse(out, err, why);
    else
        decide(task, image, n, &list, &signature, out);
out:
    free(image);
    free(key.p);
    free(signature.p);
    free(list.p);
}

static void check_kept(const struct ww_preload_task *task, struct ww_preload_checked *out)
{
    struct ww_preload_checked second = {.verdict = WW_PRELOAD_REFUSE};
    struct ww_preload_task one = *task;
    struct ww_preload_files files = ww_preload_keep_open(task->folder, 0);
    out->none = files.list < 0 && errno == ENOENT;
    one.fds[0] = files.list;
    one.fds[1] = files.signature;
    one.paths[0] = one.paths[1] = task->folder;
    check(&one, out);
    ww_preload_files_close(&files);
    if (out->verdict == WW_PRELOAD_TAKE)
        return;
    files = ww_preload_keep_open(task->folder, 1);
    one.fds[0] = files.list;
    one.fds[1] = files.signature;
    if (files.list >= 0)
        check(&one, &second);
    ww_preload_files_close(&files);
    if (second.verdict != WW_PRELOAD_TAKE)
        return;
    ww_preload_keep_finish(task->folder);
    *out = second;
}

void ww_preload_check(const struct ww_preload_task *task, struct ww_preload_checked *out)
{
    out->verdict = WW_PRELOAD_REFUSE;
    if (task->kept)
        check_kept(task, out);
    else
        check(task, out);
}

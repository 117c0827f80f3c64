#include "daemon/trust.h"

#include "net/dnskey_verify.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "root.key"
#define RSASHA256 8

bool ww_trust_path(const char *store, char *out, size_t size)
{
    const char *slash = strrchr(store, '/');
    int n = snprintf(out, size, "%.*s" NAME, slash != NULL ? (int)(slash - store) + 1 : 0, store);
    return n > 0 && (size_t)n < size;
}

static bool add_line(struct ww_trust *t, const struct ww_anchor *anchor)
{
    char line[WW_ANCHOR_LINE_MAX];
    struct ww_buf b = ww_buf(line, sizeof line - 1);
    ww_anchor_put(&b, anchor);
    line[b.n] = '\0';
    t->lines[t->count] = b.failed ? NULL : strdup(line);
    if (t->lines[t->count] == NULL)
        return false;
    t->count++;
    if (!ww_anchor_is_root(anchor))
        return true;
    for (size_t i = 0; i < t->tag_count; i++)
        if (t->tags[i] == anchor->tag)
            return true;
    if (t->tag_count < sizeof t->tags / sizeof *t->tags)
        t->tags[t->tag_count++] = anchor->tag;
    return true;
}

/* The keeper knows revoked keys by SHA-256; a DS record of another digest is taken for one by its tag. */
static bool is_revoked(const struct ww_anchor *a, const struct ww_anchor_file *kept)
{
    uint8_t digest[WW_ANCHOR_DIGEST_MAX];
    bool exact =
        !a->is_key && a->digest_type == WW_ANCHOR_SHA256 && a->n == WW_ANCHOR_DS_HEAD + WW_ANCHOR_SHA256_SIZE;
    if (exact)
        memcpy(digest, a->data + WW_ANCHOR_DS_HEAD, WW_ANCHOR_SHA256_SIZE);
    else if (a->is_key)
        exact = ww_dnskey_digest(ww_slice(a->data, a->n), WW_ANCHOR_SHA256, digest);
    for (size_t i = 0; i < kept->revoked_count; i++) {
        const struct ww_anchor_ds *ds = &kept->revoked[i];
        if (ds->algorithm == a->algorithm &&
            (exact ? memcmp(ds->digest, digest, sizeof ds->digest) == 0 : ds->tag == a->tag))
            return true;
    }
    return false;
}

static bool add_others(struct ww_trust *t, const struct ww_anchor_seed *seed)
{
    for (size_t i = 0; i < seed->count; i++)
        if (!ww_anchor_is_root(&seed->anchors[i]) && !add_line(t, &seed->anchors[i]))
            return false;
    return true;
}

static bool add_roots(struct ww_trust *t, const struct ww_anchor_seed *seed,
                      const struct ww_anchor_file *kept)
{
    for (size_t i = 0; i < seed->count; i++)
        if (ww_anchor_is_root(&seed->anchors[i]) && !is_revoked(&seed->anchors[i], kept) &&
            !add_line(t, &seed->anchors[i]))
            return false;
    return true;
}

static bool add_ds(struct ww_trust *t, const struct ww_anchor_ds *ds)
{
    struct ww_anchor a = {.owner = ".",
                          .tag = ds->tag,
                          .algorithm = ds->algorithm,
                          .digest_type = WW_ANCHOR_SHA256,
                          .n = WW_ANCHOR_DS_HEAD + sizeof ds->digest};
    struct ww_buf b = ww_buf(a.data, sizeof a.data);
    ww_buf_u16(&b, a.tag);
    ww_buf_u8(&b, a.algorithm);
    ww_buf_u8(&b, a.digest_type);
    ww_buf_bytes(&b, ds->digest, sizeof ds->digest);
    return add_line(t, &a);
}

static bool add_kept(struct ww_trust *t, const struct ww_anchor_file *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        if (!add_ds(t, &kept->keys[i]))
            return false;
    return true;
}

/* Without any anchor all would be taken for unsigned. This one is of an algorithm that all know, and of no
 * key. */
static bool add_unfit(struct ww_trust *t)
{
    const struct ww_anchor_ds none = {.algorithm = RSASHA256};
    bool good = add_ds(t, &none);
    t->tag_count = 0;
    return good;
}

static bool is_owner_of(const struct stat *st, const char *path)
{
    struct stat other;
    return stat(path, &other) == 0 && st->st_uid == other.st_uid;
}

/* In a directory that others write to as well, anybody could put it there. */
static bool is_ours(const struct stat *st, const char *path, const char *store)
{
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", path);
    bool known = st->st_uid == 0 || st->st_uid == geteuid() || is_owner_of(st, store) ||
                 is_owner_of(st, dirname(folder));
    return known && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

const char *ww_trust_read(const char *path, const char *store, struct ww_anchor_file *file)
{
    char text[WW_ANCHOR_FILE_MAX + 1];
    struct stat st;
    size_t n = 0;
    ssize_t got = 1;
    memset(file, 0, sizeof *file);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? NULL : strerror(errno);
    bool good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_ours(&st, path, store);
    while (good && got > 0 && n < sizeof text) {
        got = read(fd, text + n, sizeof text - n);
        n += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    if (!good)
        return "it is no file of the store's owner, or others may write to it";
    return ww_anchor_file_parse(text, n, file) == WW_OK ? NULL : ww_err_message(WW_E_ANCHOR_FILE);
}

static void pass_over(struct ww_trust *t, const char *path, const char *why)
{
    snprintf(t->passed_over, sizeof t->passed_over, "%s: %s", path, why);
}

/*
 * False: there is nothing in it to go by. Only a file that was never there tells that DNSSEC has not worked
 * yet: who damages it, or edits what all began with, must not turn that back.
 */
static bool look_at_kept(struct ww_trust *t, const struct ww_config *config, char *path, size_t size,
                         struct ww_anchor_file *kept)
{
    if (config->store == NULL || !ww_trust_path(config->store, path, size))
        return false;
    const char *wrong = ww_trust_read(path, config->store, kept);
    if (wrong != NULL)
        pass_over(t, path, wrong);
    t->validated_before = wrong != NULL || kept->seed[0] != '\0';
    t->confirmed = kept->confirmed;
    return kept->seed[0] != '\0' && config->dns_anchor_updates;
}

static void name_kept(struct ww_trust *t, const char *path)
{
    t->source = WW_ANCHORS_KEPT;
    snprintf(t->path, sizeof t->path, "%s", path);
}

/* Those that are kept take the place of the root's that all began with; of these, what was revoked is left
 * out. */
static bool choose(struct ww_trust *t, const struct ww_config *config, const struct ww_anchor_seed *seed,
                   struct ww_anchor_file *kept)
{
    static const struct ww_anchor_file nothing;
    char path[sizeof t->path] = "";
    bool good = look_at_kept(t, config, path, sizeof path, kept);
    bool same = good && strcmp(kept->seed, seed->id) == 0;
    if (!add_others(t, seed))
        return false;
    if (same && kept->count > 0) {
        name_kept(t, path);
        return add_kept(t, kept);
    }
    if (!add_roots(t, seed, good ? kept : &nothing))
        return false;
    if (same || t->tag_count == 0)
        pass_over(t, path, "all keys that were trusted have been revoked");
    if (t->tag_count > 0)
        return true;
    name_kept(t, path);
    return add_unfit(t);
}

static bool load_seed(struct ww_trust *t, const struct ww_config *config, const char *const *system,
                      struct ww_anchor_seed *seed, char *why, size_t why_size)
{
    char detail[200];
    bool good = ww_anchor_seed_load(seed, config, system, detail, sizeof detail);
    if (!good)
        snprintf(why, why_size, "%s: %s. " WW_ANCHOR_SEED_ADVICE,
                 config->dns_trust_anchor != NULL ? config->dns_trust_anchor : "trust anchors", detail);
    else if (detail[0] != '\0')
        pass_over(t, "the system's root key", detail);
    return good;
}

bool ww_trust_load(struct ww_trust *trust, const struct ww_config *config, const char *const *system,
                   char *why, size_t why_size)
{
    memset(trust, 0, sizeof *trust);
    struct ww_anchor_seed *seed = calloc(1, sizeof *seed);
    struct ww_anchor_file *kept = calloc(1, sizeof *kept);
    snprintf(why, why_size, "%s", ww_err_message(WW_E_NO_MEMORY));
    bool good = seed != NULL && kept != NULL && load_seed(trust, config, system, seed, why, why_size);
    if (good) {
        trust->source = seed->source;
        snprintf(trust->path, sizeof trust->path, "%s", seed->path);
        good = choose(trust, config, seed, kept);
    }
    free(seed);
    free(kept);
    if (!good)
        ww_trust_clear(trust);
    return good;
}

void ww_trust_clear(struct ww_trust *trust)
{
    for (size_t i = 0; i < trust->count; i++)
        free(trust->lines[i]);
    memset(trust, 0, sizeof *trust);
}

void ww_trust_put_tags(struct ww_buf *b, const struct ww_trust *trust)
{
    ww_buf_str(b, trust->tag_count == 0 ? "none" : "");
    for (size_t i = 0; i < trust->tag_count; i++) {
        ww_buf_str(b, i > 0 ? ", " : "");
        ww_buf_decimal(b, trust->tags[i]);
    }
}

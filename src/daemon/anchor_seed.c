#include "daemon/anchor_seed.h"

#include "net/dns.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_ID "default"

const char *const ww_anchor_system_files[] = {"/usr/share/dns/root.key", "/usr/share/dns/root.ds", NULL};

/* Not to hang on a FIFO. */
static int open_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

int ww_anchor_seed_open(const struct ww_config *config, const char *const *system,
                        enum ww_anchor_source *source, char *path, size_t path_size)
{
    path[0] = '\0';
    if (config->dns_trust_anchor != NULL) {
        *source = WW_ANCHORS_FILE;
        snprintf(path, path_size, "%s", config->dns_trust_anchor);
        return open_file(path);
    }
    for (; *system != NULL; system++) {
        int fd = open_file(*system);
        if (fd < 0)
            continue;
        *source = WW_ANCHORS_SYSTEM;
        snprintf(path, path_size, "%s", *system);
        return fd;
    }
    *source = WW_ANCHORS_BUILT_IN;
    return -1;
}

/* NULL: errno says why, 0 for a file that is too long. The caller frees it. */
static char *read_all(int fd, size_t *n)
{
    char *text = malloc(WW_ANCHOR_TEXT_MAX + 1);
    ssize_t got = 1;
    *n = 0;
    while (text != NULL && got > 0 && *n <= WW_ANCHOR_TEXT_MAX) {
        got = read(fd, text + *n, WW_ANCHOR_TEXT_MAX + 1 - *n);
        *n += got > 0 ? (size_t)got : 0;
    }
    if (text == NULL || (got == 0 && *n <= WW_ANCHOR_TEXT_MAX))
        return text;
    int saved = got < 0 ? errno : 0;
    free(text);
    errno = saved;
    return NULL;
}

static bool add_text(struct ww_anchor_seed *seed, struct ww_slice text, char *why, size_t why_size)
{
    struct ww_anchor_text t = {.text = text};
    struct ww_anchor anchor;
    bool found = true, root = false;
    while (found) {
        enum ww_err err = ww_anchor_text_next(&t, &anchor, &found);
        if (err == WW_OK && found && seed->count == WW_ANCHOR_SEED_MAX)
            err = WW_E_ANCHOR_TOO_MANY;
        if (err != WW_OK) {
            snprintf(why, why_size, "line %u: %s", t.line, ww_err_message(err));
            return false;
        }
        if (!found)
            break;
        root = root || ww_anchor_is_root(&anchor);
        seed->anchors[seed->count++] = anchor;
    }
    if (!root)
        snprintf(why, why_size, "there is no DS or DNSKEY record of the root in it");
    return root;
}

/* A file that is changed begins anew; a system or version that brings other keys adds them. */
static bool set_id(struct ww_anchor_seed *seed, struct ww_slice text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (seed->source != WW_ANCHORS_FILE) {
        memcpy(seed->id, DEFAULT_ID, sizeof DEFAULT_ID);
        return true;
    }
    if (EVP_Digest(text.p, text.n, digest, &n, EVP_sha256(), NULL) != 1)
        return false;
    for (unsigned i = 0; i < n; i++)
        snprintf(seed->id + 2 * i, 3, "%02x", digest[i]);
    return true;
}

static bool read_file(struct ww_anchor_seed *seed, int fd, int error, char *why, size_t why_size)
{
    size_t n = 0;
    char *text = NULL;
    errno = error;
    if (fd >= 0)
        text = read_all(fd, &n);
    if (text == NULL) {
        snprintf(why, why_size, "%s", errno != 0 ? strerror(errno) : "it is longer than 64 KiB");
        return false;
    }
    bool good = add_text(seed, ww_slice(text, n), why, why_size) && set_id(seed, ww_slice(text, n));
    free(text);
    return good;
}

static bool use_built_in(struct ww_anchor_seed *seed, char *why, size_t why_size)
{
    seed->source = WW_ANCHORS_BUILT_IN;
    seed->path[0] = '\0';
    seed->count = 0;
    for (size_t i = 0; i < WW_DNS_ROOT_ANCHORS; i++)
        if (!add_text(seed, ww_slice_str(ww_dns_root_anchors[i]), why, why_size))
            return false;
    return set_id(seed, ww_slice(NULL, 0));
}

bool ww_anchor_seed_read(struct ww_anchor_seed *seed, enum ww_anchor_source source, const char *path, int fd,
                         int error, char *why, size_t why_size)
{
    memset(seed, 0, sizeof *seed);
    seed->source = source;
    snprintf(seed->path, sizeof seed->path, "%s", path);
    why[0] = '\0';
    bool good = source != WW_ANCHORS_BUILT_IN && read_file(seed, fd, error, why, why_size);
    if (fd >= 0)
        close(fd);
    if (good)
        return true;
    if (source != WW_ANCHORS_FILE)
        return use_built_in(seed, why, why_size);
    seed->count = 0;
    return false;
}

bool ww_anchor_seed_same(const struct ww_anchor_seed *a, const struct ww_anchor_seed *b)
{
    if (a->source != b->source || a->count != b->count || strcmp(a->path, b->path) != 0 ||
        strcmp(a->id, b->id) != 0)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct ww_anchor *x = &a->anchors[i], *y = &b->anchors[i];
        if (x->is_key != y->is_key || strcmp(x->owner, y->owner) != 0 ||
            !ww_slice_eq(ww_slice(x->data, x->n), ww_slice(y->data, y->n)))
            return false;
    }
    return true;
}

bool ww_anchor_seed_load(struct ww_anchor_seed *seed, const struct ww_config *config,
                         const char *const *system, char *why, size_t why_size)
{
    char path[sizeof seed->path];
    enum ww_anchor_source source;
    int fd = ww_anchor_seed_open(config, system, &source, path, sizeof path);
    return ww_anchor_seed_read(seed, source, path, fd, errno, why, why_size);
}

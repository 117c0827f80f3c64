/*
 * The file in which the keeper hands the root's trust anchors on (root.key beside the store): DS records,
 * between comments that say when the root's keys were last confirmed, from which anchors all began, and which
 * keys were revoked.
 */
#ifndef WW_CORE_ANCHOR_FILE_H
#define WW_CORE_ANCHOR_FILE_H

#include "base/buf.h"
#include "base/err.h"

#define WW_ANCHOR_SHA256_SIZE 32
#define WW_ANCHOR_FILE_KEYS_MAX 32
#define WW_ANCHOR_FILE_MAX 8192

/* What names the beginning: "default", or the SHA-256 of the file that was named, in hexadecimal. */
#define WW_ANCHOR_SEED_SIZE 65

struct ww_anchor_ds {
    uint16_t tag;
    uint8_t algorithm;
    uint8_t digest[WW_ANCHOR_SHA256_SIZE];
};

struct ww_anchor_file {
    char seed[WW_ANCHOR_SEED_SIZE];
    int64_t confirmed; /* Unix seconds */
    size_t count;      /* none: all keys were revoked */
    struct ww_anchor_ds keys[WW_ANCHOR_FILE_KEYS_MAX];
    size_t revoked_count;
    struct ww_anchor_ds revoked[WW_ANCHOR_FILE_KEYS_MAX]; /* never to be trusted again */
};

void ww_anchor_file_put(struct ww_buf *b, const struct ww_anchor_file *file);

/* Strict: WW_E_ANCHOR_FILE for whatever the other one does not write, such as half of a file. */
WW_MUST_CHECK enum ww_err ww_anchor_file_parse(const char *p, size_t n, struct ww_anchor_file *out);

#endif

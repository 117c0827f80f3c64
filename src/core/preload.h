/*
 * A compiled preload list: for each of its domains the mode and the MX patterns that hold where no MTA-STS
 * policy is in force. One run of bytes without pointers, never changed once it is written, so that one role
 * can hand it to another by a descriptor.
 *
 * Layout, numbers in network byte order: a head of WW_PRELOAD_HEAD octets (magic, format version, timestamp,
 * expires, numbers of names and of policies), the names' rows (where the text stands, which policy), the
 * policies' rows (mode, number of patterns, where the texts stand), the texts (an octet of length each):
 * author, names by memcmp order, then of each policy its alias, which may be empty, and its patterns. Texts
 * follow each other without a gap, so that one content has one image, and to check all of it takes one walk.
 */
#ifndef WW_CORE_PRELOAD_H
#define WW_CORE_PRELOAD_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "core/policy.h"

#include <stdint.h>

/* Most names of a list, most patterns of a policy, longest author and name of an alias in octets. */
#define WW_PRELOAD_NAMES_MAX 1000000u
#define WW_PRELOAD_MX_MAX 1000u
#define WW_PRELOAD_TEXT_MAX 200u

/* Largest image in octets: the text of a list is shorter than half of it. */
#define WW_PRELOAD_IMAGE_MAX ((size_t)64 << 20)

#define WW_PRELOAD_HEAD 36u

struct ww_preload {
    const uint8_t *p; /* the image: borrowed */
    size_t n;
    int64_t timestamp;      /* Unix seconds: when the list was made; of two lists the later one counts */
    int64_t expires;        /* from then on it counts for nothing */
    uint32_t count;         /* names */
    uint32_t policies;      /* index of an entry's policy is below that */
    struct ww_slice author; /* UTF-8 as a stranger wrote it, perhaps empty */
};

struct ww_preload_entry {
    struct ww_slice domain;   /* canonical */
    enum ww_policy_mode mode; /* WW_MODE_TESTING or WW_MODE_ENFORCE */
    size_t mx_count;          /* 1 to WW_PRELOAD_MX_MAX */
    struct ww_slice alias;    /* the alias that the policy came from, as a stranger wrote it; or empty */
    uint32_t policy;          /* its index: entries of one alias have the same */
    struct ww_slice mx;       /* private: texts */
};

/*
 * Opens an image and checks all of it: every number, place, name and pattern, and the order of the names.
 * What *out gives is borrowed from p. WW_E_PRELOAD_IMAGE: it is none; WW_E_PRELOAD_IMAGE_VERSION: it is one
 * of another version of the format.
 */
WW_MUST_CHECK enum ww_err ww_preload_open(const void *p, size_t n, struct ww_preload *out);

/* An empty list that expired long ago, for where there is none. */
struct ww_preload ww_preload_none(void);

/* True until the list expires. */
bool ww_preload_counts(const struct ww_preload *list, int64_t now);

/* What the list says of a canonical domain; its parents and children do not matter. False: nothing. */
bool ww_preload_find(const struct ww_preload *list, struct ww_slice domain, struct ww_preload_entry *out);

/* The entry at an index below list->count, in the order of the names. */
struct ww_preload_entry ww_preload_at(const struct ww_preload *list, uint32_t index);

/* The next pattern, as in a policy ("*.example.net"). Start with *pos = 0; false after the last. */
bool ww_preload_next_mx(const struct ww_preload_entry *entry, size_t *pos, struct ww_slice *pattern);

/* What an image is written from. */
struct ww_preload_policy {
    enum ww_policy_mode mode;
    struct ww_slice alias;
    struct ww_slice mx; /* the patterns, an octet of length before each */
    size_t mx_count;
};

struct ww_preload_name {
    struct ww_slice domain;
    uint32_t policy; /* index */
};

struct ww_preload_content {
    int64_t timestamp;
    int64_t expires;
    struct ww_slice author;
    const struct ww_preload_name *names; /* sorted by ww_preload_order, no two the same */
    size_t count;
    const struct ww_preload_policy *policies;
    size_t policy_count;
};

/* The order of the names: by memcmp, the shorter of two with the same beginning first. */
int ww_preload_order(struct ww_slice a, struct ww_slice b);

/* Octets of the image. */
size_t ww_preload_size(const struct ww_preload_content *content);

/* Writes the image. It has to fit what ww_preload_open demands. */
void ww_preload_write(const struct ww_preload_content *content, struct ww_buf *out);

#endif

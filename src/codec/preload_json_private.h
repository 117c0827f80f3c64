/* What the files of the reader of preload lists share. */
#ifndef WW_CODEC_PRELOAD_JSON_PRIVATE_H
#define WW_CODEC_PRELOAD_JSON_PRIVATE_H

#include "codec/json_scan.h"
#include "codec/preload_json.h"

#define WW_PRELOAD_NOWHERE SIZE_MAX

enum ww_preload_member {
    WW_PRELOAD_M_VERSION,
    WW_PRELOAD_M_TIMESTAMP,
    WW_PRELOAD_M_EXPIRES,
    WW_PRELOAD_M_AUTHOR,
    WW_PRELOAD_M_ALIASES,
    WW_PRELOAD_M_POLICIES,
    WW_PRELOAD_MEMBERS
};
extern const char *const ww_preload_members[];

struct ww_preload_reading {
    struct ww_json_scan text;
    struct ww_buf texts; /* canonical names and patterns, names of aliases */
    struct ww_preload_content content;
    struct ww_preload_name *names;      /* room for all */
    struct ww_preload_policy *policies; /* the same; the aliases first */
    size_t aliases;
    const char *kind;    /* "alias " before the name of one */
    struct ww_slice key; /* the domain or alias that is read, as it is written */
    enum ww_err err;
    char *why;
};

/* place: a member, or a field of the policy that is read; or NULL. index: WW_PRELOAD_NOWHERE unless in an
 * array. */
bool ww_preload_fail(struct ww_preload_reading *r, enum ww_err err, const char *place, size_t index,
                     const char *words);
bool ww_preload_no_memory(struct ww_preload_reading *r);
bool ww_preload_too_large(struct ww_preload_reading *r);

/*
 * Takes an object, and notes where the values of the members stand that are known: they may come in any
 * order, and what one means can depend on a later one.
 */
bool ww_preload_note(struct ww_preload_reading *r, struct ww_json_scan *s, const char *const *known,
                     size_t count, size_t *at, enum ww_err twice);

/* The text from an offset on. */
struct ww_json_scan ww_preload_value(const struct ww_preload_reading *r, size_t at);

/* A string of at most cap octets; false and an empty one when the value is anything else. */
bool ww_preload_string(const struct ww_preload_reading *r, size_t at, char *room, size_t cap,
                       struct ww_slice *out);

/* Keeps a text until the image is written. Room for it was reckoned before. */
struct ww_slice ww_preload_keep_text(struct ww_preload_reading *r, struct ww_slice text);

/* Reads aliases and domains; at: where the members stand that are known. */
bool ww_preload_read_policies(struct ww_preload_reading *r, const size_t at[WW_PRELOAD_MEMBERS]);

#endif

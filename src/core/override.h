/*
 * What the operator has ordered for a domain, in place of what its policy says.
 *
 * Keys are those of Postfix's own tables: "example.com" means this domain alone, ".example.com" every domain
 * below it, at any depth, but not itself. The domain itself comes first, then the nearest parent.
 */
#ifndef WW_CORE_OVERRIDE_H
#define WW_CORE_OVERRIDE_H

#include "base/err.h"
#include "core/dname.h"

#include <stdint.h>

enum ww_override_level {
    WW_OVERRIDE_OFF,             /* as if there were no policy */
    WW_OVERRIDE_MAY,             /* TLS when it is offered, whatever the certificate */
    WW_OVERRIDE_ENCRYPT,         /* TLS, whatever the certificate */
    WW_OVERRIDE_SECURE,          /* TLS and a valid certificate of a host that the patterns name */
    WW_OVERRIDE_ENFORCE_TESTING, /* a testing policy is enforced */
    WW_OVERRIDE_LEVELS,
};

/* A dot, a domain name, NUL. */
#define WW_OVERRIDE_KEY_SIZE (WW_DNAME_SIZE + 1)

/* All patterns with a space between two of them. */
#define WW_OVERRIDE_MX_SIZE 2048

/* Text for people, NUL included: the reason, and who has set it. */
#define WW_OVERRIDE_TEXT_SIZE 201

/* So many are kept that were set at run time. */
#define WW_OVERRIDES_MAX 10000

/* All strings are borrowed and never NULL. Times are Unix seconds. */
struct ww_override {
    const char *key; /* canonical */
    enum ww_override_level level;
    bool configured;    /* it comes from the configuration; else it was set at run time */
    const char *mx;     /* patterns as in a policy, one space between two; "" without */
    int64_t until;      /* it counts before this second; 0: for ever */
    const char *reason; /* "" without */
    const char *who;    /* "" for the configuration's */
    int64_t set_at;     /* 0 for the configuration's */
};

WW_MUST_CHECK enum ww_err ww_override_level_parse(struct ww_slice word, enum ww_override_level *out);

/* "off", "may", "encrypt", "secure" or "enforce-testing". */
const char *ww_override_level_name(enum ww_override_level level);

/* Writes the canonical form of a key in A-labels. */
WW_MUST_CHECK enum ww_err ww_override_key_canon(struct ww_slice key, char out[WW_OVERRIDE_KEY_SIZE]);

/* Checks all but the key, which has its own check: level, patterns, texts. */
WW_MUST_CHECK enum ww_err ww_override_check(const struct ww_override *o);

/* True when it counts at this time. */
static inline bool ww_override_counts(const struct ww_override *o, int64_t now)
{
    return o->until == 0 || now < o->until;
}

/* True when it needs no policy to say what a delivery must have. */
static inline bool ww_override_stands_alone(const struct ww_override *o)
{
    return o->level < WW_OVERRIDE_SECURE || (o->level == WW_OVERRIDE_SECURE && o->mx[0] != '\0');
}

/*
 * The keys that are about a canonical domain, from the nearest on: "a.example.com", ".example.com", ".com".
 * Each is an end of the domain. Start with key->p = NULL; false after the last.
 */
bool ww_override_next_key(struct ww_slice domain, struct ww_slice *key);

/* The next of the patterns. Start with *pos = 0; false after the last. */
bool ww_override_next_mx(const char *mx, size_t *pos, struct ww_slice *pattern);

#endif

/*
 * What a policy changes against the one before it, and whether it protects less: a takeover of the policy
 * host, or a mistake, shows as a weaker policy first.
 *
 * Each change is weaker, stronger or neutral:
 *
 *   mode      enforce over testing over none.
 *   max_age   shorter is weaker: an attacker has to block the policy only for so long.
 *   mx        A wildcard that was not there is broader, and weaker: whoever gets hold of any name below it
 * may take the mail. A pattern that is gone while nothing covers its hosts is fewer, and weaker: the domain
 * vouches for them no more, mail to them is held back under enforce, and a replacement of the hosts, which is
 * what a takeover looks like, begins with it. A wildcard that gave way to names below it is stronger. A name
 * that was added is neutral: a host more is every day's work, and would drown the rest. What the other policy
 * covers anyway is neutral as well.
 *
 * With mode none before or after, mx and max_age protect nothing: they are not judged, only the mode is.
 * Names compare without regard to case; their order and repetitions count for nothing.
 */
#ifndef WW_CORE_POLICY_COMPARE_H
#define WW_CORE_POLICY_COMPARE_H

#include "base/buf.h"
#include "core/policy.h"

/* Of a policy with more patterns than this, any change of them counts as weaker: they are not compared. */
#define WW_POLICY_COMPARE_MX_MAX 128

enum ww_policy_change_kind {
    WW_CHANGE_MODE,
    WW_CHANGE_MX_REMOVED,
    WW_CHANGE_MX_NARROWED, /* a wildcard gave way to names below it */
    WW_CHANGE_MX_ADDED,    /* a name */
    WW_CHANGE_MX_BROADER,  /* a wildcard was added */
    WW_CHANGE_MX_MANY,     /* the patterns differ, and are too many to compare */
    WW_CHANGE_MAX_AGE,
};

enum ww_policy_effect {
    WW_EFFECT_NEUTRAL,
    WW_EFFECT_STRONGER,
    WW_EFFECT_WEAKER,
};

struct ww_policy_change {
    enum ww_policy_change_kind kind;
    enum ww_policy_effect effect;
    struct ww_slice mx; /* the pattern of an mx change, borrowed from the body where it stands; else empty */
};

#define WW_POLICY_CHANGES_MAX (2 * WW_POLICY_COMPARE_MX_MAX + 2)

struct ww_policy_changes {
    enum ww_policy_mode old_mode, new_mode;
    uint32_t old_max_age, new_max_age;
    bool weaker; /* one of them is */
    size_t count;
    struct ww_policy_change all[WW_POLICY_CHANGES_MAX]; /* mode, mx removed, mx added, max_age */
};

/* The changes borrow the bodies of both policies. */
void ww_policy_compare(const struct ww_policy *before, const struct ww_policy *after,
                       struct ww_policy_changes *out);

/* Appends one change in words: "mode enforce -> testing", "mx removed mx2.example.net". Printable ASCII. */
void ww_policy_change_put(struct ww_buf *b, const struct ww_policy_changes *changes, size_t i);

/*
 * Appends all weaker changes, with ", " between them; what finds no room is counted: " and 3 more". Appends
 * nothing when there are none.
 */
void ww_policy_weaker_put(struct ww_buf *b, const struct ww_policy_changes *changes);

#endif

/* What the files behind include/waxwing share: it turns the types of the house into public ones. */
#ifndef WW_LIB_LIB_H
#define WW_LIB_LIB_H

#include "base/err.h"
#include "core/decision_text.h"

#include <waxwing/waxwing.h>

/* NULL for WW_OK. */
const struct waxwing_error *ww_lib_error(enum ww_err err);

/* Sets *offset, unless it is NULL. */
void ww_lib_set_offset(size_t *offset, size_t at);

/*
 * Copies a caller's struct that begins with its size into ours of `room` octets, and zeroes what the caller's
 * version does not have. False when it has members that ours does not know, and they say something.
 */
bool ww_lib_take(void *ours, size_t room, const void *theirs);

/*
 * The RRs that the caller gives, as slices; *room is to be freed. NULL: memory is short. With none, not NULL
 * either.
 */
const struct ww_slice *ww_lib_slices(const struct waxwing_octets *records, size_t count,
                                     struct ww_slice **room);

/* The policy inside. */
const struct ww_policy *ww_lib_policy(const struct waxwing_policy *policy);

/* What waxwing_dane means; WAXWING_DANE_UNKNOWN, and what nobody knows, is a failed look-up. */
enum ww_dane_state ww_lib_dane(enum waxwing_dane dane);
enum waxwing_dane ww_lib_dane_back(enum ww_dane_state state);

struct ww_lib_host {
    const char *name;
    enum ww_dane_state dane;
};

struct waxwing_decision {
    struct ww_decision_text read; /* its slices are empty but `text`, which is in `room` */
    enum waxwing_source source;
    const char *domain;
    const char *id;
    const char *section;
    const char *why;
    const char **mx;
    struct ww_lib_host hosts[WW_DANE_HOSTS_MAX];
    char room[]; /* the text, all strings, and then the list of patterns */
};

/* A decision of a text that waxwingd, or ww_decision_text_put, has written. *why is what is wrong with it. */
struct waxwing_decision *ww_lib_decision_read(struct ww_slice text, enum ww_err *why);

/* A decision that is no more than a level with a reason. NULL: memory is short. */
struct waxwing_decision *ww_lib_decision_plain(const char *domain, enum ww_level level,
                                               enum waxwing_source source, const char *why);

/* The state of a host by the decision's own word. */
enum ww_dane_state ww_lib_decision_dane(const struct waxwing_decision *decision, struct ww_slice host);

/* True when an order of the operator's has put DANE aside. */
bool ww_lib_decision_ordered(const struct waxwing_decision *decision);

#endif

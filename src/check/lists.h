/*
 * The lists of what authorities have revoked (RFC 5280 section 5), fetched over plain HTTP, for they are
 * signed by themselves: each once, whoever asks first. Their addresses pass the guard.
 */
#ifndef WW_CHECK_LISTS_H
#define WW_CHECK_LISTS_H

#include "base/slice.h"
#include "check/env.h"

#include <sys/queue.h>

/* Lists that are kept; of more, those that came first are forgotten. */
#define WW_LISTS_MAX 16

/* A list is fetched anew after so long, and tried again after so long where it was not to be had, in
 * milliseconds: a watcher runs for months. */
#define WW_LISTS_KEPT_MS 3600000
#define WW_LISTS_FAILED_MS 300000

struct ww_lists;
struct ww_list;

struct ww_list_answer {
    enum ww_err err;      /* WW_OK: here it is */
    struct ww_slice list; /* borrowed until the lists are asked again */
};

/* It may ask, leave or free anything. */
typedef void ww_list_cb(void *ctx, const struct ww_list_answer *answer);

/* Somebody who waits for a list. Lives where the caller likes; zero: it waits for nothing. */
struct ww_list_waiter {
    TAILQ_ENTRY(ww_list_waiter) entry;
    struct ww_list *list;
    ww_list_cb *cb;
    void *ctx;
};

/* NULL: memory is short. env has to outlive them. */
struct ww_lists *ww_lists_new(const struct ww_check_env *env);
/* Nobody may be waiting. */
void ww_lists_free(struct ww_lists *lists);

/* True: cb will be called. False: *answer is there. */
bool ww_lists_ask(struct ww_lists *lists, const char *url, struct ww_list_waiter *waiter, ww_list_cb *cb,
                  void *ctx, struct ww_list_answer *answer);
/* Forgets those that are too old; as asking does. now is of ww_clock_us. */
void ww_lists_expire(struct ww_lists *lists, int64_t now);
/* Waits no more; the list may come all the same. */
void ww_lists_leave(struct ww_list_waiter *waiter);

#endif

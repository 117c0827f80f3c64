/* The front's answers to what control asks about the cache (msg_cache.h has questions and answers). */
#ifndef WW_DAEMON_FRONT_CACHE_ASKED_H
#define WW_DAEMON_FRONT_CACHE_ASKED_H

#include "daemon/asked.h"
#include "daemon/front_lookup.h"

struct ww_cache_asked;

/* Both are borrowed and outlive it. NULL when memory is short. */
struct ww_cache_asked *ww_cache_asked_new(struct ww_asked *asked, struct ww_lookup *lookup);
void ww_cache_asked_free(struct ww_cache_asked *cache_asked);

/* Answers, now or later. False: the question is about something else. */
bool ww_cache_asked_take(struct ww_cache_asked *cache_asked, const struct ww_msg_ask *ask,
                         struct ww_question_ref ref);

#endif

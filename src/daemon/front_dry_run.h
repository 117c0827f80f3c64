/*
 * The dry run: what enforcement would have failed. Of a domain whose look-up would have been answered by a
 * demand for certain MX hosts, these hosts are looked up, once in cache.recheck at the most, and held against
 * the patterns. Certificates are not looked at. What is found is logged when it is news, and hourly.
 */
#ifndef WW_DAEMON_FRONT_DRY_RUN_H
#define WW_DAEMON_FRONT_DRY_RUN_H

#include "base/buf.h"
#include "core/mx_hosts.h"
#include "daemon/front_answer.h"
#include "daemon/front_cache.h"
#include "daemon/front_overrides.h"
#include "proc/msg.h"
#include "proc/stats.h"

struct ww_dry_run;

enum ww_dry_run_verdict {
    WW_DRY_RUN_UNKNOWN, /* the hosts could not be found, or there is none */
    WW_DRY_RUN_DELIVER, /* one host matches at least: mail goes there */
    WW_DRY_RUN_FAIL,    /* none does */
    WW_DRY_RUN_VERDICTS,
};

/* "unknown", "deliver" or "fail". */
const char *ww_dry_run_verdict_name(enum ww_dry_run_verdict verdict);

/* What becomes of mail to these hosts under a decision; the names of those that match no pattern go to
 * unmatched, cut where it is full. */
enum ww_dry_run_verdict ww_dry_run_judge(const struct ww_decision *d, const struct ww_mx_hosts *found,
                                         struct ww_buf *unmatched);

/* Sends a WW_MSG_MX to the resolver of a domain: which one, or -1 when it cannot be asked now. */
typedef int ww_dry_run_ask(void *ctx, const struct ww_front_name *name, struct ww_slice payload);

/* What is known, to decide with when the hosts have been found. All borrowed. */
struct ww_dry_run_needs {
    const struct ww_hash_key *key;
    struct ww_cache *cache;
    const struct ww_overrides *overrides;
    const struct ww_front_preload *preload;
    const struct ww_dane_settings *dane;
    struct ww_stats *stats;
    ww_dry_run_ask *ask;
    void *ctx;
};

/* NULL when memory is short. */
struct ww_dry_run *ww_dry_run_new(const struct ww_dry_run_needs *needs);
void ww_dry_run_free(struct ww_dry_run *dry);

/* A look-up was not answered, but would have been so; recheck is cache.recheck in seconds. */
void ww_dry_run_withheld(struct ww_dry_run *dry, const struct ww_front_name *name, enum ww_level level,
                         int64_t recheck, int64_t now);

/* A resolver has found the hosts. */
void ww_dry_run_found(struct ww_dry_run *dry, int resolver, const struct ww_msg_mx_hosts *m, int64_t now);

#endif

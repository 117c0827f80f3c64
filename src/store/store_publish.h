/*
 * The published domains in the store, and every policy that was served, for as long as a sender may hold it:
 * also when its domain was removed meanwhile. Writes that belong together go into one transaction
 * (ww_store_begin); what was put outside of one is durable on return. Times are Unix seconds.
 */
#ifndef WW_STORE_STORE_PUBLISH_H
#define WW_STORE_STORE_PUBLISH_H

#include "core/published.h"
#include "engine/alerts.h"
#include "store/store.h"

/* More domains are not published. */
#define WW_PUBLISH_DOMAINS_MAX 100000
/* A policy is kept so long after it was last served: nobody may hold it for longer, and a day for clocks. */
#define WW_PUBLISH_SERVED_SECONDS ((int64_t)WW_POLICY_MAX_AGE_MAX + 86400)
/* What has happened to a domain: so many of the newest are kept. */
#define WW_PUBLISH_LOG_MAX 1000
/* Of a domain at a time. */
#define WW_PUBLISH_FAULTS_MAX 16

/* WW_E_PUBLISH_EXISTS: it is there already. */
WW_MUST_CHECK enum ww_err ww_publish_add(struct ww_store *store, const struct ww_published *domain);

/* Both whole: what is wanted, and how far it has come. WW_OK with *found false: there is none. */
WW_MUST_CHECK enum ww_err ww_publish_get(struct ww_store *store, const char *domain, struct ww_published *out,
                                         bool *found);
/* WW_E_NOT_KNOWN: it is not there. */
WW_MUST_CHECK enum ww_err ww_publish_put(struct ww_store *store, const struct ww_published *domain);

/* Its hosts, faults and log go with it; the policies that are served end now, as nobody looks any more. In a
 * transaction of the caller. */
WW_MUST_CHECK enum ww_err ww_publish_remove(struct ww_store *store, const char *domain, int64_t now,
                                            bool *found);

/* Due at now, the longest due first. WW_OK with *found false: none; then *next is when one will be (0:
 * never). */
WW_MUST_CHECK enum ww_err ww_publish_due(struct ww_store *store, int64_t now, struct ww_published *out,
                                         bool *found, int64_t *next);
/* One that is not there is no error. */
WW_MUST_CHECK enum ww_err ww_publish_set_due(struct ww_store *store, const char *domain, int64_t due);
/* Those that mirror this policy domain. */
WW_MUST_CHECK enum ww_err ww_publish_mirrors_due(struct ww_store *store, const char *domain, int64_t due);

/* How many there are in each state, and how many of all wait for their operator. */
WW_MUST_CHECK enum ww_err ww_publish_count(struct ww_store *store, uint64_t counts[WW_PUBLISHED_GONE + 1],
                                           uint64_t *waiting);

/* The hosts of its MX records: replaces all, in a transaction of the caller. */
WW_MUST_CHECK enum ww_err ww_publish_put_mx(struct ww_store *store, const char *domain,
                                            const struct ww_published_mx *mx, size_t count);
WW_MUST_CHECK enum ww_err ww_publish_get_mx(struct ww_store *store, const char *domain,
                                            struct ww_published_mx mx[WW_PUBLISHED_MX_MAX], size_t *count);

/* Begins to serve: ends the one before (until = now). In a transaction of the caller. */
WW_MUST_CHECK enum ww_err ww_publish_serve(struct ww_store *store, const char *domain,
                                           const struct ww_served *policy, int64_t now);
/* Ends the one that is served. */
WW_MUST_CHECK enum ww_err ww_publish_unserve(struct ww_store *store, const char *domain, int64_t now);

/* The policy with this id was seen from outside at that time: those before it, from the one that was seen
 * last (before; "": none) on, were served until then (ww_rollout_in_fact). */
WW_MUST_CHECK enum ww_err ww_publish_shown(struct ww_store *store, const char *domain, const char *before,
                                           const char *id, int64_t at);

/*
 * A policy of somebody else was seen: it is served, since now unless it is known, and others of that kind are
 * not any more. Its id may be "", and then stays as it is. Of more than WW_PUBLISHED_FOREIGN_MAX those are
 * kept that bind longest. In a transaction of the caller.
 */
WW_MUST_CHECK enum ww_err ww_publish_foreign(struct ww_store *store, const char *domain,
                                             const struct ww_served *policy, int64_t at);
/* Ours was seen: theirs was served until now. */
WW_MUST_CHECK enum ww_err ww_publish_foreign_over(struct ww_store *store, const char *domain, int64_t at);

/*
 * Those of somebody else that may bind, the one first that was seen first; then ours that were served within
 * a maximal max_age, and the newest one whenever that was, oldest first. Of more than WW_PUBLISHED_OWN_MAX:
 * the newest, and those that bind longest. Bodies lie in *space, which the caller frees with free.
 */
WW_MUST_CHECK enum ww_err ww_publish_served(struct ww_store *store, const char *domain, int64_t now,
                                            struct ww_served served[WW_PUBLISHED_SERVED_MAX], size_t *count,
                                            char **space);

/* Forgets policies that nobody can hold any more, at most max. */
WW_MUST_CHECK enum ww_err ww_publish_purge(struct ww_store *store, int64_t now, size_t max);

/* Domains behind `after` in the order of their names, at most max, each with the policy that it is served
 * with, or NULL. All is borrowed during the call. */
typedef void ww_publish_site(void *ctx, const struct ww_published *domain, const struct ww_served *policy);
WW_MUST_CHECK enum ww_err ww_publish_sites(struct ww_store *store, const char *after, size_t max,
                                           ww_publish_site *site, void *ctx);

/* What has happened: a sentence of printable ASCII. The oldest go for new ones. */
WW_MUST_CHECK enum ww_err ww_publish_note(struct ww_store *store, const char *domain, int64_t at,
                                          const char *words);
/* Newest first. */
typedef void ww_publish_noted(void *ctx, int64_t at, const char *words);
WW_MUST_CHECK enum ww_err ww_publish_notes(struct ww_store *store, const char *domain, size_t max,
                                           ww_publish_noted *noted, void *ctx);

/* What is wrong with a domain, as its operators were told. */
struct ww_publish_fault {
    enum ww_severity severity;
    char check[WW_ALERT_CHECK_SIZE];
    char where[WW_ALERT_WHERE_SIZE];
    char seen[WW_ALERT_SEEN_SIZE];
    int64_t since;
};
WW_MUST_CHECK enum ww_err ww_publish_faults(struct ww_store *store, const char *domain,
                                            struct ww_publish_fault faults[WW_PUBLISH_FAULTS_MAX],
                                            size_t *count);
/* Replaces all, in a transaction of the caller. */
WW_MUST_CHECK enum ww_err ww_publish_put_faults(struct ww_store *store, const char *domain,
                                                const struct ww_publish_fault *faults, size_t count);

#endif

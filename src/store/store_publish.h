/*
 * The published domains in the store, and every policy that was served, for as long as a sender may hold it.
 * What is put is durable on return, as with store_watch.h. Errors are those of the store.
 */
#ifndef WW_STORE_STORE_PUBLISH_H
#define WW_STORE_STORE_PUBLISH_H

#include "core/published.h"
#include "store/store.h"

/* WW_E_STORE_EXISTS (or what the house calls it): it is there already. */
WW_MUST_CHECK enum ww_err ww_publish_add(struct ww_store *store, const struct ww_published *domain);

/* Both whole: what is wanted, and how far it has come. WW_OK with *found false: there is none. */
WW_MUST_CHECK enum ww_err ww_publish_get(struct ww_store *store, const char *domain, struct ww_published *out,
                                         bool *found);
WW_MUST_CHECK enum ww_err ww_publish_put(struct ww_store *store, const struct ww_published *domain);

/* Its hosts and served policies go with it. */
WW_MUST_CHECK enum ww_err ww_publish_remove(struct ww_store *store, const char *domain);

/* In the order of their names, behind `after`, at most max. False of row ends it. */
typedef bool ww_publish_row(void *ctx, const struct ww_published *domain);
WW_MUST_CHECK enum ww_err ww_publish_list(struct ww_store *store, const char *after, size_t max,
                                          ww_publish_row *row, void *ctx);

/* Due at now, the longest due first. WW_OK with *found false: none; then *next is when one will be (0:
 * never). */
WW_MUST_CHECK enum ww_err ww_publish_due(struct ww_store *store, int64_t now, struct ww_published *out,
                                         bool *found, int64_t *next);

/* How many there are in each state. */
WW_MUST_CHECK enum ww_err ww_publish_count(struct ww_store *store, uint64_t counts[WW_PUBLISHED_GONE + 1]);

/* The hosts of its MX records: replaces all. */
WW_MUST_CHECK enum ww_err ww_publish_put_mx(struct ww_store *store, const char *domain,
                                            const struct ww_published_mx *mx, size_t count);
WW_MUST_CHECK enum ww_err ww_publish_get_mx(struct ww_store *store, const char *domain,
                                            struct ww_published_mx mx[WW_PUBLISHED_MX_MAX], size_t *count);

/* Begins to serve: ends the one before (until = now), in one transaction. */
WW_MUST_CHECK enum ww_err ww_publish_serve(struct ww_store *store, const char *domain,
                                           const struct ww_served *policy, int64_t now);
/* Ends the one that is served. */
WW_MUST_CHECK enum ww_err ww_publish_unserve(struct ww_store *store, const char *domain, int64_t now);

/*
 * The newest WW_PUBLISHED_SERVED_MAX, oldest first. Bodies lie in *space, which the caller frees with free.
 * Those older ones that were served last more than a maximal max_age ago are not told (and may be purged);
 * should more be binding than there is room for, those that bind longest are told.
 */
WW_MUST_CHECK enum ww_err ww_publish_served(struct ww_store *store, const char *domain, int64_t now,
                                            struct ww_served served[WW_PUBLISHED_SERVED_MAX], size_t *count,
                                            char **space);

/* Those of all domains that are served now; body borrowed during the call. */
typedef bool ww_publish_site(void *ctx, const char *domain, const struct ww_served *policy);
WW_MUST_CHECK enum ww_err ww_publish_sites(struct ww_store *store, ww_publish_site *site, void *ctx);

#endif

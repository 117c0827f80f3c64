/* What the keeper knows of a published domain, put together for the engine. */
#include "advise/advise.h"
#include "core/stored_policy.h"
#include "daemon/keeper_evidence.h"
#include "daemon/keeper_publish_private.h"
#include "store/store_watch.h"

#include <stdlib.h>

/* What the steward has seen counts for so long beyond the next look. */
#define FRESH_SECONDS 3600

const struct ww_served *ww_publish_known_served(const struct ww_publish_known *known)
{
    return ww_published_own(known->served, known->served_count);
}

/* The policy of one of ours that this one follows; empty: it is none of ours, or not served. */
static enum ww_err get_mirrored(struct ww_store *store, int64_t now, struct ww_publish_known *known)
{
    struct ww_served served[WW_PUBLISHED_SERVED_MAX];
    struct ww_published of;
    size_t count = 0;
    bool found = false;
    if (known->domain.host != WW_HOSTED_MIRROR)
        return WW_OK;
    enum ww_err err = ww_publish_get(store, known->domain.mirror, &of, &found);
    if (err == WW_OK && found)
        err = ww_publish_served(store, of.domain, now, served, &count, &known->mirrored_bodies);
    const struct ww_served *own = ww_published_own(served, count);
    if (err == WW_OK && own != NULL)
        known->mirrored = own->body;
    return err;
}

/* ---- Evidence ---- */

static bool is_watched(struct ww_store *store, const char *domain, int64_t now)
{
    struct ww_watch watch;
    return ww_watch_get(store, domain, &watch) == WW_OK && watch.last.at >= now - WW_EVIDENCE_LOOK_SECONDS;
}

/* What the steward has seen of the hosts, as somebody would tell it who asks for advice. */
static void fill_look(const struct ww_publish_known *known, enum ww_policy_mode mode,
                      struct ww_msg_advise_ask *look)
{
    bool known_hosts = true;
    struct ww_buf b = ww_buf(look->mx, sizeof look->mx - 1);
    look->looked = true;
    look->at = known->domain.looked_at;
    for (size_t i = 0; i < known->mx_count; i++) {
        const struct ww_published_mx *mx = &known->mx[i];
        if (mx->gone_at != 0)
            continue;
        known_hosts = known_hosts && mx->tls != WW_PUBLISHED_MX_UNKNOWN;
        if (b.n > 0)
            ww_buf_char(&b, ' ');
        ww_buf_str(&b, mx->name);
    }
    look->mx[b.n] = '\0';
    (void)snprintf(look->mode, sizeof look->mode, "%s", ww_policy_mode_name(mode));
    (void)snprintf(look->outlook, sizeof look->outlook, "%s",
                   !known_hosts              ? "unknown"
                   : mode == WW_MODE_ENFORCE ? "protected"
                                             : "testing");
}

static enum ww_rollout_evidence judge(const struct ww_advice *advice)
{
    switch (advice->kind) {
    case WW_ADVICE_ENFORCE:
    case WW_ADVICE_KEEP:
        return WW_EVIDENCE_GOOD;
    case WW_ADVICE_BACK:
        return WW_EVIDENCE_BAD;
    case WW_ADVICE_FIX: /* under enforce: one sender's trouble, or little, or there is another way in */
        return advice->enforced ? WW_EVIDENCE_MEND : WW_EVIDENCE_BAD;
    case WW_ADVICE_WAIT:
    case WW_ADVICE_PUBLISH:
    case WW_ADVICE_KINDS:
        break;
    }
    return WW_EVIDENCE_UNKNOWN;
}

static enum ww_err get_evidence(struct ww_store *store, int64_t now, struct ww_publish_known *known)
{
    const struct ww_served *served = ww_publish_known_served(known);
    struct ww_policy policy;
    size_t offset;
    enum ww_err err = WW_E_NO_MEMORY;
    if (served == NULL || ww_policy_parse(served->body.p, served->body.n, &policy, &offset) != WW_OK)
        return WW_OK;
    struct ww_msg_advise_ask *look = calloc(1, sizeof *look);
    struct ww_advice *advice = calloc(1, sizeof *advice);
    struct ww_keeper_evidence *gathered = NULL;
    if (look != NULL && advice != NULL) {
        bool use = known->domain.looked_at >= now - WW_EVIDENCE_LOOK_SECONDS &&
                   !is_watched(store, known->domain.domain, now);
        const struct ww_keeper_evidence_want want = {.domain = known->domain.domain,
                                                     .now = now,
                                                     .days = WW_EVIDENCE_DAYS_USUAL,
                                                     .asked = use ? look : NULL,
                                                     .served = known->served,
                                                     .served_count = known->served_count};
        fill_look(known, policy.mode, look);
        gathered = ww_keeper_evidence_gather(store, &want, &err);
    }
    if (gathered != NULL) {
        ww_advise(ww_keeper_evidence_of(gathered), advice);
        known->evidence = judge(advice);
        if (known->evidence == WW_EVIDENCE_MEND || known->evidence == WW_EVIDENCE_BAD)
            ww_advice_why(advice, known->evidence_why);
        err = WW_OK;
    }
    ww_keeper_evidence_free(gathered);
    free(advice);
    free(look);
    return err;
}

enum ww_err ww_publish_known_policies(struct ww_store *store, int64_t now, struct ww_publish_known *known)
{
    const char *domain = known->domain.domain;
    enum ww_err err =
        ww_publish_served(store, domain, now, known->served, &known->served_count, &known->bodies);
    return err == WW_OK ? ww_publish_get_mx(store, domain, known->mx, &known->mx_count) : err;
}

enum ww_err ww_publish_known_get(struct ww_store *store, int64_t now, struct ww_publish_known *known)
{
    known->evidence = WW_EVIDENCE_UNKNOWN;
    known->evidence_why[0] = '\0';
    known->mirrored = ww_slice("", 0);
    enum ww_err err = ww_publish_known_policies(store, now, known);
    if (err == WW_OK)
        err = get_mirrored(store, now, known);
    return err == WW_OK ? get_evidence(store, now, known) : err;
}

void ww_publish_known_clear(struct ww_publish_known *known)
{
    free(known->bodies);
    free(known->mirrored_bodies);
    known->bodies = known->mirrored_bodies = NULL;
    known->served_count = known->mx_count = 0;
    known->mirrored = ww_slice("", 0);
}

struct ww_rollout ww_publish_known_rollout(const struct ww_publish_known *known,
                                           const struct ww_config *config, int64_t now)
{
    const struct ww_published *d = &known->domain;
    return (struct ww_rollout){
        .now = now,
        .domain = d,
        .served = known->served,
        .served_count = known->served_count,
        .mx = known->mx,
        .mx_count = known->mx_count,
        .facts = d->looked_at > now - config->publish_interval - FRESH_SECONDS,
        .certificate_good = !ww_published_is_here(d) || d->certificate_until > now,
        .evidence = known->evidence,
        .evidence_why = known->evidence_why,
        .mirrored = known->mirrored,
    };
}

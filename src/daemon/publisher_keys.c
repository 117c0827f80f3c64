#include "daemon/publisher_keys.h"

#include "base/buf.h"
#include "base/time.h"
#include "core/words.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/publish_folder.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define HOST_SIZE (WW_DNAME_SIZE + 8)
#define PATH_SIZE 4096
#define ROUND_SECONDS 60
/* Work of one turn of the loop, in which nobody is served: a key takes most of a millisecond to read. */
#define TURN_MS 5
/* A name without a certificate is looked at when it is asked for, so often at most. */
#define AGAIN_MS 1000
/* Few authorities have signed all of them: what leads to one is kept once, which is a third of the memory. */
#define SHARED 32

enum {
    CERTIFICATE,
    KEY,
    FILES,
};

struct ww_publisher_keys {
    const char *folder;
    struct ww_publisher_sites *sites;
    struct ww_stats *stats;
    ww_publisher_tell *tell;
    void *ctx;
    struct event *round;
    struct event *turn;
    struct ww_tls_server_names names;
    SSL_CTX *tls;
    struct ww_tls_pair challenge; /* that was shown last */
    X509 *shared[SHARED];
    size_t next_shared;
};

/* What a folder has for a site. */
struct place {
    char paths[FILES][PATH_SIZE];
    struct ww_file_stamp files[FILES];
};

static bool is_there(const struct ww_file_stamp *stamp)
{
    return stamp->inode != 0;
}

static void look_into(const struct ww_publisher_keys *k, const char *name, struct place *place)
{
    static const char *const files[FILES] = {[CERTIFICATE] = "fullchain.pem", [KEY] = "privkey.pem"};
    for (size_t i = 0; i < FILES; i++) {
        int n = snprintf(place->paths[i], PATH_SIZE, "%s/" WW_PUBLISH_CERTIFICATES "/%s/%s", k->folder, name,
                         files[i]);
        place->files[i] = (struct ww_file_stamp){.inode = 0};
        if (n > 0 && n < PATH_SIZE)
            place->files[i] = ww_file_stamp_of(place->paths[i]);
    }
}

static void find_place(const struct ww_publisher_keys *k, const char *host, struct place *place)
{
    struct place shared;
    look_into(k, host, place);
    if (is_there(&place->files[CERTIFICATE]) || is_there(&place->files[KEY]))
        return;
    look_into(k, "shared", &shared);
    if (is_there(&shared.files[CERTIFICATE]))
        *place = shared;
}

/* ---- What is said of a site ---- */

/* What goes on, of what a person has to know: the first that holds. */
static void say_trouble(const struct ww_publisher_site *site, int64_t now, struct ww_buf *b)
{
    const struct ww_publisher_site_keys *keys = &site->keys;
    if (keys->why != NULL) {
        ww_words_put_cut(b, ww_slice_str(keys->why));
        if (keys->pair.key != NULL && keys->not_after > now)
            ww_buf_str(b, "; the certificate before stays in use");
    } else if (keys->pair.key != NULL && keys->not_after <= now) {
        ww_buf_str(b, "the certificate has expired");
    } else if (keys->pair.key != NULL && keys->not_before > now) {
        ww_buf_str(b, "the certificate is not valid yet");
    }
}

static bool is_same(const struct ww_msg_site_state *a, const struct ww_msg_site_state *b)
{
    return a->certificate_until == b->certificate_until && strcmp(a->id, b->id) == 0 &&
           strcmp(a->trouble, b->trouble) == 0;
}

static void tell(struct ww_publisher_keys *k, struct ww_publisher_site *site)
{
    struct ww_msg_site_state state = {.domain = ""};
    struct ww_buf b = ww_buf(state.trouble, sizeof state.trouble - 1);
    memcpy(state.domain, site->domain, sizeof state.domain);
    if (site->keys.pair.key != NULL) {
        state.certificate_until = site->keys.not_after;
        memcpy(state.id, site->id, site->body != NULL ? sizeof state.id : 0);
    }
    say_trouble(site, time(NULL), &b);
    state.trouble[b.n] = '\0';
    if (site->told != NULL && is_same(site->told, &state))
        return;
    /* One that cannot be remembered is told again. */
    struct ww_msg_site_state *told = site->told != NULL ? site->told : malloc(sizeof *told);
    bool done = k->tell(k->ctx, &state);
    if (told != NULL && done)
        *told = state;
    site->told = done ? told : NULL;
    if (!done)
        free(told);
}

/* ---- Loading ---- */

static void set_why(struct ww_publisher_site_keys *keys, const char *host, const char *why)
{
    free(keys->why);
    keys->why = why != NULL ? strdup(why) : NULL;
    if (why != NULL)
        ww_log_warning("policy-certificate-unusable", "host", host, "detail", why, "done",
                       keys->pair.key != NULL ? "the one before stays in use" : "the policy is not served");
}

/* The one that is the same as this, or else this; owned by the caller, as `cert` was. */
static X509 *share(struct ww_publisher_keys *k, X509 *cert)
{
    for (size_t i = 0; i < SHARED && k->shared[i] != NULL; i++) {
        if (X509_cmp(k->shared[i], cert) != 0 || X509_up_ref(k->shared[i]) != 1)
            continue;
        X509_free(cert);
        return k->shared[i];
    }
    if (X509_up_ref(cert) == 1) {
        X509_free(k->shared[k->next_shared]);
        k->shared[k->next_shared] = cert;
        k->next_shared = (k->next_shared + 1) % SHARED;
    }
    return cert;
}

static void replace(struct ww_publisher_site_keys *keys, const char *host, struct ww_tls_pair *pair,
                    const struct ww_tls_server_seen *seen)
{
    char until[WW_TIME_SIZE];
    ww_time_format(seen->not_after, until);
    if (keys->pair.key != NULL)
        ww_log_info("policy-certificate-changed", "host", host, "until", until);
    ww_tls_pair_clear(&keys->pair);
    keys->pair = *pair;
    keys->not_before = seen->not_before;
    keys->not_after = seen->not_after;
    set_why(keys, host, NULL);
}

static void load(struct ww_publisher_keys *k, struct ww_publisher_site_keys *keys, const char *host,
                 const struct place *place)
{
    struct ww_tls_pair pair;
    struct ww_tls_server_seen seen;
    const char *certificate = place->paths[CERTIFICATE];
    if (!is_there(&place->files[CERTIFICATE])) {
        set_why(keys, host, "there is no certificate that can be read");
        return;
    }
    if (!ww_tls_pair_load(certificate, place->paths[KEY], &pair, &seen)) {
        set_why(keys, host, seen.why);
        return;
    }
    bool worse = seen.not_after <= time(NULL) && keys->pair.key != NULL && keys->not_after > seen.not_after;
    if (!ww_tls_pair_is_for(&pair, host))
        set_why(keys, host, "the certificate is not one for this host");
    else if (worse)
        set_why(keys, host, "the certificate has expired");
    else if (!ww_tls_server_can_show(k->tls, &pair, certificate, &seen))
        set_why(keys, host, seen.why);
    else {
        if (seen.key_open)
            ww_log_warning("certificate-key-open", "path", place->paths[KEY]);
        for (int i = 0; i < sk_X509_num(pair.chain); i++)
            (void)sk_X509_set(pair.chain, i, share(k, sk_X509_value(pair.chain, i)));
        replace(keys, host, &pair, &seen);
        return;
    }
    ww_tls_pair_clear(&pair);
}

void ww_publisher_keys_look(struct ww_publisher_keys *k, struct ww_publisher_site *site)
{
    struct ww_publisher_site_keys *keys = &site->keys;
    char host[HOST_SIZE];
    struct place place;
    (void)snprintf(host, sizeof host, "mta-sts.%s", site->domain);
    find_place(k, host, &place);
    keys->looked_ms = ww_clock_ms();
    if (!keys->looked || !ww_file_stamp_same(&keys->files[CERTIFICATE], &place.files[CERTIFICATE]) ||
        !ww_file_stamp_same(&keys->files[KEY], &place.files[KEY]))
        load(k, keys, host, &place);
    keys->looked = true;
    memcpy(keys->files, place.files, sizeof keys->files);
    tell(k, site);
}

/* ---- Who asks for a name ---- */

static enum ww_tls_name pick_challenge(struct ww_publisher_keys *k, const char *host,
                                       const struct ww_tls_pair **pair)
{
    struct ww_tls_server_seen seen;
    char path[PATH_SIZE];
    int n = snprintf(path, sizeof path, "%s/" WW_PUBLISH_CHALLENGES "/%s.pem", k->folder, host);
    ww_tls_pair_clear(&k->challenge);
    if (n < 0 || n >= PATH_SIZE || !ww_tls_pair_load(path, path, &k->challenge, &seen))
        return WW_TLS_NAME_NO_KEYS;
    *pair = &k->challenge;
    return WW_TLS_NAME_KNOWN;
}

static enum ww_tls_name pick(void *ctx, const char *name, bool challenge, const struct ww_tls_pair **pair)
{
    struct ww_publisher_keys *k = ctx;
    struct ww_publisher_site *site = ww_publisher_sites_of_host(k->sites, name);
    if (site == NULL) {
        ww_stat_add(k->stats, WW_STAT_PUBLISH_UNKNOWN, 1);
        return WW_TLS_NAME_UNKNOWN;
    }
    if (challenge)
        return pick_challenge(k, name, pair);
    if (site->keys.pair.key == NULL &&
        (!site->keys.looked || ww_clock_ms() - site->keys.looked_ms >= AGAIN_MS))
        ww_publisher_keys_look(k, site);
    *pair = &site->keys.pair;
    return site->keys.pair.key != NULL ? WW_TLS_NAME_KNOWN : WW_TLS_NAME_NO_KEYS;
}

/* ---- All of them, one after the other ---- */

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    static const struct timeval soon = {.tv_usec = 1000};
    struct ww_publisher_keys *k = arg;
    int64_t end = ww_clock_ms() + TURN_MS;
    (void)fd, (void)what;
    do {
        struct ww_publisher_site *site = ww_publisher_sites_next(k->sites);
        if (site == NULL)
            return;
        ww_publisher_keys_look(k, site);
    } while (ww_clock_ms() < end);
    (void)evtimer_add(k->turn, &soon);
}

void ww_publisher_keys_look_at_all(struct ww_publisher_keys *k)
{
    static const struct timeval now = {.tv_sec = 0};
    ww_publisher_sites_rewind(k->sites);
    (void)evtimer_add(k->turn, &now);
}

/* A round that has not ended goes on. */
static void on_round(evutil_socket_t fd, short what, void *arg)
{
    struct ww_publisher_keys *k = arg;
    (void)fd, (void)what;
    if (!evtimer_pending(k->turn, NULL))
        ww_publisher_keys_look_at_all(k);
}

struct ww_publisher_keys *ww_publisher_keys_new(struct event_base *base, const char *folder,
                                                struct ww_publisher_sites *sites, struct ww_stats *stats,
                                                ww_publisher_tell *tell_state, void *ctx)
{
    static const struct timeval each = {.tv_sec = ROUND_SECONDS};
    struct ww_publisher_keys *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    k->folder = folder;
    k->sites = sites;
    k->stats = stats;
    k->tell = tell_state;
    k->ctx = ctx;
    k->names = (struct ww_tls_server_names){.pick = pick, .ctx = k};
    k->round = event_new(base, -1, EV_PERSIST, on_round, k);
    k->turn = evtimer_new(base, on_turn, k);
    k->tls = ww_tls_server_names_new(&k->names);
    if (k->round != NULL && k->turn != NULL && k->tls != NULL && event_add(k->round, &each) == 0)
        return k;
    ww_publisher_keys_free(k);
    return NULL;
}

void ww_publisher_keys_free(struct ww_publisher_keys *k)
{
    if (k == NULL)
        return;
    if (k->round != NULL)
        event_free(k->round);
    if (k->turn != NULL)
        event_free(k->turn);
    SSL_CTX_free(k->tls);
    ww_tls_pair_clear(&k->challenge);
    for (size_t i = 0; i < SHARED; i++)
        X509_free(k->shared[i]);
    free(k);
}

SSL_CTX *ww_publisher_keys_tls(struct ww_publisher_keys *k)
{
    return k->tls;
}

void ww_publisher_keys_count(const struct ww_publisher_keys *k)
{
    const struct ww_publisher_site *site = NULL;
    int64_t now = time(NULL);
    uint64_t served = 0, ending = 0, troubled = 0;
    while ((site = ww_publisher_sites_after(k->sites, site)) != NULL) {
        const struct ww_publisher_site_keys *keys = &site->keys;
        bool shown = keys->pair.key != NULL;
        served += shown && site->body != NULL;
        ending += shown && keys->not_after - now <= WW_PUBLISHER_ENDING_SECONDS;
        troubled += keys->why != NULL;
    }
    ww_stat_set(k->stats, WW_STAT_PUBLISH_SITES, ww_publisher_sites_count(k->sites));
    ww_stat_set(k->stats, WW_STAT_PUBLISH_SERVED, served);
    ww_stat_set(k->stats, WW_STAT_PUBLISH_ENDING, ending);
    ww_stat_set(k->stats, WW_STAT_PUBLISH_TROUBLED, troubled);
}

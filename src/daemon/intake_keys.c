#include "daemon/intake_keys.h"

#include "daemon/clock.h"
#include "daemon/log.h"

#include <stdlib.h>

struct key {
    struct ww_intake_keys *keys;
    char name[WW_DNAME_SIZE]; /* "": the place is free */
    struct ww_dkim_key_lookup *lookup;
    bool known;
    enum ww_dkim_key_found found;
    char *record; /* owned; NULL: none */
    size_t record_n;
    int64_t until_ms;
};

struct ww_intake_keys {
    struct ww_dns *dns;
    struct ww_stats *stats;
    ww_intake_keys_known *known;
    void *ctx;
    bool begun;
    struct key list[WW_INTAKE_KEYS_MAX];
};

struct ww_intake_keys *ww_intake_keys_new(struct ww_dns *dns, struct ww_stats *stats,
                                          ww_intake_keys_known *known, void *ctx)
{
    struct ww_intake_keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL)
        return NULL;
    keys->dns = dns;
    keys->stats = stats;
    keys->known = known;
    keys->ctx = ctx;
    for (size_t i = 0; i < WW_INTAKE_KEYS_MAX; i++)
        keys->list[i].keys = keys;
    return keys;
}

static void forget(struct key *k)
{
    if (k->lookup != NULL)
        ww_dkim_key_lookup_cancel(k->lookup);
    free(k->record);
    *k = (struct key){.keys = k->keys};
}

void ww_intake_keys_free(struct ww_intake_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < WW_INTAKE_KEYS_MAX; i++)
        forget(&keys->list[i]);
    free(keys);
}

static void learn(struct key *k, enum ww_dkim_key_found found, struct ww_slice record)
{
    static const int64_t spans[WW_DKIM_KEY_FINDS] = {[WW_DKIM_KEY_FOUND] = WW_INTAKE_KEY_FOUND_MS,
                                                     [WW_DKIM_KEY_ABSENT] = WW_INTAKE_KEY_ABSENT_MS,
                                                     [WW_DKIM_KEY_NOT_NOW] = WW_INTAKE_KEY_NOT_NOW_MS};
    k->known = true;
    k->found = found;
    if (found == WW_DKIM_KEY_FOUND) {
        k->record = malloc(record.n + 1);
        k->record_n = k->record != NULL ? record.n : 0;
        if (k->record == NULL)
            k->found = WW_DKIM_KEY_NOT_NOW;
        else if (record.n > 0)
            memcpy(k->record, record.p, record.n);
    }
    k->until_ms = ww_clock_ms() + spans[k->found];
}

static void on_found(void *ctx, const struct ww_dkim_found_key *found, enum ww_err err)
{
    struct key *k = ctx;
    k->lookup = NULL;
    if (err != WW_OK) {
        ww_stat_add(k->keys->stats, WW_STAT_DKIM_KEY_ERRORS + (unsigned)err, 1);
        ww_log_debug("dkim-key-not-found", "name", k->name, "detail", ww_err_message(err));
    }
    learn(k, found->found, found->record);
    k->keys->known(k->keys->ctx);
}

/* What no look-up can be begun of is known at once. */
static void look_up(struct key *k)
{
    enum ww_err err = WW_OK;
    if (!k->keys->begun || k->lookup != NULL || k->known)
        return;
    k->lookup = ww_dkim_key_lookup(k->keys->dns, k->name, on_found, k, &err);
    if (k->lookup == NULL)
        learn(k, err == WW_E_DNS_NAME ? WW_DKIM_KEY_ABSENT : WW_DKIM_KEY_NOT_NOW, ww_slice("", 0));
}

void ww_intake_keys_begin(struct ww_intake_keys *keys)
{
    if (keys->begun)
        return;
    keys->begun = true;
    for (size_t i = 0; i < WW_INTAKE_KEYS_MAX; i++)
        if (keys->list[i].name[0] != '\0')
            look_up(&keys->list[i]);
    keys->known(keys->ctx);
}

/* A free place, or that of what is known and ends first. NULL: all are being looked up. */
static struct key *find_place(struct ww_intake_keys *keys)
{
    struct key *place = NULL;
    for (size_t i = 0; i < WW_INTAKE_KEYS_MAX; i++) {
        struct key *k = &keys->list[i];
        if (k->name[0] == '\0')
            return k;
        if (k->known && (place == NULL || k->until_ms < place->until_ms))
            place = k;
    }
    if (place != NULL)
        forget(place);
    return place;
}

static struct key *find(struct ww_intake_keys *keys, const char *name)
{
    for (size_t i = 0; i < WW_INTAKE_KEYS_MAX; i++)
        if (strcmp(keys->list[i].name, name) == 0)
            return &keys->list[i];
    return NULL;
}

bool ww_intake_keys_get(struct ww_intake_keys *keys, const char *name, int64_t now_ms,
                        struct ww_dkim_found_key *key)
{
    struct key *k = name[0] != '\0' ? find(keys, name) : NULL;
    *key = (struct ww_dkim_found_key){.found = WW_DKIM_KEY_NOT_NOW, .record = ww_slice("", 0)};
    memcpy(key->name, name, strnlen(name, sizeof key->name - 1));
    if (name[0] == '\0') {
        key->found = WW_DKIM_KEY_ABSENT;
        return true;
    }
    if (k != NULL && k->known && now_ms >= k->until_ms)
        forget(k);
    if (k == NULL || k->name[0] == '\0') {
        k = k != NULL ? k : find_place(keys);
        if (k == NULL)
            return true;
        memcpy(k->name, key->name, sizeof k->name);
        look_up(k);
    }
    if (!k->known)
        return false;
    key->found = k->found;
    key->record = ww_slice(k->record != NULL ? k->record : "", k->record_n);
    return true;
}

/* The keeper's answers to control about published domains: JSON texts. */
#include "daemon/keeper_publish_private.h"

#include <stdlib.h>
#include <time.h>

/* Rows of the list that are told at a time, and octets of one piece. */
#define PAGE 100
#define PIECE ((size_t)60 * 1024)

struct answer {
    struct ww_keeper_publish *k;
    struct ww_asked *asked;
    struct ww_question_ref ref;
    const struct ww_msg_publish_ask *ask;
    size_t rows;
    char last[WW_DNAME_SIZE];
};

/* Takes over json. */
static void tell(const struct answer *a, json_t *json, bool more)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    size_t n = text != NULL ? strlen(text) : 0;
    json_decref(json);
    if (n == 0 && !more)
        ww_asked_fail(a->asked, a->ref, WW_E_NO_MEMORY);
    for (size_t at = 0; at < n;) {
        size_t piece = n - at < PIECE ? n - at : PIECE;
        ww_asked_tell(a->asked, a->ref, ww_slice(text + at, piece), more || at + piece < n);
        at += piece;
    }
    free(text);
}

static void on_row(void *ctx, const struct ww_published *d, const struct ww_served *served)
{
    struct answer *a = ctx;
    a->rows++;
    memcpy(a->last, d->domain, sizeof a->last);
    tell(a, ww_publish_row_json(d, served, ww_keeper_publish_given_at(a->k, d->domain)), true);
}

static enum ww_err list(struct answer *a, struct ww_store *store)
{
    enum ww_err err = ww_publish_sites(store, a->ask->domain, PAGE, on_row, a);
    if (err == WW_OK)
        tell(a, json_pack("{s:o}", "after", a->rows < PAGE ? json_null() : json_string(a->last)), false);
    return err;
}

static enum ww_err show(struct answer *a, struct ww_store *store)
{
    int64_t now = (int64_t)time(NULL);
    struct ww_publish_known *known = calloc(1, sizeof *known);
    bool found = false;
    enum ww_err err =
        known != NULL ? ww_publish_get(store, a->ask->domain, &known->domain, &found) : WW_E_NO_MEMORY;
    if (err == WW_OK && !found)
        err = WW_E_NOT_KNOWN;
    if (err == WW_OK)
        err = ww_publish_known_policies(store, now, known);
    if (err == WW_OK) {
        int64_t given_at = ww_keeper_publish_given_at(a->k, known->domain.domain);
        json_t *json = ww_publish_show_json(store, known, given_at, now, &err);
        if (err == WW_OK)
            tell(a, json, false);
    }
    if (known != NULL)
        ww_publish_known_clear(known);
    free(known);
    return err;
}

/* What is refused is an answer, too: it has words. */
static enum ww_err change(struct answer *a, struct ww_store *store)
{
    char why[WW_PUBLISHED_WORDS_SIZE];
    uint64_t version = 0;
    if (!a->k->config->publish && a->ask->what != WW_PUBLISH_ASK_REMOVE)
        return WW_E_PUBLISH_OFF;
    enum ww_err err = ww_keeper_publish_change(a->k, store, a->ask, &version, why);
    if (err == WW_OK)
        tell(a, json_pack("{s:s, s:I}", "domain", a->ask->domain, "version", (json_int_t)version), false);
    else if (err == WW_E_PUBLISH_REFUSED)
        tell(a, json_pack("{s:s}", "refused", why), false);
    return err == WW_E_PUBLISH_REFUSED ? WW_OK : err;
}

static enum ww_err answer(struct answer *a, struct ww_store *store)
{
    if (a->ask->what == WW_PUBLISH_ASK_LIST)
        return list(a, store);
    return a->ask->what == WW_PUBLISH_ASK_SHOW ? show(a, store) : change(a, store);
}

/* Of these the store is not to blame. */
static bool is_an_answer(enum ww_err err)
{
    return err == WW_E_NOT_KNOWN || err == WW_E_MSG_MALFORMED || err == WW_E_NO_MEMORY ||
           err == WW_E_PUBLISH_OFF || err == WW_E_PUBLISH_EXISTS || err == WW_E_PUBLISH_FULL ||
           err == WW_E_PUBLISH_CHANGED;
}

void ww_keeper_publish_asked(struct ww_keeper_publish *k, struct ww_asked *asked,
                             const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct ww_msg_publish_ask *m = calloc(1, sizeof *m);
    struct answer a = {.k = k, .asked = asked, .ref = ref, .ask = m};
    enum ww_err err = m != NULL ? ww_msg_get_publish_ask(ask->payload, m) : WW_E_NO_MEMORY;
    bool reads = err == WW_OK && m->what <= WW_PUBLISH_ASK_SHOW;
    struct ww_store *store = reads ? ww_keeper_store_to_read(k->store) : ww_keeper_store_to_write(k->store);
    if (err == WW_OK && store == NULL) {
        err = ww_keeper_store_trouble(k->store);
        err = err != WW_OK ? err : WW_E_STORE_FAILED;
    } else if (err == WW_OK) {
        err = answer(&a, store);
        if (err != WW_OK && !is_an_answer(err))
            ww_keeper_store_failed(k->store, err);
    }
    if (err != WW_OK)
        ww_asked_fail(asked, ref, err);
    free(m);
}

#include "daemon/keeper_advise.h"

#include <stdlib.h>
#include <time.h>

/* Octets of the answer in one piece. */
#define PIECE ((size_t)60 * 1024)

/* Takes over json. */
static void tell(struct ww_asked *asked, struct ww_question_ref ref, json_t *json)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    size_t n = text != NULL ? strlen(text) : 0;
    json_decref(json);
    if (n == 0)
        ww_asked_fail(asked, ref, WW_E_NO_MEMORY);
    for (size_t at = 0; at < n;) {
        size_t piece = n - at < PIECE ? n - at : PIECE;
        ww_asked_tell(asked, ref, ww_slice(text + at, piece), at + piece < n);
        at += piece;
    }
    free(text);
}

static unsigned days_of(const struct ww_msg_advise_ask *m)
{
    unsigned days = m->days > 0 ? m->days : WW_EVIDENCE_DAYS_USUAL;
    days = days < WW_EVIDENCE_DAYS_MIN ? WW_EVIDENCE_DAYS_MIN : days;
    return days > WW_EVIDENCE_DAYS_MAX ? WW_EVIDENCE_DAYS_MAX : days;
}

static enum ww_err answer(struct ww_store *store, struct ww_asked *asked, struct ww_question_ref ref,
                          const struct ww_msg_advise_ask *m)
{
    const struct ww_keeper_evidence_want want = {
        .domain = m->domain, .now = (int64_t)time(NULL), .days = days_of(m), .asked = m};
    struct ww_advice *advice = calloc(1, sizeof *advice);
    enum ww_err err = WW_E_NO_MEMORY;
    struct ww_keeper_evidence *k = advice != NULL ? ww_keeper_evidence_gather(store, &want, &err) : NULL;
    if (k != NULL) {
        ww_advise(ww_keeper_evidence_of(k), advice);
        tell(asked, ref, ww_keeper_advise_json(k, advice));
    }
    ww_keeper_evidence_free(k);
    free(advice);
    return k != NULL ? WW_OK : err;
}

void ww_keeper_advise_asked(struct ww_keeper_store *store, struct ww_asked *asked,
                            const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct ww_msg_advise_ask *m = calloc(1, sizeof *m);
    enum ww_err err = m != NULL ? ww_msg_get_advise_ask(ask->payload, m) : WW_E_NO_MEMORY;
    struct ww_store *readable = err == WW_OK ? ww_keeper_store_to_read(store) : NULL;
    if (err == WW_OK && readable == NULL) {
        err = ww_keeper_store_trouble(store);
        err = err != WW_OK ? err : WW_E_STORE_FAILED;
    } else if (err == WW_OK) {
        err = answer(readable, asked, ref, m);
        if (err != WW_OK && err != WW_E_NO_MEMORY)
            ww_keeper_store_failed(store, err);
    }
    if (err != WW_OK)
        ww_asked_fail(asked, ref, err);
    free(m);
}

#include "daemon/keeper_known.h"

#include "daemon/keeper_evidence.h"

/* False: it is too long to be a name. */
static bool copy(char *out, size_t size, struct ww_slice text)
{
    if (text.n >= size)
        return false;
    if (text.n > 0)
        memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return true;
}

json_t *ww_keeper_known(struct ww_store *store, const struct ww_keeper_known_want *want)
{
    char domain[WW_DNAME_SIZE], mx[WW_RECEIVED_TEXT_MAX + 1];
    char type[WW_RECEIVED_WORD_MAX + 1], result[WW_RECEIVED_WORD_MAX + 1];
    enum ww_err err;
    if (!copy(domain, sizeof domain, want->domain) || !copy(mx, sizeof mx, want->detail->receiving_mx) ||
        !copy(type, sizeof type, want->type) || !copy(result, sizeof result, want->detail->type))
        return json_array();
    const struct ww_keeper_evidence_want about = {.domain = domain, .now = want->now};
    struct ww_keeper_evidence *k = ww_keeper_evidence_gather(store, &about, &err);
    const struct ww_known_failure failure = {.result = result,
                                             .mx = mx,
                                             .type = type,
                                             .strings = want->strings,
                                             .mx_hosts = want->mx_hosts,
                                             .day = want->day};
    json_t *list = k != NULL ? ww_keeper_known_json(k, &failure) : json_array();
    ww_keeper_evidence_free(k);
    return list;
}

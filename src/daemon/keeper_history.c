#include "daemon/keeper_history.h"

#include "proc/msg_history.h"

struct page {
    struct ww_buf versions;
    char one[WW_VERSION_BODY_MAX + 1024];
};

static void add(void *ctx, const struct ww_version *version)
{
    struct page *page = ctx;
    struct ww_buf b = ww_buf(page->one, sizeof page->one);
    ww_msg_put_version(&b, version);
    if (!b.failed)
        ww_msg_put_part(&page->versions, ww_slice(b.p, b.n));
}

enum ww_err ww_keeper_tell_history(struct ww_store *store, struct ww_asked *asked,
                                   const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    char space[WW_ASKED_MAX];
    struct page page = {.versions = ww_buf(space, sizeof space)};
    struct ww_msg_history m;
    enum ww_err malformed = ww_msg_get_history(ask->payload, &m);
    if (malformed != WW_OK || store == NULL) {
        ww_asked_fail(asked, ref, malformed != WW_OK ? malformed : WW_E_STORE_FAILED);
        return WW_OK;
    }
    enum ww_err err = ww_history_list(store, m.domain, m.before, WW_MSG_HISTORY_PAGE, add, &page);
    if (err != WW_OK)
        ww_asked_fail(asked, ref, err);
    else
        ww_asked_tell(asked, ref, ww_slice(page.versions.p, page.versions.n), false);
    return err;
}
_Static_assert(WW_MSG_HISTORY_PAGE * sizeof((struct page *)NULL)->one <= WW_ASKED_MAX, "a page fits");

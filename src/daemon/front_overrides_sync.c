#include "daemon/front_overrides_sync.h"

#include "daemon/log.h"

#define MESSAGE_MAX ((size_t)4096)
_Static_assert(MESSAGE_MAX > WW_OVERRIDE_KEY_SIZE + WW_OVERRIDE_MX_SIZE + 2 * WW_OVERRIDE_TEXT_SIZE + 32,
               "an override fits a message");

struct sending {
    struct ww_chan *keeper;
    bool failed;
};

static void send_one(void *ctx, const struct ww_override *override, uint64_t used)
{
    struct sending *s = ctx;
    char message[MESSAGE_MAX];
    struct ww_buf b = ww_buf(message, sizeof message);
    (void)used;
    if (override->configured || s->failed)
        return;
    ww_msg_put_override(&b, override);
    s->failed = b.failed || ww_chan_send(s->keeper, WW_MSG_OVERRIDE, ww_slice(b.p, b.n), -1) != WW_OK;
}

void ww_overrides_sync_begin(struct ww_overrides_sync *sync, struct ww_chan *keeper)
{
    struct sending s = {keeper, false};
    char message[8];
    struct ww_buf b = ww_buf(message, sizeof message);
    if (sync->owed)
        ww_overrides_each(sync->overrides, send_one, &s);
    const struct ww_msg_load_overrides m = {++sync->number};
    ww_msg_put_load_overrides(&b, &m);
    /* A keeper that takes no message is gone, which its channel says: the next one is asked. */
    if (!s.failed)
        (void)!ww_chan_send(keeper, WW_MSG_LOAD_OVERRIDES, ww_slice(b.p, b.n), -1);
}

void ww_overrides_sync_anew(struct ww_overrides_sync *sync, struct ww_chan *keeper)
{
    sync->owed = true;
    ww_overrides_sync_begin(sync, keeper);
}

static bool take_override(struct ww_overrides_sync *sync, struct ww_slice payload)
{
    struct ww_msg_override m;
    if (ww_msg_get_override(payload, &m) != WW_OK)
        return false;
    if (!ww_overrides_put(sync->overrides, &m.override))
        ww_log_error("no-memory", "for", "an override");
    return true;
}

static bool take_all(struct ww_overrides_sync *sync, struct ww_slice payload)
{
    struct ww_msg_overrides m;
    struct ww_slice part;
    if (ww_msg_get_overrides(payload, &m) != WW_OK)
        return false;
    if (m.first)
        ww_overrides_begin_all(sync->overrides);
    bool good = true;
    struct ww_cursor c = ww_cursor(m.parts.p, m.parts.n);
    while (ww_msg_next_part(&c, &part))
        good = take_override(sync, part) && good;
    /* An answer to an older request may come from before the store was given back what it had lost. */
    if (m.last && m.whole && m.number == sync->number && good && !c.failed) {
        ww_overrides_end_all(sync->overrides);
        sync->owed = false;
    }
    return good && !c.failed;
}

static bool take_removal(struct ww_overrides_sync *sync, struct ww_slice payload)
{
    char key[WW_OVERRIDE_KEY_SIZE];
    if (ww_msg_get_key(payload, key) != WW_OK)
        return false;
    ww_overrides_remove(sync->overrides, key);
    return true;
}

bool ww_overrides_sync_message(struct ww_overrides_sync *sync, uint16_t type, struct ww_slice payload)
{
    bool good;
    if (type == WW_MSG_OVERRIDES)
        good = take_all(sync, payload);
    else if (type == WW_MSG_OVERRIDE)
        good = take_override(sync, payload);
    else if (type == WW_MSG_OVERRIDE_GONE)
        good = take_removal(sync, payload);
    else
        return false;
    if (!good)
        ww_log_error("message-malformed", "from", "keeper");
    return true;
}

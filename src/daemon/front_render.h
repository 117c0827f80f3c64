/* A decision in the words of each kind of client: one function a kind, and the table that names them. */
#ifndef WW_DAEMON_FRONT_RENDER_H
#define WW_DAEMON_FRONT_RENDER_H

#include "daemon/front_answer.h"

/* What is to be said. All is borrowed during the call. */
struct ww_render {
    const struct ww_question *question; /* that is not fixed */
    const struct ww_known *known;
    const struct ww_answer_style *style;
    int64_t now;
    struct ww_domain_case about;  /* what was decided upon, */
    struct ww_decision *decision; /* and what that came to; who has to tell another one puts it there */
};

/* What DANE comes to for whoever asks by this map: not every client can do it. */
struct ww_dane_settings ww_render_settings(enum ww_socketmap_map map,
                                           const struct ww_dane_settings *settings);

/* Appends the answer without what frames it. b has room for WW_SOCKETMAP_REPLY_MAX. Returns its kind. */
enum ww_stat_answer ww_render(struct ww_buf *b, const struct ww_render *r);

/* The same for a question that is fixed. */
enum ww_stat_answer ww_render_fixed(struct ww_buf *b, const struct ww_question *question);

#endif

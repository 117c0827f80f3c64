/* What is larger than a message goes in pieces (ww_msg_put_piece), all of one before the first of another. */
#ifndef WW_DAEMON_PIECES_H
#define WW_DAEMON_PIECES_H

#include "base/buf.h"

/* Takes the next piece off *rest, and makes it the message, which has room for WW_MSG_PIECE_SIZE octets.
 * False: nothing is left. */
bool ww_pieces_cut(struct ww_slice *rest, struct ww_buf *message);

/* Those that come, put together in the order in which they come. */
struct ww_pieces {
    char *octets;
    size_t max;
    size_t n;
    bool lost; /* it is longer than that */
};

/* False: memory is short. */
bool ww_pieces_init(struct ww_pieces *pieces, size_t max);
void ww_pieces_clear(struct ww_pieces *pieces);

/* Begins anew, as one has to after a whole or broken one. */
void ww_pieces_begin(struct ww_pieces *pieces);

enum ww_pieces_state {
    WW_PIECES_MORE,   /* is to come */
    WW_PIECES_WHOLE,  /* *whole is set, borrowed until the next call */
    WW_PIECES_BROKEN, /* that was the last, but something is missing, or it was no piece */
};
enum ww_pieces_state ww_pieces_take(struct ww_pieces *pieces, struct ww_slice payload,
                                    struct ww_slice *whole);

#endif

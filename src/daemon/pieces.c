#include "daemon/pieces.h"

#include "proc/msg_watch.h"

#include <stdlib.h>
#include <string.h>

bool ww_pieces_cut(struct ww_slice *rest, struct ww_buf *message)
{
    size_t n = rest->n < WW_MSG_PIECE_MAX ? rest->n : WW_MSG_PIECE_MAX;
    if (n == 0)
        return false;
    message->n = 0;
    ww_msg_put_piece(message, n == rest->n, ww_slice(rest->p, n));
    *rest = ww_slice(rest->p + n, rest->n - n);
    return true;
}

bool ww_pieces_init(struct ww_pieces *pieces, size_t max)
{
    *pieces = (struct ww_pieces){.octets = malloc(max), .max = max};
    return pieces->octets != NULL;
}

void ww_pieces_clear(struct ww_pieces *pieces)
{
    free(pieces->octets);
    *pieces = (struct ww_pieces){.octets = NULL};
}

void ww_pieces_begin(struct ww_pieces *pieces)
{
    pieces->n = 0;
    pieces->lost = false;
}

enum ww_pieces_state ww_pieces_take(struct ww_pieces *pieces, struct ww_slice payload, struct ww_slice *whole)
{
    struct ww_slice octets;
    bool last;
    if (ww_msg_get_piece(payload, &last, &octets) != WW_OK)
        return WW_PIECES_BROKEN;
    if (octets.n > pieces->max - pieces->n) {
        pieces->lost = true;
    } else if (octets.n > 0) {
        memcpy(pieces->octets + pieces->n, octets.p, octets.n);
        pieces->n += octets.n;
    }
    *whole = ww_slice(pieces->octets, pieces->n);
    if (!last)
        return WW_PIECES_MORE;
    return pieces->lost ? WW_PIECES_BROKEN : WW_PIECES_WHOLE;
}

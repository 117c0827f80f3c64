#include "daemon/pieces.h"

#include "proc/msg_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char octets[3 * WW_MSG_PIECE_MAX];

struct pieces_case {
    size_t n;      /* octets of what is cut */
    size_t max;    /* that there is room for */
    unsigned cuts; /* pieces that it makes */
    bool whole;    /* and comes as it was */
};

static void what_is_cut_is_put_together(void **state)
{
    static const struct pieces_case cases[] = {
        {1, sizeof octets, 1, true},
        {WW_MSG_PIECE_MAX, sizeof octets, 1, true},
        {WW_MSG_PIECE_MAX + 1, sizeof octets, 2, true},
        {sizeof octets, sizeof octets, 3, true},
        {2 * WW_MSG_PIECE_MAX + 1, 2 * WW_MSG_PIECE_MAX, 3, false},
        {WW_MSG_PIECE_MAX + 5, 4, 2, false},
    };
    static char message[WW_MSG_PIECE_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (char)(i % 251);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_pieces pieces;
        struct ww_buf b = ww_buf(message, sizeof message);
        assert_true(ww_pieces_init(&pieces, cases[i].max));
        for (int again = 0; again < 2; again++) { /* what is broken is no hindrance to the next */
            enum ww_pieces_state came = WW_PIECES_MORE;
            struct ww_slice rest = ww_slice(octets, cases[i].n), whole;
            unsigned cuts = 0;
            while (ww_pieces_cut(&rest, &b)) {
                assert_false(b.failed);
                assert_int_equal(came, WW_PIECES_MORE);
                came = ww_pieces_take(&pieces, ww_slice(b.p, b.n), &whole);
                cuts++;
            }
            assert_int_equal(cuts, cases[i].cuts);
            assert_int_equal(came, cases[i].whole ? WW_PIECES_WHOLE : WW_PIECES_BROKEN);
            if (cases[i].whole) {
                assert_int_equal(whole.n, cases[i].n);
                assert_memory_equal(whole.p, octets, whole.n);
            }
            ww_pieces_begin(&pieces);
        }
        ww_pieces_clear(&pieces);
    }
}

static void nothing_is_no_piece(void **state)
{
    struct ww_pieces pieces;
    struct ww_slice rest = ww_slice("", 0), whole;
    char message[16];
    struct ww_buf b = ww_buf(message, sizeof message);
    (void)state;
    assert_false(ww_pieces_cut(&rest, &b));
    assert_true(ww_pieces_init(&pieces, 8));
    assert_int_equal(ww_pieces_take(&pieces, rest, &whole), WW_PIECES_BROKEN);
    ww_pieces_clear(&pieces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_cut_is_put_together),
        cmocka_unit_test(nothing_is_no_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

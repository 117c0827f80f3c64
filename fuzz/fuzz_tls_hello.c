/*
 * What a server says to a ClientHello: how the octets arrive in pieces does not change what is made of them,
 * and what was decided stays.
 */
#include "check.h"
#include "core/tls_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    struct ww_tls_answer whole = {.version = 0};
    struct ww_tls_answer pieces = {.version = 0};
    enum ww_tls_heard heard = ww_tls_answer_take(&whole, p, size);
    for (size_t at = 0, step = 1; at < size; at += step, step = 1 + step * 3 % 17) {
        if (step > size - at)
            step = size - at;
        enum ww_tls_heard before = pieces.state;
        enum ww_tls_heard after = ww_tls_answer_take(&pieces, p + at, step);
        CHECK(before == WW_TLS_HEARD_MORE || after == before);
    }
    CHECK(pieces.state == heard && pieces.version == whole.version && pieces.suite == whole.suite &&
          pieces.alert == whole.alert && pieces.heard == whole.heard);
    CHECK(heard != WW_TLS_HEARD_ACCEPTED || whole.chosen);
    CHECK(whole.heard <= WW_TLS_FLIGHT_MAX + 1 && whole.heard <= size);
    return 0;
}

#include "cli/ask_ad.h"

#include "core/dns_question.h"
#include "daemon/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define TRIES 2

#define FLAG_AD 0x20u /* in the second octet of the flags */

/* False: it is no answer to this question, and the right one may come yet. */
static bool read_answer(const struct ww_dns_question *q, struct ww_slice packet, struct ww_ask_ad_reply *out)
{
    struct ww_dns_answer answer;
    enum ww_err err;
    if (!ww_dns_question_take(q, packet, &answer, &err))
        return false;
    out->why = err == WW_OK ? NULL : ww_err_message(err);
    out->rcode = (uint8_t)packet.p[3] & 0xfu;
    out->vouched = ((uint8_t)packet.p[3] & FLAG_AD) != 0;
    return true;
}

/* Whatever else arrives, it ends at the deadline. */
static bool wait_answer(int fd, int64_t deadline, const struct ww_dns_question *q,
                        struct ww_ask_ad_reply *out)
{
    char packet[4096];
    struct pollfd want = {.fd = fd, .events = POLLIN};
    for (int64_t left; (left = deadline - ww_clock_ms()) > 0;) {
        if (poll(&want, 1, (int)left) <= 0)
            continue;
        ssize_t n = recv(fd, packet, sizeof packet, MSG_DONTWAIT);
        if (n >= 0 && read_answer(q, ww_slice(packet, (size_t)n), out))
            return true;
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            out->why = strerror(errno);
            return false;
        }
    }
    out->why = ww_err_message(WW_E_DNS_TIMEOUT);
    return false;
}

void ww_ask_ad(const struct sockaddr *to, socklen_t length, const char *name, uint16_t type,
               unsigned patience_ms, struct ww_ask_ad_reply *out)
{
    char octets[WW_DNS_QUESTION_SIZE];
    struct ww_buf b = ww_buf(octets, sizeof octets);
    struct ww_dns_question q = {
        .name = name, .type = type, .flags = WW_DNS_FLAG_RD | WW_DNS_FLAG_AD, .edns = WW_DNS_FLAG_DO};
    *out = (struct ww_ask_ad_reply){.why = ww_err_message(WW_E_DNS_TIMEOUT)};
    bool random = getrandom(&q.id, sizeof q.id, 0) == (ssize_t)sizeof q.id;
    enum ww_err err = ww_dns_question_write(&q, &b);
    if (err != WW_OK) {
        out->why = ww_err_message(err);
        return;
    }
    int fd = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || !random || connect(fd, to, length) != 0) {
        out->why = strerror(errno);
    } else {
        bool heard = false;
        for (unsigned i = 0; i < TRIES && !heard; i++) {
            int64_t deadline = ww_clock_ms() + patience_ms;
            if (send(fd, b.p, b.n, MSG_NOSIGNAL) < 0)
                out->why = strerror(errno);
            else
                heard = wait_answer(fd, deadline, &q, out);
        }
    }
    if (fd >= 0)
        (void)close(fd);
}

#include "cli/ask_ad.h"

#include "base/buf.h"
#include "core/dns_answer.h"
#include "daemon/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define TRIES 2

#define FLAGS_OF_QUESTION 0x0120u /* RD, AD */
#define FLAG_AD 0x20u             /* in the second octet of the flags */
#define FLAG_DO 0x8000u
#define TYPE_OPT 41

/* Fits into one packet everywhere (RFC 9715 section 3.1). */
#define PAYLOAD 1232

/* RFC 1035 section 4.1, and an OPT record (RFC 6891 section 6.1.2) behind the question. */
static void put_question(struct ww_buf *b, uint16_t id, const char *name, uint16_t type)
{
    ww_buf_u16(b, id);
    ww_buf_u16(b, FLAGS_OF_QUESTION);
    ww_buf_u16(b, 1);
    ww_buf_u32(b, 0);
    ww_buf_u16(b, 1);
    while (*name != '\0' && *name != '.') {
        size_t n = strcspn(name, ".");
        ww_buf_u8(b, (uint8_t)n);
        ww_buf_bytes(b, name, n);
        name += n + (name[n] == '.');
    }
    ww_buf_u8(b, 0);
    ww_buf_u16(b, type);
    ww_buf_u16(b, WW_DNS_CLASS_IN);
    ww_buf_u8(b, 0);
    ww_buf_u16(b, TYPE_OPT);
    ww_buf_u16(b, PAYLOAD);
    ww_buf_u16(b, 0);
    ww_buf_u16(b, FLAG_DO);
    ww_buf_u16(b, 0);
}

/* False: it is no answer to this question, and the right one may come yet. */
static bool read_answer(const uint8_t *packet, size_t n, uint16_t id, const char *name, uint16_t type,
                        struct ww_ask_ad_reply *out)
{
    struct ww_dns_answer answer;
    if (n < 4 || (packet[0] << 8 | packet[1]) != id)
        return false;
    enum ww_err err = ww_dns_answer_open(&answer, packet, n, name, type);
    if (err == WW_E_DNS_MISMATCH || err == WW_E_DNS_MALFORMED)
        return false;
    out->why = err == WW_OK ? NULL : ww_err_message(err);
    out->rcode = packet[3] & 0xfu;
    out->vouched = (packet[3] & FLAG_AD) != 0;
    return true;
}

/* Whatever else arrives, it ends at the deadline. */
static bool wait_answer(int fd, int64_t deadline, uint16_t id, const char *name, uint16_t type,
                        struct ww_ask_ad_reply *out)
{
    uint8_t packet[4096];
    struct pollfd want = {.fd = fd, .events = POLLIN};
    for (int64_t left; (left = deadline - ww_clock_ms()) > 0;) {
        if (poll(&want, 1, (int)left) <= 0)
            continue;
        ssize_t n = recv(fd, packet, sizeof packet, MSG_DONTWAIT);
        if (n >= 0 && read_answer(packet, (size_t)n, id, name, type, out))
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
    char question[512];
    struct ww_buf b = ww_buf(question, sizeof question);
    uint16_t id = 0;
    *out = (struct ww_ask_ad_reply){.why = ww_err_message(WW_E_DNS_TIMEOUT)};
    bool random = getrandom(&id, sizeof id, 0) == (ssize_t)sizeof id;
    put_question(&b, id, name, type);
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
                heard = wait_answer(fd, deadline, id, name, type, out);
        }
    }
    if (fd >= 0)
        (void)close(fd);
}

#include "core/addr.h"

#include "base/ascii.h"

#include <arpa/inet.h>

static int family(const struct ww_addr *a)
{
    return a->length == 4 ? AF_INET : AF_INET6;
}

enum ww_err ww_addr_parse(struct ww_slice text, struct ww_addr *out)
{
    char copy[WW_ADDR_TEXT_SIZE];
    memset(out, 0, sizeof *out);
    if (text.n == 0 || text.n >= sizeof copy || memchr(text.p, '\0', text.n) != NULL)
        return WW_E_ADDR;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    out->length = memchr(copy, ':', text.n) != NULL ? 16 : 4;
    return inet_pton(family(out), copy, out->octets) == 1 ? WW_OK : WW_E_ADDR;
}

void ww_addr_format(const struct ww_addr *a, char out[WW_ADDR_TEXT_SIZE])
{
    if (inet_ntop(family(a), a->octets, out, WW_ADDR_TEXT_SIZE) == NULL)
        out[0] = '\0';
}

/* Bit i of an address, counted from the left. */
static bool bit(const struct ww_addr *a, unsigned i)
{
    return (a->octets[i / 8] >> (7 - i % 8) & 1) != 0;
}

static bool length_parse(struct ww_slice digits, unsigned max, uint8_t *bits)
{
    unsigned v = 0;
    if (digits.n == 0 || digits.n > 3 || (digits.n > 1 && digits.p[0] == '0'))
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        if (!ww_is_digit(digits.p[i]))
            return false;
        v = v * 10 + (unsigned)(digits.p[i] - '0');
    }
    *bits = (uint8_t)v;
    return v <= max;
}

enum ww_err ww_prefix_parse(struct ww_slice text, struct ww_prefix *out)
{
    const char *slash = text.n > 0 ? memchr(text.p, '/', text.n) : NULL;
    size_t n = slash != NULL ? (size_t)(slash - text.p) : text.n;
    out->bits = 0;
    if (ww_addr_parse(ww_slice(text.p, n), &out->addr) != WW_OK)
        return WW_E_PREFIX;
    unsigned max = out->addr.length * 8U;
    if (slash == NULL)
        out->bits = (uint8_t)max;
    else if (!length_parse(ww_slice(slash + 1, text.n - n - 1), max, &out->bits))
        return WW_E_PREFIX;
    for (unsigned i = out->bits; i < max; i++)
        if (bit(&out->addr, i))
            return WW_E_PREFIX_BITS;
    return WW_OK;
}

static bool begins_with(const uint8_t *octets, const uint8_t *prefix, unsigned bits)
{
    unsigned whole = bits / 8;
    if (memcmp(octets, prefix, whole) != 0)
        return false;
    return bits % 8 == 0 || (octets[whole] ^ prefix[whole]) >> (8 - bits % 8) == 0;
}

bool ww_prefix_contains(const struct ww_prefix *prefix, const struct ww_addr *a)
{
    return prefix->addr.length == a->length && begins_with(a->octets, prefix->addr.octets, prefix->bits);
}

struct special {
    uint8_t prefix[16];
    uint8_t bits;
    const char *what;
};

/*
 * The IANA registries, of which the few assignments that are globally reachable inside a special block stay
 * special: none of them is a place for a policy host.
 */
static const struct special special4[] = {
    {{0}, 8, "this-network"},
    {{10}, 8, "private-use"},
    {{100, 64}, 10, "shared-address-space"},
    {{127}, 8, "loopback"},
    {{169, 254}, 16, "link-local"},
    {{172, 16}, 12, "private-use"},
    {{192, 0, 0}, 24, "protocol-assignments"},
    {{192, 0, 2}, 24, "documentation"},
    {{192, 88, 99}, 24, "6to4-relay"},
    {{192, 168}, 16, "private-use"},
    {{198, 18}, 15, "benchmarking"},
    {{198, 51, 100}, 24, "documentation"},
    {{203, 0, 113}, 24, "documentation"},
    {{224}, 4, "multicast"},
    {{255, 255, 255, 255}, 32, "broadcast"},
    {{240}, 4, "reserved"},
};

static const struct special special6[] = {
    {{0}, 128, "unspecified"},
    {{[15] = 1}, 128, "loopback"},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, "local-translation"},
    {{0x01}, 64, "discard-only"},
    {{0x20, 0x01, 0x00, 0x00}, 32, "teredo"},
    {{0x20, 0x01, 0x00, 0x02}, 48, "benchmarking"},
    {{0x20, 0x01}, 23, "protocol-assignments"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation"},
    {{0x3f, 0xff}, 20, "documentation"},
    {{0x5f, 0x00}, 16, "segment-routing"},
    {{0xfc}, 7, "unique-local"},
    {{0xfe, 0x80}, 10, "link-local"},
    {{0xfe, 0xc0}, 10, "site-local"},
    {{0xff}, 8, "multicast"},
};

/* Where IPv6 addresses carry an IPv4 address, and at which octet. */
static const struct {
    uint8_t prefix[12];
    uint8_t bits;
    uint8_t at;
} inner[] = {
    {{[10] = 0xff, [11] = 0xff}, 96, 12},
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12},
    {{0x20, 0x02}, 16, 2},
};

/* All that is handed out as global unicast so far (RFC 4291 section 2.4 and its IANA registry). */
static const uint8_t global6[] = {0x20};
#define GLOBAL6_BITS 3

static const char *search(const struct special *table, size_t n, const uint8_t *octets)
{
    for (size_t i = 0; i < n; i++)
        if (begins_with(octets, table[i].prefix, table[i].bits))
            return table[i].what;
    return NULL;
}

#define SEARCH(table, octets) search(table, sizeof(table) / sizeof(table)[0], octets)

const char *ww_addr_special(const struct ww_addr *a)
{
    if (a->length == 4)
        return SEARCH(special4, a->octets);
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++)
        if (begins_with(a->octets, inner[i].prefix, inner[i].bits))
            return SEARCH(special4, a->octets + inner[i].at);
    const char *what = SEARCH(special6, a->octets);
    if (what == NULL && !begins_with(a->octets, global6, GLOBAL6_BITS))
        what = "reserved";
    return what;
}

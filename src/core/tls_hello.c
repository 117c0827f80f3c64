#include "core/tls_hello.h"

/* Content types of records, and types of handshake messages. */
#define ALERT 21
#define HANDSHAKE 22
#define CLIENT_HELLO 1
#define SERVER_HELLO 2
#define SERVER_HELLO_DONE 14

#define TLS_1_2 0x0303

/* Says that a client knows RFC 5746; some servers talk to no other. */
#define RENEGOTIATION_SCSV 0x00ff

struct suite {
    uint16_t value;
    enum ww_tls_offer offer;
    const char *name; /* of the common ones, none is needed */
};

#define WEAK WW_TLS_OFFER_WEAK
#define LASTING WW_TLS_OFFER_SECRECY
#define COMMON WW_TLS_OFFER_COMMON

/* Those without authentication are not here: who authenticates never offers them, and who does not loses
 * nothing by them. */
static const struct suite suites[] = {
    /* what TLS 1.0 and 1.1, and SSL 3, are spoken with */
    {0xc00a, COMMON, NULL},
    {0xc014, COMMON, NULL},
    {0x0039, COMMON, NULL},
    {0x0038, COMMON, NULL},
    {0xc009, COMMON, NULL},
    {0xc013, COMMON, NULL},
    {0x0033, COMMON, NULL},
    {0x0032, COMMON, NULL},
    {0x0088, COMMON, NULL},
    {0x0045, COMMON, NULL},
    {0x0035, COMMON, NULL},
    {0x002f, COMMON, NULL},
    {0x0084, COMMON, NULL},
    {0x0041, COMMON, NULL},
    {0x0096, COMMON, NULL},
    {0x000a, COMMON, NULL},
    {0x0016, COMMON, NULL},
    {0xc012, COMMON, NULL},
    {0xc008, COMMON, NULL},
    {0x0005, COMMON, NULL},
    {0x0004, COMMON, NULL},
    {0xc011, COMMON, NULL},
    {0xc007, COMMON, NULL},
    /* no encryption */
    {0x0001, WEAK, "RSA_WITH_NULL_MD5"},
    {0x0002, WEAK, "RSA_WITH_NULL_SHA"},
    {0x003b, WEAK, "RSA_WITH_NULL_SHA256"},
    {0xc001, WEAK, "ECDH_ECDSA_WITH_NULL_SHA"},
    {0xc006, WEAK, "ECDHE_ECDSA_WITH_NULL_SHA"},
    {0xc00b, WEAK, "ECDH_RSA_WITH_NULL_SHA"},
    {0xc010, WEAK, "ECDHE_RSA_WITH_NULL_SHA"},
    /* export strength */
    {0x0003, WEAK, "RSA_EXPORT_WITH_RC4_40_MD5"},
    {0x0006, WEAK, "RSA_EXPORT_WITH_RC2_CBC_40_MD5"},
    {0x0008, WEAK, "RSA_EXPORT_WITH_DES40_CBC_SHA"},
    {0x000b, WEAK, "DH_DSS_EXPORT_WITH_DES40_CBC_SHA"},
    {0x000e, WEAK, "DH_RSA_EXPORT_WITH_DES40_CBC_SHA"},
    {0x0011, WEAK, "DHE_DSS_EXPORT_WITH_DES40_CBC_SHA"},
    {0x0014, WEAK, "DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"},
    /* RC4 (RFC 7465) */
    {0x0004, WEAK, "RSA_WITH_RC4_128_MD5"},
    {0x0005, WEAK, "RSA_WITH_RC4_128_SHA"},
    {0xc002, WEAK, "ECDH_ECDSA_WITH_RC4_128_SHA"},
    {0xc007, WEAK, "ECDHE_ECDSA_WITH_RC4_128_SHA"},
    {0xc00c, WEAK, "ECDH_RSA_WITH_RC4_128_SHA"},
    {0xc011, WEAK, "ECDHE_RSA_WITH_RC4_128_SHA"},
    /* DES, IDEA, 3DES: blocks of 64 bits */
    {0x0009, WEAK, "RSA_WITH_DES_CBC_SHA"},
    {0x000c, WEAK, "DH_DSS_WITH_DES_CBC_SHA"},
    {0x000f, WEAK, "DH_RSA_WITH_DES_CBC_SHA"},
    {0x0012, WEAK, "DHE_DSS_WITH_DES_CBC_SHA"},
    {0x0015, WEAK, "DHE_RSA_WITH_DES_CBC_SHA"},
    {0x0007, WEAK, "RSA_WITH_IDEA_CBC_SHA"},
    {0x000a, WEAK, "RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x000d, WEAK, "DH_DSS_WITH_3DES_EDE_CBC_SHA"},
    {0x0010, WEAK, "DH_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0013, WEAK, "DHE_DSS_WITH_3DES_EDE_CBC_SHA"},
    {0x0016, WEAK, "DHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc003, WEAK, "ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc008, WEAK, "ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc00d, WEAK, "ECDH_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc012, WEAK, "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    /* the server's lasting key is all that the secret hangs on */
    {0x009d, LASTING, "RSA_WITH_AES_256_GCM_SHA384"},
    {0x009c, LASTING, "RSA_WITH_AES_128_GCM_SHA256"},
    {0x003d, LASTING, "RSA_WITH_AES_256_CBC_SHA256"},
    {0x003c, LASTING, "RSA_WITH_AES_128_CBC_SHA256"},
    {0x0035, LASTING, "RSA_WITH_AES_256_CBC_SHA"},
    {0x002f, LASTING, "RSA_WITH_AES_128_CBC_SHA"},
    {0xc09d, LASTING, "RSA_WITH_AES_256_CCM"},
    {0xc09c, LASTING, "RSA_WITH_AES_128_CCM"},
    {0xc0a1, LASTING, "RSA_WITH_AES_256_CCM_8"},
    {0xc0a0, LASTING, "RSA_WITH_AES_128_CCM_8"},
    {0x0084, LASTING, "RSA_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0041, LASTING, "RSA_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0096, LASTING, "RSA_WITH_SEED_CBC_SHA"},
    {0xc032, LASTING, "ECDH_RSA_WITH_AES_256_GCM_SHA384"},
    {0xc031, LASTING, "ECDH_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc02e, LASTING, "ECDH_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc02d, LASTING, "ECDH_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc00f, LASTING, "ECDH_RSA_WITH_AES_256_CBC_SHA"},
    {0xc00e, LASTING, "ECDH_RSA_WITH_AES_128_CBC_SHA"},
    {0xc005, LASTING, "ECDH_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xc004, LASTING, "ECDH_ECDSA_WITH_AES_128_CBC_SHA"},
};

#define COUNT (sizeof suites / sizeof *suites)

const char *ww_tls_suite_name(uint16_t suite)
{
    for (size_t i = 0; i < COUNT; i++)
        if (suites[i].value == suite && suites[i].name != NULL)
            return suites[i].name;
    return NULL;
}

/* A vector whose length goes before it, in two octets: where it stands; to be ended. */
static size_t begin16(struct ww_buf *b)
{
    ww_buf_u16(b, 0);
    return b->n;
}

static void end16(struct ww_buf *b, size_t begun)
{
    size_t n = b->n - begun;
    if (b->failed)
        return;
    b->p[begun - 2] = (char)(n >> 8);
    b->p[begun - 1] = (char)n;
}

static void put_suites(struct ww_buf *b, enum ww_tls_offer offer)
{
    size_t begun = begin16(b);
    for (size_t i = 0; i < COUNT; i++)
        if (suites[i].offer == offer)
            ww_buf_u16(b, suites[i].value);
    ww_buf_u16(b, RENEGOTIATION_SCSV);
    end16(b, begun);
}

/* RFC 6066 section 3. */
static void put_name(struct ww_buf *b, struct ww_slice name)
{
    ww_buf_u16(b, 0);
    size_t extension = begin16(b);
    size_t list = begin16(b);
    ww_buf_u8(b, 0);
    size_t begun = begin16(b);
    ww_buf_slice(b, name);
    end16(b, begun);
    end16(b, list);
    end16(b, extension);
}

static void put_list(struct ww_buf *b, uint16_t type, const uint16_t *values, size_t count)
{
    ww_buf_u16(b, type);
    size_t extension = begin16(b);
    size_t list = begin16(b);
    for (size_t i = 0; i < count; i++)
        ww_buf_u16(b, values[i]);
    end16(b, list);
    end16(b, extension);
}

static void put_extensions(struct ww_buf *b, uint16_t version, struct ww_slice name)
{
    static const uint16_t groups[] = {29, 23, 24, 25}; /* X25519, P-256, P-384, P-521 */
    static const uint16_t signatures[] = {0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401,
                                          0x0501, 0x0601, 0x0203, 0x0201, 0x0202, 0x0402};
    size_t begun = begin16(b);
    if (name.n > 0)
        put_name(b, name);
    put_list(b, 10, groups, sizeof groups / sizeof *groups);
    ww_buf_u16(b, 11); /* point formats: uncompressed */
    ww_buf_u16(b, 2);
    ww_buf_u16(b, 0x0100);
    if (version >= TLS_1_2)
        put_list(b, 13, signatures, sizeof signatures / sizeof *signatures);
    end16(b, begun);
}

void ww_tls_hello_put(struct ww_buf *b, uint16_t version, enum ww_tls_offer offer, struct ww_slice name,
                      const uint8_t random[WW_TLS_RANDOM_SIZE])
{
    ww_buf_u8(b, HANDSHAKE);
    ww_buf_u16(b, version < WW_TLS_1_0 ? version : WW_TLS_1_0);
    size_t record = begin16(b);
    ww_buf_u8(b, CLIENT_HELLO);
    ww_buf_u8(b, 0);
    size_t message = begin16(b);
    ww_buf_u16(b, version);
    ww_buf_bytes(b, random, WW_TLS_RANDOM_SIZE);
    ww_buf_u8(b, 0); /* no session */
    put_suites(b, offer);
    ww_buf_u16(b, 0x0100); /* one way to compress: not at all */
    if (version > WW_SSL_3)
        put_extensions(b, version, name);
    end16(b, message);
    end16(b, record);
}

/* The beginning of a ServerHello: version, random, session id, suite. */
static void take_server_hello(struct ww_tls_answer *a, uint8_t octet)
{
    uint32_t at = a->message_at;
    uint32_t suite_at = 2 + WW_TLS_RANDOM_SIZE + 1 + a->session;
    if (at < 2)
        a->version = (uint16_t)(a->version << 8 | octet);
    else if (at == 2 + WW_TLS_RANDOM_SIZE)
        a->session = octet;
    else if (at == suite_at || at == suite_at + 1)
        a->suite = (uint16_t)(a->suite << 8 | octet);
    a->chosen = at > 2 + WW_TLS_RANDOM_SIZE && at == suite_at + 1;
}

static uint32_t length_of(const struct ww_tls_answer *a)
{
    return (uint32_t)a->message[1] << 16 | (uint32_t)a->message[2] << 8 | a->message[3];
}

static enum ww_tls_heard end_message(struct ww_tls_answer *a)
{
    uint8_t type = a->message[0];
    a->message_n = 0;
    if (!a->chosen) /* it has to come first, and whole */
        return WW_TLS_HEARD_MALFORMED;
    return type == SERVER_HELLO_DONE ? WW_TLS_HEARD_ACCEPTED : WW_TLS_HEARD_MORE;
}

static enum ww_tls_heard take_handshake(struct ww_tls_answer *a, uint8_t octet)
{
    if (a->message_n < sizeof a->message) {
        a->message[a->message_n++] = octet;
        a->message_at = 0;
        bool is_hello = a->message[0] == SERVER_HELLO;
        if (is_hello == a->chosen)
            return WW_TLS_HEARD_MALFORMED;
        return a->message_n == sizeof a->message && length_of(a) == 0 ? end_message(a) : WW_TLS_HEARD_MORE;
    }
    if (a->message[0] == SERVER_HELLO && !a->chosen)
        take_server_hello(a, octet);
    a->message_at++;
    return a->message_at == length_of(a) ? end_message(a) : WW_TLS_HEARD_MORE;
}

/* A warning, such as that a name is not known, ends nothing. */
static enum ww_tls_heard take_alert(struct ww_tls_answer *a, uint8_t octet)
{
    a->warned = !a->warned;
    if (a->warned) {
        a->level = octet;
        return WW_TLS_HEARD_MORE;
    }
    a->alert = octet;
    return a->level == 1 && octet != 0 ? WW_TLS_HEARD_MORE : WW_TLS_HEARD_ALERT;
}

static enum ww_tls_heard take_head(struct ww_tls_answer *a, uint8_t octet)
{
    a->head[a->head_n++] = octet;
    if ((a->head[0] != HANDSHAKE && a->head[0] != ALERT) || (a->head_n > 1 && a->head[1] != 3))
        return WW_TLS_HEARD_MALFORMED;
    if (a->head_n < sizeof a->head)
        return WW_TLS_HEARD_MORE;
    a->record_left = (uint16_t)(a->head[3] << 8 | a->head[4]);
    if (a->record_left == 0 || a->record_left > (1 << 14) + 2048)
        return WW_TLS_HEARD_MALFORMED;
    return WW_TLS_HEARD_MORE;
}

static enum ww_tls_heard take(struct ww_tls_answer *a, uint8_t octet)
{
    if (a->record_left == 0)
        return take_head(a, octet);
    if (--a->record_left == 0)
        a->head_n = 0;
    return a->head[0] == ALERT ? take_alert(a, octet) : take_handshake(a, octet);
}

enum ww_tls_heard ww_tls_answer_take(struct ww_tls_answer *answer, const char *p, size_t n)
{
    for (size_t i = 0; i < n && answer->state == WW_TLS_HEARD_MORE; i++)
        answer->state =
            ++answer->heard <= WW_TLS_FLIGHT_MAX ? take(answer, (uint8_t)p[i]) : WW_TLS_HEARD_MALFORMED;
    return answer->state;
}

const char *ww_tls_alert_name(uint8_t alert)
{
    static const struct {
        uint8_t value;
        const char *name;
    } names[] = {
        {0, "close_notify"},
        {10, "unexpected_message"},
        {20, "bad_record_mac"},
        {22, "record_overflow"},
        {40, "handshake_failure"},
        {42, "bad_certificate"},
        {47, "illegal_parameter"},
        {49, "access_denied"},
        {50, "decode_error"},
        {51, "decrypt_error"},
        {70, "protocol_version"},
        {71, "insufficient_security"},
        {80, "internal_error"},
        {86, "inappropriate_fallback"},
        {90, "user_canceled"},
        {109, "missing_extension"},
        {112, "unrecognized_name"},
        {116, "certificate_required"},
        {120, "no_application_protocol"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].value == alert)
            return names[i].name;
    return "";
}

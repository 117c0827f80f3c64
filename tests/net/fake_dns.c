#include "fake_dns.h"

#include "base/buf.h"
#include "core/addr.h"
#include "core/dns_answer.h"
#include "netns.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEADER_SIZE 12
#define CLASS_IN 1
#define TYPE_CNAME 5
#define TYPE_RRSIG 46
#define TYPE_DNSKEY 48
#define ALGORITHM 13 /* ECDSA P-256 with SHA-256 */
#define POINT_SIZE 64
#define HOUR 3600
#define RCODE_SERVFAIL 2
#define RCODE_REFUSED 5

struct fake_key {
    EVP_PKEY *key;
    char dnskey[4 + POINT_SIZE]; /* RDATA */
    uint16_t tag;
};

struct question {
    struct ww_slice wire; /* name, type and class */
    char name[256];       /* lower case, "" for the root */
    uint16_t type;
};

static void need(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "fake DNS: %s failed\n", what);
    exit(1);
}

struct fake_key *fake_key_new(void)
{
    struct fake_key *k = calloc(1, sizeof *k);
    unsigned char point[1 + POINT_SIZE];
    size_t n = 0;
    need(k != NULL, "memory");
    k->key = EVP_EC_gen("P-256");
    need(k->key != NULL &&
             EVP_PKEY_get_octet_string_param(k->key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &n) == 1 &&
             n == sizeof point,
         "making a key");
    struct ww_buf b = ww_buf(k->dnskey, sizeof k->dnskey);
    ww_buf_u16(&b, 257);
    ww_buf_u8(&b, 3);
    ww_buf_u8(&b, ALGORITHM);
    ww_buf_bytes(&b, point + 1, POINT_SIZE);
    uint32_t tag = 0; /* RFC 4034 appendix B */
    for (size_t i = 0; i < sizeof k->dnskey; i++)
        tag += (uint32_t)(uint8_t)k->dnskey[i] << (i % 2 == 0 ? 8 : 0);
    k->tag = (uint16_t)(tag + (tag >> 16));
    return k;
}

void fake_key_free(struct fake_key *key)
{
    EVP_PKEY_free(key->key);
    free(key);
}

void fake_key_publish(const struct fake_key *key, const char *file)
{
    unsigned char text[(POINT_SIZE + 2) / 3 * 4 + 1];
    FILE *f = fopen(file, "w");
    (void)EVP_EncodeBlock(text, (const unsigned char *)key->dnskey + 4, POINT_SIZE);
    need(f != NULL && fprintf(f, ". IN DNSKEY 257 3 %d %s\n", ALGORITHM, (const char *)text) > 0 &&
             fclose(f) == 0,
         file);
}

static void put_name(struct ww_buf *b, const char *name)
{
    while (*name != '\0') {
        size_t n = strcspn(name, ".");
        ww_buf_u8(b, (uint8_t)n);
        ww_buf_bytes(b, name, n);
        name += n + (name[n] == '.');
    }
    ww_buf_u8(b, 0);
}

static void put_rr(struct ww_buf *b, const char *name, uint16_t type, struct ww_slice rdata)
{
    put_name(b, name);
    ww_buf_u16(b, type);
    ww_buf_u16(b, CLASS_IN);
    ww_buf_u32(b, FAKE_DNS_TTL);
    ww_buf_u16(b, (uint16_t)rdata.n);
    ww_buf_slice(b, rdata);
}

static void put_signature(struct ww_buf *b, const struct fake_key *key, struct ww_slice data)
{
    unsigned char der[128];
    unsigned char raw[POINT_SIZE];
    size_t n = sizeof der;
    const unsigned char *p = der;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    need(ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key->key) == 1 &&
             EVP_DigestSign(ctx, der, &n, (const unsigned char *)data.p, data.n) == 1,
         "signing");
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
    need(sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, POINT_SIZE / 2) > 0 &&
             BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + POINT_SIZE / 2, POINT_SIZE / 2) > 0,
         "a signature");
    ECDSA_SIG_free(sig);
    EVP_MD_CTX_free(ctx);
    ww_buf_bytes(b, raw, sizeof raw);
}

static uint8_t count_labels(const char *name)
{
    uint8_t n = name[0] != '\0';
    for (; *name != '\0'; name++)
        n = (uint8_t)(n + (*name == '.'));
    return n;
}

/* The RRSIG of a set of one record (RFC 4034 section 3.1.8.1). */
static void put_rrsig(struct ww_buf *b, const struct fake_key *key, const char *name, uint16_t type,
                      struct ww_slice rdata, bool bogus)
{
    char rrsig[256];
    char signed_data[1024];
    uint32_t now = (uint32_t)time(NULL);
    struct ww_buf r = ww_buf(rrsig, sizeof rrsig);
    struct ww_buf s = ww_buf(signed_data, sizeof signed_data);
    ww_buf_u16(&r, type);
    ww_buf_u8(&r, ALGORITHM);
    ww_buf_u8(&r, count_labels(name));
    ww_buf_u32(&r, FAKE_DNS_TTL);
    ww_buf_u32(&r, now + HOUR);
    ww_buf_u32(&r, now - HOUR);
    ww_buf_u16(&r, key->tag);
    ww_buf_u8(&r, 0);
    ww_buf_bytes(&s, r.p, r.n);
    put_rr(&s, name, type, bogus ? ww_slice("?", 1) : rdata);
    put_signature(&r, key, ww_slice(s.p, s.n));
    need(!r.failed && !s.failed, "room");
    put_rr(b, name, TYPE_RRSIG, ww_slice(r.p, r.n));
}

/* A record, and its signature if there is a key; returns how many records that makes. */
static unsigned put_signed(struct ww_buf *b, const struct fake_key *key, const char *name, uint16_t type,
                           struct ww_slice rdata, bool bogus)
{
    put_rr(b, name, type, rdata);
    if (key == NULL)
        return 1;
    put_rrsig(b, key, name, type, rdata, bogus);
    return 2;
}

static unsigned put_soa(struct ww_buf *b, const struct fake_key *key)
{
    char rdata[32];
    struct ww_buf r = ww_buf(rdata, sizeof rdata);
    ww_buf_u16(&r, 0);
    for (uint32_t i = 0; i < 5; i++)
        ww_buf_u32(&r, FAKE_DNS_TTL);
    return put_signed(b, key, "", WW_DNS_TYPE_SOA, ww_slice(r.p, r.n), false);
}

static uint16_t type_of(enum fake_kind kind)
{
    static const uint16_t types[] = {
        [FAKE_TXT] = WW_DNS_TYPE_TXT,   [FAKE_BOGUS] = WW_DNS_TYPE_TXT, [FAKE_A] = WW_DNS_TYPE_A,
        [FAKE_AAAA] = WW_DNS_TYPE_AAAA, [FAKE_CNAME] = TYPE_CNAME,      [FAKE_MX] = WW_DNS_TYPE_MX,
    };
    return (size_t)kind < sizeof types / sizeof types[0] ? types[kind] : 0;
}

static unsigned put_row(struct ww_buf *b, const struct fake_key *key, const struct fake_name *row)
{
    char rdata[300];
    struct ww_buf r = ww_buf(rdata, sizeof rdata);
    struct ww_addr a;
    if (row->kind == FAKE_TXT || row->kind == FAKE_BOGUS) {
        ww_buf_u8(&r, (uint8_t)strlen(row->value));
        ww_buf_str(&r, row->value);
    } else if (row->kind == FAKE_CNAME) {
        put_name(&r, row->value);
    } else if (row->kind == FAKE_MX) {
        char *name;
        ww_buf_u16(&r, (uint16_t)strtoul(row->value, &name, 10));
        put_name(&r, name + 1);
    } else {
        need(ww_addr_parse(ww_slice_str(row->value), &a) == WW_OK, row->value);
        ww_buf_bytes(&r, a.octets, a.length);
    }
    return put_signed(b, key, row->name, type_of(row->kind), ww_slice(r.p, r.n), row->kind == FAKE_BOGUS);
}

static bool read_question(struct ww_slice packet, struct question *q)
{
    struct ww_cursor c = ww_cursor(packet.p + HEADER_SIZE, packet.n - HEADER_SIZE);
    struct ww_buf text = ww_buf(q->name, sizeof q->name - 1);
    for (size_t n; (n = ww_cursor_u8(&c)) > 0 && !c.failed;) {
        if (text.n > 0)
            ww_buf_char(&text, '.');
        ww_buf_slice(&text, ww_cursor_take(&c, n));
    }
    q->name[text.n] = '\0';
    q->type = ww_cursor_u16(&c);
    (void)ww_cursor_u16(&c);
    q->wire = ww_slice(packet.p + HEADER_SIZE, (size_t)((const char *)c.p - packet.p) - HEADER_SIZE);
    return !c.failed && !text.failed;
}

struct reply {
    struct ww_buf answers;
    unsigned count;
    unsigned rcode;
    bool silent;
};

static void misbehave(struct reply *r, const struct fake_name *row)
{
    r->silent = row->kind == FAKE_SILENT;
    r->rcode = row->kind == FAKE_SERVFAIL ? RCODE_SERVFAIL : RCODE_REFUSED;
}

static void look_up(struct reply *r, const struct fake_key *key, const struct fake_name *names,
                    const char *name, uint16_t type)
{
    bool exists = false;
    for (const struct fake_name *row = names; row->name != NULL; row++) {
        if (strcmp(row->name, name) != 0)
            continue;
        exists = true;
        if (type_of(row->kind) == 0) {
            if (row->value == NULL || type == WW_DNS_TYPE_AAAA)
                misbehave(r, row);
        } else if (type_of(row->kind) == type || row->kind == FAKE_CNAME) {
            r->count += put_row(&r->answers, key, row);
            if (row->kind == FAKE_CNAME)
                look_up(r, key, names, row->value, type);
        }
    }
    if (!exists)
        r->rcode = WW_DNS_NXDOMAIN;
}

static void answer_root(struct reply *r, const struct fake_key *key, uint16_t type)
{
    if (type == WW_DNS_TYPE_SOA)
        r->count = put_soa(&r->answers, key);
    else if (type == TYPE_DNSKEY && key != NULL)
        r->count =
            put_signed(&r->answers, key, "", TYPE_DNSKEY, ww_slice(key->dnskey, sizeof key->dnskey), false);
}

static size_t respond(char *out, size_t cap, struct ww_slice packet, const struct fake_key *key,
                      const struct fake_name *names)
{
    char answers[4096];
    struct question q;
    struct reply r = {.answers = ww_buf(answers, sizeof answers)};
    struct ww_buf b = ww_buf(out, cap);
    if (packet.n < HEADER_SIZE || !read_question(packet, &q))
        return 0;
    if (q.name[0] == '\0')
        answer_root(&r, key, q.type);
    else
        look_up(&r, key, names, q.name, q.type);
    bool negative = r.count == 0 && (r.rcode == WW_DNS_NOERROR || r.rcode == WW_DNS_NXDOMAIN);
    char soa[512];
    struct ww_buf authority = ww_buf(soa, sizeof soa);
    unsigned authority_count = negative ? put_soa(&authority, key) : 0;
    ww_buf_bytes(&b, packet.p, 2);
    ww_buf_u16(&b, (uint16_t)(0x8180u | r.rcode));
    ww_buf_u16(&b, 1);
    ww_buf_u16(&b, (uint16_t)r.count);
    ww_buf_u16(&b, (uint16_t)authority_count);
    ww_buf_u16(&b, 1);
    ww_buf_slice(&b, q.wire);
    ww_buf_bytes(&b, r.answers.p, r.answers.n);
    ww_buf_bytes(&b, authority.p, authority.n);
    ww_buf_bytes(&b, "\0\0\x29\x04\xd0\0\0\x80\0\0\0", 11); /* EDNS, DO */
    return r.silent || b.failed ? 0 : b.n;
}

pid_t fake_dns(const char *address, const struct fake_key *key, const struct fake_name *names)
{
    int fd = netns_listen(address, 53, SOCK_DGRAM, 0);
    pid_t pid = netns_fork();
    if (pid != 0) {
        (void)close(fd);
        return pid;
    }
    for (;;) {
        char query[2048];
        char reply[8192];
        struct sockaddr_storage from;
        socklen_t size = sizeof from;
        ssize_t n = recvfrom(fd, query, sizeof query, 0, (struct sockaddr *)&from, &size);
        if (n <= 0)
            continue;
        size_t length = respond(reply, sizeof reply, ww_slice(query, (size_t)n), key, names);
        if (length > 0)
            (void)sendto(fd, reply, length, 0, (struct sockaddr *)&from, size);
    }
}

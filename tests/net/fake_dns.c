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
#define TYPE_RRSIG 46
#define TYPE_NSEC 47
#define TYPE_DNSKEY 48
#define ALGORITHM 13 /* ECDSA P-256 with SHA-256 */
#define POINT_SIZE 64
#define HOUR 3600
#define RCODE_SERVFAIL 2
#define RCODE_REFUSED 5
#define DIGEST "0123456789abcdef0123456789abcdef"
#define SET_MAX 40

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

struct set {
    const char *name;
    uint16_t type;
    size_t count;
    struct ww_slice rdata[SET_MAX];
    struct ww_buf room; /* of rdata */
    char octets[4096];
    bool bogus;
};

static bool is_in(const char *name, const char *zone)
{
    size_t n = strlen(name);
    size_t m = strlen(zone);
    return n >= m && strcmp(name + n - m, zone) == 0 && (n == m || name[n - m - 1] == '.');
}

static bool is_unsigned(const char *name)
{
    return is_in(name, "unsigned");
}

static void set_begin(struct set *s, const char *name, uint16_t type)
{
    s->name = name;
    s->type = type;
    s->count = 0;
    s->room = ww_buf(s->octets, sizeof s->octets);
    s->bogus = is_in(name, "forged");
}

static void set_add(struct set *s, struct ww_slice rdata)
{
    char *room = ww_buf_take(&s->room, rdata.n);
    need(s->count < SET_MAX && room != NULL, "room for records");
    memcpy(room, rdata.p, rdata.n);
    s->rdata[s->count++] = ww_slice(room, rdata.n);
}

static int compare_rdata(const void *a, const void *b)
{
    const struct ww_slice *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int order = memcmp(x->p, y->p, n);
    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* The RRSIG of a set (RFC 4034 section 3.1.8.1). */
static void put_rrsig(struct ww_buf *b, const struct fake_key *key, struct set *set)
{
    const char *name = set->name;
    char rrsig[256];
    char signed_data[8192];
    uint32_t now = (uint32_t)time(NULL);
    struct ww_buf r = ww_buf(rrsig, sizeof rrsig);
    struct ww_buf s = ww_buf(signed_data, sizeof signed_data);
    ww_buf_u16(&r, set->type);
    ww_buf_u8(&r, ALGORITHM);
    ww_buf_u8(&r, count_labels(name));
    ww_buf_u32(&r, FAKE_DNS_TTL);
    ww_buf_u32(&r, now + HOUR);
    ww_buf_u32(&r, now - HOUR);
    ww_buf_u16(&r, key->tag);
    ww_buf_u8(&r, 0);
    ww_buf_bytes(&s, r.p, r.n);
    qsort(set->rdata, set->count, sizeof *set->rdata, compare_rdata);
    for (size_t i = 0; i < set->count; i++)
        put_rr(&s, name, set->type, set->bogus ? ww_slice("?", 1) : set->rdata[i]);
    put_signature(&r, key, ww_slice(s.p, s.n));
    need(!r.failed && !s.failed, "room");
    put_rr(b, name, TYPE_RRSIG, ww_slice(r.p, r.n));
}

/* The records, and their signature if there is a key; returns how many records that makes. */
static unsigned put_set(struct ww_buf *b, const struct fake_key *key, struct set *set)
{
    for (size_t i = 0; i < set->count; i++)
        put_rr(b, set->name, set->type, set->rdata[i]);
    bool parents = set->type == TYPE_NSEC; /* at the cut, NSEC is of the zone above */
    if (key == NULL || set->count == 0 || (is_unsigned(set->name) && !parents))
        return (unsigned)set->count;
    put_rrsig(b, key, set);
    return (unsigned)set->count + 1;
}

static unsigned put_one(struct ww_buf *b, const struct fake_key *key, const char *name, uint16_t type,
                        struct ww_slice rdata)
{
    static struct set set;
    set_begin(&set, name, type);
    set_add(&set, rdata);
    return put_set(b, key, &set);
}

static unsigned put_soa(struct ww_buf *b, const struct fake_key *key)
{
    char rdata[32];
    struct ww_buf r = ww_buf(rdata, sizeof rdata);
    ww_buf_u16(&r, 0);
    for (uint32_t i = 0; i < 5; i++)
        ww_buf_u32(&r, FAKE_DNS_TTL);
    return put_one(b, key, "", WW_DNS_TYPE_SOA, ww_slice(r.p, r.n));
}

static uint16_t type_of(enum fake_kind kind)
{
    static const uint16_t types[] = {
        [FAKE_TXT] = WW_DNS_TYPE_TXT,   [FAKE_BOGUS] = WW_DNS_TYPE_TXT,   [FAKE_A] = WW_DNS_TYPE_A,
        [FAKE_AAAA] = WW_DNS_TYPE_AAAA, [FAKE_CNAME] = WW_DNS_TYPE_CNAME, [FAKE_MX] = WW_DNS_TYPE_MX,
        [FAKE_TLSA] = WW_DNS_TYPE_TLSA,
    };
    return (size_t)kind < sizeof types / sizeof types[0] ? types[kind] : 0;
}

static void add_row(struct set *set, const struct fake_name *row)
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
    } else if (row->kind == FAKE_TLSA) {
        for (size_t i = 0; i < 5; i += 2)
            ww_buf_u8(&r, (uint8_t)(row->value[i] - '0'));
        ww_buf_str(&r, DIGEST);
    } else {
        need(ww_addr_parse(ww_slice_str(row->value), &a) == WW_OK, row->value);
        ww_buf_bytes(&r, a.octets, a.length);
    }
    set->bogus = set->bogus || row->kind == FAKE_BOGUS;
    set_add(set, ww_slice(r.p, r.n));
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
    const char *missing; /* name that has no such record; NULL: all is there */
};

static void misbehave(struct reply *r, const struct fake_name *row)
{
    r->silent = row->kind == FAKE_SILENT;
    r->rcode = row->kind == FAKE_SERVFAIL ? RCODE_SERVFAIL : RCODE_REFUSED;
}

static void look_up(struct reply *r, const struct fake_key *key, const struct fake_name *names,
                    const char *name, uint16_t type)
{
    bool exists = strcmp(name, "unsigned") == 0;
    const char *target = NULL;
    struct set set;
    set_begin(&set, name, type);
    for (const struct fake_name *row = names; row->name != NULL; row++) {
        if (strcmp(row->name, name) != 0)
            continue;
        exists = true;
        if (type_of(row->kind) == 0) {
            if (row->value == NULL || type == WW_DNS_TYPE_AAAA)
                misbehave(r, row);
        } else if (type_of(row->kind) == type || row->kind == FAKE_CNAME) {
            set.type = type_of(row->kind);
            add_row(&set, row);
            target = set.type != type ? row->value : NULL;
        }
    }
    r->count += put_set(&r->answers, key, &set);
    if (target != NULL)
        look_up(r, key, names, target, type);
    else if (!exists)
        r->rcode = WW_DNS_NXDOMAIN;
    r->missing = target != NULL ? r->missing : set.count == 0 ? name : NULL;
}

/* One that denies all between two names, and at the first one all types that it has not (RFC 4034 section 4).
 */
static unsigned put_nsec(struct ww_buf *b, const struct fake_key *key, const struct fake_name *names,
                         const char *from, const char *to)
{
    char rdata[600];
    uint8_t types[32] = {strcmp(from, "unsigned") == 0 ? 0x20 : 0, [5] = 3}; /* NS at the cut; RRSIG, NSEC */
    struct ww_buf r = ww_buf(rdata, sizeof rdata);
    if (to == NULL) /* the very next name */
        ww_buf_bytes(&r, "\1", 2);
    put_name(&r, to != NULL ? to : from);
    for (const struct fake_name *row = names; row->name != NULL; row++)
        if (strcmp(row->name, from) == 0)
            types[type_of(row->kind) / 8] |= (uint8_t)(0x80 >> type_of(row->kind) % 8);
    ww_buf_u8(&r, 0);
    ww_buf_u8(&r, sizeof types);
    ww_buf_bytes(&r, types, sizeof types);
    need(!r.failed, "room for NSEC");
    return put_one(b, key, from, TYPE_NSEC, ww_slice(r.p, r.n));
}

/* Where a name and the wildcard above it would stand, there is none. */
static unsigned put_gaps(struct ww_buf *b, const struct fake_key *key, const struct fake_name *names,
                         const char *name)
{
    char from[300], to[300], wild_from[300], wild_to[300];
    size_t n = strcspn(name, ".");
    (void)snprintf(from, sizeof from, "%.*s%c~%s", (int)n - 1, name, name[n - 1] - 1, name + n);
    (void)snprintf(to, sizeof to, "%.*s!%s", (int)n, name, name + n);
    (void)snprintf(wild_from, sizeof wild_from, ")~%s", name + n);
    (void)snprintf(wild_to, sizeof wild_to, "*!%s", name + n);
    return put_nsec(b, key, names, from, to) + put_nsec(b, key, names, wild_from, wild_to);
}

static unsigned put_denial(struct ww_buf *b, const struct fake_key *key, const struct fake_name *names,
                           const struct reply *r)
{
    unsigned count = put_soa(b, key);
    bool cut = strcmp(r->missing, "unsigned") == 0;
    if (key == NULL || (is_unsigned(r->missing) && !cut))
        return count;
    if (r->rcode == WW_DNS_NXDOMAIN)
        return count + put_gaps(b, key, names, r->missing);
    return count + put_nsec(b, key, names, r->missing, NULL);
}

static void answer_root(struct reply *r, const struct fake_key *key, uint16_t type)
{
    if (type == WW_DNS_TYPE_SOA)
        r->count = put_soa(&r->answers, key);
    else if (type == TYPE_DNSKEY && key != NULL)
        r->count = put_one(&r->answers, key, "", TYPE_DNSKEY, ww_slice(key->dnskey, sizeof key->dnskey));
    else
        r->missing = "";
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
    bool negative = r.missing != NULL && (r.rcode == WW_DNS_NOERROR || r.rcode == WW_DNS_NXDOMAIN);
    char denial[2048];
    struct ww_buf authority = ww_buf(denial, sizeof denial);
    unsigned authority_count = negative ? put_denial(&authority, key, names, &r) : 0;
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

#include "publish/dns_update.h"

#include "core/publication.h"
#include "core/words.h"
#include "net/clock.h"
#include "publish/dns_tcp.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>

/* Seconds that the clocks may differ by (RFC 8945 section 10). */
#define FUDGE 300

#define TSIG_FIELDS 7
#define TSIG_MAC 3
#define TSIG_ERROR 5

struct talk {
    const struct ww_addr *server;
    const struct ww_tsig_key *key; /* or NULL */
    int64_t until;                 /* ww_clock_us */
    char zone[WW_DNAME_SIZE];      /* "" until it is found */
    char *detail;
    uint8_t wire[WW_DNS_TCP_MAX]; /* of the answer */
    size_t n;
};

static bool fail(const struct talk *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(const struct talk *t, const char *format, ...)
{
    char text[2 * WW_DNS_UPDATE_DETAIL_SIZE];
    struct ww_buf b = ww_buf(t->detail, WW_DNS_UPDATE_DETAIL_SIZE - 1);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ww_words_put_cut(&b, ww_slice_str(text));
    t->detail[b.n] = '\0';
    return false;
}

static bool fail_memory(const struct talk *t)
{
    return fail(t, "out of memory");
}

static ldns_rdf *rdf_of(const char *name)
{
    char dotted[WW_DNAME_SIZE + 1];
    (void)snprintf(dotted, sizeof dotted, "%s.", name);
    return ldns_dname_new_frm_str(dotted);
}

static unsigned tsig_error(const ldns_rr *tsig)
{
    const ldns_rdf *error = ldns_rr_rd_count(tsig) == TSIG_FIELDS ? ldns_rr_rdf(tsig, TSIG_ERROR) : NULL;
    return error != NULL && ldns_rdf_size(error) == 2 ? ldns_rdf2native_int16(error) : 0;
}

static const char *signer(const struct talk *t)
{
    return t->key != NULL ? t->key->name : "none";
}

/* What the server has against the signature (RFC 8945 section 5.2). */
static bool fail_by_tsig(const struct talk *t, unsigned error)
{
    switch (error) {
    case 16:
        return fail(t, "BADSIG: it has another secret for the key %s", signer(t));
    case 17: /* Knot DNS says so of one that may not update, too */
        return fail(t,
                    "BADKEY: it does not know the key %s with %s, or does not let it update the zone (BIND: "
                    "update-policy, "
                    "Knot DNS: an acl with action update)",
                    signer(t), t->key->algorithm);
    case 18:
        return fail(t, "BADTIME: its clock and that of this machine are more than 5 minutes apart");
    case 22:
        return fail(t, "BADTRUNC: it wants longer signatures");
    default:
        return fail(t, "it does not take the signature, by the error code %u", error);
    }
}

/* What the server says with an RCODE, and what to do about it (RFC 2136 section 2.2). */
static bool fail_by(const struct talk *t, unsigned rcode)
{
    const char *zone = t->zone[0] != '\0' ? t->zone : "the zone";
    switch (rcode) {
    case LDNS_RCODE_REFUSED:
        if (t->zone[0] == '\0')
            return fail(t, "REFUSED: it has no zone of that name, or does not answer this machine");
        if (t->key == NULL)
            return fail(t, "REFUSED: it takes no unsigned updates of %s; set publish.dns_key", zone);
        return fail(t,
                    "REFUSED: it does not let the key %s update %s; allow that there (BIND: update-policy, "
                    "Knot DNS: an acl with action update)",
                    signer(t), zone);
    case LDNS_RCODE_NOTAUTH: /* Knot DNS says so of who may not update, too */
        if (t->key == NULL)
            return fail(t,
                        "NOTAUTH: it takes no unsigned updates of %s (set publish.dns_key), or is not its "
                        "primary server",
                        zone);
        return fail(t, "NOTAUTH: it is not the primary server of %s; set publish.dns_server to that", zone);
    case LDNS_RCODE_NOTZONE:
        return fail(t, "NOTZONE: it does not count the name to %s", zone);
    case LDNS_RCODE_SERVFAIL:
        return fail(t, "SERVFAIL: it has trouble with %s; its log says which", zone);
    case LDNS_RCODE_NOTIMPL:
        return fail(t, "NOTIMP: it takes no updates (RFC 2136)");
    case LDNS_RCODE_FORMERR:
        return fail(t, "FORMERR: it does not understand the message");
    default:
        return fail(t, "it answers with the error code %u", rcode);
    }
}

/* An answer that is not signed may say that it was not let in, but nothing else. */
static bool verify(const struct talk *t, const ldns_pkt *query, ldns_pkt *answer)
{
    ldns_rr *tsig = ldns_pkt_tsig(answer);
    if (t->key == NULL)
        return true;
    if (tsig == NULL || ldns_rr_get_type(tsig) != LDNS_RR_TYPE_TSIG ||
        ldns_rr_rd_count(tsig) != TSIG_FIELDS) {
        unsigned rcode = (unsigned)ldns_pkt_get_rcode(answer);
        return rcode != LDNS_RCODE_NOERROR ? fail_by(t, rcode) : fail(t, "its answer is not signed");
    }
    unsigned error = tsig_error(tsig);
    if (error != 0)
        return fail_by_tsig(t, error);
    if (!ldns_pkt_tsig_verify(answer, t->wire, t->n, t->key->name, t->key->secret,
                              ldns_rr_rdf(ldns_pkt_tsig(query), TSIG_MAC)))
        return fail(t, "the signature of its answer is not right");
    return true;
}

static bool sign(const struct talk *t, ldns_pkt *query)
{
    char algorithm[sizeof t->key->algorithm + 1];
    if (t->key == NULL)
        return true;
    (void)snprintf(algorithm, sizeof algorithm, "%s.", t->key->algorithm);
    ldns_status status = ldns_pkt_tsig_sign(query, t->key->name, t->key->secret, FUDGE, algorithm, NULL);
    return status == LDNS_STATUS_OK ||
           fail(t, "cannot sign with the key %s: %s", signer(t), ldns_get_errorstr_by_id(status));
}

/* NULL: it has been said why. The caller frees the answer; the query is taken over. */
static ldns_pkt *ask(struct talk *t, ldns_pkt *query)
{
    uint8_t *wire = NULL;
    size_t n = 0;
    ldns_pkt *answer = NULL;
    if (query == NULL) {
        (void)fail_memory(t);
        return NULL;
    }
    ldns_pkt_set_random_id(query);
    if (!sign(t, query))
        goto out;
    if (ldns_pkt2wire(&wire, query, &n) != LDNS_STATUS_OK || n > UINT16_MAX) {
        (void)fail(t, "the message is too long");
        goto out;
    }
    const char *wrong = ww_dns_tcp(t->server, ww_slice((const char *)wire, n), t->until, t->wire, &t->n);
    if (wrong != NULL) {
        (void)fail(t, "%s", wrong);
        goto out;
    }
    if (ldns_wire2pkt(&answer, t->wire, t->n) != LDNS_STATUS_OK) {
        answer = NULL;
        (void)fail(t, "it answers with what is no DNS message");
    } else if (ldns_pkt_id(answer) != ldns_pkt_id(query) || !ldns_pkt_qr(answer) ||
               ldns_pkt_get_opcode(answer) != ldns_pkt_get_opcode(query)) {
        (void)fail(t, "it answers something else than was asked");
        ldns_pkt_free(answer);
        answer = NULL;
    } else if (!verify(t, query, answer)) {
        ldns_pkt_free(answer);
        answer = NULL;
    }
out:
    free(wire);
    ldns_pkt_free(query);
    return answer;
}

/* ---- Which zone ---- */

enum found { FOUND_ZONE, FOUND_ALIAS, FOUND_NONE, FOUND_FAILED };

static const ldns_rr *first_of(const ldns_rr_list *list, ldns_rr_type type)
{
    for (size_t i = 0; list != NULL && i < ldns_rr_list_rr_count(list); i++)
        if (ldns_rr_get_type(ldns_rr_list_rr(list, i)) == type)
            return ldns_rr_list_rr(list, i);
    return NULL;
}

static bool take_zone(struct talk *t, const ldns_rr *soa, const ldns_rdf *name)
{
    const ldns_rdf *owner = ldns_rr_owner(soa);
    if (ldns_dname_compare(owner, name) != 0 && !ldns_dname_is_subdomain(name, owner))
        return false;
    char *text = ldns_rdf2str(owner);
    size_t n = text != NULL ? strlen(text) : 0;
    if (n > 1 && n <= sizeof t->zone) {
        memcpy(t->zone, text, n - 1); /* without the root dot */
        t->zone[n - 1] = '\0';
    }
    free(text);
    return t->zone[0] != '\0';
}

static enum found judge(struct talk *t, const ldns_pkt *answer, const ldns_rdf *name)
{
    unsigned rcode = (unsigned)ldns_pkt_get_rcode(answer);
    const ldns_rr *soa = first_of(ldns_pkt_answer(answer), LDNS_RR_TYPE_SOA);
    if (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN) {
        (void)fail_by(t, rcode);
        return FOUND_FAILED;
    }
    if (first_of(ldns_pkt_answer(answer), LDNS_RR_TYPE_CNAME) != NULL)
        return FOUND_ALIAS;
    if (soa == NULL)
        soa = first_of(ldns_pkt_authority(answer), LDNS_RR_TYPE_SOA);
    if (!ldns_pkt_aa(answer) && first_of(ldns_pkt_authority(answer), LDNS_RR_TYPE_NS) != NULL) {
        (void)fail(t, "it says that other servers have the zone; set publish.dns_server to its primary");
        return FOUND_FAILED;
    }
    if (!ldns_pkt_aa(answer)) {
        (void)fail(t, "it is no server of the zone, but asks others for it; set publish.dns_server to its "
                      "primary");
        return FOUND_FAILED;
    }
    return soa != NULL && take_zone(t, soa, name) ? FOUND_ZONE : FOUND_NONE;
}

static enum found look_at(struct talk *t, const char *name)
{
    ldns_rdf *asked = rdf_of(name), *kept = rdf_of(name);
    enum found found = FOUND_FAILED;
    if (asked == NULL || kept == NULL) {
        (void)fail(t, "the name is none");
        ldns_rdf_deep_free(asked);
        ldns_rdf_deep_free(kept);
        return found;
    }
    /* A resolver that is asked to recurse shows that it is one. */
    ldns_pkt *query = ldns_pkt_query_new(asked, LDNS_RR_TYPE_SOA, LDNS_RR_CLASS_IN, LDNS_RD);
    if (query == NULL)
        ldns_rdf_deep_free(asked);
    ldns_pkt *answer = ask(t, query);
    if (answer != NULL)
        found = judge(t, answer, kept);
    ldns_pkt_free(answer);
    ldns_rdf_deep_free(kept);
    return found;
}

static bool find_zone(struct talk *t, const struct ww_dns_change *change)
{
    const char *name = change->name;
    while (name != NULL) {
        enum found found = look_at(t, name);
        if (found == FOUND_ZONE || found == FOUND_FAILED)
            return found == FOUND_ZONE;
        if (found == FOUND_ALIAS && name == change->name && change->count > 0 &&
            strcmp(change->type, "CNAME") != 0)
            return fail(t, "at %s there is an alias (CNAME), beside which no other record can be; remove it",
                        name);
        name = strchr(name, '.');
        name = name != NULL ? name + 1 : NULL;
    }
    return fail(t, "it has no zone that %s is in", change->name);
}

/* ---- The update ---- */

static ldns_rr *deletion(const struct ww_dns_change *change)
{
    ldns_rdf *owner = rdf_of(change->name);
    ldns_rr *rr = owner != NULL ? ldns_rr_new() : NULL;
    if (rr == NULL) {
        ldns_rdf_deep_free(owner);
        return NULL;
    }
    ldns_rr_set_owner(rr, owner);
    ldns_rr_set_type(rr, ldns_get_rr_type_by_name(change->type));
    ldns_rr_set_class(rr, LDNS_RR_CLASS_ANY);
    ldns_rr_set_ttl(rr, 0);
    return rr;
}

static ldns_rr *addition(const struct ww_dns_change *change, const char *value)
{
    char line[4096];
    ldns_rr *rr = NULL;
    struct ww_buf b = ww_buf(line, sizeof line - 1);
    ww_buf_str(&b, change->name);
    ww_buf_str(&b, ". ");
    ww_buf_decimal(&b, change->ttl);
    ww_buf_str(&b, " IN ");
    ww_buf_str(&b, change->type);
    ww_buf_char(&b, ' ');
    if (strcmp(change->type, "TXT") == 0)
        ww_publication_put_strings(&b, ww_slice_str(value));
    else
        ww_buf_str(&b, value);
    line[b.n] = '\0';
    if (b.failed || ldns_rr_new_frm_str(&rr, line, change->ttl, NULL, NULL) != LDNS_STATUS_OK)
        return NULL;
    return rr;
}

static bool push(ldns_rr_list *list, ldns_rr *rr)
{
    if (rr != NULL && ldns_rr_list_push_rr(list, rr))
        return true;
    ldns_rr_free(rr);
    return false;
}

static ldns_pkt *make_update(const struct talk *t, const struct ww_dns_change *change)
{
    ldns_rr_list *updates = ldns_rr_list_new();
    ldns_rdf *zone = rdf_of(t->zone);
    bool good = updates != NULL && zone != NULL && push(updates, deletion(change));
    for (size_t i = 0; good && i < change->count; i++) {
        good = push(updates, addition(change, change->values[i]));
        if (!good)
            (void)fail(t, "%s is no value for %s", change->values[i], change->type);
    }
    ldns_pkt *packet = good ? ldns_update_pkt_new(zone, LDNS_RR_CLASS_IN, NULL, updates, NULL) : NULL;
    if (packet == NULL)
        ldns_rdf_deep_free(zone);
    ldns_rr_list_deep_free(updates);
    return packet;
}

static bool update(struct talk *t, const struct ww_dns_change *change)
{
    (void)fail_memory(t);
    ldns_pkt *query = make_update(t, change);
    ldns_pkt *answer = query != NULL ? ask(t, query) : NULL;
    if (answer == NULL)
        return false;
    unsigned rcode = (unsigned)ldns_pkt_get_rcode(answer);
    ldns_pkt_free(answer);
    return rcode == LDNS_RCODE_NOERROR || fail_by(t, rcode);
}

bool ww_dns_update(const struct ww_addr *server, const struct ww_tsig_key *key,
                   const struct ww_dns_change *change, unsigned timeout_ms,
                   char detail[WW_DNS_UPDATE_DETAIL_SIZE])
{
    struct talk *t = calloc(1, sizeof *t);
    detail[0] = '\0';
    if (t == NULL) {
        (void)snprintf(detail, WW_DNS_UPDATE_DETAIL_SIZE, "out of memory");
        return false;
    }
    t->server = server;
    t->key = key;
    t->until = ww_clock_us() + (int64_t)timeout_ms * 1000;
    t->detail = detail;
    bool done = find_zone(t, change) && update(t, change);
    if (done)
        detail[0] = '\0';
    free(t);
    return done;
}

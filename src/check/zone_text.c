#include "check/zone_text.h"

#include "core/dname.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of records that give none. */
#define DEFAULT_TTL 3600

#define ALIASES_MAX 16

struct ww_zone_text {
    ldns_zone *zone;
};

static ldns_rdf *name_of(const char *text)
{
    char dotted[WW_DNAME_SIZE + 32];
    int n = snprintf(dotted, sizeof dotted, "%s.", text);
    return n > 0 && (size_t)n < sizeof dotted ? ldns_dname_new_frm_str(dotted) : NULL;
}

static ldns_status read_zone(struct ww_zone_text *zone, struct ww_slice text, const char *origin,
                             unsigned *line)
{
    int at = 0;
    ldns_rdf *name = name_of(origin);
    char *copy = malloc(text.n); /* fmemopen wants one that could be written to */
    if (copy != NULL)
        memcpy(copy, text.p, text.n);
    FILE *from = copy != NULL ? fmemopen(copy, text.n, "r") : NULL;
    ldns_status status = LDNS_STATUS_MEM_ERR;
    if (name != NULL && from != NULL)
        status = ldns_zone_new_frm_fp_l(&zone->zone, from, name, DEFAULT_TTL, LDNS_RR_CLASS_IN, &at);
    *line = at > 0 ? (unsigned)at : 0;
    if (from != NULL)
        (void)fclose(from);
    free(copy);
    ldns_rdf_deep_free(name);
    return status;
}

struct ww_zone_text *ww_zone_text_new(struct ww_slice text, const char *origin, unsigned *line, char *why,
                                      size_t size)
{
    struct ww_zone_text *zone = calloc(1, sizeof *zone);
    *line = 0;
    (void)snprintf(why, size, "%s", text.n > 0 ? "out of memory" : "it is empty");
    if (zone == NULL || text.n == 0) {
        free(zone);
        return NULL;
    }
    ldns_status status = read_zone(zone, text, origin, line);
    if (status == LDNS_STATUS_OK)
        return zone;
    (void)snprintf(why, size, "%s", ldns_get_errorstr_by_id(status));
    free(zone);
    return NULL;
}

void ww_zone_text_free(struct ww_zone_text *zone)
{
    if (zone == NULL)
        return;
    ldns_zone_deep_free(zone->zone);
    free(zone);
}

bool ww_zone_text_has(const struct ww_zone_text *zone, const char *name)
{
    const ldns_rr_list *all = ldns_zone_rrs(zone->zone);
    ldns_rdf *wanted = name_of(name);
    const ldns_rr *soa = ldns_zone_soa(zone->zone);
    bool has = wanted != NULL && soa != NULL && ldns_dname_compare(ldns_rr_owner(soa), wanted) == 0;
    for (size_t i = 0; wanted != NULL && !has && i < ldns_rr_list_rr_count(all); i++) {
        const ldns_rdf *owner = ldns_rr_owner(ldns_rr_list_rr(all, i));
        has = ldns_dname_compare(owner, wanted) == 0 || ldns_dname_is_subdomain(owner, wanted);
    }
    ldns_rdf_deep_free(wanted);
    return has;
}

/* Puts the records of a name and a type into the answer. False: there is none. */
static bool put_records(const struct ww_zone_text *zone, ldns_pkt *packet, const ldns_rdf *name,
                        ldns_rr_type type, ldns_rdf **target)
{
    const ldns_rr_list *all = ldns_zone_rrs(zone->zone);
    bool put = false;
    for (size_t i = 0; i < ldns_rr_list_rr_count(all); i++) {
        const ldns_rr *rr = ldns_rr_list_rr(all, i);
        if (ldns_rr_get_type(rr) != type || ldns_dname_compare(ldns_rr_owner(rr), name) != 0)
            continue;
        put = ldns_pkt_push_rr(packet, LDNS_SECTION_ANSWER, ldns_rr_clone(rr)) || put;
        *target = ldns_rr_rdf(rr, 0);
    }
    return put;
}

static void answer(const struct ww_zone_text *zone, ldns_pkt *packet, const char *text, ldns_rr_type type)
{
    ldns_rdf *asked = name_of(text), *target = NULL;
    const ldns_rdf *name = asked;
    for (int i = 0; name != NULL && i < ALIASES_MAX; i++) {
        if (put_records(zone, packet, name, type, &target) ||
            !put_records(zone, packet, name, LDNS_RR_TYPE_CNAME, &target))
            break;
        name = target;
    }
    bool has = name != NULL && (name != asked || ww_zone_text_has(zone, text));
    ldns_pkt_set_rcode(packet, has ? LDNS_RCODE_NOERROR : LDNS_RCODE_NXDOMAIN);
    ldns_rdf_deep_free(asked);
}

char *ww_zone_text_answer(const struct ww_zone_text *zone, const char *name, uint16_t type, size_t *n)
{
    ldns_rdf *asked = name_of(name);
    uint8_t *wire = NULL;
    ldns_pkt *packet =
        asked != NULL ? ldns_pkt_query_new(asked, (ldns_rr_type)type, LDNS_RR_CLASS_IN, LDNS_QR) : NULL;
    if (packet == NULL) {
        ldns_rdf_deep_free(asked);
        return NULL;
    }
    answer(zone, packet, name, (ldns_rr_type)type);
    if (ldns_pkt2wire(&wire, packet, n) != LDNS_STATUS_OK || *n > UINT16_MAX) {
        free(wire);
        wire = NULL;
    }
    ldns_pkt_free(packet);
    return (char *)wire;
}

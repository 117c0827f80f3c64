#include "check/names_json.h"

#include "check/report_json.h"
#include "codec/json_values.h"

const char *ww_txt_presence_name(enum ww_txt_presence presence)
{
    static const char *const names[] = {
        [WW_TXT_ABSENT] = "absent", [WW_TXT_PRESENT] = "present", [WW_TXT_INVALID] = "invalid"};
    return names[presence];
}

static json_t *aliases_json(const struct ww_name_texts *texts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < texts->alias_count; i++)
        (void)json_array_append_new(list, ww_json_words(texts->aliases[i]));
    return list;
}

json_t *ww_name_texts_json(const struct ww_name_texts *texts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < texts->count; i++)
        (void)json_array_append_new(list, ww_json_octets(texts->all[i]));
    return json_pack("{s:s, s:b, s:o, s:o, s:b, s:s, s:I, s:o, s:o, s:b}", "name", texts->name, "answered",
                     texts->ended && texts->err == WW_OK, "error", ww_json_error(texts->err), "detail",
                     ww_json_words(texts->detail), "nxdomain", texts->nxdomain, "dnssec",
                     ww_dnssec_name(texts->dnssec), "ttl", (json_int_t)texts->ttl, "aliases",
                     aliases_json(texts), "texts", list, "more", texts->more);
}

/* The other names at which something stands. */
static json_t *others_json(const struct ww_names_sight *sight)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < WW_NAMES_TEXTS; i++)
        if (i != WW_NAMES_STS && i != WW_NAMES_TLSRPT && sight->texts[i].count > 0)
            (void)json_array_append_new(list, ww_name_texts_json(&sight->texts[i]));
    return list;
}

static void add_zone(json_t *list, const struct ww_name_zone *zone)
{
    if (zone->name[0] == '\0')
        return;
    (void)json_array_append_new(
        list,
        json_pack("{s:s, s:b, s:o, s:o, s:b, s:b, s:b, s:o, s:s}", "name", zone->name, "answered",
                  zone->ended && zone->err == WW_OK, "error", ww_json_error(zone->err), "detail",
                  ww_json_words(zone->detail), "nxdomain", zone->nxdomain, "cut", zone->cut, "alias",
                  zone->alias, "zone", ww_json_words(zone->zone), "dnssec", ww_dnssec_name(zone->dnssec)));
}

static json_t *zones_json(const struct ww_names_sight *sight)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sight->above_count; i++)
        add_zone(list, &sight->above[i]);
    for (size_t i = 0; i < WW_NAMES_ZONES; i++)
        add_zone(list, &sight->zones[i]);
    return list;
}

static json_t *server_json(const struct ww_name_server *s)
{
    char addr[WW_ADDR_TEXT_SIZE] = "";
    bool answered = s->ended && s->err == WW_OK;
    if (s->addr.length > 0)
        ww_addr_format(&s->addr, addr);
    return json_pack("{s:s, s:o, s:b, s:o, s:o, s:i, s:b, s:o, s:o, s:I}", "name", s->name, "address",
                     ww_json_words(addr), "answered", answered, "error", ww_json_error(s->err), "detail",
                     ww_json_words(s->detail), "rcode", (int)s->rcode, "authoritative", s->authoritative,
                     "record", answered ? json_string(ww_txt_presence_name(s->presence)) : json_null(), "id",
                     ww_json_words(s->id), "ttl", (json_int_t)s->ttl);
}

static json_t *servers_json(const struct ww_names_sight *sight)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sight->server_count; i++)
        (void)json_array_append_new(list, server_json(&sight->servers[i]));
    return list;
}

json_t *ww_names_json(const struct ww_names_sight *sight)
{
    if (!sight->looked)
        return json_null();
    bool known = sight->texts[WW_NAMES_STS].ended && sight->texts[WW_NAMES_STS].err == WW_OK;
    return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "late", sight->late, "record",
                     known ? json_string(ww_txt_presence_name(sight->record)) : json_null(), "id",
                     known && sight->record == WW_TXT_PRESENT ? json_string(sight->sts.id) : json_null(),
                     "txt", ww_name_texts_json(&sight->texts[WW_NAMES_STS]), "others", others_json(sight),
                     "zones", zones_json(sight), "servers", servers_json(sight), "more_servers",
                     sight->more_servers);
}

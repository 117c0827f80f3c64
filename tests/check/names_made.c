#include "names_made.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLICY "version: STSv1\nmode: enforce\nmx: mx.d.example\nmax_age: 2592000\n"

static void put_zone(struct ww_name_zone *zone, const char *name, const char *of)
{
    *zone = (struct ww_name_zone){.ended = true, .dnssec = WW_DNSSEC_SECURE, .cut = strcmp(name, of) == 0};
    (void)snprintf(zone->name, sizeof zone->name, "%s", name);
    (void)snprintf(zone->zone, sizeof zone->zone, "%s", of);
}

static void put_server(struct ww_names_sight *names, const char *name, uint8_t last)
{
    struct ww_name_server *s = &names->servers[names->server_count++];
    *s = (struct ww_name_server){.addr = {{192, 0, 2, last}, 4},
                                 .ended = true,
                                 .authoritative = true,
                                 .presence = WW_TXT_PRESENT,
                                 .id = "1",
                                 .ttl = 3600};
    (void)snprintf(s->name, sizeof s->name, "%s", name);
}

void made_texts(struct ww_sight *sight, enum ww_names_text which, const char *const *texts)
{
    struct ww_name_texts *out = &sight->names.texts[which];
    ww_name_texts_clear(out);
    out->more = false;
    out->nxdomain = texts[0] == NULL;
    for (; *texts != NULL; texts++)
        if (!ww_name_texts_add(out, ww_slice_str(*texts)))
            abort();
}

void made_text(struct ww_sight *sight, enum ww_names_text which, const char *text)
{
    made_texts(sight, which, (const char *const[]){text, NULL});
}

void made_read(struct ww_sight *sight)
{
    ww_names_sight_read(&sight->names);
    ww_sight_read_policy(sight);
}

void made_no_policy(struct ww_sight *sight)
{
    free((void *)(uintptr_t)sight->host.body.p);
    sight->host.body = ww_slice(NULL, 0);
}

struct ww_sight *made_sight(void)
{
    struct ww_sight *sight = ww_sight_new(MADE_DOMAIN, 1764417600);
    if (sight == NULL)
        abort();
    struct ww_names_sight *names = &sight->names;
    names->looked = true;
    for (unsigned i = 0; i < WW_NAMES_TEXTS; i++) {
        const char *label = ww_names_label((enum ww_names_text)i);
        struct ww_name_texts *texts = &names->texts[i];
        texts->ended = true;
        texts->nxdomain = true;
        texts->dnssec = WW_DNSSEC_SECURE;
        texts->ttl = 3600;
        (void)snprintf(texts->name, sizeof texts->name, "%s%s%s", label != NULL ? label : "waxwing-random",
                       i == WW_NAMES_APEX ? "" : ".", MADE_DOMAIN);
    }
    made_text(sight, WW_NAMES_STS, "v=STSv1; id=1;");
    made_text(sight, WW_NAMES_TLSRPT, "v=TLSRPTv1; rua=mailto:reports@r.example");
    made_text(sight, WW_NAMES_APEX, "v=spf1 -all");
    names->above_count = 2;
    put_zone(&names->above[0], "example", "example");
    put_zone(&names->above[1], MADE_DOMAIN, MADE_DOMAIN);
    put_zone(&names->zones[WW_NAMES_ZONE_RECORD], "_mta-sts." MADE_DOMAIN, MADE_DOMAIN);
    put_zone(&names->zones[WW_NAMES_ZONE_HOST], "mta-sts." MADE_DOMAIN, MADE_DOMAIN);
    put_zone(&names->zones[WW_NAMES_ZONE_TLSRPT], "_smtp._tls." MADE_DOMAIN, MADE_DOMAIN);
    put_server(names, "ns1." MADE_DOMAIN, 1);
    put_server(names, "ns2." MADE_DOMAIN, 2);
    sight->host.looked = true;
    char *body = strdup(POLICY);
    if (body == NULL)
        abort();
    sight->host.body = ww_slice_str(body);
    made_read(sight);
    return sight;
}

const char *made_ids(struct ww_check_report *report)
{
    static char ids[4096];
    size_t n = 0;
    ids[0] = '\0';
    ww_check_report_end(report);
    for (size_t i = 0; i < report->count; i++)
        n += (size_t)snprintf(ids + n, sizeof ids - n, "%s%s", n > 0 ? " " : "",
                              ww_check_info(report->findings[i].check)->id);
    ww_check_report_clear(report);
    return ids;
}

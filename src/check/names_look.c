#include "check/names_look.h"

#include "core/words.h"
#include "net/clock.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void ww_names_look_begins(struct ww_names_look *look)
{
    look->waits++;
}

void ww_names_look_ends(struct ww_names_look *look)
{
    if (--look->waits == 0)
        event_active(look->end, EV_TIMEOUT, 0);
}

void ww_names_keep_words(char *out, size_t size, const char *words)
{
    struct ww_buf b = ww_buf(out, size - 1);
    ww_words_put_cut(&b, ww_slice_str(words != NULL ? words : ""));
    out[b.n] = '\0';
}

static void look_free(struct ww_names_look *look)
{
    for (size_t i = 0; i < WW_NAMES_TEXTS; i++)
        if (look->texts[i].query != NULL)
            ww_dns_cancel(look->texts[i].query);
    for (size_t i = 0; i < WW_NAMES_ABOVE_MAX; i++)
        if (look->above[i].query != NULL)
            ww_dns_cancel(look->above[i].query);
    for (size_t i = 0; i < WW_NAMES_ZONES; i++)
        if (look->zones[i].query != NULL)
            ww_dns_cancel(look->zones[i].query);
    ww_names_look_cancel_servers(look);
    if (look->end != NULL)
        event_free(look->end);
    free(look);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct ww_names_look *look = arg;
    ww_look_done *done = look->done;
    void *ctx = look->ctx;
    ww_names_sight_read(look->sight);
    look_free(look);
    done(ctx);
}

/* ---- Zones ---- */

/* The record is where it is, and so is its zone: now its servers can be asked. */
static void go_on_to_servers(struct ww_names_look *look)
{
    const struct ww_name_texts *texts = &look->sight->texts[WW_NAMES_STS];
    const struct ww_name_zone *zone =
        &look->sight->zones[texts->alias_count > 0 ? WW_NAMES_ZONE_TARGET : WW_NAMES_ZONE_RECORD];
    if (look->owner[0] == '\0' || look->servers_begun || !zone->ended || zone->err != WW_OK ||
        zone->zone[0] == '\0')
        return;
    look->servers_begun = true;
    ww_names_look_servers(look, zone->zone);
}

static void read_zone(struct ww_name_zone *zone, const struct ww_dns_reply *reply)
{
    struct ww_dns_answer answer;
    char owner[WW_DNS_NAME_TEXT_SIZE];
    zone->err = ww_dns_answer_open(&answer, reply->packet.p, reply->packet.n, zone->name, WW_DNS_TYPE_SOA);
    if (zone->err != WW_OK)
        return;
    zone->alias = strcmp(answer.owner, zone->name) != 0;
    zone->nxdomain = !zone->alias && answer.rcode == WW_DNS_NXDOMAIN;
    if (!ww_dns_answer_zone(&answer, owner) || strlen(owner) >= sizeof zone->zone)
        return;
    memcpy(zone->zone, owner, strlen(owner) + 1);
    zone->cut = strcmp(owner, zone->name) == 0;
}

static void on_zone(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_names_zone_ask *ask = ctx;
    struct ww_names_look *look = ask->look;
    struct ww_name_zone *zone = ask->zone;
    ask->query = NULL;
    zone->ended = true;
    zone->err = reply->err;
    zone->dnssec = reply->dnssec;
    ww_names_keep_words(zone->detail, sizeof zone->detail, reply->detail);
    if (reply->err == WW_OK)
        read_zone(zone, reply);
    go_on_to_servers(look);
    ww_names_look_ends(look);
}

void ww_names_look_zone(struct ww_names_look *look, struct ww_names_zone_ask *ask, struct ww_name_zone *zone,
                        const char *name)
{
    enum ww_err err;
    (void)snprintf(zone->name, sizeof zone->name, "%s", name);
    *ask = (struct ww_names_zone_ask){.look = look, .zone = zone};
    ask->query = ww_dns_ask(look->env->dns, name, WW_DNS_TYPE_SOA, on_zone, ask, &err);
    if (ask->query == NULL) {
        zone->ended = true;
        zone->err = err;
    } else {
        ww_names_look_begins(look);
    }
}

/* ---- Texts ---- */

/* The alias at _mta-sts leads to another zone, perhaps of somebody else. */
static void follow_record(struct ww_names_look *look, const struct ww_name_texts *texts)
{
    const char *owner = texts->alias_count > 0 ? texts->aliases[texts->alias_count - 1] : texts->name;
    if (texts->err != WW_OK || strlen(owner) >= sizeof look->owner)
        return;
    memcpy(look->owner, owner, strlen(owner) + 1);
    if (texts->alias_count > 0)
        ww_names_look_zone(look, &look->zones[WW_NAMES_ZONE_TARGET],
                           &look->sight->zones[WW_NAMES_ZONE_TARGET], owner);
    go_on_to_servers(look);
}

static void on_texts(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_names_text_ask *ask = ctx;
    struct ww_names_look *look = ask->look;
    struct ww_name_texts *texts = &look->sight->texts[ask->which];
    ask->query = NULL;
    texts->ended = true;
    texts->err = reply->err;
    texts->dnssec = reply->dnssec;
    ww_names_keep_words(texts->detail, sizeof texts->detail, reply->detail);
    if (reply->err == WW_OK)
        texts->err = ww_name_texts_read(texts, reply->packet);
    if (ask->which == WW_NAMES_STS)
        follow_record(look, texts);
    ww_names_look_ends(look);
}

/* False: the name would be too long. */
static bool write_name(char out[WW_DNAME_SIZE], enum ww_names_text which, const char *domain)
{
    const char *label = ww_names_label(which);
    char random[32];
    uint64_t number = 0;
    if (label == NULL) {
        if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
            number = (uint64_t)ww_clock_us();
        (void)snprintf(random, sizeof random, "waxwing-%016llx", (unsigned long long)number);
        label = random;
    }
    int n = snprintf(out, WW_DNAME_SIZE, "%s%s%s", label, label[0] != '\0' ? "." : "", domain);
    return n > 0 && n < WW_DNAME_SIZE;
}

static void ask_texts(struct ww_names_look *look, enum ww_names_text which, const char *domain)
{
    struct ww_names_text_ask *ask = &look->texts[which];
    struct ww_name_texts *texts = &look->sight->texts[which];
    enum ww_err err = WW_E_DNS_NAME;
    *ask = (struct ww_names_text_ask){.look = look, .which = which};
    if (write_name(texts->name, which, domain))
        ask->query = ww_dns_ask(look->env->dns, texts->name, WW_DNS_TYPE_TXT, on_texts, ask, &err);
    if (ask->query == NULL) {
        texts->ended = true;
        texts->err = err;
    } else {
        ww_names_look_begins(look);
    }
}

/* ---- The whole ---- */

static void ask_above(struct ww_names_look *look, const char *domain)
{
    const char *names[WW_NAMES_ABOVE_MAX];
    size_t count = 0;
    for (const char *name = domain, *dot; count < WW_NAMES_ABOVE_MAX; name = dot + 1) {
        names[count++] = name;
        dot = strchr(name, '.');
        if (dot == NULL)
            break;
    }
    look->sight->above_count = count;
    for (size_t i = 0; i < count; i++)
        ww_names_look_zone(look, &look->above[i], &look->sight->above[i], names[count - 1 - i]);
}

static void ask_all(struct ww_names_look *look, const char *domain)
{
    static const enum ww_names_text zones[] = {
        [WW_NAMES_ZONE_RECORD] = WW_NAMES_STS,
        [WW_NAMES_ZONE_HOST] = WW_NAMES_STS_HOST,
        [WW_NAMES_ZONE_TLSRPT] = WW_NAMES_TLSRPT,
    };
    char name[WW_DNAME_SIZE];
    for (unsigned i = 0; i < WW_NAMES_TEXTS; i++)
        ask_texts(look, (enum ww_names_text)i, domain);
    ask_above(look, domain);
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (write_name(name, zones[i], domain))
            ww_names_look_zone(look, &look->zones[i], &look->sight->zones[i], name);
}

struct ww_names_look *ww_names_look(const struct ww_check_env *env, const char *domain,
                                    struct ww_names_sight *sight, ww_look_done *done, void *ctx,
                                    enum ww_err *err)
{
    struct ww_names_look *look = calloc(1, sizeof *look);
    *err = WW_E_NO_MEMORY;
    if (look == NULL)
        return NULL;
    look->env = env;
    look->sight = sight;
    look->done = done;
    look->ctx = ctx;
    look->end = evtimer_new(env->base, on_end, look);
    if (look->end == NULL) {
        look_free(look);
        return NULL;
    }
    sight->looked = true;
    ww_names_look_begins(look);
    ask_all(look, domain);
    ww_names_look_ends(look);
    *err = WW_OK;
    return look;
}

void ww_names_look_cancel(struct ww_names_look *look)
{
    ww_names_sight_read(look->sight);
    look_free(look);
}

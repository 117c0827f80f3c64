#include "crowd.h"

#include "core/dns_answer.h"
#include "core/mx_match.h"

#include <assert.h>
#include <stdlib.h>

#define SLOW INT64_C(86400)

static const struct ww_life_rules rules = {
    .recheck = 300, .no_record_min = 60, .no_record_max = 3600, .fetch_retry = 300, .dns_retry = 30};

uint64_t crowd_random(struct crowd *c, uint64_t below)
{
    c->random ^= c->random << 13;
    c->random ^= c->random >> 7;
    c->random ^= c->random << 17;
    return c->random % below;
}

static void *copy(struct ww_slice s)
{
    char *p = malloc(s.n + 1);
    assert(p != NULL);
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return p;
}

/* Room for one more. */
static void *grown(void *array, size_t count, size_t size)
{
    void *p = realloc(array, (count + 1) * size);
    assert(p != NULL);
    memset((char *)p + count * size, 0, size);
    return p;
}

void crowd_begin(struct crowd *c, const char *domain, uint64_t seed)
{
    memset(c, 0, sizeof *c);
    memcpy(c->domain, domain, strnlen(domain, sizeof c->domain - 1));
    c->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    c->senders = calloc(CROWD_SENDERS, sizeof *c->senders);
    assert(c->senders != NULL);
}

void crowd_end(struct crowd *c)
{
    for (size_t i = 0; i < c->host_count; i++)
        free(c->hosts[i]);
    for (size_t i = 0; i < c->record_count; i++)
        free(c->records[i].packet);
    for (size_t i = 0; i < c->page_count; i++) {
        free(c->pages[i].type);
        free(c->pages[i].body);
    }
    free(c->records);
    free(c->pages);
    free(c->senders);
}

static bool page_names(const struct crowd_page *page, const char *host)
{
    return page->policy.mx_count > 0 && ww_mx_match_policy(&page->policy, ww_slice_str(host));
}

crowd_hosts crowd_host(struct crowd *c, struct ww_slice name)
{
    size_t at = 0;
    while (at < c->host_count && !ww_slice_is(name, c->hosts[at]))
        at++;
    crowd_hosts bit = (crowd_hosts)1 << at;
    if (at < c->host_count)
        return bit;
    assert(at < CROWD_HOSTS);
    c->hosts[c->host_count++] = copy(name);
    for (size_t i = 0; i < c->page_count; i++)
        c->pages[i].named |= page_names(&c->pages[i], c->hosts[at]) ? bit : 0;
    return bit;
}

void crowd_show_record(struct crowd *c, struct ww_slice packet)
{
    const struct crowd_record *now = c->record_count > 0 ? &c->records[c->record_count - 1] : NULL;
    if (now != NULL && ww_slice_eq(ww_slice(now->packet, now->n), packet))
        return;
    c->records = grown(c->records, c->record_count, sizeof *c->records);
    struct crowd_record *record = &c->records[c->record_count++];
    struct ww_discovery d;
    struct ww_discovery_ask ask = {.known_id = ""};
    record->packet = copy(packet);
    record->n = packet.n;
    memcpy(ask.domain, c->domain, sizeof ask.domain);
    ww_discovery_start(&d, &ask);
    ww_discovery_on_record(&d, &(struct ww_record_event){.packet = packet}, 0);
    record->ttl = ww_discovery_result(&d)->record_ttl;
}

static bool same_page(const struct crowd_page *page, const struct ww_policy_event *event)
{
    const char *type = event->content_type != NULL ? event->content_type : "";
    return page->event.failure == event->failure && page->event.status == event->status &&
           ww_slice_eq(page->event.body, event->body) && strcmp(page->type, type) == 0;
}

void crowd_show_policy(struct crowd *c, const struct ww_policy_event *event)
{
    for (c->page = 0; c->page < c->page_count; c->page++)
        if (same_page(&c->pages[c->page], event))
            return;
    c->pages = grown(c->pages, c->page_count, sizeof *c->pages);
    struct crowd_page *page = &c->pages[c->page_count++];
    size_t offset;
    page->type = copy(ww_slice_str(event->content_type != NULL ? event->content_type : ""));
    page->body = copy(event->body);
    page->event = *event;
    page->event.content_type = page->type;
    page->event.body = ww_slice(page->body, event->body.n);
    if (ww_policy_parse(page->body, event->body.n, &page->policy, &offset) != WW_OK)
        memset(&page->policy, 0, sizeof page->policy);
    for (size_t i = 0; i < c->host_count; i++)
        page->named |= page_names(page, c->hosts[i]) ? (crowd_hosts)1 << i : 0;
}

void crowd_show_mx(struct crowd *c, crowd_hosts mx, uint32_t ttl)
{
    c->mx = mx;
    c->mx_ttl = ttl;
}

/* As long as a resolver may hold it: not all of them do. */
static int64_t held_until(struct crowd *c, int64_t now, uint32_t ttl)
{
    int64_t slow = crowd_random(c, 4) == 0 ? (int64_t)crowd_random(c, SLOW) : 0;
    return now + (crowd_random(c, 2) == 0 ? ttl : (int64_t)crowd_random(c, ttl + UINT64_C(1))) + slow;
}

static void resolve(struct crowd *c, struct crowd_sender *s, int64_t now)
{
    if (now >= s->record_until) {
        s->record = c->record_count - 1;
        s->record_until = held_until(c, now, c->records[s->record].ttl);
    }
    if (now >= s->mx_until) {
        s->mx = c->mx;
        s->mx_until = held_until(c, now, c->mx_ttl);
    }
}

void crowd_look(struct crowd *c, struct crowd_sender *s, int64_t now)
{
    assert(c->record_count > 0 && c->page_count > 0);
    resolve(c, s, now);
    if (!ww_life_wants_flight(&s->life, now) && !ww_life_wants_refresh(&s->life, now))
        return;
    const struct crowd_record *record = &c->records[s->record];
    const struct crowd_page *page = &c->pages[c->page];
    struct ww_record_event answer = {.packet = ww_slice(record->packet, record->n)};
    struct ww_discovery_ask ask;
    struct ww_discovery d;
    ww_life_ask(&s->life, c->domain, now, &ask);
    ww_discovery_start(&d, &ask);
    ww_discovery_on_record(&d, &answer, now);
    if (ww_discovery_want(&d) == WW_WANT_POLICY)
        ww_discovery_on_policy(&d, &page->event);
    const struct ww_discovery_result *found = ww_discovery_result(&d);
    if (ww_life_apply(&s->life, found, &page->policy, now, &rules) == WW_LIFE_REPLACED)
        s->page = c->page;
}

bool crowd_is_bound(const struct crowd *c, const struct crowd_sender *s, int64_t now, crowd_hosts *mx,
                    crowd_hosts *named)
{
    if (s->life.mode != WW_MODE_ENFORCE || !ww_life_has_policy(&s->life, now))
        return false;
    *mx = c->mx | (now < s->mx_until ? s->mx : 0);
    *named = c->pages[s->page].named;
    return true;
}

#include "replay.h"

#include "packet.h"

#include "core/decision.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void replay_begin(struct replay *r, int64_t now)
{
    memset(r, 0, sizeof *r);
    r->now = now;
    r->dns = "nxdomain";
    r->web = "404";
    r->ttl = 600;
    r->rules = (struct ww_life_rules){
        .recheck = 300, .no_record_min = 60, .no_record_max = 3600, .fetch_retry = 300, .dns_retry = 30};
}

bool replay_policy_read(const char *web, struct replay_policy *out)
{
    char *end;
    size_t n = strcspn(web, " ");
    if (web[n] == '\0' || n >= sizeof out->mode)
        return false;
    memcpy(out->mode, web, n);
    out->mode[n] = '\0';
    out->max_age = strtoul(web + n, &end, 10);
    out->mx = end + 1;
    return *end == ' ';
}

static void answer_record(struct replay *r, struct ww_discovery *d)
{
    static uint8_t room[PACKET_SIZE];
    static const struct ww_slice two[] = {{"v=STSv1; id=1;", 14}, {"v=STSv1; id=2;", 14}};
    char name[WW_DISCOVERY_NAME_SIZE];
    char record[64];
    bool present = strncmp(r->dns, "id=", 3) == 0;
    struct packet packet = {.ttl = present ? r->record_ttl : r->ttl};
    struct ww_record_event event = {.failure = WW_OK};
    r->records++;
    if (strcmp(r->dns, "timeout") == 0)
        event.failure = WW_E_DNS_TIMEOUT;
    else if (strcmp(r->dns, "nxdomain") == 0)
        packet.rcode = 3;
    else if (strcmp(r->dns, "servfail") == 0)
        packet.rcode = 2;
    else if (strcmp(r->dns, "broken") == 0)
        packet.record = "v=STSv1; id=;";
    else if (strcmp(r->dns, "two") == 0)
        packet.texts = two, packet.text_count = 2;
    else if (present)
        (void)snprintf(record, sizeof record, "v=STSv1; %s;", r->dns), packet.record = record;
    else
        assert(strcmp(r->dns, "nodata") == 0);
    ww_discovery_name(d, name);
    event.packet = packet_write(&packet, name, room);
    ww_discovery_on_record(d, &event, r->now);
}

static void answer_policy(struct replay *r, struct ww_discovery *d, char body[256])
{
    struct replay_policy policy;
    struct ww_policy_event event = {.status = 200, .content_type = "text/plain"};
    r->gets++;
    if (strcmp(r->web, "timeout") == 0 || strcmp(r->web, "certificate") == 0)
        event.failure = WW_E_HTTPS_TIMEOUT;
    else if (strcmp(r->web, "html") == 0)
        event.content_type = "text/html";
    else if (replay_policy_read(r->web, &policy))
        (void)snprintf(body, 256, "version: STSv1\nmode: %s\nmx: %s\nmax_age: %lu\n", policy.mode, policy.mx,
                       policy.max_age);
    else if (strcmp(r->web, "garbage") == 0)
        memcpy(body, "<html>", sizeof "<html>");
    else
        event.status = (unsigned)strtoul(r->web, NULL, 10);
    event.body = ww_slice_str(body);
    ww_discovery_on_policy(d, &event);
}

static void fly(struct replay *r, bool refetch)
{
    char body[256] = "";
    struct ww_discovery_ask ask;
    struct ww_discovery d;
    ww_life_ask(&r->life, "example.com", r->now, &ask);
    ask.refetch |= refetch;
    ww_discovery_start(&d, &ask);
    answer_record(r, &d);
    if (ww_discovery_want(&d) == WW_WANT_POLICY)
        answer_policy(r, &d, body);
    assert(ww_discovery_want(&d) == WW_WANT_NOTHING);
    r->now += r->latency;

    const struct ww_discovery_result *result = ww_discovery_result(&d);
    struct ww_policy policy;
    size_t offset;
    bool parsed = result->outcome == WW_FOUND_POLICY &&
                  ww_policy_parse(result->body.p, result->body.n, &policy, &offset) == WW_OK;
    r->change = ww_life_apply(&r->life, result, parsed ? &policy : NULL, r->now, &r->rules);
    if (r->change == WW_LIFE_REPLACED) {
        memcpy(r->body, result->body.p, result->body.n);
        r->body_size = result->body.n;
    }
}

static void tell(const struct replay *r, char out[REPLAY_TEXT])
{
    struct ww_policy policy;
    struct ww_slice mx = {"", 0};
    size_t offset;
    size_t pos = 0;
    bool has = ww_life_has_policy(&r->life, r->now) &&
               ww_policy_parse(r->body, r->body_size, &policy, &offset) == WW_OK;
    struct ww_decision d = ww_decide("example.com", has ? &policy : NULL, NULL);
    if (d.policy != NULL)
        (void)ww_policy_next_mx(d.policy, &pos, &mx);
    (void)snprintf(out, REPLAY_TEXT, "%s%s%.*s", ww_level_name(d.level), mx.n > 0 ? " " : "", (int)mx.n,
                   mx.p);
}

bool replay_use(struct replay *r, char out[REPLAY_TEXT])
{
    bool at_once = ww_life_can_answer(&r->life, r->now);
    bool wants = ww_life_wants_flight(&r->life, r->now);
    assert(at_once || wants);
    if (at_once)
        tell(r, out);
    if (wants)
        fly(r, false);
    if (!at_once)
        tell(r, out);
    return at_once;
}

void replay_refresh(struct replay *r)
{
    fly(r, true);
}

void replay_restart(struct replay *r)
{
    struct ww_life kept = r->life;
    memset(&r->life, 0, sizeof r->life);
    memcpy(r->life.id, kept.id, sizeof kept.id);
    r->life.mode = kept.mode;
    r->life.fetched = kept.fetched;
    r->life.expires = kept.expires;
    r->life.checked = kept.checked;
    (void)ww_life_restore(&r->life, r->now, &r->rules);
}

#include "rollout_given.h"

#include "core/publication.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* "mx1" to "mx1.example.net", "*" to "*.example.net". */
static void expand(const char *name, size_t n, char out[64])
{
    (void)snprintf(out, 64, "%.*s.example.net", (int)n, name);
}

/* Writes the policy of a row, with the id "1", "2", ... */
static void read_served(const struct given_served *row, size_t i, struct given_room *out)
{
    static const char *const modes[] = {"none", "testing", "enforce"};
    char hosts[8][64];
    const char *mx[8];
    size_t n = 0;
    struct ww_served *s = &out->served[i];
    struct ww_publication what = {.mx = mx, .max_age = row->max_age};
    while (strcmp(modes[what.mode], row->mode) != 0)
        what.mode++;
    for (const char *p = row->mx; *p != '\0';) {
        size_t length = strcspn(p, " ");
        expand(p, length, hosts[n]);
        mx[n] = hosts[n];
        n++;
        p += length + strspn(p + length, " ");
    }
    what.mx_count = n;
    struct ww_buf b = ww_buf(out->bodies[i], sizeof out->bodies[i]);
    ww_publication_put_policy(&b, &what);
    assert_false(b.failed);
    s->body = ww_slice(b.p, b.n);
    s->since = GIVEN_NOW + row->since * GIVEN_DAY;
    s->until = row->until == 0 ? 0 : GIVEN_NOW + row->until * GIVEN_DAY;
    (void)snprintf(s->id, sizeof s->id, "%zu", i + 1);
}

static void read_mx(const struct given_mx *row, struct ww_published_mx *out)
{
    char host[64];
    expand(row->name, strlen(row->name), host);
    (void)snprintf(out->name, sizeof out->name, "%s", host);
    out->seen_at = GIVEN_NOW - 100 * GIVEN_DAY;
    out->gone_at = row->gone == 0 ? 0 : GIVEN_NOW - row->gone * GIVEN_HOUR;
    out->tls = row->tls == '+'   ? WW_PUBLISHED_MX_GOOD
               : row->tls == '-' ? WW_PUBLISHED_MX_BAD
                                 : WW_PUBLISHED_MX_UNKNOWN;
    if (row->tls == '-')
        (void)snprintf(out->why, sizeof out->why, "its certificate has expired");
}

static void read_wanted(const struct given *given, struct ww_published *d)
{
    const char *p = given->wanted != NULL ? given->wanted : "mx1 mx2";
    while (*p != '\0') {
        char host[64];
        size_t length = strcspn(p, " ");
        expand(p, length, host);
        (void)snprintf(d->mx[d->mx_count++], WW_PUBLISHED_PATTERN_SIZE, "%s", host);
        p += length + strspn(p + length, " ");
    }
}

static void read_domain(const struct given *given, struct ww_published *d)
{
    (void)snprintf(d->domain, sizeof d->domain, "example.com");
    d->goal = given->goal;
    d->automatic = given->automatic;
    d->stopped = given->stopped;
    d->max_age = given->max_age != 0 ? given->max_age : MONTH;
    d->host = given->host;
    d->dns = given->dns;
    if (given->host == WW_HOSTED_MIRROR)
        (void)snprintf(d->mirror, sizeof d->mirror, "provider.example");
    (void)snprintf(d->rua, sizeof d->rua, "%s", given->rua != NULL ? given->rua : "");
    d->bad_at = given->bad == 0 ? 0 : GIVEN_NOW - given->bad * GIVEN_DAY;
    d->record_since = GIVEN_NOW - given->recorded * GIVEN_HOUR;
    d->record_ttl = 3600;
    d->mx_ttl = 7200;
    (void)snprintf(d->here, sizeof d->here, "%s", given->here != NULL ? given->here : "");
    d->here_ttl = 7200;
    d->here_gone_at = given->here_gone == 0 ? 0 : GIVEN_NOW - given->here_gone * GIVEN_HOUR;
    if (!given->no_certificate)
        d->certificate_until = GIVEN_NOW + 30 * GIVEN_DAY;
    read_wanted(given, d);
}

void given_read(const struct given *given, struct given_room *out)
{
    static const struct given_mx usual[] = {{"mx1", '+', 0}, {"mx2", '+', 0}};
    const struct given_mx *mx = given->mx[0].name != NULL ? given->mx : usual;
    size_t mx_max = given->mx[0].name != NULL ? 5 : 2, n = 0;
    memset(out, 0, sizeof *out);
    struct ww_published *d = &out->domain;
    read_domain(given, d);
    for (; n < 4 && given->served[n].mode != NULL; n++)
        read_served(&given->served[n], n, out);
    for (size_t i = 0; i < given->foreign; i++)
        out->served[i].foreign = true;
    const struct ww_served *own = ww_published_own(out->served, n);
    const char *last = own != NULL ? own->id : "";
    (void)snprintf(d->shown_id, sizeof d->shown_id, "%s",
                   given->shown != NULL ? given->shown
                   : given->not_shown   ? ""
                                        : last);
    (void)snprintf(d->record_id, sizeof d->record_id, "%s",
                   given->recorded_id != NULL ? given->recorded_id
                   : given->not_recorded      ? ""
                                              : last);
    struct ww_rollout *in = &out->in;
    in->now = GIVEN_NOW;
    in->domain = d;
    in->served = out->served;
    in->served_count = n;
    in->mx = out->mx;
    for (; !given->no_hosts && in->mx_count < mx_max && mx[in->mx_count].name != NULL; in->mx_count++)
        read_mx(&mx[in->mx_count], &out->mx[in->mx_count]);
    in->facts = !given->no_facts;
    in->mx_authentic = given->authentic;
    in->certificate_good = !given->no_certificate && !given->old_certificate;
    in->rua_seen = given->rua_seen;
    in->evidence = given->evidence;
    in->evidence_why = given->evidence_why;
    in->mirrored = ww_slice_str(given->mirrored != NULL ? given->mirrored : "");
}

static void policy_text(const struct ww_rollout_plan *plan, char out[512])
{
    int n = snprintf(out, 512, "%s %u", ww_policy_mode_name(plan->mode), plan->max_age);
    for (size_t i = 0; i < plan->mx_count; i++)
        n += snprintf(out + n, 512 - (size_t)n, " %.*s", (int)strcspn(plan->mx[i], "."), plan->mx[i]);
}

static void judge(const struct given_row *row, const struct ww_rollout_plan *plan)
{
    char policy[512] = "";
    int64_t until = row->until == 0 ? 0 : GIVEN_NOW + row->until * GIVEN_HOUR;
    if (plan->step == WW_ROLLOUT_SERVE)
        policy_text(plan, policy);
    if (plan->step != row->step || plan->state != row->state || plan->until != until ||
        plan->needs_operator != row->needs_operator)
        fail_msg("%s: step %d, %s, until %lld%s: %s", row->name, (int)plan->step,
                 ww_published_state_name(plan->state), (long long)((plan->until - GIVEN_NOW) / GIVEN_HOUR),
                 plan->needs_operator ? ", needs the operator" : "", plan->waits);
    if (row->policy != NULL && strcmp(policy, row->policy) != 0)
        fail_msg("%s: would serve %s", row->name, policy);
    if (row->waits != NULL && strcmp(plan->waits, row->waits) != 0)
        fail_msg("%s: %s", row->name, plan->waits);
    if (row->bad_why != NULL && strcmp(plan->bad_why, row->bad_why) != 0)
        fail_msg("%s: bad as %s", row->name, plan->bad_why);
}

void given_judge(const struct given_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        static struct given_room room;
        struct ww_rollout_plan plan;
        given_read(&rows[i].given, &room);
        ww_rollout_plan(&room.in, &plan);
        judge(&rows[i], &plan);
    }
}

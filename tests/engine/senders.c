/*
 * senders DOMAIN SEED: a crowd of senders that lives through what really happens to a domain. Each has mail
 * at times of its own, some of them every hour, some every month. tests/e2e/crowd.py tells it what is to be
 * seen: a line
 *
 *   TIME STATUS RECORD MX TYPE BODY [HOST...]
 *
 * with the Unix seconds, the status of the answer of the policy host (0: none), how many octets each of the
 * next four has, and the hosts that take mail by TLS with a good certificate; behind it the octets: the
 * answers to the questions for the record and for the MX records, the Content-Type, the policy. What was told
 * before was to be seen until then. An answer is a line of JSON.
 */
#include "crowd.h"

#include "core/mx_hosts.h"

#include <stdio.h>
#include <stdlib.h>

#define PART_MAX 65535
#define HOUR INT64_C(3600)
#define MOST_OFTEN_EVERY 11 /* doublings of an hour: the most seldom send every six weeks */

struct told {
    int64_t now;
    unsigned status;
    size_t record_n, mx_n, type_n, body_n;
    char record[PART_MAX], mx[PART_MAX], type[PART_MAX + 1], body[PART_MAX];
};

struct mails {
    int64_t next[CROWD_SENDERS], every[CROWD_SENDERS];
    crowd_hosts good;
    size_t sent, refused;
};

static bool refuses(const struct crowd *c, const struct mails *m, const struct crowd_sender *s, int64_t now)
{
    crowd_hosts mx, named;
    return crowd_is_bound(c, s, now, &mx, &named) && (mx & ~(named & m->good)) != 0;
}

/* As Waxwing does it: who holds a policy answers by that, and looks for another behind it. */
static void send_mail(struct crowd *c, struct mails *m, struct crowd_sender *s, int64_t now)
{
    if (!ww_life_has_policy(&s->life, now))
        crowd_look(c, s, now);
    m->sent++;
    m->refused += refuses(c, m, s, now);
    crowd_look(c, s, now);
}

static void begin(struct crowd *c, struct mails *m, int64_t now)
{
    for (size_t i = 0; i < CROWD_SENDERS; i++) {
        m->every[i] = HOUR << crowd_random(c, MOST_OFTEN_EVERY);
        m->next[i] = now + (int64_t)crowd_random(c, (uint64_t)m->every[i]);
    }
}

static void pass(struct crowd *c, struct mails *m, int64_t until)
{
    for (size_t i = 0; i < CROWD_SENDERS; i++)
        for (; m->next[i] < until; m->next[i] += 1 + (int64_t)crowd_random(c, 2 * (uint64_t)m->every[i]))
            send_mail(c, m, &c->senders[i], m->next[i]);
}

/* In any second there are some who have mail. */
static void send_now(struct crowd *c, struct mails *m, int64_t now)
{
    for (size_t i = 0; i < CROWD_SENDERS; i++)
        if (crowd_random(c, 10) == 0)
            send_mail(c, m, &c->senders[i], now);
}

static bool read_part(char *to, size_t n)
{
    return n <= PART_MAX && fread(to, 1, n, stdin) == n;
}

static bool read_told(struct told *t, struct crowd *c, crowd_hosts *good)
{
    char line[PART_MAX];
    int used = 0;
    if (fgets(line, sizeof line, stdin) == NULL ||
        sscanf(line, "%ld %u %zu %zu %zu %zu%n", &t->now, &t->status, &t->record_n, &t->mx_n, &t->type_n,
               &t->body_n, &used) != 6)
        return false;
    *good = 0;
    char *rest;
    for (char *host = strtok_r(line + used, " \n", &rest); host != NULL; host = strtok_r(NULL, " \n", &rest))
        *good |= crowd_host(c, ww_slice_str(host));
    bool whole = read_part(t->record, t->record_n) && read_part(t->mx, t->mx_n) &&
                 read_part(t->type, t->type_n) && read_part(t->body, t->body_n);
    t->type[whole ? t->type_n : 0] = '\0';
    return whole;
}

static bool show(struct crowd *c, const struct told *t)
{
    static struct ww_mx_hosts listed;
    crowd_hosts mx = 0;
    ww_mx_hosts_read(ww_slice(t->mx, t->mx_n), c->domain, &listed);
    if (listed.outcome != WW_MX_LISTED)
        return false;
    for (size_t i = 0; i < listed.count; i++)
        mx |= crowd_host(c, ww_slice_str(listed.hosts[i].name));
    struct ww_policy_event page = {.status = t->status,
                                   .failure = t->status == 0 ? WW_E_HTTPS_CONNECT : WW_OK,
                                   .content_type = t->type,
                                   .body = ww_slice(t->body, t->body_n)};
    crowd_show_record(c, ww_slice(t->record, t->record_n));
    crowd_show_policy(c, &page);
    crowd_show_mx(c, mx, listed.ttl);
    return true;
}

/* Who would refuse if all of them had mail now. Who holds nothing would look first. */
static void answer(struct crowd *c, const struct mails *m, int64_t now)
{
    size_t holding = 0, bound = 0, refusing = 0;
    for (size_t i = 0; i < CROWD_SENDERS; i++) {
        struct crowd_sender s = c->senders[i];
        crowd_hosts mx, named;
        bool holds = ww_life_has_policy(&s.life, now);
        holding += holds;
        if (!holds)
            crowd_look(c, &s, now);
        bound += crowd_is_bound(c, &s, now, &mx, &named);
        refusing += refuses(c, m, &s, now);
    }
    (void)printf("{\"holding\": %zu, \"bound\": %zu, \"refusing\": %zu, \"mails\": %zu, \"refused\": %zu}\n",
                 holding, bound, refusing, m->sent, m->refused);
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct told told;
    static struct mails mails;
    struct crowd crowd;
    crowd_hosts good;
    if (argc != 3)
        return 64;
    crowd_begin(&crowd, argv[1], strtoull(argv[2], NULL, 10));
    bool begun = false, understood = true;
    while (understood && read_told(&told, &crowd, &good)) {
        if (begun)
            pass(&crowd, &mails, told.now);
        else
            begin(&crowd, &mails, told.now);
        begun = true;
        mails.good = good;
        understood = show(&crowd, &told);
        if (understood) {
            send_now(&crowd, &mails, told.now);
            answer(&crowd, &mails, told.now);
        }
    }
    crowd_end(&crowd);
    return feof(stdin) && understood ? 0 : 65;
}

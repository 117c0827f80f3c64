#include "daemon/front_answer.h"

#include "daemon/front_dane.h"
#include "daemon/front_render.h"

/* "100000:" */
#define PREFIX_MAX 7

/* False: there is a policy, and it cannot be read. */
static bool unpack(const struct ww_known *known, const struct ww_dane_settings *settings, int64_t now,
                   struct ww_answer_room *room)
{
    room->has_policy = false;
    room->has_dane = settings->use != WW_DANE_OFF && known->dane.n > 0;
    if (room->has_dane)
        room->dane = ww_front_dane_unpack(known->dane, known->dane_until, room->hosts);
    if (known->life == NULL || !ww_life_has_policy(known->life, now))
        return true;
    room->has_policy = ww_policy_parse_again(known->body.p, known->body.n, &room->policy) == WW_OK;
    return room->has_policy;
}

struct ww_domain_case ww_answer_case(const char *domain, const struct ww_known *known,
                                     const struct ww_dane_settings *settings,
                                     const struct ww_answer_room *room)
{
    return (struct ww_domain_case){
        .domain = domain,
        .policy = room->has_policy ? &room->policy : NULL,
        .policy_until = known->life != NULL ? known->life->next_flight : 0,
        .listed = known->listed.found ? &known->listed.entry : NULL,
        .listed_until = known->listed.found ? known->listed.until : 0,
        .override = known->override,
        .dane = room->has_dane ? &room->dane : NULL,
        .settings = *settings,
    };
}

struct ww_decision ww_answer_decide(const char *domain, const struct ww_known *known,
                                    const struct ww_dane_settings *settings, int64_t now,
                                    struct ww_answer_room *room)
{
    bool good = unpack(known, settings, now, room);
    if (!good && (known->override == NULL || !ww_override_stands_alone(known->override))) {
        /* It was valid when it came in, so that this cannot be; but it must never mean that there is none. */
        return (struct ww_decision){.level = WW_LEVEL_HOLD,
                                    .domain = domain,
                                    .reason = "its cached policy cannot be read",
                                    .rule = WW_RULE_COUNT};
    }
    const struct ww_domain_case c = ww_answer_case(domain, known, settings, room);
    return ww_domain_decide(&c);
}

static struct ww_answered put_payload(struct ww_buf *b, const struct ww_question *q,
                                      const struct ww_known *known, const struct ww_answer_style *style,
                                      int64_t now)
{
    struct ww_answer_room room;
    if (q->fixed != NULL)
        return (struct ww_answered){.level = WW_LEVEL_NONE, .kind = ww_render_fixed(b, q)};
    const struct ww_dane_settings settings = ww_render_settings(q->map, &style->dane);
    struct ww_decision d = ww_answer_decide(q->domain, known, &settings, now, &room);
    const struct ww_render r = {
        .question = q,
        .known = known,
        .style = style,
        .now = now,
        .about = ww_answer_case(q->domain, known, &settings, &room),
        .decision = &d,
    };
    const enum ww_stat_answer kind = ww_render(b, &r);
    return (struct ww_answered){
        .level = d.level,
        .kind = kind,
        .overridden = d.override != NULL,
        .listed = d.listed != NULL,
    };
}

struct ww_answered ww_answer_put(struct ww_buf *b, const struct ww_question *question,
                                 const struct ww_known *known, const struct ww_answer_style *style,
                                 int64_t now)
{
    if (b->failed || b->cap - b->n < WW_ANSWER_ROOM) {
        b->failed = true;
        return (struct ww_answered){.level = WW_LEVEL_NONE, .kind = WW_ANSWERED_TEMP};
    }
    if (question->map == WW_MAP_LINE) {
        struct ww_answered answered = put_payload(b, question, known, style, now);
        ww_buf_char(b, '\n');
        return answered;
    }
    /* Written where it stands when its length has all digits, then moved up: the length is known at the end
     * only. */
    char *start = b->p + b->n;
    struct ww_buf payload = ww_buf(start + PREFIX_MAX, WW_SOCKETMAP_REPLY_MAX);
    struct ww_answered answered = put_payload(&payload, question, known, style, now);
    ww_buf_decimal(b, payload.n);
    ww_buf_char(b, ':');
    memmove(b->p + b->n, payload.p, payload.n);
    b->n += payload.n;
    ww_buf_char(b, ',');
    return answered;
}

/* What to do in which order: senders that see a record look for the policy at once, so that it comes last. */
#include "cli/generate.h"

#include <string.h>

struct steps {
    struct ww_buf *b;
    unsigned count;
};

static void begin(struct steps *s)
{
    ww_buf_decimal(s->b, ++s->count);
    ww_buf_str(s->b, ". ");
}

static void put_policy_url(struct ww_buf *b, const struct ww_generate *g)
{
    ww_buf_str(b, "https://mta-sts.");
    ww_buf_str(b, g->domain);
    ww_buf_str(b, "/.well-known/mta-sts.txt");
}

static void put_reports(struct steps *s, const struct ww_generate *g)
{
    begin(s);
    ww_buf_str(s->b, "Reports: publish the TXT record at _smtp._tls.");
    ww_buf_str(s->b, g->domain);
    ww_buf_str(s->b,
               ", and see that somebody reads\n"
               "   what comes. From then on senders tell you what fails, before anything can be held up.\n");
}

static void put_host(struct steps *s, const struct ww_generate *g)
{
    begin(s);
    ww_buf_str(s->b, "Certificate: let mta-sts.");
    ww_buf_str(s->b, g->domain);
    ww_buf_str(s->b, " point to your web server (A and AAAA, or a CNAME),\n"
                     "   and get a certificate of a public authority for that name.\n");
}

static void put_policy(struct steps *s, const struct ww_generate *g)
{
    begin(s);
    ww_buf_str(s->b, "Policy: put it at ");
    ww_generate_put_root(s->b, g);
    ww_buf_str(s->b, "/.well-known/mta-sts.txt, and have the\n"
                     "   web server serve it. To see that it does, without a redirect:\n"
                     "     curl -i ");
    put_policy_url(s->b, g);
    ww_buf_char(s->b, '\n');
}

static void put_record(struct steps *s, const struct ww_generate *g)
{
    begin(s);
    ww_buf_str(s->b, "Record: only now publish the TXT record at _mta-sts.");
    ww_buf_str(s->b, g->domain);
    ww_buf_str(s->b, ". Each time that the\n"
                     "   policy changes, change the policy first, and then the id in this record.\n");
}

static void put_check(struct steps *s, const struct ww_generate *g)
{
    begin(s);
    ww_buf_str(s->b, "See that all is well:\n     waxwing check ");
    ww_buf_str(s->b, g->domain);
    ww_buf_char(s->b, '\n');
}

/* Those that were given: without them others would be published. */
static void put_rua(struct ww_buf *b, const struct ww_generate *g)
{
    for (size_t i = 0; i < g->rua_count; i++) {
        if (g->rua[i] == g->own_rua || strchr(g->rua[i], '\'') != NULL)
            continue;
        ww_buf_str(b, "--rua '");
        ww_buf_str(b, g->rua[i]);
        ww_buf_str(b, "' ");
    }
}

static void put_next(struct steps *s, const struct ww_generate *g)
{
    begin(s);
    if (g->mode == WW_MODE_TESTING) {
        ww_buf_str(s->b, "Read the reports of two weeks. When they are clean, go on to mode enforce:\n"
                         "     waxwing generate --mode enforce ");
        put_rua(s->b, g);
        ww_buf_str(s->b, g->domain);
        ww_buf_char(s->b, '\n');
    } else if (g->mode == WW_MODE_ENFORCE) {
        ww_buf_str(
            s->b,
            "A new MX host goes into the policy, under a new id, before it goes into DNS; one that goes\n"
            "   leaves DNS first, and the policy when its max_age has passed.\n");
    } else {
        ww_buf_str(s->b,
                   "Serve this policy until the longest max_age that was ever published has passed; then\n"
                   "   remove the record, and the policy last.\n");
    }
}

void ww_generate_put_steps(struct ww_buf *b, const struct ww_generate *g)
{
    struct steps s = {.b = b};
    if (g->mode != WW_MODE_NONE) {
        put_reports(&s, g);
        put_host(&s, g);
    }
    put_policy(&s, g);
    put_record(&s, g);
    put_check(&s, g);
    put_next(&s, g);
}

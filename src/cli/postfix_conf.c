#include "cli/postfix_conf.h"

#include "base/ascii.h"

#include <stdio.h>

/* Fields of a line of master.cf: name, type, private, unprivileged, chroot, wakeup, maxproc, command. */
enum { NAME, TYPE, CHROOT = 4, COMMAND = 7, FIELDS };

static bool is_space(char c)
{
    return ww_is_wsp(c) || c == '\r';
}

static struct ww_slice trim(struct ww_slice s)
{
    while (s.n > 0 && is_space(s.p[0]))
        s = ww_slice(s.p + 1, s.n - 1);
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool next_line(const char **rest, struct ww_slice *line)
{
    if (**rest == '\0')
        return false;
    size_t n = strcspn(*rest, "\n");
    *line = ww_slice(*rest, n);
    *rest += n + ((*rest)[n] == '\n');
    return true;
}

/* Of the lines "name = value" the value of this name. */
static bool find(const char *text, struct ww_slice name, struct ww_slice *value)
{
    struct ww_slice line;
    while (next_line(&text, &line)) {
        const char *equals = line.n > 0 ? memchr(line.p, '=', line.n) : NULL;
        if (equals == NULL || !ww_slice_eq(trim(ww_slice(line.p, (size_t)(equals - line.p))), name))
            continue;
        *value = trim(ww_slice(equals + 1, (size_t)(line.p + line.n - equals) - 1));
        return true;
    }
    *value = ww_slice("", 0);
    return false;
}

struct ww_slice ww_postfix_main(const struct ww_postfix_conf *c, const char *name)
{
    struct ww_slice value;
    (void)find(c->main, ww_slice_str(name), &value);
    return value;
}

static bool find_own(const struct ww_postfix_conf *c, const struct ww_postfix_service *service,
                     const char *name, struct ww_slice *value)
{
    char full[256];
    int n = snprintf(full, sizeof full, "%.*s/%.*s/%s", (int)service->name.n, service->name.p,
                     (int)service->type.n, service->type.p, name);
    return n > 0 && (size_t)n < sizeof full && find(c->overrides, ww_slice(full, (size_t)n), value);
}

struct ww_slice ww_postfix_of_service(const struct ww_postfix_conf *c,
                                      const struct ww_postfix_service *service, const char *name)
{
    struct ww_slice value;
    return find_own(c, service, name, &value) ? value : ww_postfix_main(c, name);
}

bool ww_postfix_is_own(const struct ww_postfix_conf *c, const struct ww_postfix_service *service,
                       const char *name)
{
    struct ww_slice value;
    return find_own(c, service, name, &value);
}

struct ww_slice ww_postfix_level(const struct ww_postfix_conf *c, const struct ww_postfix_service *service)
{
    struct ww_slice level = ww_postfix_of_service(c, service, "smtp_tls_security_level");
    if (level.n > 0)
        return level;
    if (ww_slice_is(ww_postfix_of_service(c, service, "smtp_enforce_tls"), "yes"))
        return ww_slice_str("encrypt");
    bool may = ww_slice_is(ww_postfix_of_service(c, service, "smtp_use_tls"), "yes");
    return ww_slice_str(may ? "may" : "none");
}

static bool cut_fields(struct ww_slice line, struct ww_slice fields[FIELDS])
{
    for (size_t i = 0; i < FIELDS; i++) {
        line = trim(line);
        size_t n = 0;
        while (n < line.n && !is_space(line.p[n]))
            n++;
        if (n == 0)
            return false;
        fields[i] = ww_slice(line.p, n);
        line = ww_slice(line.p + n, line.n - n);
    }
    return true;
}

/* What a hyphen means has changed with Postfix 3.0, for configurations that say so (postconf(5)). */
static bool is_jailed(const struct ww_postfix_conf *c, struct ww_slice chroot)
{
    if (ww_slice_is(chroot, "-"))
        return ww_slice_is(ww_postfix_main(c, "compatibility_level"), "0");
    return ww_slice_is(chroot, "y");
}

bool ww_postfix_next_service(const struct ww_postfix_conf *c, const char *command, const char **rest,
                             struct ww_postfix_service *out)
{
    struct ww_slice line;
    struct ww_slice fields[FIELDS];
    while (next_line(rest, &line)) {
        if (!cut_fields(line, fields) || !ww_slice_is(fields[COMMAND], command))
            continue;
        out->name = fields[NAME];
        out->type = fields[TYPE];
        out->jailed = is_jailed(c, fields[CHROOT]);
        return true;
    }
    return false;
}

unsigned ww_postfix_version(struct ww_slice text)
{
    unsigned parts[3] = {0, 0, 0};
    size_t part = 0;
    for (size_t i = 0; i < text.n && part < 3; i++) {
        if (text.p[i] == '.')
            part++;
        else if (ww_is_digit(text.p[i]) && parts[part] < 100)
            parts[part] = parts[part] * 10 + (unsigned)(text.p[i] - '0');
        else
            break; /* 3.11-20250101 */
    }
    return parts[0] < 100 && parts[1] < 100 && parts[2] < 100 ? parts[0] * 10000 + parts[1] * 100 + parts[2]
                                                              : 0;
}

static unsigned protocol_bit(struct ww_slice name)
{
    static const struct {
        const char *name; /* in lower case */
        unsigned bit;
    } known[] = {
        {"sslv3", WW_PROTOCOL_SSLV3},     {"tlsv1", WW_PROTOCOL_TLSV1},     {"tlsv1.0", WW_PROTOCOL_TLSV1},
        {"tlsv1.1", WW_PROTOCOL_TLSV1_1}, {"tlsv1.2", WW_PROTOCOL_TLSV1_2}, {"tlsv1.3", WW_PROTOCOL_TLSV1_3},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (ww_is_nocase(name, known[i].name))
            return known[i].bit;
    return 0;
}

static bool next_token(struct ww_slice *list, struct ww_slice *token)
{
    size_t at = 0;
    while (at < list->n && (is_space(list->p[at]) || list->p[at] == ',' || list->p[at] == ':'))
        at++;
    size_t end = at;
    while (end < list->n && !is_space(list->p[end]) && list->p[end] != ',' && list->p[end] != ':')
        end++;
    *token = ww_slice(list->p + at, end - at);
    *list = ww_slice(list->p + end, list->n - end);
    return token->n > 0;
}

bool ww_postfix_lists(struct ww_slice list, const char *word)
{
    struct ww_slice token;
    while (next_token(&list, &token))
        if (ww_is_nocase(token, word))
            return true;
    return false;
}

unsigned ww_postfix_protocols(struct ww_slice list)
{
    struct ww_slice token;
    unsigned included = 0;
    unsigned excluded = 0;
    unsigned bounds = WW_PROTOCOL_ALL;
    while (next_token(&list, &token)) {
        size_t mark = token.p[0] == '!' ? 1 : 0;
        if (token.n > 2 && token.p[1] == '=' && (token.p[0] == '>' || token.p[0] == '<'))
            mark = 2;
        unsigned bit = protocol_bit(ww_slice(token.p + mark, token.n - mark));
        if (mark == 0)
            included |= bit;
        else if (mark == 1)
            excluded |= bit;
        else if (bit != 0)
            bounds &= token.p[0] == '>' ? ~(bit - 1) : (bit << 1) - 1;
    }
    return (included != 0 ? included : WW_PROTOCOL_ALL) & ~excluded & bounds;
}

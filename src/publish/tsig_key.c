#include "publish/tsig_key.h"

#include "base/ascii.h"
#include "core/words.h"

#include <errno.h>
#include <stdio.h>

struct reader {
    const char *p;
    size_t n;
    size_t at;
    bool slashes; /* comments may begin with a slash, as in BIND's files; in base64 it is a digit */
    struct ww_slice token;
};

static bool skip_comment(struct reader *r)
{
    const char *p = r->p + r->at;
    size_t left = r->n - r->at, end = 0;
    bool line = left > 0 && p[0] == '#', block = false;
    if (r->slashes && left > 1 && p[0] == '/') {
        line = p[1] == '/';
        block = p[1] == '*';
    }
    if (!line && !block)
        return false;
    if (block)
        for (end = 2; end < left && !(end > 3 && p[end - 2] == '*' && p[end - 1] == '/'); end++)
            ;
    else
        while (end < left && p[end] != '\n')
            end++;
    r->at += end;
    return true;
}

static bool is_space(char c)
{
    return ww_is_wsp(c) || c == '\r' || c == '\n';
}

static bool is_mark(char c)
{
    return c == '{' || c == '}' || c == ';';
}

/* The next token; of a quoted one, what is between the quotes. False: there is none. */
static bool next(struct reader *r)
{
    while (r->at < r->n && (is_space(r->p[r->at]) || skip_comment(r)))
        if (r->at < r->n && is_space(r->p[r->at]))
            r->at++;
    size_t from = r->at;
    if (from == r->n)
        return false;
    char quote = r->p[from];
    if (quote == '"' || quote == '\'') {
        const char *end = memchr(r->p + from + 1, quote, r->n - from - 1);
        if (end == NULL)
            return false;
        r->token = ww_slice(r->p + from + 1, (size_t)(end - r->p) - from - 1);
        r->at = (size_t)(end - r->p) + 1;
        return true;
    }
    r->at++;
    while (!is_mark(quote) && r->at < r->n && !is_space(r->p[r->at]) && !is_mark(r->p[r->at]))
        r->at++;
    r->token = ww_slice(r->p + from, r->at - from);
    return true;
}

static bool next_is(struct reader *r, const char *wanted)
{
    return next(r) && ww_slice_is(r->token, wanted);
}

static void copy(char *out, struct ww_slice text)
{
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
}

/* Other than hosts, keys are often named with an underscore. */
static enum ww_err take_name(struct ww_slice text, struct ww_tsig_key *out)
{
    char checked[WW_DNAME_SIZE + 1];
    if (text.n > WW_DNAME_SIZE)
        return WW_E_TSIG_NAME;
    for (size_t i = 0; i < text.n; i++)
        checked[i] = text.p[i] == '_' ? 'a' : text.p[i];
    if (ww_dname_canon(checked, text.n, out->name) != WW_OK)
        return WW_E_TSIG_NAME;
    for (size_t i = 0; out->name[i] != '\0'; i++)
        if (text.p[i] == '_')
            out->name[i] = '_';
    return WW_OK;
}

static enum ww_err take_algorithm(struct ww_slice text, struct ww_tsig_key *out)
{
    static const char *const known[] = {"hmac-sha256", "hmac-sha512"};
    if (text.n > 0 && text.p[text.n - 1] == '.')
        text.n--;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (ww_is_nocase(text, known[i])) {
            copy(out->algorithm, ww_slice_str(known[i]));
            return WW_OK;
        }
    return WW_E_TSIG_ALGORITHM;
}

static enum ww_err take_secret(struct ww_slice text, struct ww_tsig_key *out)
{
    size_t digits = 0;
    if (text.n == 0 || text.n >= sizeof out->secret || text.n % 4 != 0)
        return WW_E_TSIG_SECRET;
    while (digits < text.n && (ww_is_alnum(text.p[digits]) || text.p[digits] == '+' || text.p[digits] == '/'))
        digits++;
    for (size_t i = digits; i < text.n; i++)
        if (text.p[i] != '=' || text.n - digits > 2)
            return WW_E_TSIG_SECRET;
    copy(out->secret, text);
    return WW_OK;
}

/* Which of two would count is not to be guessed. */
static enum ww_err take_field(struct ww_slice field, struct ww_slice value, struct ww_tsig_key *out)
{
    if (ww_slice_is(field, "id") && out->name[0] == '\0')
        return take_name(value, out);
    if (ww_slice_is(field, "algorithm") && out->algorithm[0] == '\0')
        return take_algorithm(value, out);
    return ww_slice_is(field, "secret") && out->secret[0] == '\0' ? take_secret(value, out) : WW_E_TSIG_FORM;
}

/* key "name" { algorithm A; secret "S"; }; of which the first word was read. */
static enum ww_err parse_bind(struct reader *r, struct ww_tsig_key *out)
{
    enum ww_err err = next(r) ? take_name(r->token, out) : WW_E_TSIG_FORM;
    if (err == WW_OK && !next_is(r, "{"))
        err = WW_E_TSIG_FORM;
    while (err == WW_OK && next(r) && !ww_slice_is(r->token, "}")) {
        struct ww_slice field = r->token;
        err = next(r) && !ww_slice_is(field, "id") ? take_field(field, r->token, out) : WW_E_TSIG_FORM;
        if (err == WW_OK && !next_is(r, ";"))
            err = WW_E_TSIG_FORM;
    }
    if (err == WW_OK && (!ww_slice_is(r->token, "}") || !next_is(r, ";")))
        err = WW_E_TSIG_FORM;
    return err;
}

/* key: - id: N algorithm: A secret: S, of which the first word was read. */
static enum ww_err parse_knot(struct reader *r, struct ww_tsig_key *out)
{
    enum ww_err err = next_is(r, "-") ? WW_OK : WW_E_TSIG_FORM;
    while (err == WW_OK && next(r)) {
        struct ww_slice field = r->token;
        if (ww_slice_is(field, "-"))
            return WW_E_TSIG_SEVERAL;
        if (field.n < 2 || field.p[field.n - 1] != ':')
            return WW_E_TSIG_FORM;
        field.n--;
        err = next(r) ? take_field(field, r->token, out) : WW_E_TSIG_FORM;
    }
    return err;
}

static enum ww_err parse_line(struct ww_slice line, struct ww_tsig_key *out)
{
    const char *name = memchr(line.p, ':', line.n), *end = line.p + line.n;
    const char *secret = name != NULL ? memchr(name + 1, ':', (size_t)(end - name - 1)) : NULL;
    if (secret == NULL)
        return WW_E_TSIG_FORM;
    enum ww_err err = take_algorithm(ww_slice(line.p, (size_t)(name - line.p)), out);
    if (err == WW_OK)
        err = take_name(ww_slice(name + 1, (size_t)(secret - name - 1)), out);
    return err == WW_OK ? take_secret(ww_slice(secret + 1, (size_t)(end - secret - 1)), out) : err;
}

enum ww_err ww_tsig_key_parse(const char *p, size_t n, struct ww_tsig_key *out, size_t *offset)
{
    struct reader r = {.p = p, .n = n, .slashes = true};
    enum ww_err err = WW_E_TSIG_FORM;
    memset(out, 0, sizeof *out);
    if (next(&r)) {
        r.slashes = ww_slice_is(r.token, "key");
        if (r.slashes)
            err = parse_bind(&r, out);
        else
            err = ww_slice_is(r.token, "key:") ? parse_knot(&r, out) : parse_line(r.token, out);
    }
    if (err == WW_OK && next(&r))
        err = WW_E_TSIG_SEVERAL;
    else if (err == WW_OK && r.at < n)
        err = WW_E_TSIG_FORM;
    if (err == WW_OK && (out->name[0] == '\0' || out->algorithm[0] == '\0' || out->secret[0] == '\0'))
        err = WW_E_TSIG_FORM;
    *offset = r.at;
    return err;
}

static void say(char detail[WW_DNS_UPDATE_DETAIL_SIZE], const char *path, const char *what)
{
    struct ww_buf b = ww_buf(detail, WW_DNS_UPDATE_DETAIL_SIZE - 1);
    ww_words_put(&b, ww_slice_str(what));
    ww_buf_str(&b, ": ");
    ww_words_put_cut(&b, ww_slice_str(path));
    detail[b.n] = '\0';
}

bool ww_tsig_key_read(const char *path, struct ww_tsig_key *out, char detail[WW_DNS_UPDATE_DETAIL_SIZE])
{
    char text[WW_TSIG_FILE_MAX];
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        say(detail, path, strerror(errno));
        return false;
    }
    /* Without a buffer, no copy of the secret stays behind. */
    (void)setvbuf(f, NULL, _IONBF, 0);
    size_t n = fread(text, 1, sizeof text, f), offset = 0;
    int error = ferror(f) ? errno : 0;
    (void)fclose(f);
    enum ww_err err = n < sizeof text ? ww_tsig_key_parse(text, n, out, &offset) : WW_E_TOO_LONG;
    explicit_bzero(text, sizeof text);
    if (error == 0 && err == WW_OK)
        return true;
    explicit_bzero(out, sizeof *out);
    say(detail, path, error != 0 ? strerror(error) : ww_err_message(err));
    return false;
}

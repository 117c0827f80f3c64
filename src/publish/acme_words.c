#include "publish/acme_words.h"

#include "core/words.h"

#include <jansson.h>

#define PREFIX "uacme: "

/* False: there is none. */
static bool next_line(struct ww_slice *rest, struct ww_slice *line)
{
    if (rest->n == 0)
        return false;
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
    *line = ww_slice(rest->p, n);
    n += end != NULL ? 1 : 0;
    *rest = ww_slice(rest->p + n, rest->n - n);
    return true;
}

/* What the authority answers begins with a brace on a line of its own. */
static json_t *find_problem(struct ww_slice said)
{
    json_error_t error;
    struct ww_slice rest = said, from = said, line;
    while (next_line(&rest, &line)) {
        if (ww_slice_is(line, "{"))
            return json_loadb(from.p, from.n, JSON_DISABLE_EOF_CHECK, &error);
        from = rest;
    }
    return NULL;
}

/* It says what it has agreed to before it fails. */
static struct ww_slice first_fault(struct ww_slice said)
{
    struct ww_slice rest = said, line;
    while (next_line(&rest, &line)) {
        if (ww_slice_starts(line, PREFIX))
            line = ww_slice(line.p + strlen(PREFIX), line.n - strlen(PREFIX));
        if (line.n > 0 && memmem(line.p, line.n, "autoaccepted", strlen("autoaccepted")) == NULL)
            return line;
    }
    return ww_slice("", 0);
}

void ww_acme_words(struct ww_slice said, char *out, size_t size)
{
    struct ww_buf b = ww_buf(out, size - 1);
    json_t *problem = find_problem(said);
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    ww_words_put_cut(&b, detail != NULL ? ww_slice_str(detail) : first_fault(said));
    out[b.n] = '\0';
    json_decref(problem);
}

/* The policy that is to be served, as whoever serves it needs it. */
#include "cli/check_view.h"
#include "cli/publish.h"
#include "cli/show.h"

#include <stdlib.h>
#include <string.h>

static bool put_policy(const json_t *shown, char out[WW_PUBLICATION_TEXT_MAX + 1])
{
    const json_t *served = ww_publish_current(shown);
    const char *mx[WW_VIEW_LIST_MAX];
    struct ww_publication p = {.domain = ww_view_text(shown, "domain"), .mx = mx};
    struct ww_buf b = ww_buf(out, WW_PUBLICATION_TEXT_MAX);
    json_int_t max_age = ww_view_number(served, "max_age");
    if (served == NULL || max_age < 0 || max_age > WW_POLICY_MAX_AGE_MAX)
        return false;
    p.max_age = (uint32_t)max_age;
    p.mode = WW_MODE_NONE;
    while (p.mode < WW_MODE_ENFORCE && strcmp(ww_policy_mode_name(p.mode), ww_view_text(served, "mode")) != 0)
        p.mode++;
    for (size_t i = 0; i < ww_view_size(served, "mx"); i++) {
        const char *pattern = json_string_value(ww_view_at(served, "mx", i));
        if (pattern != NULL)
            mx[p.mx_count++] = pattern;
    }
    ww_publication_put_policy(&b, &p);
    out[b.n] = '\0';
    return !b.failed;
}

/* What does not belong into a policy is escaped, so that nothing steers a terminal. */
void ww_publish_print_lines(FILE *to, const char *text, unsigned indent, const char *end)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\r\n");
        (void)fprintf(to, "%*s", (int)indent, "");
        ww_show_safely(to, text, n);
        (void)fputs(end, to);
        text += n;
        text += strspn(text, "\r\n");
    }
}

bool ww_publish_print_policy(FILE *to, const json_t *shown, unsigned indent, const char *end)
{
    char *text = malloc(WW_PUBLICATION_TEXT_MAX + 1);
    bool good = text != NULL && put_policy(shown, text);
    if (good)
        ww_publish_print_lines(to, text, indent, end);
    free(text);
    return good;
}

#include "cli/check_view.h"
#include "cli/publish.h"

#include <stdio.h>
#include <string.h>

static bool is(const json_t *shown, const char *key, const char *word)
{
    return strcmp(ww_view_text(shown, key), word) == 0;
}

static bool holds(const json_t *shown, const char *key)
{
    return json_is_true(json_object_get(shown, key));
}

/* Of a domain of which nothing is published, and nothing is to be. */
static const char *of_draft(const json_t *shown)
{
    bool mirror = is(shown, "host", "mirror");
    if (ww_view_size(shown, "mx_wanted") > 0 || mirror)
        return "`waxwing publish start %s` publishes it in mode testing, where no mail can be lost";
    if (ww_view_size(shown, "hosts") > 0)
        return "`waxwing publish mx --accept %s` makes the hosts that were seen those of the policy";
    return "`waxwing publish look %s` looks at its MX hosts";
}

static const char *of_testing(const json_t *shown)
{
    bool enforce = is(shown, "goal", "enforce");
    if (enforce && holds(shown, "automatic"))
        return "mode enforce, by itself, when two weeks of reports were good: `waxwing advise %s` says how "
               "they are";
    if (enforce)
        return "mode enforce, by itself, as soon as nothing speaks against it";
    return "`waxwing advise %s` says whether it is safe to enforce; then `waxwing publish promote %s`";
}

const char *ww_publish_first_goal(const json_t *shown)
{
    return holds(shown, "automatic") ? "enforce" : "testing";
}

static const char *words_of(const json_t *shown)
{
    const char *state = ww_view_text(shown, "state");
    if (holds(shown, "stopped"))
        return "`waxwing publish resume %s` goes on";
    if (holds(shown, "needs_operator") && !is(shown, "goal", "draft"))
        return "when it is done, `waxwing publish look %s` sees it at once";
    if (strcmp(state, "gone") == 0)
        return "`waxwing publish remove %s` forgets it";
    if (is(shown, "goal", "retire") || strcmp(state, "retiring") == 0)
        return "the record goes, then the policy, by themselves when no sender holds a policy any more";
    if (is(shown, "goal", "draft"))
        return of_draft(shown);
    if (strcmp(state, "draft") == 0)
        return "mode testing, by itself: certificate, then policy, then record";
    if (strcmp(state, "testing") == 0)
        return of_testing(shown);
    return strcmp(state, "changing") == 0 ? "goes on by itself" : "nothing is to be done";
}

void ww_publish_next(const json_t *shown, char out[WW_PUBLISH_NEXT_SIZE])
{
    const char *domain = ww_view_text(shown, "domain"), *words = words_of(shown), *at;
    size_t n = 0;
    while ((at = strstr(words, "%s")) != NULL && n < WW_PUBLISH_NEXT_SIZE) {
        n += (size_t)snprintf(out + n, WW_PUBLISH_NEXT_SIZE - n, "%.*s%.255s", (int)(at - words), words,
                              domain);
        words = at + 2;
    }
    if (n < WW_PUBLISH_NEXT_SIZE)
        (void)snprintf(out + n, WW_PUBLISH_NEXT_SIZE - n, "%s", words);
}

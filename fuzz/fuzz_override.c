/* Lines: key, level, patterns, reason. What passes keeps its form, and finds itself among the keys of a name.
 */
#include "check.h"
#include "core/mx_match.h"
#include "core/override.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEY, LEVEL, MX, REASON, FIELDS };

static void check_key(struct ww_slice text)
{
    char key[WW_OVERRIDE_KEY_SIZE], again[WW_OVERRIDE_KEY_SIZE];
    if (ww_override_key_canon(text, key) != WW_OK)
        return;
    CHECK(ww_override_key_canon(ww_slice_str(key), again) == WW_OK && strcmp(key, again) == 0);
    /* The nearest key of the name itself, or of a name below it. */
    char name[WW_OVERRIDE_KEY_SIZE + 1] = "a";
    memcpy(name + (key[0] == '.' ? 1 : 0), key, strlen(key) + 1);
    struct ww_slice next = {NULL, 0};
    size_t before = SIZE_MAX;
    bool found = false;
    while (ww_override_next_key(ww_slice_str(name), &next)) {
        CHECK(next.n < before && next.p + next.n == name + strlen(name));
        before = next.n;
        found = found || ww_slice_is(next, key);
    }
    CHECK(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[4096];
    const char *fields[FIELDS] = {"", "", "", ""};
    if (size >= sizeof text || memchr(data, '\0', size) != NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    char *rest = text;
    for (int i = 0; i < FIELDS && rest != NULL; i++)
        fields[i] = strsep(&rest, "\n");
    check_key(ww_slice_str(fields[KEY]));
    struct ww_override o = {.key = "", .mx = fields[MX], .reason = fields[REASON], .who = ""};
    if (ww_override_level_parse(ww_slice_str(fields[LEVEL]), &o.level) != WW_OK)
        return 0;
    CHECK(strcmp(ww_override_level_name(o.level), fields[LEVEL]) == 0);
    if (ww_override_check(&o) != WW_OK)
        return 0;
    struct ww_slice mx;
    size_t offset;
    for (size_t pos = 0; ww_override_next_mx(o.mx, &pos, &mx);)
        CHECK(ww_mx_pattern_check(mx, &offset) == WW_OK);
    return 0;
}

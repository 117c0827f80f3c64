#include "daemon/config_override.h"

#include "base/buf.h"
#include "base/time.h"
#include "codec/idn.h"

#include <stdlib.h>

#define NAME "override"

/* libConfuse hands its callbacks no context of ours; one text is read at a time. */
static ww_config_complain *complain_of;

/* The canonical key of a title in ASCII or UTF-8. */
static enum ww_err read_key(const char *title, char key[WW_OVERRIDE_KEY_SIZE])
{
    size_t dot = title[0] == '.' ? 1 : 0;
    key[0] = '.';
    return ww_idn_to_domain(ww_slice_str(title + dot), key + dot);
}

/* "" is the default, and means that there is no end. */
static bool read_until(const char *text, int64_t *until)
{
    *until = 0;
    return text[0] == '\0' || (ww_time_parse(ww_slice_str(text), until) && *until > 0);
}

static enum ww_err put_mx(cfg_t *section, struct ww_buf *b)
{
    for (unsigned i = 0; i < cfg_size(section, "mx"); i++) {
        const char *pattern = cfg_getnstr(section, "mx", i);
        /* Alone it would look like none at all. */
        if (pattern[0] == '\0')
            return WW_E_MX_EMPTY;
        ww_buf_str(b, i > 0 ? " " : "");
        ww_buf_str(b, pattern);
    }
    ww_buf_char(b, '\0');
    return b->failed ? WW_E_OVERRIDE_MX_LONG : WW_OK;
}

/* One section, its strings in the arrays given and in libConfuse's memory. */
static enum ww_err read_section(cfg_t *section, struct ww_override *o, char key[WW_OVERRIDE_KEY_SIZE],
                                char mx[WW_OVERRIDE_MX_SIZE])
{
    struct ww_buf b = ww_buf(mx, WW_OVERRIDE_MX_SIZE);
    *o = (struct ww_override){
        .key = key, .configured = true, .mx = mx, .reason = cfg_getstr(section, "reason"), .who = ""};
    enum ww_err err = read_key(cfg_title(section), key);
    if (err == WW_OK)
        err = ww_override_level_parse(ww_slice_str(cfg_getstr(section, "level")), &o->level);
    if (err == WW_OK && !read_until(cfg_getstr(section, "until"), &o->until))
        err = WW_E_OVERRIDE_UNTIL;
    if (err == WW_OK)
        err = put_mx(section, &b);
    return err == WW_OK ? ww_override_check(o) : err;
}

/* Called at the end of each section, whose line that is. Goes on, so that all errors are seen at once. */
static int on_section(cfg_t *cfg, cfg_opt_t *opt)
{
    unsigned n = cfg_opt_size(opt);
    cfg_t *section = cfg_opt_getnsec(opt, n - 1);
    char key[WW_OVERRIDE_KEY_SIZE], mx[WW_OVERRIDE_MX_SIZE];
    struct ww_override o;
    enum ww_err err = read_section(section, &o, key, mx);
    if (err != WW_OK)
        complain_of((unsigned)cfg->line, NAME " \"%s\": %s", cfg_title(section), ww_err_message(err));
    else if (n > WW_CONFIG_OVERRIDES_MAX)
        complain_of((unsigned)cfg->line, NAME ": there are more than %d", WW_CONFIG_OVERRIDES_MAX);
    return 0;
}

void ww_config_override_option(cfg_opt_t *opt)
{
    static char no_patterns[] = "{}";
    static cfg_opt_t inner[] = {
        CFG_STR("level", "", CFGF_NONE),
        CFG_STR("until", "", CFGF_NONE),
        CFG_STR("reason", "", CFGF_NONE),
        CFG_STR_LIST("mx", no_patterns, CFGF_NONE),
        CFG_END(),
    };
    const cfg_opt_t section = CFG_SEC(NAME, inner, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
    *opt = section;
}

void ww_config_override_watch(cfg_t *cfg, ww_config_complain *complain)
{
    complain_of = complain;
    (void)cfg_set_validate_func(cfg, NAME, on_section);
}

static bool store_section(cfg_t *section, struct ww_override *out)
{
    char key[WW_OVERRIDE_KEY_SIZE], mx[WW_OVERRIDE_MX_SIZE];
    struct ww_override o;
    if (read_section(section, &o, key, mx) != WW_OK)
        return false;
    size_t n = strlen(key) + strlen(mx) + strlen(o.reason) + 3;
    char *text = malloc(n);
    if (text == NULL)
        return false;
    struct ww_buf b = ww_buf(text, n);
    ww_buf_bytes(&b, key, strlen(key) + 1);
    ww_buf_bytes(&b, mx, strlen(mx) + 1);
    ww_buf_bytes(&b, o.reason, strlen(o.reason) + 1);
    o.key = text;
    o.mx = text + strlen(key) + 1;
    o.reason = o.mx + strlen(mx) + 1;
    *out = o;
    return true;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct ww_override *)a)->key, ((const struct ww_override *)b)->key);
}

/* libConfuse finds titles that are the same octet for octet; these are names. */
static void refuse_twins(struct ww_config *config)
{
    qsort(config->overrides, config->override_count, sizeof *config->overrides, by_key);
    for (size_t i = 1; i < config->override_count; i++)
        if (by_key(&config->overrides[i - 1], &config->overrides[i]) == 0)
            complain_of(0, NAME " \"%s\" is there twice", config->overrides[i].key);
}

bool ww_config_override_store(cfg_t *cfg, struct ww_config *config)
{
    size_t count = cfg_size(cfg, NAME);
    config->overrides = calloc(count + 1, sizeof *config->overrides);
    bool good = config->overrides != NULL;
    for (size_t i = 0; good && i < count; i++) {
        good = store_section(cfg_getnsec(cfg, NAME, (unsigned)i), &config->overrides[i]);
        config->override_count += good;
    }
    if (good)
        refuse_twins(config);
    return good;
}

/* All strings of one lie in one piece, its key first. */
void ww_config_override_clear(struct ww_config *config)
{
    for (size_t i = 0; i < config->override_count; i++) {
        union {
            const char *in;
            char *out;
        } text = {config->overrides[i].key}; /* made by store_section */
        free(text.out);
    }
    free(config->overrides);
}

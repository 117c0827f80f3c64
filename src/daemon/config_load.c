#include "daemon/config_load.h"

#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct ww_config *ww_config_load(const struct ww_config_source *source, struct ww_config_text *text,
                                 char *detail, size_t detail_size)
{
    const char *path = source->path != NULL ? source->path : WW_CONFIG_FILE;
    const struct ww_config_text *over = &source->overrides;
    if (!ww_config_text_add_file(text, source->path)) {
        snprintf(detail, detail_size, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct ww_config *config = ww_config_parse(path, text->p, text->n, detail, detail_size);
    if (config == NULL || over->n == 0)
        return config;
    ww_config_free(config);
    /* Once alone, so that an error is not called one of the file. */
    config = ww_config_parse("-o", over->p, over->n, detail, detail_size);
    if (config == NULL)
        return NULL;
    ww_config_free(config);
    if (!ww_config_text_add(text, "\n", 1) || !ww_config_text_add(text, over->p, over->n)) {
        snprintf(detail, detail_size, "%s: %s", path, strerror(errno));
        return NULL;
    }
    return ww_config_parse(path, text->p, text->n, detail, detail_size);
}

static const char *or_empty(const char *value)
{
    return value != NULL ? value : "";
}

/* Between single quotation marks, where nothing but these two has a meaning. */
static bool add_string(struct ww_config_text *t, const char *name, const char *value)
{
    value = or_empty(value);
    bool good = ww_config_text_add(t, name, strlen(name)) && ww_config_text_add(t, " = '", 4);
    for (; good && *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            good = ww_config_text_add(t, "\\", 1);
        good = good && ww_config_text_add(t, value, 1);
    }
    return good && ww_config_text_add(t, "'\n", 2);
}

static bool add_fixed(struct ww_config_text *t, const struct ww_config *now)
{
    char numbers[96];
    int n = snprintf(numbers, sizeof numbers, "\nsocket_mode = %04o\nresolvers = %u\nconfine = %s\n",
                     (unsigned)now->socket_mode, now->resolvers, now->confine ? "true" : "false");
    return n > 0 && ww_config_text_add(t, numbers, (size_t)n) && add_string(t, "user", now->user) &&
           add_string(t, "store", now->store) && add_string(t, "socket_owner", now->socket_owner) &&
           add_string(t, "socket_group", now->socket_group);
}

/* The roles that publish are confined to it, where there are some. */
static bool add_folder(struct ww_config_text *t, const struct ww_config *now)
{
    return !now->publish || (ww_config_text_add(t, "publish {\n", 10) &&
                             add_string(t, "folder", now->publish_folder) && ww_config_text_add(t, "}\n", 2));
}

static void tell_fixed(const struct ww_config *a, const struct ww_config *b, ww_config_fixed_cb *fixed)
{
    const struct {
        const char *name, *a, *b;
    } strings[] = {
        {"socket_owner", a->socket_owner, b->socket_owner},
        {"socket_group", a->socket_group, b->socket_group},
        {"user", a->user, b->user},
        {"store", a->store, b->store},
    };
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        if (strcmp(or_empty(strings[i].a), or_empty(strings[i].b)) != 0)
            fixed(strings[i].name);
    }
    if (a->socket_mode != b->socket_mode)
        fixed("socket_mode");
    if (a->resolvers != b->resolvers)
        fixed("resolvers");
    if (a->confine != b->confine)
        fixed("confine");
    if (a->publish && b->publish && strcmp(a->publish_folder, b->publish_folder) != 0)
        fixed("publish.folder");
}

struct ww_config *ww_config_reload(const struct ww_config_source *source, const struct ww_config *now,
                                   struct ww_config_text *text, ww_config_fixed_cb *fixed, char *detail,
                                   size_t detail_size)
{
    struct ww_config *wanted = ww_config_load(source, text, detail, detail_size);
    if (wanted == NULL)
        return NULL;
    tell_fixed(now, wanted, fixed);
    ww_config_free(wanted);
    if (!add_fixed(text, now) || !add_folder(text, now)) {
        snprintf(detail, detail_size, "%s", strerror(errno));
        return NULL;
    }
    return ww_config_parse("waxwing.conf", text->p, text->n, detail, detail_size);
}

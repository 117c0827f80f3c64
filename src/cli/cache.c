/* waxwing cache: looks up its command and runs it. */
#include "cli/cache.h"

#include "cli/cli.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "codec/idn.h"

#include <stdio.h>
#include <string.h>

static const struct ww_subcommand commands[] = {
    {"list", "[PATTERN...]", "the domains that are known, in short", ww_cli_cache_list},
    {"show", "DOMAIN...", "all that is known of a domain", ww_cli_cache_show},
    {"history", "DOMAIN", "each version of a domain's policy that was ever seen", ww_cli_cache_history},
    {"refresh", "DOMAIN...", "look at record and policy now", ww_cli_cache_refresh},
    {"purge", "DOMAIN...", "forget what is known", ww_cli_cache_purge},
    {"export", "", "write all policies in force to a file", ww_cli_cache_export},
    {"import", "FILE", "take policies from such a file", ww_cli_cache_import},
};

int ww_cli_cache(int argc, char **argv)
{
    static const struct ww_subcommands all = {"cache", "", commands, sizeof commands / sizeof *commands};
    return ww_subcommands_run(&all, argc, argv);
}

json_t *ww_cache_domains(const char *command, char **texts, int count)
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++) {
        char domain[WW_DNAME_SIZE];
        enum ww_err err = ww_idn_to_domain(ww_slice_str(texts[i]), domain);
        if (err == WW_OK && json_array_append_new(list, json_string(domain)) == 0)
            continue;
        (void)fprintf(stderr, "waxwing %s: ", command);
        ww_show_safely(stderr, texts[i], strlen(texts[i]));
        (void)fprintf(stderr, ": %s\n", ww_err_message(err != WW_OK ? err : WW_E_NO_MEMORY));
        json_decref(list);
        return NULL;
    }
    return list;
}

json_t *ww_cache_request(const char *key, json_t *value)
{
    json_t *request = json_object();
    if (json_object_set_new(request, key, value) == 0)
        return request;
    json_decref(request);
    return NULL;
}

const char *ww_cache_text(const json_t *item, const char *key)
{
    const char *text = json_string_value(json_object_get(item, key));
    return text != NULL ? text : "";
}

json_int_t ww_cache_number(const json_t *item, const char *key)
{
    return json_integer_value(json_object_get(item, key));
}

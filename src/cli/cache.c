/* waxwing cache: looks up its command and runs it. */
#include "cli/cache.h"

#include "cli/cli.h"
#include "cli/show.h"
#include "codec/idn.h"

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    const char *arguments;
    const char *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"list", "[PATTERN...]", "the domains that are known, in short", ww_cli_cache_list},
    {"show", "DOMAIN...", "all that is known of a domain", ww_cli_cache_show},
    {"history", "DOMAIN", "each version of a domain's policy that was ever seen", ww_cli_cache_history},
    {"refresh", "DOMAIN...", "look at record and policy now", ww_cli_cache_refresh},
    {"purge", "DOMAIN...", "forget what is known", ww_cli_cache_purge},
    {"export", "", "write all policies in force to a file", ww_cli_cache_export},
    {"import", "FILE", "take policies from such a file", ww_cli_cache_import},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_usage(FILE *to)
{
    (void)fputs("usage: waxwing cache COMMAND [ARGUMENT...]\n\n", to);
    for (size_t i = 0; i < COMMANDS; i++)
        (void)fprintf(to, "  %-8s %-12s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
    (void)fputs("\n`waxwing cache COMMAND --help` says more.\n", to);
}

int ww_cli_cache(int argc, char **argv)
{
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_usage(stdout);
        return WW_EXIT_OK;
    }
    for (size_t i = 0; argc >= 2 && i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (argc >= 2)
        (void)fputs("waxwing cache: there is no such command\n", stderr);
    print_usage(stderr);
    return WW_EXIT_USAGE;
}

int ww_cache_usage(const char *command, const char *why, const char *usage)
{
    (void)fprintf(stderr, "waxwing %s: %s\n%s", command, why, usage);
    return WW_EXIT_USAGE;
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

json_int_t ww_cache_count(const json_t *item, const char *key)
{
    return json_integer_value(json_object_get(item, key));
}
